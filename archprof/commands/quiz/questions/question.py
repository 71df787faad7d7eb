"""A question about a network, and a sheet of several, which is filled in as a table is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from archprof.analysis.analysis import Analysis
from archprof.commands.quiz.making.quiz import Cell, Content, QuizRequest, SheetRow

KINDS = {
    "field": "the receptive field of a layer",
    "padding": "the padding that gives a size",
    "most": "which layer has most MACs, parameters or memory",
    "error": "the wrong cell of a slide",
    "memory": "the memory of a batch",
    "change": "what another stride, kernel or input changes",
}
"""The kinds of questions, and what each is about."""
COLUMNS = ("number", "question", "answer")
LETTERS = "ABCDEFGH"
MOST_QUESTIONS = 1_000


class QuizQuestion(NamedTuple):
    """A question: its text has all that is needed, and one answer, or several that are as right.

    `column` is what kind of answer it has, as a column of a table; `options` are the answers to
    choose from; `slips` are wrong answers, each with the mistake that gives it.
    """

    kind: str
    level: str
    text: str
    column: str
    right: Content
    working: str
    options: tuple[str, ...] = ()
    also: tuple[Content, ...] = ()
    slips: tuple[tuple[str, Content], ...] = ()

    def asked(self) -> str:
        """Return the text with the options behind it."""
        listed = "; ".join(f"{LETTERS[i]}: {text}" for i, text in enumerate(self.options))
        return f"{self.text} {listed}".strip()


@dataclass(frozen=True)
class QuestionSheet:
    """Questions, a row each; the blanks are their answers."""

    request: QuizRequest
    analysis: Analysis
    questions: tuple[QuizQuestion, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the sheet's file."""
        return COLUMNS

    @property
    def rows(self) -> tuple[SheetRow, ...]:
        """A row for each question, called by its number and its kind."""
        return tuple(
            SheetRow(f"{number} {question.kind}", None)
            for number, question in enumerate(self.questions, 1)
        )

    @property
    def blanks(self) -> tuple[Cell, ...]:
        """The cells of the answers."""
        return tuple((i, "answer") for i in range(len(self.questions)))

    @cached_property
    def contents(self) -> Mapping[Cell, Content]:
        """The content of each cell; that of an answer is the right one."""
        found: dict[Cell, Content] = {}
        for i, question in enumerate(self.questions):
            found[i, "number"] = self.rows[i].label
            found[i, "question"] = question.asked()
            found[i, "answer"] = question.right
        return found
