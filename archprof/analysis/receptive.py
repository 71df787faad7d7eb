"""Receptive fields: what a tensor's units see of the network's input, along each of its axes:
length, height and width, or depth, height and width (`field` has the definition).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from archprof import units
from archprof.analysis.branches import least, union
from archprof.analysis.field import MAX_WORK, Axis, Field, through
from archprof.graph.graph import Graph, Node
from archprof.ops.axes import RANKS
from archprof.ops.base import Shape
from archprof.ops.reading import Entry, New, Raster, Reading, Same, Taps
from archprof.record import Record

if TYPE_CHECKING:
    from archprof.graph.state import State

__all__ = ["Axis", "Extent", "Field", "Sight", "extent", "largest", "of_input", "rank", "sights"]


TOTAL_WORK = 10_000_000
"""Units looked at for the fields of one network, shared evenly among its layers; one that takes
more than its share is unknown.
"""


class Sight(NamedTuple):
    """What a tensor's units see.

    `dims`: which of the input's axes (of an image 0 is the height, 1 the width) run along each
    dimension of the tensor.

    `axes` is the union over all paths, `least` the smallest field of any path.
    """

    dims: tuple[tuple[int, ...], ...]
    axes: tuple[Axis, ...]
    least: tuple[Axis, ...]

    @property
    def local(self) -> bool:
        """Whether all axes have a field smaller than "everything"."""
        return all(isinstance(axis, Field) for axis in self.axes)

    @property
    def sizes(self) -> tuple[int, ...] | None:
        """The sizes of its fields by axis; None where an axis has none."""
        sizes = tuple(axis.size for axis in self.axes if isinstance(axis, Field))
        return sizes if len(sizes) == len(self.axes) else None


def rank(graph: Graph) -> int:
    """Return how many axes lie behind the channels of a network's input; 0: none.

    Three dimensions are an image. Two are a sequence, channels by length, and four a volume, where
    some op works along one or three axes; else they are tokens, or anything.
    """
    found = len(graph.input) - 1
    if found == 2:
        return found
    along = any(node.op.rank == found for node in graph.nodes)
    return found if found in RANKS and along else 0


def of_input(graph: Graph) -> Sight:
    """Return the sight of the input: each pixel sees itself. Without pixels it is unknown."""
    if graph.begins is not None:
        return _arriving(graph.begins)
    axes = rank(graph)
    if not axes:
        return Sight(((),) * len(graph.input), ("unknown",), ("unknown",))
    fields = tuple(map(Field, graph.input[1:]))
    return Sight(((), *((axis,) for axis in range(axes))), fields, fields)


def _arriving(begins: State) -> Sight:
    """Return the sight of what arrives at a part of a network: each of its units sees itself, as
    far as it has a field.
    """
    seen: tuple[Axis, ...] = tuple(
        Field(units) if along == "field" else along
        for along, units in zip(begins.axes, begins.units, strict=True)
    )
    return Sight(begins.dims, seen, seen)


class Extent(Record):
    """What a network's layers see of its input.

    `local`: the sizes by axis of the largest receptive field that is not all there is, None where
    no layer has one. `sees`: "all" where a layer that keeps places apart sees everything
    (attention, a gate such as squeeze and excitation, a norm over the map), so that everything
    after it does, "unknown" where one has no regular answer, otherwise "local". A global pooling
    and what is fully connected behind it keep no places apart.
    """

    local: tuple[int, ...] | None
    sees: Literal["local", "all", "unknown"]


def extent(graph: Graph, seen: Sequence[Sight], nodes: Iterable[int]) -> Extent:
    """Return what these nodes of a graph see."""
    nodes = list(nodes)
    local = largest(seen, nodes)
    kinds = beyond(graph, seen, nodes)
    if "whole" in kinds:
        return Extent(local, "all")
    # a vector has no pixels to see
    return Extent(local, "unknown" if "unknown" in kinds and rank(graph) else "local")


def beyond(graph: Graph, seen: Sequence[Sight], nodes: Iterable[int]) -> set[str]:
    """Return "whole" where some of these nodes, which keeps places apart, sees everything, and
    "unknown" where one has no regular answer.
    """
    kinds: set[str] = set()
    for i in nodes:
        if sum(n > 1 for n in graph.nodes[i].output) > 1:  # it keeps places apart
            kinds.update(_alike(seen[i]))
    return kinds


def _alike(sight: Sight) -> set[str]:
    """Return "whole" where all axes are, "unknown" where one is."""
    if "unknown" in sight.axes:
        return {"unknown"}
    return {"whole"} if all(axis == "whole" for axis in sight.axes) else set()


def largest(seen: Sequence[Sight], nodes: Iterable[int]) -> tuple[int, ...] | None:
    """Return the sizes by axis of the largest field among these nodes of those that have one
    along all axes; None where none has.
    """
    shared = {id(seen[i]): seen[i] for i in nodes}  # what an activation sees is its input's
    sizes = [sizes for sight in shared.values() if (sizes := sight.sizes) is not None]
    return max(sizes, default=None)


def sights(graph: Graph) -> list[Sight]:
    """Return for each node what its units see of the network's input."""
    result: list[Sight] = []
    source = of_input(graph)
    share = max(100, min(MAX_WORK, TOTAL_WORK // max(1, len(graph.nodes))))
    for node in graph.nodes:
        inputs = [result[i] if i >= 0 else source for i in node.inputs]
        if inputs:
            result.append(_sight(node, inputs, share))
        else:
            result.append(_alike_along_all(node, "nothing", len(source.axes)))
    return result


def _sight(node: Node, inputs: list[Sight], most_work: int) -> Sight:
    seen = [
        _through(sight, reading, node.output, most_work)
        for sight, reading in zip(inputs, node.facts.reads, strict=True)
    ]
    if len(seen) == 1:
        return seen[0]
    seeing = [s for s in seen if any(axis != "nothing" for axis in s.axes)]
    if not seeing:
        seeing = seen
    axes = _unions(seeing, most_work)
    smallest = tuple(least(branches) for branches in zip(*(s.least for s in seeing), strict=True))
    carried = [
        tuple(a for a in dims if isinstance(axes[a], Field))
        for dims in max((s.dims for s in seeing), key=lambda d: sum(map(len, d)))
    ]
    for sight in seeing:  # the same axis along different dimensions: no common field
        for mine, theirs in zip(carried, sight.dims, strict=True):
            if any(a not in mine and isinstance(axes[a], Field) for a in theirs):
                return _alike_along_all(node, "unknown", len(axes))
    return Sight(tuple(carried), axes, smallest)


def _alike_along_all(node: Node, axis: Axis, count: int) -> Sight:
    """Return the sight of a node that keeps no places apart and sees alike along all axes."""
    return Sight(((),) * len(node.output), (axis,) * count, (axis,) * count)


def _unions(seeing: Sequence[Sight], most_work: int) -> tuple[Axis, ...]:
    """Return what units see of several tensors, by axis; axes that are alike are joined once."""
    found: list[Axis] = []
    joined: list[tuple[Axis, ...]] = []
    for branches in zip(*(sight.axes for sight in seeing), strict=True):
        known = joined.index(branches) if branches in joined else None
        found.append(union(branches, most_work) if known is None else found[known])
        joined.append(branches)
    return tuple(found)


def _through(sight: Sight, reading: Reading | None, output: Shape, most_work: int) -> Sight:
    """Return what the output's units see through this reading of one input."""
    if reading is None:
        unknown = _where_fields(sight.axes, "unknown")
        return Sight(((),) * len(output), unknown, unknown)
    if _is_unchanged(reading, len(sight.dims)):
        return sight
    axes = list(_where_fields(sight.axes, "whole"))
    smallest = list(_where_fields(sight.least, "whole"))
    dims: list[tuple[int, ...]] = []
    for entry, count in zip(reading, output, strict=True):
        carried = _carried(sight, entry)
        dims.append(carried)
        window = entry if isinstance(entry, Taps) else None
        for axis in carried:
            if window and len(carried) > 1:
                axes[axis] = smallest[axis] = "unknown"  # a window over rows laid end to end
                continue
            axes[axis] = _apply(sight.axes[axis], window, count, most_work)
            if sight.least[axis] is sight.axes[axis]:
                smallest[axis] = axes[axis]
            else:
                smallest[axis] = _apply(sight.least[axis], window, count, most_work)
    return Sight(tuple(dims), tuple(axes), tuple(smallest))


def _where_fields(axes: Sequence[Axis], word: Axis) -> tuple[Axis, ...]:
    """Return the axes with the word in place of each field."""
    return tuple(word if isinstance(axis, Field) else axis for axis in axes)


def _is_unchanged(reading: Reading, rank: int) -> bool:
    """Whether each unit of the output reads the one unit of the input in its own place."""
    in_place = all(type(entry) is Same and entry.dim == i for i, entry in enumerate(reading))
    return in_place and len(reading) == rank


def _carried(sight: Sight, entry: Entry) -> tuple[int, ...]:
    """Return the axes of the image that lie along a dimension of the output."""
    if isinstance(entry, New):
        return ()
    if isinstance(entry, Raster):
        return tuple(axis for dim in entry.dims for axis in sight.dims[dim])
    return sight.dims[entry.dim]


def _apply(field: Axis, window: Taps | None, units: int, most_work: int) -> Axis:
    """Return the field of `units` units that read `window` of units with this field."""
    if window is None or not isinstance(field, Field):
        return field
    return through(field, window, units, most_work)


def as_written(field: tuple[int, ...] | None) -> int | str | None:
    """Return a receptive field as a spec writes it: one number where its sides are alike."""
    if field is None:
        return None
    return field[0] if len(set(field)) == 1 else units.shape(field)
