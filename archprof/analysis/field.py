"""What the units along one axis see of that axis of the input, in pixels.

Definition. A tensor has the units 0 … n - 1 along an axis. What a unit sees is the interval from
the first to the last pixel that the units it reads see. It reads units that its layer's input has,
and padding, where the layer pads; what an upsampling, a transposed convolution or a ceil-mode
window would read beyond that is not there. A unit of padding sees the pixels that the next unit
would see if the pattern of the tensor's units went on, so that padding counts like pixels: for
convolutions and pooling this is the closed form size += (k - 1)·jump, jump *= stride, start -=
padding·jump (Araujo, Norris, Sim 2019, https://distill.pub/2019/computing-receptive-fields). The
pattern repeats after a number of units: 1 for convolutions and pooling, more behind an upsampling
or an adaptive pooling. Where a tensor has no more units than that, nothing of it repeats; then it
goes on at the mean jump of the units there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd
from typing import TYPE_CHECKING, Literal, NamedTuple

from archprof.column import single
from archprof.ops.reading import Taps

if TYPE_CHECKING:
    from fractions import Fraction

MAX_PERIOD = 10_000
MAX_WORK = 1_000_000
"""Units looked at for one layer's field; a field that takes more is unknown."""

Span = tuple[int, int]
Seen = tuple[Span | None, ...]  # by unit; one that sees nothing is None


class Field(NamedTuple):
    """What each of a tensor's units sees along one axis, from first to last pixel.

    Unit q·P + r sees `phases[r]` + q·`step` (P phases), but the first and the last ones see `head`
    and `tail` where an edge leaves them less. `repeats`: the tensor has more units than phases, so
    that a longer input would go on like this. `aligned`: all merged branches were centred on the
    same pixel.
    """

    units: int
    phases: Seen = ((0, 0),)
    step: int = 1
    aligned: bool = True
    head: Seen = ()
    tail: Seen = ()
    repeats: bool = True

    def of(self, unit: int) -> Span | None:
        """Return the first and last pixel that `unit` sees, or would see in the padding; they
        may lie outside the input.
        """
        if 0 <= unit < len(self.head):
            return self.head[unit]
        if self.units - len(self.tail) <= unit < self.units:
            return self.tail[unit - self.units]
        return self.pattern(unit)

    def pattern(self, unit: int) -> Span | None:
        """Return what `unit` sees far from the edges."""
        turns, phase = divmod(unit, len(self.phases))
        seen = self.phases[phase]
        if seen is None:
            return None
        first, last = seen
        return first + turns * self.step, last + turns * self.step

    @property
    def size(self) -> int:
        """The pixels that the widest of the tensor's units sees, padding included."""
        return max((last - first + 1 for first, last in self._distinct()), default=0)

    @property
    def jump(self) -> int | Fraction:
        """The mean distance from one unit's first pixel to the next one's, over a period or, where
        nothing repeats, over all units.

        For convolutions and pooling this is the product of the strides. A single unit has the jump
        that its pattern would have.
        """
        seeing = (
            []
            if self.units > len(self.phases)
            else [(unit, seen[0]) for unit in range(self.units) if (seen := self.of(unit))]
        )
        return _mean_jump(seeing) if len(seeing) > 1 else ratio(self.step, len(self.phases))

    @property
    def start(self) -> int:
        """The first pixel of the first unit's field, negative where it begins in the padding."""
        seen = self.of(0)
        return seen[0] if seen else 0

    def _distinct(self) -> Iterable[Span]:
        """Return what the units see, each phase once."""
        first = len(self.head)
        count = min(len(self.phases), self.units - len(self.tail) - first)
        between = range(first, first + count)
        return filter(None, (*self.head, *self.tail, *map(self.pattern, between)))


Axis = Field | Literal["whole", "nothing", "unknown"]
"""`whole`: sees all of the axis; `nothing`: does not depend on the input; `unknown`: no regular
answer.
"""


def _mean_jump(seeing: Sequence[tuple[int, int]]) -> int | Fraction:
    """Return the pixels per unit from the first to the last (unit, first pixel), at least 0."""
    (unit, pixel), (last_unit, last_pixel) = seeing[0], seeing[-1]
    return ratio(max(0, last_pixel - pixel), last_unit - unit)


def ratio(part: int, whole: int) -> int | Fraction:
    """Return the exact ratio, a whole number as an int."""
    quotient, rest = divmod(part, whole)
    if not rest:
        return quotient
    from fractions import Fraction  # whose import takes time, and which most networks need not

    return Fraction(single(part), single(whole))


def hull(spans: Iterable[Span | None]) -> Span | None:
    """Return from the first to the last pixel of all of these; None where they see nothing."""
    seen = [span for span in spans if span]
    return (min(first for first, _ in seen), max(last for _, last in seen)) if seen else None


# --- windows ---


