"""Branches that meet are centred on different pixels.

Each unit of a merge sees its branches' receptive fields around their own
centres. An even kernel, or padding on one side only, moves a branch's centre
off the others': half a pixel of its input at each such layer, more behind
strides. `archprof summary` marks such fields with `~`. Parts that slices take
from one tensor are meant to lie elsewhere.

PASS:
```yaml
name: aligned
input: 8x32x32
layers:
  wide: {op: conv2d, out: 8, kernel: 3, padding: 1}
  add: {op: add, from: [wide, input]}
```

PASS:
```yaml
name: slices  # every second row, from the first and from the second on
input: 8x32x32
layers:
  even: {op: slice, dim: 1, step: 2}
  odd: {op: slice, from: input, dim: 1, start: 1, step: 2}
  beside: {op: concat, from: [even, odd]}
```

FAIL:
```yaml
name: moved  # the even window of unit 0 reads rows -1 and 0
input: 8x32x32
layers:
  pad: {op: pad, sides: [1, 0, 1, 0]}
  even: {op: conv2d, out: 8, kernel: 2}
  add: {op: add, from: [even, input]}
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import lcm

from archprof import units
from archprof.analysis.field import Axis, Field
from archprof.analysis.receptive import of_input, rank
from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.graph.dropped import shown
from archprof.graph.graph import Facts
from archprof.ops.reading import Taps

UPSAMPLED = (
    "what is upsampled comes out even behind a stride of 2 with an even kernel, such as 2, or 4"
    " with padding: 1"
)
ODD = "an odd kernel, or the same padding on every branch"
DIRECTIONS = {
    1: ("along the length",),
    2: ("vertically", "horizontally"),
    3: ("along the depth", "vertically", "horizontally"),
}
"""By the number of axes of the network's input."""
MOST_BRANCHES = 4  # that are named


def check(subject: CheckedNetwork) -> Iterator[tuple[int, Remark]]:
    """Yield merges of aligned branches whose own field is not aligned."""
    nodes = subject.graph.nodes
    merges = [i for i, node in enumerate(nodes) if len(node.inputs) > 1]
    facts = {id(node.facts): node.facts for node in nodes}
    if not merges or all(map(_centred, facts.values())):
        return  # as in most networks, whose fields then need not be worked out
    for i in merges:
        for axis, name in enumerate(DIRECTIONS.get(rank(subject.graph), ())):
            if _misaligned(subject, i, axis):
                yield i, _remark(subject, i, axis, name)
                break


def _misaligned(subject: CheckedNetwork, i: int, axis: int) -> bool:
    """Return whether a merge is not aligned along an axis, though all of its branches are."""
    sights, sources = subject.sights, subject.graph.nodes[i].inputs
    if _aligned(sights[i].axes[axis]) or _parts_of_one(subject, i):
        return False
    return all(_aligned(sights[source].axes[axis]) for source in sources if source >= 0)


def _parts_of_one(subject: CheckedNetwork, i: int) -> bool:
    """Return whether the branches of a merge are slices of one tensor."""
    nodes = subject.graph.nodes
    wholes = set()
    for branch in nodes[i].inputs:
        while branch >= 0 and _is_part(nodes[branch].facts):
            branch = nodes[branch].inputs[0]
        wholes.add(branch)
    return len(wholes) == 1


def _is_part(facts: Facts) -> bool:
    """Return whether every unit reads one place of the input, from one inside of it on."""
    windows = [entry for reading in facts.reads for entry in reading or ()]
    starts = [entry.taps[0] for entry in windows if isinstance(entry, Taps)]
    return bool(starts) and all(start is not None and start[0] == start[1] >= 0 for start in starts)


def _remark(subject: CheckedNetwork, i: int, axis: int, name: str) -> Remark:
    nodes, source = subject.graph.nodes, of_input(subject.graph)
    node = nodes[i]
    branches = {}
    for s in node.inputs:
        sight = subject.sights[s] if s >= 0 else source
        branches[shown(s, nodes)] = sight.axes[axis]
    period = _period(branches.values())
    where = f"{name}, the mean of {period} units" if period > 1 else name
    centres = ", ".join(
        f"{branch} on {_pixel(seen, period)}"
        for branch, seen in list(branches.items())[:MOST_BRANCHES]
    )
    message = (
        f"`{node.path}` ({node.kind}) merges branches that are not centred alike: {where},"
        f" {centres}"
    )
    return Remark(message, UPSAMPLED if period > 1 else ODD)


def _centred(facts: Facts) -> bool:
    """Return whether every unit's window is around the unit itself, which keeps it centred."""
    entries = [entry for reading in facts.reads for entry in reading or ()]
    for window in entries:
        if isinstance(window, Taps):
            taps = window.taps
            if len(taps) != 1 or taps[0] is None or sum(taps[0]) != 0:
                return False
    return True


def _aligned(axis: Axis) -> bool:
    return not isinstance(axis, Field) or axis.aligned


def _period(axes: Iterable[Axis]) -> int:
    """Return after how many units the fields of all branches repeat, as behind an upsampling."""
    return lcm(*(len(axis.phases) for axis in axes if isinstance(axis, Field)))


def _pixel(axis: Axis, units_together: int) -> str:
    """Return the pixel in the middle of what the first units see, as their mean."""
    seen = [axis.of(unit) for unit in range(units_together)] if isinstance(axis, Field) else []
    centres = [Fraction(pixels[0] + pixels[1], 2) for pixels in seen if pixels]
    if not centres:
        return "nothing"
    return f"pixel {units.fraction(sum(centres, Fraction(0)) / len(centres))}"
