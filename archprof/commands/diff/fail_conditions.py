"""The conditions of --fail-on: `macs>+5%`, `params>25M`, `field<-10`."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from archprof.analysis.analysis import Analysis
from archprof.analysis.totals import Totals
from archprof.language.budget import COUNTS, SIZES, USUAL_SIZES, unit_factor
from archprof.ops.base import shown
from archprof.problem import Mark, Problem, ProblemError, nearest

QUANTITIES = {
    "params": "params",
    "buffers": "buffers",
    "macs": "macs",
    "flops": "flops",
    "depth": "depth",
    "field": "receptive_field",
    "weights": "weight_bytes",
    "outputs": "sum_outputs_bytes",
    "peak": "peak_inference_bytes",
    "saved": "saved_bytes",
    "training": "training_bytes",
    "moved": "bytes_moved",
}
"""The quantities of conditions, each with its total.

A total's own name, as in `expect:`, is understood too.
"""

OF_STEP = {"training_peak": "training_peak_bytes", "step_flops": "step_flops"}
"""Those of a step of training, which is simulated where they are asked about."""

SIZED = frozenset(
    {"weights", "outputs", "peak", "saved", "training", "moved", "training_peak"}
)  # in bytes

Numbers = Totals | Analysis
"""What a quantity is looked up in: the totals, or for one of a step the whole analysis."""

COMPARISONS = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "!=": operator.ne,
}

_CONDITION = re.compile(
    r"\s*([A-Za-z]\w*)\s*([<>=!]*)\s*([+-]?)\s*([0-9][0-9_]*(?:\.[0-9]+)?)?\s*(\S*)\s*\Z"
)
_EXAMPLE = "for instance 'macs>+5%', 'params>25M', 'peak>+10MiB' or 'field<-16'"


class Condition(NamedTuple):
    """A quantity compared with an amount.

    If `relative`, the change is compared, with `percent` as a share of the old value; otherwise the
    new value.
    """

    text: str
    quantity: str
    comparison: str
    amount: Fraction
    relative: bool
    percent: bool

    def met(self, old: Numbers | None, new: Numbers | None) -> bool | None:
        """Return whether a network meets it.

        The result is None where there is no network to compare with, or no field with a size.
        """
        before, after = (
            None if side is None else value(side, self.quantity) for side in (old, new)
        )
        compare = COMPARISONS[self.comparison]
        if after is None:
            return None
        if not self.relative:
            return bool(compare(after, self.amount))
        if before is None:
            return None
        change = after - before
        if self.percent:
            return bool(compare(100 * change, self.amount * before))
        return bool(compare(change, self.amount))


def numbers(analysis: Analysis, quantity: str) -> Numbers:
    """Return what a quantity is looked up in. Raises ProblemError where it is not known."""
    if quantity in OF_STEP:
        analysis.known_total(OF_STEP[quantity])
        return analysis
    return analysis.known_totals


def value(of: Numbers, quantity: str) -> int | None:
    """Return a number by the name that a condition gives it.

    Of a receptive field it is the smaller side, None where the network sees everything.
    """
    if quantity == "field" and isinstance(of, Totals) and of.extent.sees == "all":
        return None
    found: int | tuple[int, ...] | None = getattr(of, {**QUANTITIES, **OF_STEP}[quantity])
    return min(found) if isinstance(found, tuple) else found


def parse_condition(text: str, option: str = "--fail-on") -> Condition:
    """Return the condition `QUANTITY COMPARISON AMOUNT`. Raises ProblemError.

    A signed amount or a percentage is compared with the change, a plain one with the new value.
    """

    def refuse(message: str, hint: str = _EXAMPLE) -> ProblemError:
        return ProblemError([Problem(Mark(option), "condition", message, hint)])

    found = _CONDITION.match(text[:200])
    if not found:
        raise refuse(
            f"{shown(text)} is not a condition, expected a quantity, a comparison and an amount"
        )
    word, comparison, sign, digits, unit = found.groups()
    known = {**QUANTITIES, **OF_STEP}
    names = [name for name, total in known.items() if word.lower() in (name, total)]
    if not names:
        raise refuse(f"there is no quantity `{word}`", nearest(word, known, "quantities"))
    quantity = names[0]
    if comparison not in COMPARISONS:
        wrong = f"compares by {shown(comparison)}" if comparison else "has no comparison"
        raise refuse(f"{shown(text)} {wrong}, expected one of {' '.join(COMPARISONS)}")
    if digits is None:
        other = shown(unit) if unit else "nothing"
        raise refuse(f"{shown(text)} compares with {other}, expected a number")
    percent = unit == "%"
    factors = _factors(quantity)
    factor = 1 if percent else unit_factor(factors, unit)
    if factor is None:
        suffixes = USUAL_SIZES if factors is SIZES else ", ".join(filter(None, factors))
        raise refuse(
            f"{quantity} is not counted in {shown(unit)}",
            f"known: {suffixes}, %" if suffixes else "a plain number, or %",
        )
    amount = Fraction(digits.replace("_", "")) * factor
    if sign == "-":
        amount = -amount
    return Condition(text.strip(), quantity, comparison, amount, bool(sign) or percent, percent)


def _factors(quantity: str) -> Mapping[str, int]:
    """Return the units of a quantity, each with its factor."""
    if quantity in ("depth", "field"):
        return {"": 1}
    return SIZES if quantity in SIZED else COUNTS