def through(field: Field, window: Taps, units: int, most_work: int = MAX_WORK) -> Axis:
    """Return the field of `units` units that read `window` of units with this field."""
    if _plain(field, window, units):
        ((first, last),), ((low, high),) = field.phases, window.taps  # type: ignore[misc]
        return Field(
            units,
            ((first + low * field.step, last + high * field.step),),
            field.step * window.step,
            field.aligned,
            repeats=field.repeats,
        )
    period = len(field.phases)
    # of the window's own period, until the field's phases come round
    turns = period // gcd(period, window.step)
    count = turns * len(window.taps)
    comes_round = count <= MAX_PERIOD
    if not comes_round:
        count = units
    reads = 1 + max(_length(_read(window, unit)) for unit in range(len(window.taps)))
    heads, tails = _edges(field, window, units)
    if (
        max(count, heads + tails) > MAX_PERIOD
        or count * min(reads, 2 * period) + (heads + tails) * reads > most_work
    ):
        return "unknown"
    phases = tuple(_regular(field, _read(window, unit)) for unit in range(count))
    found = Field(
        units,
        phases,
        field.step * window.step * count // (period * len(window.taps)),
        field.aligned,
        repeats=field.repeats,
    )
    head = tuple(_at_edge(field, window, unit) for unit in range(heads))
    tail = tuple(_at_edge(field, window, unit) for unit in range(units - tails, units))
    return settled(trimmed(reduced(found) if comes_round else found, head, tail))


def _plain(field: Field, window: Taps, units: int) -> bool:
    """Return whether one interval and a step say it all: the closed form."""
    if (
        len(field.phases) > 1
        or len(window.taps) > 1
        or field.head
        or field.tail
        or not field.phases[0]
        or not window.taps[0]
    ):
        return False
    if window.padding is None:
        return True
    first, last = window.taps[0]
    starts_inside = first >= -window.padding
    ends_inside = last + (units - 1) * window.step < field.units + window.padding
    return starts_inside and ends_inside


def _read(window: Taps, unit: int) -> range:
    """Return the units that output `unit` would read on an endless axis."""
    turns, phase = divmod(unit, len(window.taps))
    tap = window.taps[phase]
    return (
        range(tap[0] + turns * window.step, tap[1] + turns * window.step + 1, window.every)
        if tap
        else range(0)
    )


def _length(read: range) -> int:
    """Return how many there are, also where that is more than `len` can count."""
    return max(0, -(-(read.stop - read.start) // read.step))


def _regular(field: Field, read: range) -> Span | None:
    """Return what a window over these units sees far from the edges: of a long one the first and
    the last period tell.
    """
    period = len(field.phases)
    telling = (*read[:period], *read[-period:]) if _length(read) > 2 * period else read
    return hull(map(field.pattern, telling))


def _edges(field: Field, window: Taps, units: int) -> tuple[int, int]:
    """Return how many of the first and of the last units may see something else than the
    pattern.
    """
    padding, phases = window.padding, len(window.taps)
    heads, tails_from = 0, units
    for phase, tap in enumerate(window.taps):
        if not tap:
            continue
        if field.head or padding is not None:
            below = len(field.head) if field.head else -(padding or 0)
            turns = -(-(below - tap[0]) // window.step)  # whose window begins before
            heads = max(heads, (turns - 1) * phases + phase + 1 if turns > 0 else 0)
        if field.tail or padding is not None:
            above = field.units - len(field.tail) if field.tail else field.units + (padding or 0)
            turns = max(0, -(-(above - tap[1]) // window.step))  # whose window ends there or later
            tails_from = min(tails_from, turns * phases + phase)
    heads = min(heads, units)
    return heads, units - max(heads, tails_from)


def _at_edge(field: Field, window: Taps, unit: int) -> Span | None:
    """Return what an output sees of the units and the padding that are there."""
    padding = window.padding
    return hull(
        field.of(i)
        for i in _read(window, unit)
        if padding is None or -padding <= i < field.units + padding
    )


# --- what a field is after it was made ---


def reduced(field: Field) -> Field:
    """Return the same pattern with the shortest period."""
    count = len(field.phases)
    for period in range(1, count):
        if count % period or field.step * period % count:
            continue
        short = field._replace(phases=field.phases[:period], step=field.step * period // count)
        if all(short.pattern(unit) == field.phases[unit] for unit in range(period, count)):
            return short
    return field


def trimmed(field: Field, head: Seen, tail: Seen) -> Field:
    """Return the field with these edges, as far as they differ from the pattern."""
    ahead, behind = len(head), len(tail)
    while ahead and head[ahead - 1] == field.pattern(ahead - 1):
        ahead -= 1
    while behind and tail[-behind] == field.pattern(field.units - behind):
        behind -= 1
    return field._replace(head=head[:ahead], tail=tail[len(tail) - behind :])


def settled(field: Field) -> Field:
    """Return the field; with no more units than phases, of its units alone, which go on at their
    mean jump, rounded down.
    """
    period = len(field.phases)
    if period == 1 or field.units > period:
        return field
    seen = tuple(map(field.of, range(field.units)))
    seeing = [(unit, span[0]) for unit, span in enumerate(seen) if span]
    jump = _mean_jump(seeing) if len(seeing) > 1 else ratio(field.step, period)
    return reduced(
        field._replace(phases=seen, step=int(jump * field.units), head=(), tail=(), repeats=False)
    )
