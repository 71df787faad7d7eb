"""Scales, ticks and texts of charts."""

from __future__ import annotations

import pytest

from archprof.draw.canvas import (
    CANVASES,
    LinearScale,
    LogScale,
    broken,
    even_steps,
    log_scale,
    power,
    short,
)


def test_scales() -> None:
    assert LinearScale(0, 10, 100, 200)(5) == 150
    assert LinearScale(3, 3, 100, 200)(3) == 100
    assert LogScale(1, 100, 0, 200)(10) == pytest.approx(100)
    assert LogScale(1, 100, 0, 200)(0) == 0


def test_powers_and_round_values() -> None:
    assert LogScale(0.5, 2000, 0, 1).powers() == [1, 10, 100, 1000]
    assert LogScale(3, 30, 0, 1).round_values() == [5, 10, 20]
    assert len(LogScale(1, 1e30, 0, 1).powers()) <= 9


def test_values_close_together_have_a_decade() -> None:
    scale = log_scale([5.0, 5.0], 0, 1)
    assert scale.high / scale.low == pytest.approx(10)


@pytest.mark.parametrize(
    ("highest", "base", "steps"),
    [
        (100, 10, [0, 50, 100]),
        (427, 10, [0, 200, 400]),
        (1000, 10, [0, 500, 1000]),
        (0.9, 10, [0, 0.5]),
        (0, 10, [0]),
        (4096, 1024, [0, 1024, 2048, 3072, 4096]),
        (10 * 2**20, 1024, [0, 4 * 2**20, 8 * 2**20]),
    ],
)
def test_even_steps(highest: float, base: int, steps: list[float]) -> None:
    assert even_steps(highest, 4, base) == pytest.approx(steps)


def test_texts() -> None:
    assert [short("1.00 M"), short("1.50 M"), short("100 M"), short("7")] == [
        "1 M",
        "1.5 M",
        "100 M",
        "7",
    ]
    assert [power(0.1), power(1), power(1e6)] == ["0.1", "1", "1 M"]


def test_long_texts_are_broken_at_spaces() -> None:
    """An a is 613 thousandths in DejaVu Sans; with 2 % in reserve three are 18.8 at 10."""
    assert broken("aaa aaa aaa", 10, 20) == ["aaa", "aaa", "aaa"]
    assert broken("aaa aaa aaa", 10, 45) == ["aaa aaa", "aaa"]
    assert broken("aaa aaa aaa", 10, 20, most=2) == ["aaa", "aaa aaa"]


def test_no_text_of_print_is_under_seven_points() -> None:
    """7 points are 7 * 96 / 72 = 9.33 pixels."""
    assert CANVASES["column"].text * 0.96 >= 9.2
    assert CANVASES["column"].smallest >= 7 * 96 / 72
