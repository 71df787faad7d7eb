"""The calculations of a claim as on a blackboard: the lecture's own formula, then archprof's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Constant, Quantity, Stated, Statement, Term
from archprof.commands.lecture.claims.quantities import QUANTITIES, Last, Summed
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC, counted_by
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.selection import select
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import HandCalculation, Result
from archprof.commands.lecture.writing.board_sums import Chain, of_layers, of_one_layer
from archprof.commands.lecture.writing.slide_names import names_in, with_slide_names
from archprof.commands.lecture.writing.statement_text import SIGNS, describe, term_text
from archprof.commands.lecture.writing.wording import (
    decision_text,
    put_in,
    reason_text,
    result_text,
)


class BoardEntry(NamedTuple):
    """One statement of a claim with its calculation.

    `stated` is the statement as text, `role` whether the lecture states it. `reports` are what the
    analysis, where there is no calculation, and the witnesses report, each with a name. `why` is
    what is wrong, with the slides' names of layers.
    """

    decision: Decision
    role: str
    stated: str
    calculation: list[Chain]
    reports: list[tuple[str, str]]
    why: str


Judged = Sequence[tuple[Subjects, JudgedClaim]]
"""Claims, each with the networks it is about."""


def entries(subjects: Subjects, judged: JudgedClaim) -> Iterator[BoardEntry]:
    """Yield each statement of a claim with its calculation. Raises ProblemError."""
    parts = (*judged.claim.parts, *judged.claim.also)
    for i, (part, decision) in enumerate(zip(parts, judged.everything, strict=True)):
        calculation = _calculation(subjects, part.statement, decision)
        text = decision_text(decision)
        reports = [
            ("torch", text.torch),
            ("fvcore", text.fvcore),
            ("published", text.published),
        ]
        if not calculation:
            reports.insert(0, ("analysis", text.analysis))
        stated = text.stated or describe(part.statement)
        role = "stated" if i < len(judged.decisions) else "checked beside"
        reports = [report for report in reports if report[1]]
        why = with_slide_names(reason_text(decision), names_in(part.statement, subjects))
        yield BoardEntry(decision, role, stated, calculation, reports, why)


def _calculation(subjects: Subjects, statement: Statement, decision: Decision) -> list[Chain]:
    """Return the lecture's own calculation, then archprof's.

    Arithmetic that a convention counts otherwise is worked out by that alone.
    """
    if not isinstance(statement, Stated):
        return []
    found = []
    if isinstance(decision.by_hand, HandCalculation):
        found.append(_by_hand(decision.by_hand))
    names = names_in(statement, subjects)
    counted = _counted(statement.of, decision)
    if counted is None:
        return found + _term(subjects, statement.of, decision.channels_last, names)
    value = evaluate(subjects, statement.of)
    if value is not None:
        label = with_slide_names(term_text(statement.of), names)
        found.append(Chain(label, (result_text(value),)))
    lines = _term(subjects, counted, decision.channels_last, names)
    return [*found, lines[0]._replace(label=f"as {ARITHMETIC[counted.name]}"), *lines[1:]]


def _counted(term: Term, decision: Decision) -> Quantity | None:
    """Return arithmetic by the convention that the verdict, or the likeliest cause, counts by."""
    moves = list(decision.verdict.reading)
    for cause in decision.verdict.causes[:1]:
        moves += cause.texts
    name = counted_by(moves)
    if not isinstance(term, Quantity) or name is None:
        return None
    return term._replace(name=name)


def _by_hand(calculation: HandCalculation) -> Chain:
    formula = calculation.formula
    parts = [formula.text]
    with_numbers = put_in(formula.text, dict(formula.numbers))
    if with_numbers != formula.text:
        parts.append(with_numbers)
    return Chain("by hand", (*parts, result_text(calculation.result)))


def _term(
    subjects: Subjects, term: Term, channels_last: bool, names: Mapping[str, str]
) -> list[Chain]:
    """Return the calculation of a term, its parts first."""
    if isinstance(term, Constant):
        return []
    value = evaluate(subjects, term)
    result = "differs from block to block"
    if value is not None:
        result = result_text(value, "", channels_last)
    if isinstance(term, Quantity):
        return _quantity(subjects, term, result, names)
    found = []
    for part in term.parts:
        found += _term(subjects, part, channels_last, names)
    values = [evaluate(subjects, part) for part in term.parts]
    written = SIGNS[term.how].join("?" if v is None else _ungrouped(v) for v in values)
    return [*found, Chain(term.how, (written, result))]


def _ungrouped(value: Result) -> str:
    """Return a number without commas, as it is written in an expression."""
    return result_text(value).replace(",", "")


def _quantity(
    subjects: Subjects, term: Quantity, result: str, names: Mapping[str, str]
) -> list[Chain]:
    """Return a layer's formula and that with its numbers; of several layers each, then the sum."""
    label = with_slide_names(term_text(term), names)
    quantity = QUANTITIES[term.name]
    whole = Chain(label, (result,))
    if not isinstance(quantity, (Summed, Last)) or term.each or term.name == "layers":
        return [whole]
    analysis = subjects.analysis(term.subject)
    rows = select(subjects, analysis, term.selection, term.mark)
    if len(rows) == 1 or (isinstance(quantity, Last) and rows):
        return [Chain(label, (*of_one_layer(analysis, rows[-1], term.name), result))]
    lines = of_layers(label, analysis, rows, term.name, names)
    return [*lines, Chain("sum", (result,))] if lines else [whole]
