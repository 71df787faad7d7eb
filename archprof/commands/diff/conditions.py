"""Conditions on a difference: `macs>+5%`, `params>25M`, `field<-10`."""

from __future__ import annotations

import operator
import re
from fractions import Fraction
from typing import NamedTuple

from archprof.analysis.totals import Totals
from archprof.language.budget import COUNTS, SIZES
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
"""What a condition may speak of, and the total it means; a total's own name, as in `expect:`, is
understood too.
"""

SIZED = frozenset({"weights", "outputs", "peak", "saved", "training", "moved"})  # in bytes

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

    `relative`: the change is compared, with a `percent` of the old value or as it is; else the new
    value.
    """

    text: str
    quantity: str
    comparison: str
    amount: Fraction
    relative: bool
    percent: bool

    def met(self, old: Totals | None, new: Totals | None) -> bool | None:
        """Whether it holds of a network; None where it cannot be told: no network to compare
        with, no field of a size.
        """
        before, after = (
            None if totals is None else value(totals, self.quantity) for totals in (old, new)
        )
        compare = COMPARISONS[self.comparison]
        if after is None:
            return None
        if not self.relative:
            return bool(compare(after, self.amount))
        if before is None:
            return None
        change = after - before
        return bool(
            compare(100 * change, self.amount * before)
            if self.percent
            else compare(change, self.amount)
        )


def value(totals: Totals, quantity: str) -> int | None:
    """Return a total by the name a condition gives it; of a receptive field the smaller side,
    None where it is everything.
    """
    if quantity == "field" and totals.extent.sees == "all":
        return None
    found: int | tuple[int, int] | None = getattr(totals, QUANTITIES[quantity])
    return min(found) if isinstance(found, tuple) else found


def parse_condition(text: str, option: str = "--fail-on") -> Condition:
    """`QUANTITY COMPARISON AMOUNT`: a signed amount or a percentage speaks of the change, a
    plain one of the new value. Raises ProblemError.
    """

    def refuse(message: str, hint: str = _EXAMPLE) -> ProblemError:
        return ProblemError([Problem(Mark(option), "condition", message, hint)])

    found = _CONDITION.match(text[:200])
    if not found:
        raise refuse(
            f"{shown(text)} is no condition, expected a quantity, a comparison and an amount"
        )
    word, comparison, sign, digits, unit = found.groups()
    quantity = next(
        (name for name, total in QUANTITIES.items() if word.lower() in (name, total)), None
    )
    if quantity is None:
        raise refuse(f"there is no quantity `{word}`", nearest(word, QUANTITIES, "quantities"))
    if comparison not in COMPARISONS:
        raise refuse(
            f"{shown(text)} compares by {shown(comparison)}, expected one of"
            f" {' '.join(COMPARISONS)}"
            if comparison
            else f"{shown(text)} has no comparison, expected one of {' '.join(COMPARISONS)}"
        )
    if digits is None:
        raise refuse(
            f"{shown(text)} compares with {shown(unit) if unit else 'nothing'}, expected a number"
        )
    factors = {"": 1} if quantity in ("depth", "field") else SIZES if quantity in SIZED else COUNTS
    percent = unit == "%"
    if not percent and unit not in factors:
        known = ", ".join(filter(None, factors))
        raise refuse(
            f"{quantity} is not counted in {shown(unit)}",
            f"known: {known}, %" if known else "a plain number, or %",
        )
    amount = (
        Fraction(digits.replace("_", ""))
        * (1 if percent else factors[unit])
        * (-1 if sign == "-" else 1)
    )
    return Condition(text.strip(), quantity, comparison, amount, bool(sign) or percent, percent)
