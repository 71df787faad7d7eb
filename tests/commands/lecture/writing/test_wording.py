"""Values and decisions as text: every form that a number, a fault and a decision can have."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archprof.commands.lecture.claims.document import Formula
from archprof.commands.lecture.deciding.decision import Decision
from archprof.commands.lecture.deciding.explanation import Explanation, SolverMove
from archprof.commands.lecture.deciding.values import (
    BlockByBlock,
    Deviation,
    Fault,
    HandCalculation,
    Instead,
    Reported,
    ReportedValue,
    Result,
    WrongFormula,
)
from archprof.commands.lecture.deciding.verdicts import DIFFERS, HOLDS, HOLDS_AS, ROUNDED, Verdict
from archprof.commands.lecture.writing.wording import (
    decision_text,
    fault_text,
    luck_text,
    off_by,
    reason_text,
    reported_text,
    result_text,
    worked_text,
)
from archprof.language.expression import Expression
from archprof.problem import Mark


@pytest.mark.parametrize(
    ("value", "unit", "last", "text"),
    [
        (1_234_567, "params", False, "1,234,567"),
        (Fraction(7, 2), "", False, "3.5"),
        (Fraction(1, 3), "", False, "0.3333"),
        (Fraction(99_999, 10), "", False, "1e+04"),  # 9,999.9 in four digits
        (Fraction(100_001, 10), "", False, "10,000"),  # from 10,000 on without decimals
        (Fraction(-100_009, 10), "", False, "-10,001"),
        (Fraction(2), "x", False, "2x"),
        (Fraction(9, 4), "x", False, "2.25x"),
        (Fraction(5, 8), "%", False, "62.50%"),
        ((96, 55, 56), "", False, "96x55x56"),
        ((96, 55, 56), "", True, "55x56x96"),
    ],
)
def test_results(value: Result, unit: str, last: bool, text: str) -> None:
    assert result_text(value, unit, last) == text


@pytest.mark.parametrize(
    ("stated", "exact", "text"),
    [
        (110, 100, "stated 10.0% too high"),
        (90, 100, "stated 10.0% too low"),
        (1099, 100, "stated 999.0% too high"),
        (1100, 100, "stated 11 times too high"),  # ten times more
        (1_000_000, 1, "stated 1,000,000 times too high"),
        (1_000_001, 1, "stated 1.0e+06 times too high"),  # a million times more
        (3, 0, "stated 3, exactly 0"),
    ],
)
def test_how_far_off(stated: int, exact: int, text: str) -> None:
    assert off_by(Fraction(stated), Fraction(exact)) == text


@pytest.mark.parametrize(
    ("reported", "text"),
    [
        ("", ""),
        ("there is no such layer", "there is no such layer"),
        (ReportedValue(112, "params"), "112"),
        (ReportedValue(Fraction(1, 2), "%"), "50.00%"),
        (ReportedValue(112, "MACs", "macs"), "112 MACs"),
        (ReportedValue((4, 6, 5)), "4x6x5"),
        (BlockByBlock(((9, 2), (None, 1)), True), "9 in 2 of 3 blocks, nothing in 1 of 3 blocks"),
        (BlockByBlock(((9, 2), (Fraction(9), 1)), True), "9 in 3 of 3 blocks"),
        (BlockByBlock(((None, 1),), False), "nothing"),
    ],
)
def test_what_is_reported(reported: Reported, text: str) -> None:
    assert reported_text(reported) == text


def test_a_shape_as_the_lecture_writes_it() -> None:
    assert reported_text(ReportedValue((4, 6, 5)), channels_last=True) == "6x5x4"
    assert fault_text(Instead(ReportedValue((4, 6, 5))), channels_last=True) == "it is 6x5x4"


def test_a_formula_is_worked_out() -> None:
    assert worked_text("(W - F)/S + 1", {"W": 227, "F": 11, "S": 4}, Fraction(55)) == (
        "(W - F)/S + 1 = (227 - 11)/4 + 1 = 55"
    )
    assert worked_text("227*3", {}, Fraction(681)) == "227*3 = 681"
    assert worked_text("N*x", {"N": 2}, Fraction(1, 2)) == "N*x = 2*x = 0.5"


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("", ""),
        ("needs training", "needs training"),
        (Instead(ReportedValue(3_888, "MACs")), "it is 3,888"),
        (WrongFormula(Fraction(7, 2)), "its own formula gives 3.5"),
        (Deviation(Fraction(110), Fraction(100)), "stated 10.0% too high"),
        (
            Deviation(Fraction(110), Fraction(100), "macs"),
            "stated 10.0% too high for 100 MACs",
        ),
    ],
)
def test_faults(fault: Fault, text: str) -> None:
    assert fault_text(fault) == text


def decision(verdict: Verdict, last: bool = False) -> Decision:
    """Every part is different, so that none can stand in the place of another."""
    formula = Formula("2*N", (("N", 3),), Expression("2*$N"), Mark(""))
    return Decision(
        "label",
        "stated",
        HandCalculation(formula, Fraction(6)),
        ReportedValue((4, 6, 5)),
        ReportedValue(7),
        ReportedValue(8),
        verdict,
        "recorded",
        last,
    )


def cause(*texts: str, luck: Fraction | None = None) -> Explanation:
    moves = tuple(SolverMove(text, 1, "slip", False) for text in texts)
    return Explanation(moves, Fraction(0), len(moves), luck)


def test_every_part_of_a_decision() -> None:
    verdict = Verdict(DIFFERS, Instead(ReportedValue((4, 6, 5))), (cause("a", "b"), cause("c")))
    assert tuple(decision_text(decision(verdict, last=True))) == (
        "stated",
        "2*N = 2*3 = 6",
        "6x5x4",
        "7",
        "8",
        "",
        "it is 6x5x4",
        ("a, b", "c"),
    )
    assert decision_text(decision(verdict)).analysis == "4x6x5"


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (Verdict(HOLDS), ""),
        (Verdict(DIFFERS, "it is 3"), "it is 3"),
        (Verdict(DIFFERS, "it is 3", (cause("a", "b"),)), "it is 3; likely a, b"),
        (
            Verdict(DIFFERS, "it is 3", tuple(map(cause, "abcd"))),
            "it is 3; likely a or b or c",
        ),
        (Verdict(DIFFERS, "", (cause("a"),)), "likely a"),
        (
            Verdict(DIFFERS, "it is 3", (cause("a", luck=Fraction(1, 14)), cause("b"))),
            "it is 3; likely a or b (perhaps luck, 1 in 14)",
        ),
        (Verdict(ROUNDED, others="MACs"), "the figures beside it are MACs"),
        (
            Verdict(DIFFERS, "it is 3", (cause("a"),), others="MACs"),
            "it is 3; likely a; the figures beside it are MACs",
        ),
        (Verdict(HOLDS_AS, "it is 3", (cause("a"), cause("b")), ("x",)), "also a or b"),
        (Verdict(HOLDS_AS, reading=("x",), luck=Fraction(1, 7)), "perhaps luck, 1 in 7"),
        (Verdict(HOLDS_AS, reading=("x",), luck=Fraction(1, 20)), ""),
        (Verdict(HOLDS_AS, "it is 3", (), ("x",)), ""),
    ],
)
def test_the_reason(verdict: Verdict, reason: str) -> None:
    assert reason_text(decision(verdict)) == reason


@pytest.mark.parametrize(
    ("luck", "text"),
    [
        (None, ""),
        (Fraction(1, 6), "perhaps luck, 1 in 6"),
        (Fraction(1, 20), "hardly luck, 1 in 20"),
        (Fraction(2, 41), "hardly luck, 1 in 20"),  # 20.5: at least as often
        (Fraction(1, 999), "hardly luck, 1 in 999"),
        (Fraction(1, 1000), "no luck, less than 1 in 1,000"),
    ],
)
def test_luck_in_words_and_as_a_number(luck: Fraction | None, text: str) -> None:
    assert luck_text(luck) == text
