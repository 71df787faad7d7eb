"""Statements of what training or a paper gives, compared with what a source publishes."""

from __future__ import annotations

import itertools
from fractions import Fraction

from archprof.commands.lecture.claims.document import (
    RELATIONS,
    Part,
    Published,
)
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.deciding.decision import Decision
from archprof.commands.lecture.deciding.values import PublishedReport
from archprof.commands.lecture.deciding.verdicts import (
    AS_PUBLISHED,
    DIFFERS,
    UNDECIDABLE,
    Verdict,
)


def judge_published(part: Part, statement: Published) -> Decision:
    """Compare what is stated with what is published; no digit is confirmed that is not printed."""
    published = PublishedReport(tuple(value.text for value in statement.values), statement.source)
    agrees = _in_order(statement) if statement.relation else _equal(statement)
    verdict = {
        True: Verdict(AS_PUBLISHED),
        False: Verdict(DIFFERS, published),
        None: Verdict(UNDECIDABLE, f"the source prints no more than {', '.join(published.values)}"),
    }[agrees]
    return Decision(
        part.label,
        statement.stated,
        "",
        "",
        "",
        "",
        verdict,
        part.recorded,
        published=published,
    )


def _equal(statement: Published) -> bool | None:
    """Return whether the stated value is the published one, None where its digits leave it open."""
    (value,) = statement.values
    stated, published = statement.figure, value.figure
    if stated is None or published is None:
        return _words(statement.stated) == _words(value.text)
    if stated.exactly(published.value):
        return True
    if published.step <= stated.step:
        return stated.rounds(published.value)
    return None if published.rounds(stated.value) else False


def _words(text: str) -> list[str]:
    return text.casefold().split()


def _in_order(statement: Published) -> bool | None:
    """Return whether each value has the relation to the next, None where digits leave it open."""
    figures = [value.figure for value in statement.values if value.figure is not None]
    answers = {_related(statement.relation, a, b) for a, b in itertools.pairwise(figures)}
    if False in answers:
        return False
    return None if None in answers else True


def _related(relation: str, a: PrintedFigure, b: PrintedFigure) -> bool | None:
    """Return whether the values that print as these have a relation, None where some have not.

    Values of as many digits are compared as they are printed.
    """
    has = RELATIONS[relation]
    if a.step == b.step:
        return has(a.value, b.value)
    room = (a.step + b.step) / 2
    answers = {has(a.value - b.value + shift, Fraction(0)) for shift in (-room, Fraction(0), room)}
    return answers.pop() if len(answers) == 1 else None
