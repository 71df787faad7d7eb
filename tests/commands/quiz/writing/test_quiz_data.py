"""The values of quiz's and grade's JSON: numbers, shapes as lists, answers beside their text."""

from __future__ import annotations

from typing import Any

import pytest

from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import QuizRequest
from archprof.commands.quiz.marking.grading import grade
from archprof.commands.quiz.writing.marks_data import marks_data
from archprof.commands.quiz.writing.quiz_data import sheet_data

ASK = ("op", "out", "kernel", "output", "params", "macs", "memory", "field")
SHEET = make(QuizRequest("alexnet", 3, 3, ASK, last="pool1"))


def test_a_sheet() -> None:
    sheet, key = sheet_data(SHEET), sheet_data(SHEET, key=True)
    assert key["rows"][0]["output"] == [3, 227, 227]
    assert key["rows"][0]["params"] is None  # an empty cell
    row = key["rows"][1]
    assert {column: row[column] for column in ASK} == {
        "op": "conv2d",
        "out": 96,
        "kernel": [11, 11],
        "output": [96, 55, 55],
        "params": 34944,
        "macs": 105415200,
        "memory": 1161600,
        "field": [11, 11],
    }
    blanks = {(blank["row"], blank["column"]) for blank in sheet["blanks"]}
    assert blanks == set(SHEET.blanks)
    for i, (here, there) in enumerate(zip(sheet["rows"], key["rows"], strict=True)):
        for column, value in there.items():
            assert here[column] == (None if (i, column) in blanks else value)


def marked(column: str, text: str) -> dict[str, Any]:
    """The mark of conv1's cell in a sheet that asks for it."""
    made = make(QuizRequest("alexnet", 1, 0, (column,), last="conv1", first="conv1"))
    [cell] = made.blanks
    [mark] = marks_data(grade(made, {cell: text}))["marks"]
    found: dict[str, Any] = mark
    return found


@pytest.mark.parametrize(
    ("column", "text", "value", "right"),
    [
        ("op", "Conv", None, "conv2d"),
        ("out", "96", 96, 96),
        ("kernel", "11", 11, [11, 11]),
        ("kernel", "11x11", [11, 11], [11, 11]),
        ("output", "55x55x96", [55, 55, 96], [96, 55, 55]),
        ("output", "big", None, [96, 55, 55]),
    ],
)
def test_an_answer(column: str, text: str, value: Any, right: Any) -> None:
    found = marked(column, text)
    assert (found["answer"], found["right"]) == ({"value": value, "text": text}, right)


@pytest.mark.parametrize(
    ("text", "value"), [("34,944", 34944), ("35K", 35000), ("34.9", 34.9), ("many", None)]
)
def test_a_number(text: str, value: Any) -> None:
    found = marked("params", text)
    assert (found["answer"], found["right"]) == ({"value": value, "text": text}, 34944)
    assert type(found["answer"]["value"]) is type(value)


def test_no_answer() -> None:
    found = marked("params", "")
    assert (found["answer"], found["right"], found["mark"]) == (None, 34944, "missing")


def test_a_field() -> None:
    made = make(QuizRequest("alexnet", 1, 0, ("field",), last="pool1"))
    [cell] = made.blanks
    [mark] = marks_data(grade(made, {cell: "19x19"}))["marks"]
    assert mark["answer"] == {"value": [19, 19], "text": "19x19"}
    assert mark["right"] == [11 + 2 * 4] * 2  # a 3x3 window over units of 11 pixels, 4 apart
    assert mark["mark"] == "right"
