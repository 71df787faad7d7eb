"""What archprof and its witnesses report of a statement, and how a stated figure differs.

Their text is made in wording.py.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Formula
from archprof.commands.lecture.claims.quantities import Number
from archprof.ops.base import Shape

Result = Number | Shape


class ReportedValue(NamedTuple):
    """A number or a shape.

    `unit` is "%", "x" or that of its quantity. `convention` is the quantity that it counts
    instead of the requested one: torch counts `macs` where a lecture states `flops`.
    """

    result: Result
    unit: str = ""
    convention: str = ""


class BlockByBlock(NamedTuple):
    """The different values of a quantity, each with the number of blocks that have it.

    `per_block` is False for a quantity of the whole selection, which has one value or None.
    """

    counts: tuple[tuple[Result | None, int], ...]
    per_block: bool


Reported = ReportedValue | BlockByBlock | str
"""What the analysis or a witness reports: values, or a sentence; "" where it reports nothing."""


class HandCalculation(NamedTuple):
    """The lecture's own formula and its result."""

    formula: Formula
    result: Fraction


class Deviation(NamedTuple):
    """How far a stated figure is from the exact one.

    `convention` is the quantity that `exact` counts where it is not the requested one.
    """

    stated: Fraction
    exact: Fraction
    convention: str = ""


class Instead(NamedTuple):
    """What is reported instead of the stated value."""

    reported: Reported


class WrongFormula(NamedTuple):
    """The lecture's own formula does not give the stated value, but this one."""

    result: Fraction


class PublishedReport(NamedTuple):
    """The published values, as their source prints them, and the source."""

    values: tuple[str, ...]
    source: str


Fault = Deviation | Instead | WrongFormula | PublishedReport | str
"""Why a verdict is not "holds": typed values, or a sentence; "" where there is no fault."""
