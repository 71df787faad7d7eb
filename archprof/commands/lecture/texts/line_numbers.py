"""In which line of a text a place is."""

from __future__ import annotations

import re
from bisect import bisect_right


class LineNumbers:
    """The lines of a text, each of which begins behind the end of the one before."""

    def __init__(self, text: str):
        self._ends = [found.end() for found in re.finditer("\n", text)]

    def of(self, place: int) -> int:
        """Return the line of a place, from 1."""
        return bisect_right(self._ends, place) + 1
