"""How many of the figures near a printed one an explanation gives as well: hand-made cases, and
the same words as the solver's.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.solving.chance import Chance, chances, near, printed, swaps
from archprof.commands.lecture.solving.search import printings


def figure(text: str) -> PrintedFigure:
    found = parse_figure(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("4.12G", 371, 453),  # 412 - 41 … 412 + 41
        # no fewer digits: 1.00, not 0.95; and 10 on the other side, a tenth being 10
        ("1.05G", 100, 115),
        ("9.95G", 896, 999),  # no more digits either
        ("5M", 1, 9),  # 10 on each side, but of one digit
        ("12x", 10, 22),
        ("800K", 70, 90),  # its unit is 10K
        ("34,848", 31364, 38332),  # exact: its unit is 1, a tenth is 3484
    ],
)
def test_the_figures_near_one(text: str, first: int, last: int) -> None:
    assert near(figure(text)) == range(first, last + 1)


@pytest.mark.parametrize(
    ("text", "value", "counted", "expected"),
    [
        # rounded, cut off, transposed
        ("4.12G", 4_124_357_632, True, {(412, 0), (412, 1), (142, 2), (421, 2)}),
        ("4.12G", 4_127_000_000, True, {(413, 0), (412, 1), (143, 2), (431, 2)}),
        # a half goes either way; 412.5 is 412 for its digits
        ("4.12G", 4_125_000_000, True, {(412, 0), (413, 0), (412, 1), (142, 2), (421, 2)}),
        # 1,161,600 / 1024 = 1134.4; of 1162 three swaps, one equal
        ("1134K", 1_161_600, False, {(1162, 0), (1161, 1), (1134, 1), (1612, 2), (1126, 2)}),
        # nobody counts arithmetic in powers of 1024
        ("1134K", 1_161_600, True, {(1162, 0), (1161, 1), (1612, 2), (1126, 2)}),
        (
            "34,848",
            34_944,
            False,
            {(34944, 0), (43944, 2), (39444, 2), (34494, 2)},
        ),  # 4 4 are equal
        ("-4.1G", -4_124_000_000, True, {(41, 0), (41, 1)}),
    ],
)
def test_what_a_value_may_be_printed_as(
    text: str, value: int, counted: bool, expected: set[tuple[int, int]]
) -> None:
    assert set(printed(figure(text), Fraction(value), counted)) == expected


@settings(max_examples=300, deadline=None)
@given(
    st.integers(10, 9999),
    st.sampled_from(["K", "M", "G", "", "KiB"]),
    st.integers(1, 2 * 10**13),
    st.booleans(),
)
def test_the_solver_says_the_same(digits: int, prefix: str, value: int, counted: bool) -> None:
    """A figure is among what a value may be printed as exactly where the solver takes it for the
    value, at the same cost.
    """
    stated = figure(f"{digits}{prefix}")
    own = stated.value / (stated.step or 1)
    mine = [cost for number, cost in printed(stated, Fraction(value), counted) if number == own]
    theirs = [cost for _, _, cost in printings(stated, Fraction(value), counted)]
    assert min(mine, default=None) == min(theirs, default=None)


def test_chances_by_cost() -> None:
    """Of the 83 figures 3.71 to 4.53: by no move 4.12; by 1 also 4.09; by 2 also 4.50 and what
    cutting 4.139 gives, 4.13. 5.00 is none of them.
    """
    reached = [
        (4_120_000_000, 0),
        (4_090_000_000, 1),
        (4_500_000_000, 2),
        (4_139_000_000, 1),
        (5_000_000_000, 0),
        (4_120_000_000, 2),
    ]
    found = chances(figure("4.12G"), ((Fraction(value), True, cost) for value, cost in reached), 2)
    # 4.139 rounded is 4.14 at its own cost of 1, cut off 4.13 at 2; 4.12 transposed is 4.21 at 2
    assert found == [Chance(1, 83), Chance(3, 83), Chance(6, 83)]


def test_a_figure_counts_once_at_its_cheapest() -> None:
    found = chances(
        figure("4.12G"),
        ((Fraction(value), True, cost) for value, cost in ((4_091_000_000, 2), (4_092_000_000, 1))),
        2,
    )
    assert found == [Chance(0, 83), Chance(1, 83), Chance(1, 83)]


@pytest.mark.parametrize(
    ("explained", "of", "beaten"),
    [(1, 2, True), (41, 83, True), (42, 83, False), (1, 1, False), (0, 9, True)],
)
def test_half_of_them_is_chance(explained: int, of: int, beaten: bool) -> None:
    assert Chance(explained, of).beaten() is beaten
    assert str(Chance(explained, of)) == f"{explained} of {of}"


def test_swaps_of_neighbours() -> None:
    assert swaps("4112") == {"1412", "4121"}  # 1 1 are equal
    assert swaps("7") == set()
