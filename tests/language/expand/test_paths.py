"""Paths of layers, and names that torch cannot have."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.language.expand.graphs import faults


def test_a_name_that_torch_cannot_hold_is_told_with_the_way_to_it() -> None:
    text = (
        "name: net\ninput: 3x8x8\nblocks:\n  b: {layers: {train: {op: conv2d, out: 1, kernel:"
        " 1}}}\nlayers:\n  a: {block: b}\n"
    )
    (problem,) = expand(next(networks(load_text(text)))).problems
    assert (problem.mark.line, problem.chain) == (4, ("a (block b, <text>:6)",))
    assert (
        problem.message
        == "no layer can be called `train`: torch.nn.Module has an attribute of this name"
    )
    assert problem.hint == "choose another name, for instance `train_`"


def test_every_part_of_a_name_with_dots_is_one_that_torch_can_hold() -> None:
    layers = (
        "layers:\n"
        "  a.half: {op: conv2d, out: 1, kernel: 1}\n"
        "  type.0: {op: conv2d, out: 1, kernel: 1}\n"
        "  a.meta: {op: conv2d, out: 1, kernel: 1}\n"
        "  graph.0: {op: conv2d, out: 1, kernel: 1}\n"
        "  double.0: {op: add, from: [graph.0, a.meta]}\n"
        "  last.forward: {op: add, from: [double.0, graph.0]}\n"
    )
    module, graph_module = "torch.nn.Module has", "torch.fx.GraphModule, which holds the network's"
    assert faults(layers) == [
        f"4:3 no layer can be called `half`: {module} an attribute of this name",
        f"5:3 no layer can be called `type`: {module} an attribute of this name",
        f"7:3 no layer can be called `graph`: {graph_module} first names, has an attribute of this"
        " name",
    ]


def test_two_layers_of_one_path_and_a_layer_in_a_layer() -> None:
    assert faults(
        "layers:\n  a: {layers: {0: {op: relu}}}\n  a.0: {op: relu}\n  b: {op: relu}\n"
        "  b.c: {op: relu}\n"
    ) == [
        "5:3 two layers have the path `a.0`, the first stands in line 4",
        "7:3 `b` is a layer, so that `b.c` cannot stand inside it",
    ]
