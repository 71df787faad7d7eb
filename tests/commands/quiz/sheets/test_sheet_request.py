"""The first line of a sheet: every number to its bounds, what is left out, another quiz."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.quiz.making.quiz import USUAL, QuizRequest
from archprof.commands.quiz.sheets.sheet_lines import SheetLines
from archprof.commands.quiz.sheets.sheet_request import check_quiz, read_request
from archprof.problem import ProblemError


def sheet(*fields: str) -> SheetLines:
    text = f"archprof quiz 1,{','.join(fields)}\nLayer,Op\nconv1,?\n"
    return SheetLines(Path("sheet.csv"), "sheet.csv", text)


def requested(*fields: str) -> QuizRequest:
    return read_request(sheet("network=alexnet", *fields))


def refused(*fields: str) -> list[str]:
    with pytest.raises(ProblemError) as raised:
        requested(*fields)
    return [problem.message for problem in raised.value.problems]


def test_what_is_left_out() -> None:
    assert requested("blank=8", "seed=3") == QuizRequest("alexnet", 8, 3, USUAL)
    assert requested("questions=5", "seed=0") == QuizRequest("alexnet", 0, 0, (), questions=5)


def test_all_that_may_be_there() -> None:
    assert requested(
        "blank=8",
        "seed=3",
        "level=hard",
        "ask=output params",
        "input=3x64x64",
        "batch=4",
        "dtype=float16",
        "from=conv1",
        "to=fc",
        "set=a=1",
        "",
        "set=b=2",
    ) == QuizRequest(
        "alexnet",
        8,
        3,
        ("output", "params"),
        (3, 64, 64),
        ("a=1", "b=2"),
        4,
        "float16",
        "conv1",
        "fc",
        0,
        "hard",
    )
    assert requested("questions=5", "seed=1", "ask=field most").ask == ("field", "most")


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("blank", 1, 1_000_000),
        ("questions", 1, 1_000),
        ("seed", 0, 1_000_000_000),
        ("batch", 1, 1_000_000),
    ],
)
def test_bounds(name: str, least: int, most: int) -> None:
    beside = [field for field in ("blank=8", "seed=3") if not field.startswith(name)]
    if name == "questions":
        beside.remove("blank=8")
    for number in (least, most):
        found = requested(*beside, f"{name}={number}")
        of = {"blank": found.blanks, "seed": found.seed, "batch": found.batch}
        assert of.get(name, found.questions) == number
    expected = f"expected a whole number from {least} to {most:,}"
    for text in (str(least - 1), str(most + 1), "1.5", "9" * 21):
        assert refused(*beside, f"{name}={text}") == [f"{name}={text}, {expected}"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = refused("grade=A", "=", "ask=output parms", "input=big", "dtype=fp32")
    assert sorted(found) == [
        "`=` is nothing a sheet says of itself",
        "`grade=A` is nothing a sheet says of itself",
        "dtype=fp32, expected one of float64, float32, float16, bfloat16",
        "input=big, expected a shape such as 3x224x224",
        "the first line does not say its blank",
        "the first line does not say its seed",
        "there is no column `parms` to ask for",
    ]
    assert refused("questions=5", "seed=1", "ask=output") == [
        "there is no kind of question `output` to ask for"
    ]


def another(of_teacher: list[str] | None, expected: dict[str, str], *fields: str) -> str:
    """Return why a sheet is of another quiz, "" where it is not."""
    try:
        check_quiz(sheet("network=alexnet", *fields), of_teacher, expected)
    except ProblemError as error:
        (problem,) = error.problems
        return problem.message
    return ""


def test_another_quiz() -> None:
    """What is expected has to be there; by the teacher's line, nothing else may be."""
    teacher = ["network=alexnet", "seed=3"]
    assert another(teacher, {}, "seed=3") == ""
    assert another(teacher, {}, "seed=4") == (
        "the sheet is of another quiz: seed=4, expected seed=3"
    )
    assert another(teacher, {}) == "the sheet is of another quiz: nothing else, expected seed=3"
    assert another(teacher, {}, "seed=3", "batch=2") == (
        "the sheet is of another quiz: batch=2, expected nothing else"
    )
    assert another(None, {}, "seed=4") == ""
    assert another(None, {"seed": "4"}, "seed=4", "batch=2") == ""
    assert another(None, {"seed": "3"}, "seed=4", "batch=2") == (
        "the sheet is of another quiz: seed=4, expected seed=3"
    )
    # eight fields of 60 characters at most
    long = [f"set={i}{'x' * 60}" for i in range(9)]
    listed = ", ".join(field[:60] for field in long[:8])
    assert another(["network=alexnet"], {}, *long) == (
        f"the sheet is of another quiz: {listed}, expected nothing else"
    )
