"""Receptive fields: which input pixels one output unit can see, exactly, per axis.

A field is periodic: unit o = q·P + r sees pixels lo_r + q·step … hi_r + q·step. P = 1 for convolutions and pooling, where
the closed form is size += (k - 1)·jump, jump *= stride, start -= padding·jump (Araujo, Norris, Sim 2019,
https://distill.pub/2019/computing-receptive-fields); upsampling by S multiplies P by S, so that jumps become rational.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Literal

from archprof.graph.graph import Graph, Node
from archprof.ops.base import New, Raster, Reading, Same, Shape, Taps

MAX_PERIOD = 10_000


@dataclass(frozen=True, slots=True)
class Field:
    """What the units along one axis see of that axis of the input, in pixels; a phase that sees nothing is None."""

    phases: tuple[tuple[int, int] | None, ...] = ((0, 0),)
    step: int = 1  # pixels per period
    aligned: bool = True  # whether all merged branches were centred on the same pixel

    def of(self, unit: int) -> tuple[int, int] | None:
        """First and last pixel that `unit` sees; they may lie outside the input, in its padding."""
        turns, phase = divmod(unit, len(self.phases))
        seen = self.phases[phase]
        return seen and (seen[0] + turns * self.step, seen[1] + turns * self.step)

    @property
    def size(self) -> int:
        """Pixels the widest unit sees."""
        return max((seen[1] - seen[0] + 1 for seen in self.phases if seen), default=0)

    @property
    def jump(self) -> Fraction:
        """Pixels from one unit's field to the next one's: the effective stride."""
        return Fraction(self.step, len(self.phases))

    @property
    def start(self) -> int:
        """First pixel of the first unit's field, negative where it begins in the padding."""
        return self.phases[0][0] if self.phases[0] else 0


Axis = Field | Literal["whole", "nothing", "unknown"]
"""`whole`: sees all of the axis; `nothing`: does not depend on the input; `unknown`: no regular answer."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a tensor's units see. `dims`: which input axes (0 height, 1 width) run along each dimension of the tensor.

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
    """The input sees itself, pixel by pixel; an input without pixels has no receptive field."""
    if len(shape) != 3:
        return Sight(((),) * len(shape), ("unknown", "unknown"), ("unknown", "unknown"))
    return Sight(((), (0,), (1,)), (Field(), Field()), (Field(), Field()))


def sights(graph: Graph) -> list[Sight]:
    """For each node what its units see of the network's input."""
    result: list[Sight] = []
    source = of_input(graph.input)
    for node in graph.nodes:
        result.append(_sight(node, [result[i] if i >= 0 else source for i in node.inputs]))
    return result


def _sight(node: Node, inputs: list[Sight]) -> Sight:
    if not inputs:
        return Sight(((),) * len(node.output), BLIND.axes, BLIND.least)
    seen = [_through(sight, reading, node.output) for sight, reading in zip(inputs, node.facts.reads, strict=True)]
    if len(seen) == 1:
        return seen[0]
    seeing = [s for s in seen if s.axes != BLIND.axes] or seen
    axes = tuple(_union([s.axes[a] for s in seeing]) for a in (0, 1))
    least = tuple(_least([s.least[a] for s in seeing]) for a in (0, 1))
    carried = [tuple(a for a in dims if isinstance(axes[a], Field)) for dims in max((s.dims for s in seeing), key=lambda d: sum(map(len, d)))]
    for sight in seeing:  # the same axis along different dimensions: no common field
        for mine, theirs in zip(carried, sight.dims, strict=True):
            if any(a not in mine and isinstance(axes[a], Field) for a in theirs):
                return Sight(((),) * len(node.output), ("unknown", "unknown"), ("unknown", "unknown"))
    return Sight(tuple(carried), axes, least)  # type: ignore[arg-type]


