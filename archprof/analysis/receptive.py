"""Receptive fields: what a tensor's units see of the network's input, along height and width
(`field` has the definition).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from archprof import units
from archprof.analysis.branches import least, union
from archprof.analysis.field import MAX_WORK, Axis, Field, through
from archprof.graph.graph import Graph, Node
from archprof.ops.base import Shape
from archprof.ops.reading import New, Raster, Reading, Same, Taps

__all__ = ["BLIND", "Axis", "Extent", "Field", "Sight", "extent", "largest", "of_input", "sights"]


TOTAL_WORK = 10_000_000
"""Units looked at for the fields of one network, shared evenly among its layers; one that takes
more than its share is unknown.
"""


class Sight(NamedTuple):
    """What a tensor's units see.

    `dims`: which input axes (0 height, 1 width) run along each dimension of the tensor.

    `axes` is the union over all paths, `least` the smallest field of any path.
    """

    dims: tuple[tuple[int, ...], ...]
    axes: tuple[Axis, Axis]
    least: tuple[Axis, Axis]

    @property
    def local(self) -> bool:
        """Whether both axes have a field smaller than "everything"."""
        return all(isinstance(axis, Field) for axis in self.axes)


BLIND = Sight((), ("nothing", "nothing"), ("nothing", "nothing"))


def of_input(shape: Shape) -> Sight:
    """Return the sight of the input: each pixel sees itself. Without pixels it is unknown."""
    if len(shape) != 3:
        return Sight(((),) * len(shape), ("unknown", "unknown"), ("unknown", "unknown"))
    fields = Field(shape[1]), Field(shape[2])
    return Sight(((), (0,), (1,)), fields, fields)


class Extent(NamedTuple):
    """What a network's layers see of its input.

    `local`: height and width of the largest receptive field that is not all there is, None where no
    layer has one. `sees`: "all" where a layer that keeps places apart sees everything (attention, a
    gate such as squeeze and excitation, a norm over the map), so that everything after it does,
    "unknown" where one has no regular answer, otherwise "local". A global pooling and what is fully
    connected behind it keep no places apart.
    """

    local: tuple[int, int] | None
    sees: Literal["local", "all", "unknown"]


def extent(graph: Graph, seen: Sequence[Sight], nodes: Iterable[int]) -> Extent:
    """Return what these nodes of a graph see."""
    nodes = list(nodes)
    local = largest(seen, nodes)
    kinds: set[str] = set()
    for i in nodes:
        if sum(n > 1 for n in graph.nodes[i].output) > 1:  # it keeps places apart
            kinds.update(_alike(seen[i]))
    if "whole" in kinds:
        return Extent(local, "all")
    # a vector has no pixels to see
    return Extent(local, "unknown" if "unknown" in kinds and len(graph.input) == 3 else "local")


def _alike(sight: Sight) -> set[str]:
    """Return "whole" where both axes are, "unknown" where one is."""
    height, width = sight.axes
    if "unknown" in (height, width):
        return {"unknown"}
    return {"whole"} if height == width == "whole" else set()


def largest(seen: Sequence[Sight], nodes: Iterable[int]) -> tuple[int, int] | None:
    """Return height and width of the largest field among these nodes of those that have one
    along both axes; None where none has.
    """
    shared = {id(seen[i]): seen[i] for i in nodes}  # what an activation sees is its input's
    sizes = [
        (height.size, width.size)
        for height, width in (sight.axes for sight in shared.values())
        if isinstance(height, Field) and isinstance(width, Field)
    ]
    return max(sizes, default=None)


def sights(graph: Graph) -> list[Sight]:
    """Return for each node what its units see of the network's input."""
    result: list[Sight] = []
    source = of_input(graph.input)
    share = max(100, min(MAX_WORK, TOTAL_WORK // max(1, len(graph.nodes))))
    for node in graph.nodes:
        result.append(_sight(node, [result[i] if i >= 0 else source for i in node.inputs], share))
    return result


def _sight(node: Node, inputs: list[Sight], most_work: int) -> Sight:
    if not inputs:
        return Sight(((),) * len(node.output), BLIND.axes, BLIND.least)
    seen = [
        _through(sight, reading, node.output, most_work)
        for sight, reading in zip(inputs, node.facts.reads, strict=True)
    ]
    if len(seen) == 1:
        return seen[0]
    seeing = [s for s in seen if s.axes != BLIND.axes]
    if not seeing:
        seeing = seen
    height = width = union([s.axes[0] for s in seeing], most_work)
    if any(s.axes[0] != s.axes[1] for s in seeing):
        width = union([s.axes[1] for s in seeing], most_work)
    axes = height, width
    smallest = least([s.least[0] for s in seeing]), least([s.least[1] for s in seeing])
    carried = [
        tuple(a for a in dims if isinstance(axes[a], Field))
        for dims in max((s.dims for s in seeing), key=lambda d: sum(map(len, d)))
    ]
    for sight in seeing:  # the same axis along different dimensions: no common field
        for mine, theirs in zip(carried, sight.dims, strict=True):
            if any(a not in mine and isinstance(axes[a], Field) for a in theirs):
                return Sight(
                    ((),) * len(node.output), ("unknown", "unknown"), ("unknown", "unknown")
                )
    return Sight(tuple(carried), axes, smallest)


def _through(sight: Sight, reading: Reading | None, output: Shape, most_work: int) -> Sight:
    """Return what the output's units see through this reading of one input."""
    if reading is None:
        lost = tuple("unknown" if isinstance(a, Field) else a for a in sight.axes)
        return Sight(((),) * len(output), lost, lost)  # type: ignore[arg-type]
    if all(type(entry) is Same and entry.dim == i for i, entry in enumerate(reading)) and len(
        reading
    ) == len(sight.dims):
        return sight
    axes: list[Axis] = ["whole" if isinstance(a, Field) else a for a in sight.axes]
    smallest: list[Axis] = ["whole" if isinstance(a, Field) else a for a in sight.least]
    dims: list[tuple[int, ...]] = []
    for entry, count in zip(reading, output, strict=True):
        if isinstance(entry, New):
            dims.append(())
            continue
        carried = (
            tuple(a for d in entry.dims for a in sight.dims[d])
            if isinstance(entry, Raster)
            else sight.dims[entry.dim]
        )
        dims.append(carried)
        for axis in carried:
            if isinstance(entry, Taps) and len(carried) > 1:
                axes[axis] = smallest[axis] = "unknown"  # a window over rows laid end to end
                continue
            window = entry if isinstance(entry, Taps) else None
            axes[axis] = _apply(sight.axes[axis], window, count, most_work)
            smallest[axis] = (
                axes[axis]
                if sight.least[axis] is sight.axes[axis]
                else _apply(sight.least[axis], window, count, most_work)
            )
    return Sight(tuple(dims), (axes[0], axes[1]), (smallest[0], smallest[1]))


def _apply(field: Axis, window: Taps | None, units: int, most_work: int) -> Axis:
    """Return the field of `units` units that read `window` of units with this field."""
    return (
        through(field, window, units, most_work) if window and isinstance(field, Field) else field
    )


def as_written(field: tuple[int, int] | None) -> int | str | None:
    """Return a receptive field as a spec writes it: one number where it is square."""
    if field is None:
        return None
    height, width = field
    return height if height == width else units.shape(field)
