"""Branches that meet are centred on different pixels.

Each unit of a merge sees its branches' receptive fields around their own
centres. An even kernel, or padding on one side only, moves a branch's centre
off the others': half a pixel of its input at each such layer, more behind
strides. `archprof summary` marks such fields with `~`.

PASS:
```yaml
name: aligned
input: 8x32x32
layers:
  wide: {op: conv2d, out: 8, kernel: 3, padding: 1}
  add: {op: add, from: [wide, input]}
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
from archprof.analysis.receptive import of_input
from archprof.commands.check.base import Remark, Subject
from archprof.graph.dropped import shown
from archprof.graph.graph import Facts
from archprof.ops.reading import Taps

UPSAMPLED = (
    "what is upsampled comes out even behind a stride of 2 with an even kernel, such as 2, or 4"
    " with padding: 1"
)


def check(subject: Subject) -> Iterator[tuple[int, Remark]]:
    """Merges of aligned branches whose own field is not aligned."""
    nodes = subject.graph.nodes
    if not any(len(node.inputs) > 1 for node in nodes) or all(
        map(_centred, {id(node.facts): node.facts for node in nodes}.values())
    ):
        return  # as in most networks, which saves working out their fields
    sights, source = subject.sights, of_input(subject.graph.input)
    for i, node in enumerate(nodes):
        for axis, name in enumerate(("vertically", "horizontally")):
            if _aligned(sights[i].axes[axis]) or not all(
                _aligned(sights[s].axes[axis]) for s in node.inputs if s >= 0
            ):
                continue
            branches = {
                shown(s, nodes): sights[s].axes[axis] if s >= 0 else source.axes[axis]
                for s in node.inputs
            }
            period = _period(branches.values())
            centres = ", ".join(
                f"{branch} on {_pixel(seen, period)}" for branch, seen in [*branches.items()][:4]
            )
            where = f"{name}, the mean of {period} units" if period > 1 else name
            yield (
                i,
                Remark(
                    f"`{node.path}` ({node.kind}) merges branches that are not centred alike:"
                    f" {where}, {centres}",
                    (
                        UPSAMPLED
                        if period > 1
                        else "an odd kernel, or the same padding on every branch"
                    ),
                ),
            )
            break


def _centred(facts: Facts) -> bool:
    """Whether every unit's window lies around the unit itself, so that nothing can move off its
    centre.
    """
    windows = [
        entry for reading in facts.reads for entry in reading or () if isinstance(entry, Taps)
    ]
    return all(
        len(window.taps) == 1 and window.taps[0] is not None and sum(window.taps[0]) == 0
        for window in windows
    )


def _aligned(axis: Axis) -> bool:
    return not isinstance(axis, Field) or axis.aligned


def _period(axes: Iterable[Axis]) -> int:
    """Return after how many units all branches' fields come round: behind an upsampling units
    take turns.
    """
    return lcm(*(len(axis.phases) for axis in axes if isinstance(axis, Field)))


def _pixel(axis: Axis, units_together: int) -> str:
    """Return the pixel in the middle of what the first units see, as their mean."""
    seen = [axis.of(unit) for unit in range(units_together)] if isinstance(axis, Field) else []
    centres = [Fraction(pixels[0] + pixels[1], 2) for pixels in seen if pixels]
    return (
        f"pixel {units.fraction(sum(centres, Fraction(0)) / len(centres))}"
        if centres
        else "nothing"
    )
