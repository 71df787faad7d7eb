"""In which line a place is: the end of a line belongs to it, an empty line is one."""

from __future__ import annotations

from archprof.commands.lecture.texts.line_numbers import LineNumbers


def test_places() -> None:
    lines = LineNumbers("ab\n\nc\n")
    assert [lines.of(place) for place in range(7)] == [1, 1, 1, 2, 3, 3, 4]
    assert LineNumbers("").of(0) == 1
