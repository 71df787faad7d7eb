"""Questions marked: right, rounded, or wrong with the slip that gives the answer."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from archprof.commands.quiz.making.quiz import SUMMED, Cell, Content
from archprof.commands.quiz.marking.marks import Graded, Marked, content_text
from archprof.commands.quiz.marking.scheme import MISSING, RIGHT, ROUNDED, WRONG, points_of
from archprof.commands.quiz.marking.student_answer import (
    DEFAULTS,
    Reading,
    number_readings,
    parse_ints,
    parse_numbers,
    shape_readings,
)
from archprof.commands.quiz.questions.question import LETTERS, QuestionSheet, QuizQuestion

DIMENSIONS = {"params": "parameters", "macs": "arithmetic", "memory": "memory"}
"""The kind of conventions by which each column counts."""


def grade_questions(
    sheet: QuestionSheet, answers: Mapping[Cell, str], lenient: bool = False
) -> Graded:
    """Return the questions marked in order."""
    marks = [
        _marked(number, question, answers.get((number - 1, "answer"), "").strip(), lenient)
        for number, question in enumerate(sheet.questions, 1)
    ]
    return Graded(sheet, tuple(marks), (), lenient)


def _marked(number: int, question: QuizQuestion, text: str, lenient: bool) -> Marked:
    label = f"{number} {question.kind}"
    right = content_text(question.right, question.column)

    def marked(word: str, why: str = "", origin: str = "", slip: str = "") -> Marked:
        points = points_of(word, lenient)
        asked = question.column
        return Marked(label, "Answer", text, right, word, points, "", why, origin, slip, asked)

    if not text:
        return marked(MISSING)
    readings = [
        reading
        for content in (question.right, *question.also)
        for reading in readings_of_answer(question, text, content)
    ]
    if readings:
        return marked(RIGHT if any(reading.exact for reading in readings) else ROUNDED)
    slip = next(
        (
            name
            for name, content in question.slips
            if content != question.right and readings_of_answer(question, text, content)
        ),
        "",
    )
    likely = f"likely {slip}; " if slip else ""
    return marked(WRONG, f"{likely}{question.working}", f"{label} Answer", slip)


def readings_of_answer(question: QuizQuestion, text: str, content: Content) -> list[Reading]:
    """Return the ways in which an answer is this content, as its column counts."""
    if isinstance(content, str):
        return [Reading((), True)] if content in _named(question, text) else []
    if question.column in SUMMED and isinstance(content, int):
        dimension = DIMENSIONS[question.column]
        counted = {(dimension, DEFAULTS[dimension]): Fraction(content)}
        return [
            reading
            for figure in parse_numbers(text)
            for reading in number_readings(figure, counted, question.column)
            if not reading.foreign
        ]
    given = parse_ints(text)
    if given is None:
        return []
    if isinstance(content, tuple):
        return list(shape_readings(given, content))
    return [Reading((), True)] if {*given} == {content} and len(given) <= 2 else []


def _named(question: QuizQuestion, text: str) -> list[str]:
    """Return the layers that an answer may name: by its letter, its name, or the end of that."""
    labels = [option.partition(" (")[0] for option in question.options]
    letter = text.strip(" .:()").upper()
    if letter in LETTERS[: len(labels)]:
        return [labels[LETTERS.index(letter)]]
    plain = text.lower()
    whole = [label for label in labels if label.lower() == plain]
    ends = [label for label in labels if label.lower().rpartition(".")[2] == plain]
    return whole or (ends if len(ends) == 1 else [])
