"""Symbols as corners, coordinates as text."""

from __future__ import annotations

import math

import pytest

from archprof.draw.outlines import distinct, number, outline
from archprof.draw.shapes import Symbol


@pytest.mark.parametrize("form", ["square", "diamond", "up", "down", "cross", "bar"])
def test_symbols_weigh_about_as_much_as_a_circle(form: str) -> None:
    corners = outline(Symbol(form, 0, 0, 1, "dot"))  # type: ignore[arg-type]
    pairs = zip(corners, (*corners[1:], corners[0]), strict=True)
    area = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2
    assert 0.65 * math.pi < area < 1.15 * math.pi


def test_numbers() -> None:
    assert [number(v) for v in (1.0, 1.234, 1.2, -0.001, 0, 10, 100.5)] == [
        "1",
        "1.23",
        "1.2",
        "0",
        "0",
        "10",
        "100.5",
    ]


def test_points_that_fall_together_are_one() -> None:
    assert distinct(((0, 0), (0, 0.1), (5, 0), (5, 0.2))) == [(0, 0), (5, 0)]
