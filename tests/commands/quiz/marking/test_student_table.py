"""The order in which a student writes wrong shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import QuizRequest
from archprof.commands.quiz.marking.student_table import StudentTable


@pytest.fixture
def table(tmp_path: Path) -> StudentTable:
    """Of a network that gives 4x6x8 and has no answer yet."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: net\ninput: 3x8x10\nlayers: {conv: {op: conv2d, out: 4, kernel: 3}}\n",
        encoding="utf-8",
    )
    return StudentTable(make(QuizRequest(str(path), 1, 1, ("output",))), {}, {}, {"shapes": ""}, {})


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        ((9, 9, 4), (4, 9, 9)),  # height and width are usually equal
        ((4, 9, 9), (4, 9, 9)),
        ((7, 9, 4), (4, 7, 9)),  # the right channels stand last
        ((4, 7, 9), (4, 7, 9)),
        ((4, 7, 4), (4, 7, 4)),  # at both ends
        ((7, 9, 5), (7, 9, 5)),
        ((6, 9, 8), (6, 9, 8)),
        ((5, 5, 5), (5, 5, 5)),
        ((7, 9), (7, 9)),
        (None, None),
    ],
)
def test_channels_come_first(
    table: StudentTable, given: tuple[int, ...] | None, shape: tuple[int, ...] | None
) -> None:
    assert table.shape(1, given) == shape


def test_other_answers_show_the_order(table: StudentTable) -> None:
    table.channels_last = True
    assert table.shape(1, (7, 9, 5)) == (5, 7, 9)
    assert table.shape(1, (4, 9, 9)) == (4, 9, 9)


def test_a_student_may_go_on_from_a_wrong_shape_further_up(tmp_path: Path) -> None:
    """One of as many channels as the layer's first input: 4, from 4x7x9 in place of 4x8x10."""
    path = tmp_path / "net.yaml"
    conv = "op: conv2d, out: 4, kernel: 3, padding: 1"
    path.write_text(
        f"name: net\ninput: 3x8x10\nlayers: {{a: {{{conv}}}, b: {{{conv}}}, c: {{{conv}}},"
        " sum: {op: add, from: [c, b]}}\n",
        encoding="utf-8",
    )
    quiz = make(QuizRequest(str(path), 1, 1, ("output",)))
    table = StudentTable(quiz, {}, {}, {"shapes": ""}, {})
    table.origins[1], table.shapes[1] = "a Output", (4, 7, 9)
    right = (4, 8, 10)
    assert [(inputs, where) for _, inputs, where in table.tries(4)] == [
        ((right, right), ""),
        (((4, 7, 9), right), ", from your 4x7x9 at a"),
    ]
    table.shapes[1] = (5, 7, 9)
    assert [inputs for _, inputs, _ in table.tries(4)] == [(right, right)]
