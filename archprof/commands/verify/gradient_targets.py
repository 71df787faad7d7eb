"""The layers whose gradients are compared, and inputs that cut off none of their fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import lcm, prod

from archprof.analysis.field import Field
from archprof.analysis.receptive import Sight, of_input, rank
from archprof.graph.graph import Graph
from archprof.graph.order import reachable
from archprof.ops.adaptive_pooling import AdaptiveAvgPooling
from archprof.ops.resize import Interpolate
from archprof.ops.slicing import Excerpt

MAX_TARGETS = 48
MAX_VOLUME_TARGETS = 8  # each gradient of which is over as many units as of many images
# pixels of an input that is long in all directions; above, one direction at a time
MAX_SQUARE = 2**20
MAX_PIXELS = 2**24  # of the one-channel input: 128 MiB

Span = tuple[int, int]


def targets(graph: Graph, seen: Sequence[Sight]) -> tuple[list[int], list[int]]:
    """Return the layers to compare: the largest field, the last layer of each jump, and those
    whose field is not their input's.

    First those that an input of any size serves, then the last one and the widest behind a layer
    whose windows depend on the size.
    """
    fixed = _rigid(graph, seen)
    axes, source = range(rank(graph)), of_input(graph)
    local = [
        i
        for i in graph.main
        if _size(seen[i]) and all(dimension(seen[i], a) is not None for a in axes)
    ]
    elastic = [i for i in local if i not in fixed]
    last = {tuple(axis.jump for axis in _fields(seen[i])): i for i in elastic}
    changing = [
        i
        for i in elastic
        if any(seen[i].axes != (seen[s] if s >= 0 else source).axes for s in graph.nodes[i].inputs)
    ]
    widest = max(elastic, key=lambda i: (_size(seen[i]), i), default=-1)
    most = MAX_VOLUME_TARGETS if len(axes) == 3 else MAX_TARGETS
    thinned = changing[:: max(1, -(-len(changing) // most))]
    # windows that tile the native input one by one change nothing
    known = {seen[i].axes for i in elastic}
    rigid = [i for i in local if i in fixed and seen[i].axes not in known]
    widest_rigid = max(rigid, key=lambda i: (_size(seen[i]), i), default=-1)
    return sorted({*last.values(), *thinned, widest} - {-1}), sorted(
        {*rigid[-1:], widest_rigid} - {-1}
    )


def _fields(sight: Sight) -> list[Field]:
    return [axis for axis in sight.axes if isinstance(axis, Field)]


def _size(sight: Sight) -> tuple[int, ...]:
    """Return the sizes of the fields by axis; none where an axis has none or sees nothing."""
    sizes = sight.sizes
    return sizes if sizes is not None and all(sizes) else ()


def dimension(sight: Sight, axis: int) -> int | None:
    """Return the dimension that the axis runs along; None where it shares one with another."""
    return next((d for d, axes in enumerate(sight.dims) if axes == (axis,)), None)


def _rigid(graph: Graph, seen: Sequence[Sight]) -> set[int]:
    """Return the layers downstream of one whose windows depend on the size of the input: another
    size would be another geometry.

    As would a longer input where a layer has too few units for their pattern to repeat.
    """
    found: set[int] = set()
    source = of_input(graph)
    for i, node in enumerate(graph.nodes):
        before = [seen[s] if s >= 0 else source for s in node.inputs]
        cut = (
            isinstance(node.op, Excerpt)
            and not node.op.reaches_end()
            and bool(before[0].dims[node.op.dim])
        )
        alone = any(isinstance(axis, Field) and not axis.repeats for axis in seen[i].axes)
        sized = isinstance(node.op, AdaptiveAvgPooling) or (
            isinstance(node.op, Interpolate) and node.op.size is not None
        )
        if cut or alone or sized or any(s in found for s in node.inputs):
            found.add(i)
    return found


def runs(
    graph: Graph, seen: Sequence[Sight], elastic: list[int], rigid: list[int]
) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    """Yield the layers to look at, each time with the size of the input."""
    native = graph.input[1:]
    if rigid:
        yield rigid, native
    if elastic:
        long = [length_for(graph, seen, elastic, axis) for axis in range(len(native))]
        if prod(long) <= MAX_SQUARE:
            yield elastic, tuple(long)
        else:
            for axis in range(len(native)):
                yield elastic, lengthened(native, axis, long[axis])


def lengthened(size: tuple[int, ...], axis: int, length: int) -> tuple[int, ...]:
    """Return an input's size with another length along one axis."""
    return (*size[:axis], length, *size[axis + 1 :])


