"""A range as a lecture prints it: `130-140M`, `8 to 9 times`, `>100M`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure

ABOVE = {">": True, ">=": False, "≥": False, "more than ": True, "over ": True, "at least ": False}
BELOW = {
    "<": True,
    "<=": False,
    "≤": False,
    "less than ": True,
    "under ": True,
    "at most ": False,
    "up to ": False,
}
"""What stands before the only end, and whether a value must not be that end itself."""
DASHES = (" to ", "-", "–", "—")
"""What stands between the two ends of a range."""


class PrintedRange(NamedTuple):
    """A range as printed, `130-140M` or `>100M`: its ends, of which one may be missing.

    `open` says that a value must not be the end itself.
    """

    text: str
    low: PrintedFigure | None
    high: PrintedFigure | None
    open: bool = False

    @property
    def unit(self) -> str:
        """The unit of its ends."""
        return next(end.unit for end in (self.high, self.low) if end is not None)

    def exactly(self, value: Fraction) -> bool:
        """Return whether `value` is between the printed ends."""
        if self.open and value in (end.value for end in (self.low, self.high) if end is not None):
            return False
        above = self.low is None or self.low.value <= value
        return above and (self.high is None or value <= self.high.value)

    def rounds(self, value: Fraction) -> bool:
        """Return whether `value` is between the ends or rounds to one of them."""
        ends = [end for end in (self.low, self.high) if end is not None]
        return self.exactly(value) or (not self.open and any(end.rounds(value) for end in ends))


def parse_range(text: object) -> PrintedRange | None:
    """Return `130-140M`, `8 to 9 times`, `>100M` or `at most 5%` as a range; None for other text.

    The first end has the unit of the second where it has none.
    """
    if not isinstance(text, str):
        return None
    text = text.strip()
    for word in sorted((*ABOVE, *BELOW), key=len, reverse=True):
        if text.startswith(word):
            return _bounded(text, word)
    for dash in DASHES:
        first, found, second = text.partition(dash)
        high = parse_figure(second) if found else None
        if high is None:
            continue
        unit = re.sub(r".*[0-9]", "", high.text.partition(" / ")[0])
        low = parse_figure(first if re.search(r"[A-Za-z%]\Z", first.strip()) else first + unit)
        if low is not None and low.value < high.value:
            return PrintedRange(text, low, high)
    return None


def _bounded(text: str, word: str) -> PrintedRange | None:
    """Return a range with one end, behind the word before it."""
    end = parse_figure(text.removeprefix(word))
    if end is None:
        return None
    if word in ABOVE:
        return PrintedRange(text, end, None, ABOVE[word])
    return PrintedRange(text, None, end, BELOW[word])
