"""Names that torch cannot hold: the tables against the installed torch, and what a spec's author
reads.
"""

from __future__ import annotations

from keyword import kwlist

import pytest
import torch
from torch import fx, nn

from archprof.graph.taken import GRAPH_MODULE, MODULE, taken
from archprof.model.compile import build
from archprof.problem import ProblemError
from tests.small import graph_of, whatever

CONV = "op: conv2d, out: 4, kernel: 1"


def attributes(module: nn.Module) -> set[str]:
    """The names that torch has in every process. torch.compile's own begin with three underscores,
    and a module has them only where something was compiled before.
    """
    names = {name for name in dir(module) if not name.startswith("___")}
    return {name for name in names if not (name.startswith("__") and name.endswith("__"))}


def graph_module() -> fx.GraphModule:
    traced = fx.Graph()
    traced.output(traced.placeholder("input"))
    return fx.GraphModule(nn.Module(), traced)


def test_the_tables_are_torchs() -> None:
    assert attributes(nn.Module()) == MODULE
    assert attributes(graph_module()) - MODULE == GRAPH_MODULE


@pytest.mark.parametrize(
    "name", sorted({*MODULE, *GRAPH_MODULE, *kwlist, "__init__"} - {"None", "True", "False"})
)
def test_such_a_layer_is_refused_and_never_built(name: str) -> None:
    graph = whatever({name: CONV}, (3, 4, 4))
    (problem,) = graph.problems
    assert problem.rule == "name"
    assert problem.message.startswith(f"no layer can be called `{name}`: ")
    assert problem.hint == f"choose another name, for instance `{name.strip('_')}_`"
    assert problem.mark.line == 4
    assert not taken(f"{name.strip('_')}_", True) or name == "requires_grad_"


@pytest.mark.parametrize("name", ["half", "lambda", "graph", "forward", "training", "_modules"])
def test_where_torch_holds_nothing_any_name_will_do(name: str) -> None:
    """Additions, slices and groups of these are functions: deit.yaml calls a slice `class`."""
    layers = {
        name: "op: add, from: [input, input]",
        "group": f"layers: {{{name}: {{op: slice, stop: 1}}}}",
    }
    module = build(graph_of(layers, (3, 4, 4)))
    assert torch.equal(module(torch.ones(1, 3, 4, 4)), torch.full((1, 1, 4, 4), 2.0))


def test_below_the_top_the_graph_modules_names_are_free() -> None:
    graph = graph_of(
        {"group": "layers: {code: {op: conv2d, out: 4, kernel: 1}, meta: {op: batch_norm2d}}"},
        (3, 4, 4),
    )
    module = build(graph)
    assert {"group.code.weight", "group.meta.weight"} <= set(module.state_dict())
    assert module(torch.zeros(2, 3, 4, 4)).shape == (2, 4, 4, 4)


def test_groups_and_patterns_are_layers_too() -> None:
    (problem,) = whatever(
        {"half": "layers: {conv: {op: conv2d, out: 4, kernel: 1}}"}, (3, 4, 4)
    ).problems
    assert (
        problem.message
        == "no layer can be called `half`: torch.nn.Module has an attribute of this name"
    )
    (problem,) = whatever(
        {"group": "layers: [{op: conv2d, out: 4, kernel: 1, name: lambda}]"}, (3, 4, 4)
    ).problems
    assert (
        problem.message
        == "no layer can be called `lambda`: it is a word of Python, and the module's code would"
        " read it as `self.lambda`"
    )


def test_a_name_that_only_this_torch_has_is_a_problem_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nn.Module, "novelty", 1, raising=False)
    with pytest.raises(
        ProblemError, match="this torch cannot hold `novelty`: attribute 'novelty' already exists"
    ):
        build(graph_of({"novelty": CONV}, (3, 4, 4)))
