"""An exercise of either kind, a table with blanks or questions: made, and its answers marked."""

from __future__ import annotations

from collections.abc import Mapping

from archprof.analysis.analysis import Analysis
from archprof.commands.quiz.making.making import analysed, quiz_of
from archprof.commands.quiz.making.quiz import Cell, Exercise, Quiz, QuizRequest
from archprof.commands.quiz.marking.grading import grade
from archprof.commands.quiz.marking.marks import Graded
from archprof.commands.quiz.questions.asking import question_sheet
from archprof.commands.quiz.questions.question import QuestionSheet
from archprof.commands.quiz.questions.question_marks import grade_questions


def make_exercise(request: QuizRequest) -> Exercise:
    """Return the requested exercise: the same for the same request. Raises ProblemError."""
    return exercise_of(analysed(request), request)


def exercise_of(analysis: Analysis, request: QuizRequest) -> Exercise:
    """Return the requested exercise of an analysed network. Raises ProblemError."""
    if request.questions:
        return question_sheet(analysis, request)
    return quiz_of(analysis, request)


def grade_exercise(
    exercise: Exercise, answers: Mapping[Cell, str], lenient: bool = False
) -> Graded:
    """Return the answers of an exercise marked, strictly or leniently."""
    if isinstance(exercise, QuestionSheet):
        return grade_questions(exercise, answers, lenient)
    if isinstance(exercise, Quiz):
        return grade(exercise, answers, lenient)
    raise TypeError(type(exercise).__name__)