def length_for(graph: Graph, seen: Sequence[Sight], picked: list[int], axis: int) -> int:
    """Return an input that cuts off none of the picked fields: the native one and so many periods
    of all strides, so that every remainder stays.
    """
    native = graph.input[1 + axis]
    limit = MAX_PIXELS * native // prod(graph.input[1:])
    period = lcm(
        *(
            f.step or 1
            for i in reachable(graph.nodes, picked)
            if isinstance(f := seen[i].axes[axis], Field)
        )
    )
    length = native
    while short := max(
        _shortfall(graph, seen, i, axis, length, bounds_within(graph, seen, picked, axis, length))
        for i in picked
    ):
        # the middle moves by half of what is added
        longer = length + -(-2 * short // period) * period
        if longer > limit:
            break
        length = longer
    return length


def sees(field: Field, unit: int, count: int) -> Span | None:
    """Return what one of `count` units sees: of another input's than the network's own it is the
    pattern that counts.
    """
    return field.of(unit) if count == field.units else field.pattern(unit)


def _units(graph: Graph, seen: Sequence[Sight], i: int, axis: int, length: int) -> int:
    """Return how many units the layer has along the axis, of an input of this length."""
    dim, field = dimension(seen[i], axis), seen[i].axes[axis]
    if dim is None or not isinstance(field, Field):
        return 0
    longer = length - graph.input[1 + axis]
    return field.units + (int(longer / field.jump) if longer else 0)


def bounds_within(
    graph: Graph, seen: Sequence[Sight], picked: list[int], axis: int, length: int
) -> Span:
    """Return the pixels within which no layer before the picked ones reaches its own border: a crop
    leaves less than the input.
    """
    low, high = 0, length - 1
    for i in reachable(graph.nodes, picked):
        field, units = seen[i].axes[axis], _units(graph, seen, i, axis, length)
        if isinstance(field, Field) and units:
            ends = range(min(units, len(field.phases)))
            low = max(
                low, min((reach[0] for u in ends if (reach := sees(field, u, units))), default=low)
            )
            high = min(
                high,
                max(
                    (reach[1] for u in ends if (reach := sees(field, units - 1 - u, units))),
                    default=high,
                ),
            )
    return low, high


def _shortfall(
    graph: Graph, seen: Sequence[Sight], i: int, axis: int, length: int, bounds: Span
) -> int:
    """Return by how many pixels a central unit's field exceeds the bounds."""
    field, units = seen[i].axes[axis], _units(graph, seen, i, axis, length)
    reach = (
        sees(field, central(field, units), units) if isinstance(field, Field) and units else None
    )
    return max(bounds[0] - reach[0], reach[1] - bounds[1], 0) if reach else 0


def central(field: Field, units: int) -> int:
    """Return of `units` in a row the one of the middle period that sees the most, of several the
    one closest to the middle.
    """
    first = max(0, (units - len(field.phases)) // 2)

    def rank(unit: int) -> tuple[int, int]:
        reach = sees(field, unit, units)
        return reach[1] - reach[0] if reach else -1, -abs(2 * unit + 1 - units)

    return max(range(first, min(units, first + len(field.phases))), key=rank)
