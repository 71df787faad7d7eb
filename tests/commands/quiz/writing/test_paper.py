"""Sheets, solutions and letters on paper: they compile and fit their pages, whatever is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.quiz.course.class_marks import SheetMarks
from archprof.commands.quiz.making.quiz import QuizRequest
from archprof.commands.quiz.questions.exercise import grade_exercise, make_exercise
from archprof.commands.quiz.writing.letters import letter
from archprof.commands.quiz.writing.tables import exercise_table, heading
from archprof.problem import Mark, Problem
from archprof.show.latex_table import latex_tables
from archprof.show.table_markup import table_page
from tests.tex import compile_document

HOSTILE = r"\input{/etc/passwd} $x_1$ 100% #1 {~^} <b>&amp; Zoë 李"


@pytest.mark.parametrize("key", [False, True])
@pytest.mark.parametrize(
    "request_",
    [
        QuizRequest("resnet18", 20, 3),
        QuizRequest("alexnet", 0, 3, (), questions=12),
        QuizRequest("resnet50", 0, 3, (), questions=12, level="hard"),
    ],
    ids=["table", "questions", "hard"],
)
def test_sheets(tmp_path: Path, request_: QuizRequest, key: bool) -> None:
    made = make_exercise(request_)
    compile_document(latex_tables([heading(HOSTILE), exercise_table(made, key)]), tmp_path)


@pytest.mark.parametrize("answer", [HOSTILE, "54x54x96", ""])
def test_letters(tmp_path: Path, answer: str) -> None:
    made = make_exercise(QuizRequest("alexnet", 12, 3))
    graded = grade_exercise(made, dict.fromkeys(made.blanks, answer))
    table = letter(SheetMarks(HOSTILE, "x.csv", graded), "alexnet")
    compile_document(latex_tables([table]), tmp_path)
    assert "<b>&amp; Zo" not in table_page([table])


def test_letters_of_those_without_marks(tmp_path: Path) -> None:
    """Nothing handed in, and a sheet that cannot be marked."""
    problem = Problem(Mark("x.csv"), "sheet", HOSTILE)
    for sheet in (SheetMarks("Ada", ""), SheetMarks("Ada", "x.csv", problem=problem)):
        compile_document(latex_tables([letter(sheet, "alexnet")]), tmp_path)


def test_a_letter_to_who_made_no_mistake(tmp_path: Path) -> None:
    """It has what was right, and no table."""
    made = make_exercise(QuizRequest("alexnet", 2, 3, ("output",)))
    text = {cell: "x".join(map(str, made.contents[cell])) for cell in made.blanks}  # type: ignore[arg-type]
    table = letter(SheetMarks("Ada", "x.csv", grade_exercise(made, text)), "alexnet")
    assert (table.title, list(table.columns)) == ("Ada, alexnet: 2 of 2 points", [])
    [(label, right)] = table.notes
    assert (label, right.count("Output")) == ("right", 2)
    compile_document(latex_tables([table]), tmp_path)
