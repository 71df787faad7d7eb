"""What a slide should print in place of a figure: as many digits, and its unit."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from archprof.commands.lecture.claims.document import Quantity, Stated
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.commands.lecture.deciding.decision import Decision
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import (
    Deviation,
    Instead,
    ReportedValue,
    Result,
    WrongFormula,
)
from archprof.commands.lecture.writing.wording import reported_text, result_text

MULTIPLY_ADDS = "multiply-adds"
_NUMBER = re.compile(r"[0-9][0-9,_]*(?:\.[0-9]+)?")
WITH_POOLING = "flops_lecture"  # MACs, and k*k for each pooled output
MOST_DECIMALS = 6


def should_read(statement: Stated, decision: Decision, subjects: Subjects) -> str:
    """Return what to print in place of a stated value, "" where no value is known."""
    fault, figure = decision.verdict.fault, statement.figure
    if isinstance(fault, Deviation) and figure is not None:
        return _counted(fault, figure, statement, subjects)
    if isinstance(fault, WrongFormula):
        return _like(figure, fault.result, decision.channels_last)
    if isinstance(fault, Instead) and isinstance(fault.reported, ReportedValue):
        return _like(figure, fault.reported.result, decision.channels_last)
    if isinstance(fault, Instead):
        return reported_text(fault.reported, decision.channels_last)
    return ""


def _counted(fault: Deviation, figure: PrintedFigure, statement: Stated, subjects: Subjects) -> str:
    """Return the exact value as printed; arithmetic with the name of what is counted."""
    if not fault.convention:
        return printed_like(figure, fault.exact)
    macs = _macs(statement, subjects) if fault.convention == WITH_POOLING else None
    if macs is not None:
        with_pooling = _mantissa(figure, fault.exact)
        return f"{_of_unit(figure, macs, MULTIPLY_ADDS)} ({with_pooling} with pooling)"
    unit = MULTIPLY_ADDS if fault.convention == "macs" else ARITHMETIC[fault.convention]
    return _of_unit(figure, fault.exact, unit)


def _macs(statement: Stated, subjects: Subjects) -> Fraction | None:
    if not isinstance(statement.of, Quantity):
        return None
    value = evaluate(subjects, statement.of._replace(name="macs"))
    return None if value is None or isinstance(value, tuple) else Fraction(value)


def _of_unit(figure: PrintedFigure, value: Fraction, unit: str) -> str:
    """Return a value with the figure's prefix and another unit: 481 M multiply-adds."""
    text = printed_like(figure, value)
    return f"{text.removesuffix(figure.unit).rstrip() if figure.unit else text} {unit}"


def _like(figure: PrintedFigure | None, value: Result, channels_last: bool) -> str:
    if figure is None or isinstance(value, tuple):
        return result_text(value, "", channels_last)
    return printed_like(figure, Fraction(value))


def printed_like(figure: PrintedFigure, value: Fraction) -> str:
    """Return a value with as many digits as a figure is printed with, before the same words.

    24M and 28,701,160 give 29M; digits before the point are never rounded away.
    """
    place = _NUMBER.search(figure.text)
    if place is None:
        return result_text(value)
    return figure.text[: place.start()] + _mantissa(figure, value) + figure.text[place.end() :]


def _mantissa(figure: PrintedFigure, value: Fraction) -> str:
    place = _NUMBER.search(figure.text)
    if place is None:
        return result_text(value)
    number = Fraction(re.sub("[,_]", "", place[0]))
    scaled = value * number / figure.value if figure.value else value
    if not figure.step:
        return result_text(scaled)
    digits = _magnitude(abs(figure.value / figure.step)) + 1
    decimals = min(max(digits - 1 - _magnitude(abs(scaled)), 0), MOST_DECIMALS)
    return f"{float(scaled):,.{decimals}f}" if "," in place[0] else f"{float(scaled):.{decimals}f}"


def _magnitude(value: Fraction) -> int:
    """Return the power of ten of a number's first digit, 0 of 0."""
    return math.floor(math.log10(value)) if value else 0
