"""Receptive fields once more, unit by unit: what every unit of every layer sees, from what each op
says that it reads.

No period, no closed form: of the analysis it takes only where a unit of padding lies. It says
whether a printed size is that of a unit that the layer has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archprof.analysis.field import Field, Span, hull
from archprof.analysis.receptive import Sight, largest, of_input, rank, sights
from archprof.commands.verify.verification import Check, fields
from archprof.graph.graph import Graph, Node
from archprof.ops.reading import Raster, Reading, Same, Taps

WITNESS = "unit by unit"
MAX_READS = 3_000_000
"""Units read one by one for one network; what is left then is not checked."""

Spans = list[Span | None]  # by unit along one axis
Along = tuple[Spans | None, ...]  # by axis; None where there is no regular field


def receptive_fields(graph: Graph) -> tuple[list[Check], list[str]]:
    """Compare the size of every layer's receptive field, per axis, with the widest of its units;
    in total the network's largest field.
    """
    seen = sights(graph)
    quantities = fields(graph)
    spans, unfollowed = follow(graph, seen)
    checks = []
    sizes: dict[int, list[int]] = {}
    for i, node in enumerate(graph.nodes):
        for axis, along in enumerate(spans.get(i, ())):
            field = seen[i].axes[axis]
            if isinstance(field, Field) and along is not None:
                widest = max((last - first + 1 for first, last in filter(None, along)), default=0)
                checks.append(Check(WITNESS, quantities[axis], node.path, field.size, widest))
                sizes.setdefault(i, []).append(widest)
    whole = [i for i in graph.main if i in sizes and len(sizes[i]) == len(quantities)]
    whole = [i for i in graph.main if i in sizes and len(sizes[i]) == len(quantities)]
    widest_of_all = max((tuple(sizes[i]) for i in whole), default=None)
    if widest_of_all and not unfollowed:
        checks.append(
            Check(WITNESS, "receptive_field", "", largest(seen, graph.main) or (), widest_of_all)
        )
    return checks, _notes(graph, seen, unfollowed)


def _notes(graph: Graph, seen: Sequence[Sight], unfollowed: list[int]) -> list[str]:
    """Say which layers have no receptive field to check, and why."""
    source = of_input(graph)
    unknown = [i for i in graph.main if "unknown" in seen[i].axes and seen[i].axes != source.axes]
    notes = []
    if unknown:
        notes.append(
            f"receptive field: {_and_more(graph, unknown)} not known, what it reads has no regular"
            " answer"
        )
    if unfollowed:
        notes.append(
            f"receptive field: {_and_more(graph, unfollowed)} not followed unit by unit, more than"
            f" {MAX_READS:,} reads"
        )
    return notes


def _and_more(graph: Graph, found: list[int]) -> str:
    first = graph.nodes[found[0]].path
    return f"{first} is" if len(found) == 1 else f"{first} and {len(found) - 1} more are"


def follow(graph: Graph, seen: Sequence[Sight]) -> tuple[dict[int, Along], list[int]]:
    """Return by node what each of its units sees along each axis, and the nodes that would
    have taken too long.
    """
    source = of_input(graph)
    axes = range(rank(graph))
    pixels: Along = tuple([(p, p) for p in range(graph.input[1 + axis])] for axis in axes)
    found: dict[int, Along] = {-1: pixels}
    unfollowed: list[int] = []
    left = MAX_READS
    for i, node in enumerate(graph.nodes):
        left -= _reads(node, seen[i])
        if left < 0 or any(s not in found for s in node.inputs):
            unfollowed.append(i)
            continue
        inputs = [
            (found[s], seen[s] if s >= 0 else source, reading)
            for s, reading in zip(node.inputs, node.facts.reads, strict=True)
        ]
        along: list[Spans | None] = []
        for axis in axes:
            if isinstance(seen[i].axes[axis], Field):
                along.append(_merged([_along(axis, *source, node.output) for source in inputs]))
            else:
                along.append(None)
        found[i] = tuple(along)
    return found, unfollowed


def _reads(node: Node, sight: Sight) -> int:
    """Return how many units are read for the node's, along all axes."""
    if not any(isinstance(axis, Field) for axis in sight.axes):
        return 0
    total = 0
    for reading in node.facts.reads:
        for entry, units in zip(reading or (), node.output, strict=False):
            if isinstance(entry, Taps) and any(entry.taps):
                longest = max((tap[1] - tap[0]) // entry.every for tap in entry.taps if tap)
                total += units * (1 + longest)
    return total


def _along(
    axis: int, before: Along, sight: Sight, reading: Reading | None, output: Sequence[int]
) -> Spans | None:
    """Return what the outputs see along one axis through this reading of one input; None where
    they see nothing of it.
    """
    spans, field = before[axis], sight.axes[axis]
    if spans is None or reading is None or not isinstance(field, Field):
        return None
    for entry, units in zip(reading, output, strict=True):
        if isinstance(entry, (Same, Raster)) and axis in _carried(entry, sight):
            return spans
        if isinstance(entry, Taps) and axis in sight.dims[entry.dim]:
            return [_seen(spans, field, entry, unit) for unit in range(units)]
    return None


def _carried(entry: Same | Raster, sight: Sight) -> Iterable[int]:
    dims = entry.dims if isinstance(entry, Raster) else (entry.dim,)
    return [axis for dim in dims for axis in sight.dims[dim]]


def _seen(spans: Spans, field: Field, window: Taps, unit: int) -> Span | None:
    """Return what one output sees: of the units that are there what they see, of padding the
    pixels where it lies.
    """
    turns, phase = divmod(unit, len(window.taps))
    tap = window.taps[phase]
    if tap is None:
        return None
    result = []
    for i in range(tap[0] + turns * window.step, tap[1] + turns * window.step + 1, window.every):
        if 0 <= i < len(spans):
            result.append(spans[i])
        elif window.padding is None or -window.padding <= i < len(spans) + window.padding:
            result.append(field.pattern(i))
    return hull(result)


def _merged(branches: Iterable[Spans | None]) -> Spans | None:
    """Return what units see that read the unit at their own place of every branch."""
    depending = [spans for spans in branches if spans is not None]
    if len(depending) <= 1 or all(spans is depending[0] for spans in depending):
        return depending[0] if depending else None
    return [hull(unit) for unit in zip(*depending, strict=True)]
