"""The calculations of a claim as on a blackboard: the lecture's own formula, then archprof's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archprof.commands.lecture.claims.document import Constant, Quantity, Stated, Statement, Term
from archprof.commands.lecture.claims.quantities import QUANTITIES, Last, Summed
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC, counted_by
from archprof.commands.lecture.deciding.decision import Decision, JudgedClaim
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.selection import select
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import HandCalculation, Result
from archprof.commands.lecture.writing.statement_text import SIGNS, describe, term_text
from archprof.commands.lecture.writing.wording import decision_text, put_in, result_text
from archprof.ops.base import ShapeError
from archprof.show.working import steps

MAX_TERMS = 24
"""Terms of a sum that is written out."""
_STEP = {
    "height": "height",
    "width": "width",
    "channels": "channels",
    "params": "params",
    "macs": "MACs",
    "flops": "FLOPs",
    "field": "field size",
}
"""Quantities of one layer that have a formula on the board, and which."""


class Chain(NamedTuple):
    """One line of a calculation: its label, and the expressions that are equal, left to right."""

    label: str
    parts: tuple[str, ...]


class BoardEntry(NamedTuple):
    """One statement of a claim with its calculation.

    `stated` is the statement as text, `role` whether the lecture states it. `reports` are what the
    analysis, where there is no calculation, and the witnesses report, each with a name.
    """

    decision: Decision
    role: str
    stated: str
    calculation: list[Chain]
    reports: list[tuple[str, str]]


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
        yield BoardEntry(decision, role, stated, calculation, reports)


def _calculation(subjects: Subjects, statement: Statement, decision: Decision) -> list[Chain]:
    """Return the lecture's own calculation, then archprof's."""
    if not isinstance(statement, Stated):
        return []
    found = []
    if isinstance(decision.by_hand, HandCalculation):
        found.append(_by_hand(decision.by_hand))
    found += _term(subjects, statement.of, decision.channels_last)
    return found + _by_convention(subjects, statement.of, decision)


def _by_convention(subjects: Subjects, term: Term, decision: Decision) -> list[Chain]:
    """Return arithmetic by the convention that the verdict, or the likeliest cause, counts by."""
    moves = list(decision.verdict.reading)
    for cause in decision.verdict.causes[:1]:
        moves += cause
    name = counted_by(moves)
    if not isinstance(term, Quantity) or name is None:
        return []
    counted = term._replace(name=name)
    value = evaluate(subjects, counted)
    if value is None:
        return []
    return [Chain(f"as {ARITHMETIC[name]}", (*_quantity(subjects, counted), result_text(value)))]


def _by_hand(calculation: HandCalculation) -> Chain:
    formula = calculation.formula
    parts = [formula.text]
    with_numbers = put_in(formula.text, dict(formula.numbers))
    if with_numbers != formula.text:
        parts.append(with_numbers)
    return Chain("by hand", (*parts, result_text(calculation.result)))


def _term(subjects: Subjects, term: Term, channels_last: bool) -> list[Chain]:
    """Return the calculation of a term, its parts first."""
    if isinstance(term, Constant):
        return []
    value = evaluate(subjects, term)
    result = "differs from block to block"
    if value is not None:
        result = result_text(value, "", channels_last)
    if isinstance(term, Quantity):
        return [Chain(term_text(term), (*_quantity(subjects, term), result))]
    found = []
    for part in term.parts:
        found += _term(subjects, part, channels_last)
    values = [evaluate(subjects, part) for part in term.parts]
    written = SIGNS[term.how].join("?" if v is None else _ungrouped(v) for v in values)
    return [*found, Chain(term.how, (written, result))]


def _ungrouped(value: Result) -> str:
    """Return a number without commas, as it is written in an expression."""
    return result_text(value).replace(",", "")


def _quantity(subjects: Subjects, term: Quantity) -> list[str]:
    """Return a layer's formula and that with its numbers; the sum over several layers."""
    quantity = QUANTITIES[term.name]
    if not isinstance(quantity, (Summed, Last)) or term.each:
        return []
    analysis = subjects.analysis(term.subject)
    rows = select(subjects, analysis, term.selection, term.mark)
    if len(rows) == 1 or (isinstance(quantity, Last) and rows):
        index = next(i for i, row in enumerate(analysis.layers) if row is rows[-1])
        try:
            found = [s for s in steps(analysis, index) if s.quantity == _STEP.get(term.name)]
        except ShapeError:
            return []
        return [text for text in (found[0].formula, found[0].numbers) if text] if found else []
    if not isinstance(quantity, Summed) or term.name == "layers":
        return []
    parts = [quantity.of(row, analysis) for row in rows]
    shown = [_ungrouped(part) for part in parts if part]
    return [" + ".join(shown)] if 1 < len(shown) <= MAX_TERMS else []
