"""Exercises as learning platforms have them: items, each with fields to fill in and their answers.

A table is one item with many fields, a question is one item with one.
"""

from __future__ import annotations

from typing import NamedTuple

from archprof.commands.quiz.making.quiz import SUMMED, TITLES, Cell, Content, Exercise, Quiz
from archprof.commands.quiz.marking.cells import SYNONYMS, readings_of, values_of
from archprof.commands.quiz.marking.marks import content_text
from archprof.commands.quiz.marking.mistakes import working
from archprof.commands.quiz.marking.student_answer import DEFAULTS
from archprof.commands.quiz.questions.question import QuestionSheet, QuizQuestion
from archprof.commands.quiz.sheets.sheet import plain
from archprof.commands.quiz.writing.tables import command, sheet_table
from archprof.show.table import Table

PER_MILLE = 5
"""How far a rounded number may be off: half a unit of the third digit is 5 per mille at most."""
EXACT_BELOW = 1_000
MOST_TRIED = 16
"""So many numbers are tried for a setting, of which several may fit."""


class ItemField(NamedTuple):
    """A place to answer: a number and how far it may be off, texts, or one of several options.

    `slips` are wrong answers with what each likely comes from.
    """

    name: str
    number: int | None = None
    tolerance: int = 0
    texts: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    right_option: int = 0
    slips: tuple[tuple[str, str], ...] = ()


class PlatformItem(NamedTuple):
    """An item: its title, its text or its table, its fields in order, and the working.

    The fields of a table are where it has a line to write on, row by row.
    """

    title: str
    text: str
    fields: tuple[ItemField, ...]
    working: tuple[str, ...]
    table: Table | None = None


def items(exercise: Exercise) -> tuple[PlatformItem, ...]:
    """Return the items of an exercise, in its order."""
    if isinstance(exercise, QuestionSheet):
        questions = enumerate(exercise.questions, 1)
        return tuple(_of_question(number, question) for number, question in questions)
    if isinstance(exercise, Quiz):
        return (_of_table(exercise),)
    raise TypeError(type(exercise).__name__)


def title_of(exercise: Exercise) -> str:
    """Return the title of an exercise: the command that makes it again."""
    return command(exercise.request)


def _of_table(quiz: Quiz) -> PlatformItem:
    table = sheet_table(quiz)
    notes = [note for note in table.notes if note[0] != "made by"]
    worked = []
    for cell in quiz.blanks:
        name, right = _name(quiz, cell), content_text(quiz.contents[cell], cell[1])
        worked.append(f"{name}: {working(quiz, cell) or right}")
    fields = tuple(_of_cell(quiz, cell) for cell in quiz.blanks)
    return PlatformItem(
        table.title, "", fields, tuple(worked), table._replace(title="", notes=notes)
    )


def _name(quiz: Quiz, cell: Cell) -> str:
    return f"{quiz.rows[cell[0]].label} {TITLES[cell[1]].partition(' (')[0]}"


def _of_cell(quiz: Quiz, cell: Cell) -> ItemField:
    row, column = cell
    right = quiz.contents[cell]
    if column in ("op", "kernel", "stride", "padding"):
        return ItemField(_name(quiz, cell), texts=_other_ways(quiz, cell))
    slips: tuple[tuple[str, str], ...] = ()
    if column in SUMMED:
        counted = values_of(quiz, row, column)
        slips = tuple(
            (str(value), f"likely counted {name}")
            for (dimension, name), value in counted.items()
            if name != DEFAULTS[dimension] and value.denominator == 1 and value
        )
    return field_of(_name(quiz, cell), column, (right,), slips)


def _other_ways(quiz: Quiz, cell: Cell) -> tuple[str, ...]:
    """Return the ways to write an op or a setting, and other settings that are as right."""
    right = quiz.contents[cell]
    tried = [plain(right), content_text(right, cell[1])]
    if cell[1] == "op":
        tried += [name for name, op in SYNONYMS.items() if op == right]
    else:
        tried += [str(number) for number in range(MOST_TRIED)]
    found = [text for text in tried if any(readings_of(quiz, cell, text))]
    return tuple(dict.fromkeys(found))


def _of_question(number: int, question: QuizQuestion) -> PlatformItem:
    title = f"{number} {question.kind}"
    answers = (question.right, *question.also)
    if question.options:
        labels = [option.partition(" (")[0] for option in question.options]
        right = labels.index(str(question.right))
        slips = tuple((str(wrong), f"likely {slip}") for slip, wrong in question.slips)
        field = ItemField(title, options=question.options, right_option=right, slips=slips)
    else:
        slips = tuple(
            (plain(wrong), f"likely {slip}")
            for slip, wrong in question.slips
            if wrong not in answers
        )
        field = field_of(title, question.column, answers, slips)
    return PlatformItem(title, question.text, (field,), (question.working,))


def field_of(
    name: str, column: str, answers: tuple[Content, ...], slips: tuple[tuple[str, str], ...]
) -> ItemField:
    """Return the field for a content of a column, or for several that are as right."""
    [first, *_] = answers
    if len(answers) == 1 and isinstance(first, tuple) and len({*first}) == 1 and column != "output":
        first = first[0]  # a window of 3x3 is written 3
    if len(answers) == 1 and isinstance(first, tuple) and len(first) == 1:
        first = first[0]
    if len(answers) == 1 and isinstance(first, int):
        number = str(first)
        wrong = dict(slip for slip in slips if slip[0] != number and slip[0].isdecimal())
        exact = column not in SUMMED or first < EXACT_BELOW
        tolerance = 0 if exact else first * PER_MILLE // 1000
        tolerance = min([tolerance, *(abs(int(slip) - first) - 1 for slip in wrong)])
        return ItemField(name, first, tolerance, slips=tuple(wrong.items()))
    texts = dict.fromkeys(text for answer in answers for text in _spellings(answer))
    wrong = dict(slip for slip in slips if slip[0] not in texts)
    return ItemField(name, texts=tuple(texts), slips=tuple(wrong.items()))


def _spellings(content: Content) -> list[str]:
    """Return a content as people write it: a shape with its channels first or last."""
    if not isinstance(content, tuple) or len(content) != 3:
        return [plain(content)]
    orders = (content, (*content[1:], content[0]))
    return [sign.join(map(str, order)) for sign in ("x", "×", " x ") for order in orders]
