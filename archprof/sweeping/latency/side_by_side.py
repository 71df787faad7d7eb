"""Layers side by side in one network, each with inputs of its own, so that they can be timed as
the layers of any network are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archprof.graph.graph import Facts, Graph, Node
from archprof.graph.origin import Origin
from archprof.ops.arriving import FurtherInput
from archprof.ops.base import Shape
from archprof.ops.elements import FRACTIONS, Elements, whole_numbers
from archprof.record import Record

MOST_LAYERS = 48
MOST_ELEMENTS = 2**25
"""Of inputs, outputs and weights in one network: 128 MiB in float32."""

NOTHING: Shape = (1,)  # a network has a first input, which no layer here reads


class SideBySide(Record):
    """A network of layers, and by their keys which of its nodes they are."""

    graph: Graph
    places: Mapping[str, int]


def side_by_side(nodes: Mapping[str, Node], origin: Origin, batch: int) -> Iterator[SideBySide]:
    """Yield networks that have all these layers, a few dozen in each. `origin`: of their names."""
    waiting: dict[str, Node] = {}
    elements = 0
    for key, node in nodes.items():
        more = _elements(node, batch)
        if waiting and (len(waiting) == MOST_LAYERS or elements + more > MOST_ELEMENTS):
            yield _network(waiting, origin)
            waiting, elements = {}, 0
        waiting[key] = node
        elements += more
    if waiting:
        yield _network(waiting, origin)


def _elements(node: Node, batch: int) -> int:
    """Return how many numbers a layer reads, has and makes."""
    shapes = (*node.facts.inputs, node.output)
    return batch * sum(map(math.prod, shapes)) + node.facts.params + node.facts.buffers


def _network(layers: Mapping[str, Node], origin: Origin) -> SideBySide:
    nodes: list[Node] = []
    places: dict[str, int] = {}
    for number, (key, node) in enumerate(layers.items()):
        inputs = []
        for place, shape in enumerate(node.facts.inputs):
            inputs.append(len(nodes))
            nodes.append(_input(node, f"input_{number}_{place}", shape))
        places[key] = len(nodes)
        nodes.append(_alone(node, f"layer_{number}", tuple(inputs)))
    graph = Graph(origin, NOTHING, tuple(nodes), (len(nodes) - 1,))
    return SideBySide(graph, places)


def _input(reader: Node, path: str, shape: Shape) -> Node:
    """Return an input for a layer: what it looks up is whole numbers, all else fractions."""
    rows = reader.op.rows
    elements: Elements = FRACTIONS if rows is None else whole_numbers("int64", rows)
    op = FurtherInput(shape, elements)
    return _alone(reader, path, ())._replace(op=op, facts=Facts(op, (), shape))


def _alone(node: Node, path: str, inputs: tuple[int, ...]) -> Node:
    """Return a layer at another place, with weights of its own as torch makes them."""
    return node._replace(path=path, inputs=inputs, shares=None, init=None, frozen=frozenset())
