"""RegNet's rule of widths: against the definition in exact arithmetic, torchvision's stages, and
row by row.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, getcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archprof.column import Column, by_group, taken
from archprof.language.expression import Expression
from archprof.language.functions import ExpressionError
from archprof.language.regnet import MOST_BLOCKS, MOST_POWERS, compatible, regnet

# depth, w0, wa, wm, width of a group of RegNetX-400MF, X-8.0GF, Y-400MF, Y-3.2GF and Y-32GF, from
# pycls, configs/dds_baselines; their stages and groups as the paper's Tables 12 and 13 print them
PUBLISHED = [
    ((22, 24, 24.48, 2.54, 16), [32, 64, 160, 384], [1, 2, 7, 12], [16] * 4),
    ((23, 80, 49.56, 2.88, 120), [80, 240, 720, 1920], [2, 5, 15, 1], [80, 120, 120, 120]),
    ((16, 48, 27.89, 2.09, 8), [48, 104, 208, 440], [1, 3, 6, 6], [8] * 4),
    ((21, 80, 42.63, 2.66, 24), [72, 216, 576, 1512], [2, 5, 13, 1], [24] * 4),
    ((20, 232, 115.89, 2.53, 232), [232, 696, 1392, 3712], [2, 5, 12, 1], [232] * 4),
]


@pytest.mark.parametrize(("numbers", "widths", "depths", "groups"), PUBLISHED)
def test_published_networks(
    numbers: tuple[Any, ...], widths: list[int], depths: list[int], groups: list[int]
) -> None:
    quantised, found = regnet(*numbers[:4])
    assert found == depths
    assert compatible(quantised, numbers[4]) == [widths, groups]


PARAMETERS = st.tuples(
    st.integers(1, 40),
    st.integers(1, 40).map(lambda n: 8 * n),
    st.one_of(st.floats(0, 200), st.integers(0, 100)),
    st.one_of(st.floats(1.01, 4), st.sampled_from([1.5, 2, 2.25, 2.5, 3, 4])),
)


def by_definition(depth: int, w0: int, wa: float, wm: float) -> list[list[int]] | None:
    """Equations 2 to 4 with 50 digits; None where a number is too near to the middle of two whole
    ones for a float to show on which side it lies.
    """
    getcontext().prec = 50
    stages: dict[int, int] = {}
    for block in range(depth):
        steps = ((Decimal(w0) + Decimal(wa) * block) / w0).ln() / Decimal(wm).ln()
        units = Decimal(w0) * Decimal(wm) ** _rounded(steps) / 8
        if any(
            abs(abs(n - _rounded(n)) - Decimal("0.5")) < Decimal("1e-9") for n in (steps, units)
        ):
            return None
        width = 8 * _rounded(units)
        stages[width] = stages.get(width, 0) + 1
    return [list(stages), list(stages.values())]


def _rounded(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_HALF_EVEN))


@given(PARAMETERS)
def test_the_definition(numbers: tuple[int, int, float, float]) -> None:
    expected = by_definition(*numbers)
    assume(expected is not None)
    assert regnet(*numbers) == expected


def test_halves_are_rounded_to_even() -> None:
    """Of wm 4 the second block of 8, 16, … is exactly between the powers 0 and 1, the eighth
    (64 = 8 * 4**1.5) between 1 and 2: they go to 0 and 2. 24 * 2.5 are 7.5 times 8: eight.
    """
    assert regnet(2, 8, 8, 4) == [[8], [2]]
    assert regnet(8, 8, 8, 4)[1] == [2, 5, 1]
    assert regnet(2, 24, 36, 2.5) == [[24, 64], [1, 1]]


def table(rows: list[tuple[Any, ...]]) -> list[Column]:
    return [Column(np.array(column)) for column in zip(*rows, strict=True)]


def spread(rows: list[tuple[Any, ...]], run: Any) -> list[Any]:
    """Return what `run` gives for the columns of these rows, put back by row."""
    names = [f"{place}" for place in range(len(rows[0]))]
    found: list[Any] = [None] * len(rows)
    values = dict(zip(names, table(rows), strict=True))
    for group, result in by_group(
        lambda given: run(*(given[name] for name in names)), values, np.arange(len(rows))
    ):
        for place, row in enumerate(group):
            found[row] = taken(result, np.array([place]))
    return found


ROWS = st.lists(PARAMETERS, min_size=1, max_size=30)


@given(ROWS)
def test_columns_are_their_rows(rows: list[tuple[Any, ...]]) -> None:
    floats = [(d, w0, float(wa), float(wm)) for d, w0, wa, wm in rows]
    assert spread(floats, regnet) == [regnet(*row) for row in floats]


def test_rows_where_the_last_bit_decides() -> None:
    """Many halves of a grid: 8n * 2.5 / 8, and powers of 2.25 and 4, whose roots are exact."""
    rows = [
        (depth, 8 * n, 4.0 * n, wm)
        for depth in (7, 20)
        for n in range(1, 30)
        for wm in (2.25, 2.5, 4)
    ]
    assert spread(rows, regnet) == [regnet(*row) for row in rows]


def test_more_powers_than_columns_go_through() -> None:
    """The last block is 10**6 times as wide as the first: log(10**6)/log(1.2) is 75.8."""
    rows = [(200, 8, 40_200.0, 1.2), (200, 8, 1.0, 1.2)]
    found = spread(rows, regnet)
    assert found == [regnet(*row) for row in rows]
    assert MOST_POWERS < 75


GROUPED = st.tuples(
    st.integers(1, 4000), st.integers(1, 400), st.sampled_from([0.125, 0.25, 0.5, 1, 2, 3, 4])
)


@given(GROUPED)
def test_widths_and_groups_fit(numbers: tuple[int, int, float]) -> None:
    """What pycls asserts: whole groups. And the inner width is the multiple next to the one that
    was wanted, or one group.
    """
    width, group, ratio = numbers
    (fitted,), (found,) = compatible([width], group, ratio)
    inner = fitted * ratio
    unit = np.lcm(found, int(ratio)) if ratio > 1 else found
    assert inner % found == 0
    assert found <= group
    assert abs(inner - max(1, int(width * ratio))) <= unit / 2 or inner == unit
    if ratio <= 1:
        assert found == min(group, max(1, int(width * ratio)))


@pytest.mark.parametrize(
    ("width", "group", "ratio", "expected"),
    [
        (56, 16, 1, (64, 16)),  # 3.5 groups are 4, 4.5 as well
        (72, 16, 1, (64, 16)),
        (24, 40, 1, (24, 24)),  # no group is wider than what there is
        (72, 24, 0.25, (72, 18)),
        (100, 16, 0.25, (128, 16)),  # 25 inner channels are 1.56 groups: 2 of 16, 32/0.25
        (48, 16, 2, (48, 16)),
        (20, 7, 2, (21, 7)),  # 40 inner channels are 2.9 times 14: 42
        (3, 8, 0.25, (4, 1)),  # 0.75 inner channels are one
    ],
)
def test_fitted_by_hand(width: int, group: int, ratio: float, expected: tuple[int, int]) -> None:
    assert tuple(found[0] for found in compatible([width], group, ratio)) == expected


@given(st.lists(GROUPED, min_size=1, max_size=30))
def test_columns_of_groups_are_their_rows(rows: list[tuple[int, int, float]]) -> None:
    floats = [(width, group, float(ratio)) for width, group, ratio in rows]
    found = spread(floats, lambda width, group, ratio: compatible([width], group, ratio))
    assert found == [compatible([width], group, ratio) for width, group, ratio in floats]


@pytest.mark.parametrize(
    "text",
    [
        "regnet($d, 20, 24.0, 2.5)",  # no multiple of 8
        "regnet($d, 24, -1.0, 2.5)",
        "regnet($d, 24, 24.0, 1)",
        "regnet(0, 24, 24.0, 2.5)",
        "regnet(2.5, 24, 24.0, 2.5)",
        "regnet(true, 24, 24.0, 2.5)",
        "regnet($d, 24, 1000000000000.0, 2.5)",
        "regnet($d, 24, 24.0, 2.5, 0)",
        "regnet($d, 24, 24.0)",
        "regnet($d, 'wide', 24.0, 2.5)",
        f"regnet({MOST_BLOCKS + 1}, 24, 24.0, 2.5)",
        "compatible(64, 16)",
        "compatible([64, 0], 16)",
        "compatible([64], 0)",
        "compatible([64], 16, 0)",
        "compatible([64], 16, 1.5)",
        "compatible([[64]], 16)",
        "compatible([64], 16.0)",
    ],
)
def test_what_no_regnet_has(text: str) -> None:
    with pytest.raises(ExpressionError, match="cannot evaluate"):
        Expression(text)({"d": 13})