def _through(sight: Sight, reading: Reading | None, output: Shape) -> Sight:
    """What the output's units see through this reading of one input."""
    if reading is None:
        lost = tuple("unknown" if isinstance(a, Field) else a for a in sight.axes)
        return Sight(((),) * len(output), lost, lost)  # type: ignore[arg-type]
    if all(type(entry) is Same and entry.dim == i for i, entry in enumerate(reading)) and len(reading) == len(sight.dims):
        return sight
    axes: list[Axis] = ["whole" if isinstance(a, Field) else a for a in sight.axes]
    least: list[Axis] = ["whole" if isinstance(a, Field) else a for a in sight.least]
    dims: list[tuple[int, ...]] = []
    for entry in reading:
        if isinstance(entry, New):
            dims.append(())
            continue
        carried = tuple(a for d in entry.dims for a in sight.dims[d]) if isinstance(entry, Raster) else sight.dims[entry.dim]
        dims.append(carried)
        for axis in carried:
            if isinstance(entry, Taps) and len(carried) > 1:
                axes[axis] = least[axis] = "unknown"  # a window over rows laid end to end
                continue
            apply = entry if isinstance(entry, Taps) else None
            axes[axis] = _apply(sight.axes[axis], apply)
            least[axis] = axes[axis] if sight.least[axis] is sight.axes[axis] else _apply(sight.least[axis], apply)
    return Sight(tuple(dims), (axes[0], axes[1]), (least[0], least[1]))


def _apply(field: Axis, window: Taps | None) -> Axis:
    """The field of units that read `window` of units with this field."""
    if window is None or not isinstance(field, Field):
        return field
    if len(field.phases) == 1 and len(window.taps) == 1 and window.taps[0] and field.phases[0]:
        (lo, hi), (first, last) = field.phases[0], window.taps[0]
        return Field(((lo + first * field.step, hi + last * field.step),), field.step * window.step, field.aligned)
    period = len(field.phases)
    turns = period // gcd(period, window.step)  # of the window's own period, until the field's phases come round
    if turns * len(window.taps) > MAX_PERIOD:
        return "unknown"
    phases: list[tuple[int, int] | None] = []
    for turn in range(turns):
        for tap in window.taps:
            units = range(tap[0] + turn * window.step, tap[1] + turn * window.step + 1, window.every) if tap else ()
            seen = [s for u in units if (s := field.of(u))]
            phases.append((min(s[0] for s in seen), max(s[1] for s in seen)) if seen else None)
    return _reduced(Field(tuple(phases), field.step * (turns * window.step) // period, field.aligned))


def _reduced(field: Field) -> Field:
    """The same field with the shortest period."""
    count = len(field.phases)
    for period in range(1, count):
        if count % period or field.step * period % count:
            continue
        step = field.step * period // count
        short = Field(field.phases[:period], step, field.aligned)
        if all(short.of(i) == field.phases[i] for i in range(period, count)):
            return short
    return field


def _union(fields: list[Axis]) -> Axis:
    first = fields[0]
    if all(f is first or f == first for f in fields[1:]):
        return first
    fields = [f for f in fields if f != "nothing"]
    if "unknown" in fields:
        return "unknown"
    if "whole" in fields:
        return "whole"
    local = [f for f in fields if isinstance(f, Field)]
    if len({f.jump for f in local}) > 1:
        return "unknown"
    period = lcm(*(len(f.phases) for f in local))
    if period > MAX_PERIOD:
        return "unknown"
    phases = []
    centres = [0] * len(local)  # twice their sum over a period: unit by unit the grids of upsampled branches may lie to either side
    for unit in range(period):
        spans = [f.of(unit) for f in local]
        seen = [s for s in spans if s]
        phases.append((min(s[0] for s in seen), max(s[1] for s in seen)) if seen else None)
        if len(seen) == len(local):
            centres = [c + s[0] + s[1] for c, s in zip(centres, seen, strict=True)]
    return Field(tuple(phases), local[0].step * (period // len(local[0].phases)), all(f.aligned for f in local) and len(set(centres)) == 1)


def _least(fields: Iterable[Axis]) -> Axis:
    """The smallest of the fields; one that is not known makes the answer unknown."""
    known = [f for f in fields if f != "nothing"]
    if "unknown" in known:
        return "unknown"
    local = [f for f in known if isinstance(f, Field)]
    if local:
        return min(local, key=lambda f: f.size)
    return known[0] if known else "nothing"
