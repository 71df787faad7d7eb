"""Answers of `archprof solve` as tables and data, from explanations whose numbers are given."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archprof.commands.lecture.claims.document import Quantity, Selection, Subject
from archprof.commands.lecture.deciding.explanation import Explanation, SolverMove
from archprof.commands.lecture.solving.chance import Chance
from archprof.commands.lecture.solving.solve_tables import solved_data, solved_table
from archprof.commands.lecture.solving.solving import HERE, Solved
from archprof.show.table import Table, lines

MACS = Quantity("macs", Subject("vgg16", HERE, None, (), 1, "float32"), Selection(), HERE)
SHAPE = MACS._replace(name="shape", selection=Selection(paths=("conv1",)))


def text(table: Table, width: int = 120) -> list[str]:
    return ["".join(part for part, _ in line).rstrip() for line in lines(table, width)]


def test_a_row_for_each_explanation() -> None:
    """In full, with one decimal where a value is not whole: 2469/2 = 1234.5."""
    solved = Solved(
        MACS,
        "1.23K",
        Fraction(12_345_678),
        False,
        [
            Explanation(
                (SolverMove("thop's count", 1, "count"),),
                Fraction(1_234),
                1,
                Fraction(1, 1001),
                ("timm's count",),
            ),
            Explanation(
                (
                    SolverMove("a", 1, "count"),
                    SolverMove("{} counted twice", 3, "slip", False, ("b",)),
                ),
                Fraction(2_469, 2),
                4,
                Fraction(2, 13),
            ),
        ],
    )
    table = solved_table(solved)
    assert text(table) == [
        "macs of vgg16: what is 1.23K?",
        "What gives it                    Exactly  Kind         Luck",
        "─" * 84,
        "thop's count, also timm's count    1,234  reading      no luck, less than 1 in 1,000",
        "a, b counted twice               1,234.5  likely slip  perhaps luck, 1 in 6",
        "as asked 12,345,678",
        "luck     if half of all wrong figures have no cause here, one in so many of these"
        " explanations is a coincidence",
    ]
    assert solved_data(solved) == {
        "question": "macs of vgg16: what is 1.23K?",
        "exact": 12_345_678,
        "order": "",
        "answers": [
            {
                "reproduces": "thop's count, also timm's count",
                "value": 1_234,
                "kind": "reading",
                "luck": 1 / 1001,
            },
            {
                "reproduces": "a, b counted twice",
                "value": 1_234.5,
                "kind": "likely slip",
                "luck": 2 / 13,
            },
        ],
    }
    narrow = " ".join(text(table, 50))
    assert "timm's" in narrow
    assert "twice" in narrow


def test_what_is_printed_as_it_is() -> None:
    solved = Solved(MACS, "12.3M", Fraction(12_345_678), True, [])
    assert text(solved_table(solved)) == [
        "macs of vgg16: what is 12.3M?",
        "What gives it        Exactly  Kind",
        "─" * 35,
        "exactly as asked  12,345,678  holds",
        "as asked 12,345,678",
    ]
    assert solved_data(solved)["answers"] == [
        {"reproduces": "exactly as asked", "value": 12_345_678, "kind": "holds"}
    ]


def test_a_shape() -> None:
    """The printed one as it was typed; the exact one channels first."""
    shape = (96, 55, 55)
    padded = Explanation((SolverMove("with padding 2", 1, "slip", False),), shape, 1)
    solved = Solved(SHAPE, "96x55x55", (96, 54, 54), False, [padded], shape, order="CxHxW")
    assert text(solved_table(solved)) == [
        "shape of vgg16 conv1: what is 96x55x55?",
        "What gives it    Exactly  Kind",
        "─" * 37,
        "with padding 2  96x55x55  likely slip",
        "as asked 96x54x54",
        "order    read as CxHxW",
    ]
    answer = {"reproduces": "with padding 2", "value": [96, 55, 55], "kind": "likely slip"}
    assert solved_data(solved)["answers"] == [answer]
    holds = Solved(SHAPE, "96x54x54", (96, 54, 54), True, [], (96, 54, 54))
    assert solved_table(holds).rows == [["exactly as asked", "96x54x54", "holds"]]
    assert solved_data(holds)["answers"][0]["value"] == [96, 54, 54]
    last = Solved(SHAPE, "55x55x96", (96, 54, 54), False, [padded], shape, order="HxWxC")
    assert solved_table(last).notes == [("as asked", "54x54x96"), ("order", "read as HxWxC")]
    plane = Solved(SHAPE, "55x55", (54, 54), False, [padded], (55, 55), order="HxW")
    assert solved_table(plane).rows == [["with padding 2", "55x55", "likely slip"]]
    assert solved_table(plane).notes == [("as asked", "54x54"), ("order", "read as HxW")]


@pytest.mark.parametrize(
    ("chance", "why"),
    [
        (None, "nothing in the declared space gives these digits"),
        (
            Chance(39, 43),
            "none that luck does not explain as well: moves as simple give 39 of the 43 figures"
            " near 2.13K",
        ),
    ],
)
def test_why_nothing_answers(chance: Chance | None, why: str) -> None:
    solved = Solved(MACS, "2.13K", Fraction(2_100), False, [], chance=chance)
    assert (solved_table(solved).rows, solved_table(solved).notes) == (
        [],
        [("as asked", "2,100"), ("answer", why)],
    )
