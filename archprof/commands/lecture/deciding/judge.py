"""A claim's statements to decisions.

What is stated is compared with what the analysis and the witnesses report.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from archprof.allowance import paused
from archprof.commands.lecture.claims.document import (
    Claim,
    Experiment,
    Lecture,
    NotModelled,
    Part,
    Published,
    Stated,
    Term,
    Undecidable,
    leaves,
    without_marks,
)
from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim, Witnesses
from archprof.commands.lecture.deciding.figures_beside import reading_beside
from archprof.commands.lecture.deciding.published_values import judge_published
from archprof.commands.lecture.deciding.stated_values import Beside, judge_value
from archprof.commands.lecture.deciding.structures import judge_structure
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import Deviation, Instead
from archprof.commands.lecture.deciding.verdicts import (
    DIFFERS,
    HOLDS,
    NOT_MODELLED,
    NOT_RUN,
    ROUNDED,
    UNDECIDABLE,
    Verdict,
)
from archprof.commands.lecture.solving.space import StatedBefore
from archprof.commands.lecture.writing.statement_text import describe

FINEST = Fraction(1, 10**9)
"""What experiments are exact to: they count in floating point."""


def judge(lecture: Lecture, claim: Claim, subjects: Subjects, witnesses: Witnesses) -> JudgedClaim:
    """Decide a claim. Raises ProblemError where it names networks or layers that are not there."""
    stated_before = _stated_before(lecture, claim, subjects)
    decisions, also = (
        tuple(
            _decide(part, lecture, claim, subjects, witnesses, stated_before)._replace(
                reads=part.reads
            )
            for part in parts
        )
        for parts in (claim.parts, claim.also)
    )
    return JudgedClaim(claim, decisions, also)


def _stated_before(lecture: Lecture, claim: Claim, subjects: Subjects) -> StatedBefore:
    """Return the figures that the lecture's other claims state of this claim's terms.

    Where several claims state one, it is the last.
    """
    if not subjects.stated:
        for other in lecture.claims.values():
            for term, figure in _stated_figures(other):
                subjects.stated.setdefault(without_marks(term), {})[other.id] = figure
    found: dict[Term, tuple[str, PrintedFigure]] = {}
    for part in claim.parts:
        if not isinstance(part.statement, Stated):
            continue
        for term in map(without_marks, leaves(part.statement.of)):
            by_claim = subjects.stated.get(term, {})
            last = next((name for name in reversed(by_claim) if name != claim.id), None)
            if last is not None:
                found[term] = last, by_claim[last]
    return found


def _stated_figures(claim: Claim) -> Iterator[tuple[Term, PrintedFigure]]:
    """Yield the terms of a claim, each with the figure stated for it."""
    for part in claim.parts:
        if isinstance(part.statement, Stated) and part.statement.figure:
            yield part.statement.of, part.statement.figure


def _decide(
    part: Part,
    lecture: Lecture,
    claim: Claim,
    subjects: Subjects,
    witnesses: Witnesses,
    stated_before: StatedBefore,
) -> Decision:
    statement = part.statement
    if isinstance(statement, Stated):
        beside = Beside(stated_before, reading_beside(lecture, claim, statement.of, subjects))
        return judge_value(part, statement, subjects, witnesses, beside, claim.channels_last)
    if isinstance(statement, (Undecidable, NotModelled)):
        kind = UNDECIDABLE if isinstance(statement, Undecidable) else NOT_MODELLED
        verdict = Verdict(kind, statement.why)
        return Decision(part.label, "", "", "", "", "", verdict, part.recorded)
    if isinstance(statement, Experiment):
        return _judge_experiment(part, statement, subjects, witnesses)
    if isinstance(statement, Published):
        return judge_published(part, statement)
    found, fault = judge_structure(statement, subjects)
    verdict = Verdict(DIFFERS, fault) if fault else Verdict(HOLDS)
    return Decision(part.label, describe(statement), "", found, "", "", verdict, part.recorded)


def _judge_experiment(
    part: Part, statement: Experiment, subjects: Subjects, witnesses: Witnesses
) -> Decision:
    """Run an experiment and compare its result with the stated one."""
    if witnesses.run is None:
        found = ""
        verdict = Verdict(NOT_RUN, f"needs {', '.join(witnesses.missing) or 'torch'}")
    else:
        with paused():  # the time that torch takes is not ours
            found = witnesses.run(statement, subjects)
        verdict = _compare(statement.stated, found)
    return Decision(
        part.label,
        statement.stated,
        describe(statement),
        "",
        found,
        "",
        verdict,
        part.recorded,
    )


def _compare(stated: str, found: str) -> Verdict:
    """Return the verdict on an experiment's result: a word, or a number to the stated digits."""
    figure = parse_figure(stated)
    try:
        value = Fraction(found)
    except ValueError:
        value = None
    if found == stated or (figure and value is not None and figure.exactly(value)):
        return Verdict(HOLDS)
    if figure is None or value is None:
        return Verdict(DIFFERS, Instead(found))
    if figure.step and abs(figure.value - value) <= max(figure.step, FINEST) / 2:
        return Verdict(ROUNDED)
    return Verdict(DIFFERS, Deviation(figure.value, value))
