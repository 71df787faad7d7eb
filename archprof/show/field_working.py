"""The working of a layer's receptive field: size, jump and start, along each axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archprof import units
from archprof.analysis.field import Axis, Field, Span
from archprof.analysis.receptive import Sight
from archprof.graph.graph import Node
from archprof.ops.axes import names
from archprof.ops.reading import Reading, Taps

MEANING = {
    "whole": "everything along this axis",
    "nothing": "nothing: it does not depend on the input",
    "unknown": "not known: no regular answer",
}
PADDINGS = ("pad", "pad_same")
"""Ops that have no window of their own: `pad_same` names the kernel and stride of the layer
behind it.
"""


class Step(NamedTuple):
    """One quantity: its formula, the formula with numbers, the result; any but the result may be
    empty.
    """

    quantity: str
    formula: str
    numbers: str
    result: str


def field_steps(node: Node, inputs: Sequence[Sight], sight: Sight) -> list[Step]:
    """Return the steps along each axis; one set where the axes agree.

    `inputs` are what the node's inputs see, in order.
    """
    along = [
        _steps(
            node,
            _window(node, axis, inputs),
            [before.axes[axis] for before in inputs],
            sight.axes[axis],
        )
        for axis in range(len(sight.axes))
    ]
    if all(steps == along[0] for steps in along):
        return [step._replace(quantity=f"field {step.quantity}") for step in along[0]]
    return [
        step._replace(quantity=f"field {step.quantity}, {name}")
        for name, part in zip(names(len(along)), along, strict=True)
        for step in part
    ]


def _window(node: Node, axis: int, inputs: Sequence[Sight]) -> Taps | None:
    """Return the window along this axis of an op with one input."""
    reading: Reading | None = node.facts.reads[0] if len(inputs) == 1 else None
    return next(
        (
            entry
            for entry in reading or ()
            if isinstance(entry, Taps) and axis in inputs[0].dims[entry.dim]
        ),
        None,
    )


def _steps(node: Node, window: Taps | None, before: Sequence[Axis], field: Axis) -> list[Step]:
    if not isinstance(field, Field):
        return [Step("size", "", "", MEANING[field])]
    if len(before) > 1:
        return [_union_size(before, field), _jump(field), _start(field)]
    source = before[0] if before else None
    if window is None or not isinstance(source, Field):
        return [Step("size", "as its input", "", str(field.size)), _jump(field), _start(field)]
    if _is_one_span(field) and _is_one_span(source) and len(window.taps) == 1:
        return (
            _padded(window, source, field)
            if node.kind in PADDINGS
            else _closed_form(window, source, field)
        )
    return [_widest(window, field), _jump(field), _start(field)]


def _is_one_span(field: Field) -> bool:
    """Return whether all units see alike, each one jump further."""
    return (
        len(field.phases) == 1 and field.phases[0] is not None and not field.head and not field.tail
    )


def _tap(window: Taps, phase: int) -> tuple[int, int]:
    """Return the first and the last index that outputs of this phase read, 0 where none is."""
    tap = window.taps[phase]
    return (0, 0) if tap is None else tap


def _closed_form(window: Taps, before: Field, field: Field) -> list[Step]:
    """Return Araujo, Norris and Sim's formulas,
    https://distill.pub/2019/computing-receptive-fields.
    """
    first, last = _tap(window, 0)
    kernel = (last - first) // window.every + 1
    formula, dilated = (
        ("size + (K - 1) * D * jump", f" * {window.every}")
        if window.every > 1
        else ("size + (K - 1) * jump", "")
    )
    return [
        Step(
            "size",
            formula,
            f"{before.size} + ({kernel} - 1){dilated} * {before.step}",
            str(field.size),
        ),
        Step("jump", "jump * S", f"{before.step} * {window.step}", str(field.step)),
        Step(
            "start",
            "start - P * jump",
            f"{before.start} - {_signed(-first)} * {before.step}",
            str(field.start),
        ),
    ]


def _padded(window: Taps, before: Field, field: Field) -> list[Step]:
    """Return the steps of a layer that only pads: size and jump are its input's, the start moves
    by what is put before the pixels.
    """
    first, _ = _tap(window, 0)
    return [
        Step("size", "as its input", "", str(field.size)),
        Step("jump", "as its input", "", str(field.step)),
        Step(
            "start",
            "start - padding before * jump",
            f"{before.start} - {_signed(-first)} * {before.step}",
            str(field.start),
        ),
    ]


def _widest(window: Taps, field: Field) -> Step:
    """Return the size as that of the first of the widest units."""
    unit, span = _widest_unit(field)
    if span is None:
        return Step("size", "no unit sees anything", "", "0")
    turns, phase = divmod(unit, len(window.taps))
    first, last = _tap(window, phase)
    low, high = first + turns * window.step, last + turns * window.step
    reads = f"{low}" if low == high else f"{low} to {high}"
    return Step(
        "size",
        f"last - first pixel + 1 of unit {unit}, which reads {reads}",
        f"{span[1]} - {_signed(span[0])} + 1",
        str(field.size),
    )


def _union_size(before: Sequence[Axis], field: Field) -> Step:
    """Return the size as the span over all inputs, of the first of the widest units."""
    unit, span = _widest_unit(field)
    seen = dict.fromkeys(
        reach for axis in before if isinstance(axis, Field) and (reach := axis.of(unit))
    )
    if span is None or len(seen) < 2:
        return Step("size", "the union of its inputs", "", str(field.size))
    last, first = (", ".join(str(reach[end]) for reach in seen) for end in (1, 0))
    return Step(
        "size",
        f"the union of its inputs, at unit {unit}",
        f"max({last}) - min({first}) + 1",
        str(field.size),
    )


def _widest_unit(field: Field) -> tuple[int, Span | None]:
    ahead = len(field.head)
    candidates = [
        *range(ahead + len(field.phases)),
        *range(field.units - len(field.tail), field.units),
    ]
    seen = [(unit, span) for unit in candidates if unit < field.units and (span := field.of(unit))]
    return max(seen, key=lambda pair: pair[1][1] - pair[1][0], default=(0, None))


def _jump(field: Field) -> Step:
    period = len(field.phases)
    if field.units > period > 1:
        return Step(
            "jump",
            "pixels from one period to the next / units in it",
            f"{field.step}/{period}",
            units.fraction(field.jump),
        )
    seeing = (
        [(unit, span[0]) for unit in range(field.units) if (span := field.of(unit))]
        if period > 1
        else []
    )
    if len(seeing) < 2:
        return Step("jump", "", "", units.fraction(field.jump))
    (unit, first), (last_unit, last) = seeing[0], seeing[-1]
    return Step(
        "jump",
        f"first pixel of unit {last_unit} - of unit {unit}, per unit",
        f"({last} - {_signed(first)})/{last_unit - unit}",
        units.fraction(field.jump),
    )


def _start(field: Field) -> Step:
    return Step("start", "", "", str(field.start))


def _signed(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"
