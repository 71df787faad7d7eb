"""Graphs made by hand, as those of modules are: no spec stands behind them."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from archprof.graph.graph import Facts, Graph, Instance, Node
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import pick
from archprof.ops import OPS
from archprof.ops.base import Op, Shape
from archprof.problem import Mark

CODE = Mark("net.py", 7)


class Step(NamedTuple):
    """A layer by hand: its path, its op, the steps it takes (the one before by default)."""

    path: str
    op: Op
    inputs: tuple[int, ...] | None = None
    instance: Instance | None = None


def op(name: str, **settings: Any) -> Op:
    return OPS[name](**settings)


def use(path: str, block: str, parent: Instance | None = None) -> Instance:
    """A module's call, as capture has it."""
    return Instance(path, block, CODE, parent)


def made(shape: Shape, steps: Sequence[Step], name: str = "by_hand") -> Graph:
    """The graph of these layers, of which the last is the output."""
    origin = SimpleNamespace(
        name=name, mark=Mark(name), stated=lambda key: None, overrides={}, heading=name
    )
    entry = SimpleNamespace(
        mark=CODE, states_shape=False, hidden=False, remarks=(), unused=False, operation=-1
    )
    nodes: list[Node] = []
    for i, step in enumerate(steps):
        inputs = (i - 1,) if step.inputs is None else step.inputs
        shapes = tuple(nodes[j].output if j >= 0 else shape for j in inputs)
        facts = Facts(step.op, shapes, step.op.output_shape(*shapes))
        nodes.append(
            Node(
                step.path,
                step.op,
                inputs,
                facts,
                cast(Any, entry),
                step.instance,
                False,
                None,
                None,
            )
        )
    return Graph(cast(Any, origin), shape, tuple(nodes), (len(nodes) - 1,))


def read_again(text: str) -> Graph:
    """The graph of a spec that must be sound."""
    graph = expand(pick(load_text(text, "again.yaml"), "", "again.yaml"))
    assert not graph.problems, "\n".join(map(str, graph.problems)) + f"\n{text}"
    return graph


def facts(graph: Graph) -> object:
    """All that makes a network: its layers in order, what they read, and how weights start."""
    layers = [
        (node.path, node.op, node.inputs, node.output, node.aux, node.shares, node.init or {})
        for node in graph.nodes
    ]
    return layers, graph.input, graph.outputs, graph.aux_outputs
