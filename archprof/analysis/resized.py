"""What another input than the spec's own changes in a network besides its shapes: weights that
follow from the input, and statements that hold for its own.
"""

from __future__ import annotations

from typing import NamedTuple

from archprof.graph.graph import Graph
from archprof.ops.base import Shape
from archprof.problem import ProblemError
from archprof.record import Record


class ResizedLayer(NamedTuple):
    """A layer whose weights have other shapes: its parameters with the spec's own input, and
    with the one given.
    """

    path: str
    own: int
    given: int


class Resized(Record):
    """A network at another input than its own. Without `layers` it is the same network.

    `own_input` and `input` are the shapes of the first input that has another one.
    `own_params` and `params` are those of the whole network at either input; `unchecked` are the
    keys of the spec's statements that hold for its own input and are therefore not checked: shape,
    expect.
    """

    own_input: Shape
    input: Shape
    own_params: int
    params: int
    layers: tuple[ResizedLayer, ...]
    unchecked: tuple[str, ...]


def resized(graph: Graph) -> Resized | None:
    """Return what the given input changed, None where the graph is at the spec's own input or
    the spec cannot be built there.
    """
    network = graph.network
    if not network.resized:
        return None
    try:
        own = network.at_own_input()
    except ProblemError:
        return None
    pairs = zip(own.inputs, graph.inputs, strict=False)
    differing = next(((a.shape, b.shape) for a, b in pairs if a.shape != b.shape), None)
    if differing is None or any(not found.nodes for found in (own, graph)):
        return None
    return Resized(*differing, _params(own), _params(graph), _layers(own, graph), _unchecked(own))


def _params(graph: Graph) -> int:
    return sum(node.params for node in graph.nodes)


def _layers(own: Graph, given: Graph) -> tuple[ResizedLayer, ...]:
    """Return the layers that both have and whose weights differ in shape; those that share
    another's weights are left out.
    """
    before = {node.path: node for node in own.nodes if node.shares is None}
    found = []
    for node in given.nodes:
        other = before.get(node.path)
        if other is not None and node.facts.weights != other.facts.weights:
            found.append(ResizedLayer(node.path, other.params, node.params))
    return tuple(found)


def _unchecked(graph: Graph) -> tuple[str, ...]:
    stated = {
        "shape": any(node.entry.states_shape for node in graph.nodes),
        "expect": bool(graph.network.expected()),
    }
    return tuple(key for key, there in stated.items() if there)
