"""The questions of a sheet, chosen by its seed among all that a network gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from archprof.analysis.analysis import Analysis
from archprof.commands.quiz.making.making import check_level, refuse_option, table_of
from archprof.commands.quiz.making.quiz import Quiz, QuizRequest
from archprof.commands.quiz.questions.batches import batches
from archprof.commands.quiz.questions.changes import changes
from archprof.commands.quiz.questions.comparisons import comparisons
from archprof.commands.quiz.questions.errors import errors
from archprof.commands.quiz.questions.fields import fields
from archprof.commands.quiz.questions.paddings import paddings
from archprof.commands.quiz.questions.question import KINDS, QuestionSheet, QuizQuestion
from archprof.problem import nearest

MAKERS: dict[str, Callable[[Quiz], Iterator[QuizQuestion]]] = {
    "field": fields,
    "padding": paddings,
    "most": comparisons,
    "error": errors,
    "memory": batches,
    "change": changes,
}
"""What gives the questions of each kind."""


def question_sheet(analysis: Analysis, request: QuizRequest) -> QuestionSheet:
    """Return the requested sheet: the same for the same request, its kinds in turn.

    Raises ProblemError.
    """
    kinds = request.ask or tuple(KINDS)
    for kind in kinds:
        if kind not in KINDS:
            hint = nearest(kind, KINDS, "kinds of questions")
            raise refuse_option("--ask", f"there are no questions of the kind `{kind}`", hint)
    check_level(request)
    table = table_of(analysis, request)
    chance = random.Random(request.seed)
    pools = [_in_order(table, kind, request.level, chance) for kind in kinds]
    pools = [pool for _, pool in sorted((chance.random(), pool) for pool in pools if pool)]
    chosen: list[QuizQuestion] = []
    while any(pools) and len(chosen) < request.questions:
        chosen += [pool.pop() for pool in pools if pool][: request.questions - len(chosen)]
    if len(chosen) < request.questions:
        raise refuse_option(
            "--questions",
            f"{request.questions} questions, and this network gives {len(chosen)}",
            "ask for fewer, for more kinds (--ask) or of another --level",
        )
    return QuestionSheet(request, analysis, tuple(chosen))


def _in_order(table: Quiz, kind: str, level: str, chance: random.Random) -> list[QuizQuestion]:
    """Return the questions of a kind in the order that the seed gives."""
    found = [question for question in MAKERS[kind](table) if level in ("", question.level)]
    return sorted(found, key=lambda question: chance.random())
