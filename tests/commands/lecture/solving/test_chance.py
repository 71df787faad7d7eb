"""What a value may be printed as, and how likely a match with a printed figure is luck."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.deciding.explanation import SolverMove, SolverStep
from archprof.commands.lecture.solving.chance import (
    Chance,
    _may_be_near,
    chances,
    in_units,
    near,
    posterior,
    printed,
    swaps,
    transposed,
)

NONE: frozenset[str] = frozenset()
ALL = range(-(10**15), 10**15)


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


@given(
    st.integers(0, 10**7),
    st.sampled_from(["", ".0", ".25"]),
    st.sampled_from(["", "e9", "e-3", "K", " MB", " KiB", "x", "%"]),
)
@settings(max_examples=100)
def test_a_figure_is_a_whole_number_of_its_last_digits(
    digits: int, decimals: str, unit: str
) -> None:
    one = figure(f"{digits}{decimals}{unit}")
    assert in_units(one) * (one.step or 1) == one.value


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
        ("-1x", -1, True, {(1, 0), (1, 1)}),
        ("0.0M", 3_000_000, True, {(30, 0), (30, 1)}),
        ("100%", 1, True, {(100, 0), (100, 1), (10, 2)}),
        # three digits where it is rounded, and two
        ("1.00x", Fraction(996, 1000), True, {(100, 0), (99, 1), (10, 2)}),
        ("1.00x", Fraction(994, 1000), True, {(99, 0), (99, 1)}),
    ],
)
def test_what_a_value_may_be_printed_as(
    text: str, value: int | Fraction, counted: bool, expected: set[tuple[int, int]]
) -> None:
    found = printed(figure(text), Fraction(value), counted, ALL)
    assert {(number, move.cost) for number, move in found} == expected
    for number, _ in expected:
        one = printed(figure(text), Fraction(value), counted, range(number, number + 1))
        costs = {(found, move.cost) for found, move in one}
        assert costs == {pair for pair in expected if pair[0] == number}


@pytest.mark.parametrize(
    ("value", "near"),
    [
        # in units of 10K: a 20th of 371 and 20 times 454 are the ends
        (185_500_000, True),
        (185_499_999, False),
        (90_800_000_000, True),
        (90_800_000_001, False),
        (-185_500_000, True),
        (-185_499_999, False),
        (0, False),
    ],
)
def test_values_that_are_printed_as_a_figure_near_one(value: int, near: bool) -> None:
    """4.12G is near 3.71G to 4.53G."""
    stated = figure("4.12G")
    assert _may_be_near(stated, Fraction(value), range(371, 454)) is near


def test_an_exact_figure_has_whole_units() -> None:
    """A 20th of 90 is 4.5."""
    assert not _may_be_near(figure("100"), Fraction(4), range(90, 111))
    assert _may_be_near(figure("100"), Fraction(9, 2), range(90, 111))


@pytest.mark.parametrize(
    ("text", "value", "move"),
    [
        ("4.12M", 4_120_000, ""),
        ("4.12M", 4_129_000, "cut off"),
        ("4.12M", 4_320_000, "4.12M in powers of 1024"),  # 4.12 * 1,048,576 = 4,320,133
        ("4.12MiB", 4_120_000, "4.12MiB in powers of 1000"),
        # 4.12 * 1000 * 1024 = 4,218,880: a column in KiB, added up
        ("4.12MB", 4_218_880, "4.12MB of 1000 KiB"),
        ("4.12M", 4_210_000, "two digits transposed (421 would be right)"),
    ],
)
def test_how_a_value_is_printed_as_a_figure(text: str, value: int, move: str) -> None:
    stated = figure(text)
    own = stated.value / stated.step
    found = [
        str(found)
        for number, found in printed(stated, Fraction(value), False, ALL)
        if number == own
    ]
    assert found[0] == move


@settings(max_examples=300, deadline=None)
@given(st.integers(100, 9999), st.integers(1, 10**8))
def test_transposed_digits_are_those_that_were_meant(digits: int, value: int) -> None:
    """As the solver takes a value for a figure, quizzes take an answer for another."""
    stated = figure(f"{digits}K" if digits % 100 else f"{digits}1K")
    own = stated.value / stated.step
    meant = [
        str(move)
        for number, move in printed(stated, Fraction(value), True, ALL)
        if number == own and "transposed" in move.text
    ]
    swapped = transposed(stated, Fraction(value))
    assert meant == ([f"two digits transposed ({swapped} would be right)"] if swapped else [])


def step(value: int, cost: int, counted: bool = True) -> SolverStep:
    moves = (SolverMove(f"move {cost}", cost, "count"),) if cost else ()
    return SolverStep(moves, Fraction(value), counted, cost)


def test_chances_by_cost() -> None:
    """Of the 83 figures 3.71 to 4.53 one, 4.12, is right. By 1 move also 4.09; by 2 also 4.50, 4.14
    and, cut off, 4.08, which is 4.09 rounded; 5.00 is none of them.
    """
    steps = [
        step(4_120_000_000, 0),
        step(4_089_000_000, 1),
        step(4_500_000_000, 2),
        step(4_140_000_000, 2),
        step(5_000_000_000, 0),
        step(4_120_000_000, 2),
    ]
    found = chances(figure("4.09G"), steps, 2, NONE)
    # near 4.09 are 3.69 to 4.49, 81 figures, and 4.12 transposed is 4.21
    assert found == [Chance(0, 80), Chance(1, 80), Chance(4, 80)]


def test_a_figure_counts_once_at_its_cheapest() -> None:
    steps = [step(4_091_000_000, 2), step(4_092_000_000, 1)]
    assert chances(figure("4.12G"), steps, 2, NONE) == [
        Chance(0, 83),
        Chance(1, 83),
        Chance(1, 83),
    ]


def test_what_is_given_is_free_and_what_it_gives_is_right() -> None:
    """4.09 by a move that costs 1: where it is given, 4.09 is right, and 4.50 by it and another
    that costs 1 is explained by one move.
    """
    given_move, more = SolverMove("MACs", 1, "count"), SolverMove("more", 1, "slip", False)
    steps = [
        SolverStep((given_move,), Fraction(4_090_000_000), True, 1),
        SolverStep((given_move, more), Fraction(4_500_000_000), True, 2),
    ]
    assert chances(figure("4.12G"), steps, 2, NONE) == [
        Chance(0, 83),
        Chance(1, 83),
        Chance(2, 83),
    ]
    assert chances(figure("4.12G"), steps, 2, frozenset({"MACs"})) == [
        Chance(0, 82),
        Chance(1, 82),
        Chance(1, 82),  # 4.09 transposed is 4.90, which is too far
    ]


@pytest.mark.parametrize(
    ("explained", "of", "luck"),
    [(2, 26, Fraction(1, 14)), (4, 20, Fraction(1, 6)), (1, 1, Fraction(1, 2)), (0, 9, 0)],
)
def test_luck_at_even_odds(explained: int, of: int, luck: Fraction) -> None:
    """Of 26 figures without a cause 2 match, and all of 26 with one: 2 of 28 matches are luck."""
    assert Chance(explained, of).luck == posterior(Fraction(explained, of)) == luck


def test_swaps_of_neighbours() -> None:
    assert swaps("4112") == {"1412", "4121"}  # 1 1 are equal
    assert swaps("7") == set()
