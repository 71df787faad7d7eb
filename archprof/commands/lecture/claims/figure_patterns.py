"""Printed figures and ranges as patterns for JSON Schema."""

from __future__ import annotations

import re

from archprof.commands.lecture.claims.figures import PATTERN, PREFIXES, UNITS
from archprof.commands.lecture.claims.ranges import ABOVE, BELOW, DASHES


def range_pattern() -> str:
    """Return the pattern of a range of figures for JSON Schema."""
    figure = figure_pattern()
    word = "|".join(map(re.escape, sorted((*ABOVE, *BELOW), key=len, reverse=True)))
    return f"^(?:(?:{word}){figure}|{figure}(?:{'|'.join(DASHES)}){figure})$"


def figure_pattern() -> str:
    """Return the pattern of a figure for JSON Schema, which knows no named groups."""
    units = "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True)))
    prefixes = "|".join(prefix for prefix in sorted(PREFIXES, key=len, reverse=True) if prefix)
    plain = (
        re.sub(r"\(\?P<\w+>", "(", PATTERN)
        .replace("[A-Za-z%]+(?: [a-z]+)?", f"(?:{prefixes})? ?(?:{units})?")
        .replace(r"\Z", "")
    )
    return f"(?:{plain})"
