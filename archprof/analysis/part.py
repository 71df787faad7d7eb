"""A part of a network by itself: what it adds to every total, from the state of what arrives at it
to the state of what it gives.

The totals of a chain of parts follow from theirs: sums add up; the peak is the largest of the
parts' own; the longest path goes on from the one before; a receptive field of one interval grows by
the part's own reach, times the distance between its input's units (Araujo, Norris, Sim 2019,
https://distill.pub/2019/computing-receptive-fields).
"""

from __future__ import annotations

from typing import NamedTuple

from archprof.analysis.analysis import Analysis
from archprof.analysis.field import Axis, Field
from archprof.analysis.receptive import Sight, beyond, largest
from archprof.analysis.sums import Sums
from archprof.analysis.totals import depth
from archprof.column_functions import most
from archprof.graph.graph import Graph
from archprof.graph.state import Along, Lying, State
from archprof.graph.storage import INPUT, WEIGHT, Storage
from archprof.ops.elements import DTYPES, Elements

FAR = 10**6
"""More layers than any path has."""


class Inseparable(Exception):
    """A part whose numbers depend on more than the state in which its input arrives, in words."""


class FieldStep(NamedTuple):
    """How a field goes on along an axis, in units of what arrives: its first and last unit move by
    `first` and `last` times the distance of units, which grows `step` times.
    """

    first: int
    last: int
    step: int


class PartTotals(NamedTuple):
    """What a part adds.

    `peak`: the most bytes that are alive in inference, without weights and the network's input.
    `depth`: layers with weights on the longest path through it, `start`: on the longest that begins
    inside it. `reach`: by axis the widest field of its layers in units of what arrives, None where
    none has one. `steps`: by axis how fields go on, None where there is none. `beyond`: as
    `archprof.analysis.receptive.beyond`.
    """

    sums: Sums
    peak: int
    depth: int
    start: int
    reach: tuple[int, ...] | None
    steps: tuple[FieldStep | None, ...]
    beyond: frozenset[str]
    ends: State


def part(analysis: Analysis, elements: Elements) -> PartTotals:
    """Return what a graph that begins with a state adds; `elements`: what its output's are.

    Raises Inseparable.
    """
    graph = analysis.graph
    begins, out = graph.begins, graph.outputs[0]
    assert begins is not None  # noqa: S101 - only parts are asked
    if graph.aux_outputs or any(node.aux for node in graph.nodes):
        raise Inseparable("it has an auxiliary head")
    if not _depends_on_input(graph, out):
        raise Inseparable("it gives what does not depend on the input")
    seen = analysis.sights
    sight = seen[out] if out >= 0 else None
    return PartTotals(
        analysis.sums,
        most(0, *(moment.live + moment.inside for moment in analysis.alive.moments)),
        depth(graph, FAR) - FAR,
        max(0, depth(graph, -FAR)),
        largest(seen, range(len(graph.nodes))),
        _steps(begins, sight),
        frozenset(beyond(graph, seen, range(len(graph.nodes)))),
        begins if sight is None else _ends(analysis, begins, out, sight, elements),
    )


def _depends_on_input(graph: Graph, out: int) -> bool:
    """Whether what a graph gives is another for each image."""
    depends = [False] * len(graph.nodes)
    for i, node in enumerate(graph.nodes):
        sources = node.inputs if not node.op.constant else ()
        depends[i] = any(source < 0 or depends[source] for source in sources)
    return out < 0 or depends[out]


def _steps(begins: State, sight: Sight | None) -> tuple[FieldStep | None, ...]:
    """Return how the fields of what arrives go on. Raises Inseparable."""
    if sight is None:
        return tuple(FieldStep(0, 0, 1) if along == "field" else None for along in begins.axes)
    return tuple(_step(axis) if isinstance(axis, Field) else None for axis in sight.axes)


def _step(field: Field) -> FieldStep:
    if len(field.phases) > 1 or field.head or field.tail or not field.phases[0]:
        raise Inseparable("the fields of its units are not alike")
    first, last = field.phases[0]
    return FieldStep(first, last, field.step)


def _ends(analysis: Analysis, begins: State, out: int, sight: Sight, elements: Elements) -> State:
    """Return the state of what a part gives."""
    graph, batch, itemsize = analysis.graph, analysis.batch, DTYPES[analysis.dtype]
    trained = analysis.trained
    kept, _ = analysis.kept
    owner = trained.owner[out]
    known = any(each.storage == owner for each in kept)
    return State(
        graph.nodes[out].output,
        _lying(graph, analysis.stored, out, batch, itemsize, False),
        _lying(graph, trained, out, batch, itemsize, True),
        known or (owner == INPUT and begins.kept),
        elements,
        sight.dims,
        tuple(map(_along, sight.axes)),
        tuple(axis.units if isinstance(axis, Field) else 0 for axis in sight.axes),
    )


def _lying(
    graph: Graph, stored: Storage, out: int, batch: int, itemsize: int, training: bool
) -> Lying:
    """Return how the output lies in memory. Raises Inseparable for one in that of parameters."""
    owner = stored.owner[out]
    if owner == WEIGHT:
        raise Inseparable("it gives a view of parameters")
    size = stored.bytes(graph, owner, batch, itemsize, training)
    given = owner == INPUT and graph.begins is not None and graph.begins.lying(training).given
    return Lying(stored.layout[out], size, given)


def _along(axis: Axis) -> Along:
    return "field" if isinstance(axis, Field) else axis
