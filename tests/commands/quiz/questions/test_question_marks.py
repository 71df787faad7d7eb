"""Answers to questions: every way to give the right one, and which slip a wrong one is."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.quiz.making.quiz import Content, QuizRequest
from archprof.commands.quiz.questions.question import QuestionSheet, QuizQuestion
from archprof.commands.quiz.questions.question_marks import grade_questions, readings_of_answer
from tests.small import graph_of

OPTIONS = ("conv1 (conv2d) of 3x8x8", "a.conv (conv2d) of 4x8x8", "b.conv (conv2d)", "fc (linear)")


def question(column: str, right: Content, **more: object) -> QuizQuestion:
    return QuizQuestion("kind", "easy", "?", column, right, "3*3 = 9", **more)  # type: ignore[arg-type]


def exact(asked: QuizQuestion, text: str, content: Content) -> list[bool]:
    """Return of each way in which the answer is this content whether it is all of its digits."""
    return [reading.exact for reading in readings_of_answer(asked, text, content)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("A", "conv1"),
        ("b.", "a.conv"),
        ("(c)", "b.conv"),
        (" D: ", "fc"),
        ("E", ""),  # there are four
        ("conv1", "conv1"),
        ("FC", "fc"),
        ("B.Conv", "b.conv"),
        ("conv", ""),  # two end so
        ("a", "conv1"),  # the letter, not the block
        ("nothing", ""),
    ],
)
def test_layers(text: str, named: str) -> None:
    asked = question("layer", "fc", options=OPTIONS)
    labels = ("conv1", "a.conv", "b.conv", "fc")
    assert [label for label in labels if exact(asked, text, label)] == ([named] if named else [])


def test_a_layer_by_the_end_of_its_name() -> None:
    asked = question("layer", "fc", options=("a.conv (conv2d)", "b.pool (max_pool2d)"))
    assert exact(asked, "pool", "b.pool") == [True]


@pytest.mark.parametrize(
    ("column", "right", "text", "found"),
    [
        ("macs", 2700, "2700", [True]),
        ("macs", 2734, "2.7K", [False]),
        ("macs", 2700, "2701", []),
        ("macs", 2700, "5400", []),  # two for each is another convention
        ("params", 112, "108", []),
        ("params", 112, "112", [True]),
        ("memory", 4096, "4 KiB", [True]),
        ("padding", 1, "1", [True]),
        ("padding", 1, "1x1", [True]),
        ("padding", 1, "1x1x1", []),
        ("padding", 1, "1x2", []),
        ("padding", 1, "one", []),
        ("output", (8, 5, 4), "8x5x4", [True]),
        ("output", (8, 5, 4), "8x5x5", []),
        ("output", (8, 5, 4), "5", []),
    ],
)
def test_contents(column: str, right: Content, text: str, found: list[bool]) -> None:
    assert exact(question(column, right), text, right) == found


def test_marks() -> None:
    """A slip that gives the right number is none."""
    slips = (("as it was", 9), ("halved", 4), ("of both", 4))
    asked = question("macs", 9, also=(18,), slips=slips)
    given = ["9", "18", "4", "5", " "]
    sheet = QuestionSheet(
        QuizRequest("net", 0, 1, (), questions=5),
        analyze(graph_of({"x": "op: relu"}, (3, 4, 4))),
        (asked,) * len(given),
    )
    answers = {(i, "answer"): text for i, text in enumerate(given)}
    graded = grade_questions(sheet, answers)
    assert [mark.word for mark in graded.marks] == ["right", "right", "wrong", "wrong", "missing"]
    assert [mark.why for mark in graded.marks] == ["", "", "likely halved; 3*3 = 9", "3*3 = 9", ""]
    assert [mark.slip for mark in graded.marks] == ["", "", "halved", "", ""]
    first, *_, last = graded.marks
    assert (first.layer, first.column, first.answer, first.right) == ("1 kind", "Answer", "9", "9")
    assert (last.layer, last.answer) == ("5 kind", "")
    assert graded.marks[2].origin == "3 kind Answer"
    assert [float(mark.points) for mark in graded.marks] == [1, 1, 0, 0, 0]


def test_a_rounded_answer() -> None:
    sheet = QuestionSheet(
        QuizRequest("net", 0, 1, (), questions=1),
        analyze(graph_of({"x": "op: relu"}, (3, 4, 4))),
        (question("macs", 2734),),
    )
    (mark,) = grade_questions(sheet, {(0, "answer"): "2.73K"}).marks
    assert mark.word == "rounded"
