"""A claim's terms to numbers, from the analysis or from the values that a witness reports."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.commands.lecture.claims.document import (
    Combined,
    Constant,
    Formula,
    Quantity,
    Subject,
    Term,
    without_marks,
)
from archprof.commands.lecture.claims.quantities import (
    QUANTITIES,
    Alike,
    First,
    Last,
    Number,
    OfLayers,
    Summed,
    Whole,
    by_block,
    bytes_each,
)
from archprof.commands.lecture.deciding.selection import no_block, select
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import Result
from archprof.language.functions import ExpressionError
from archprof.ops.base import shown
from archprof.problem import Mark


class WitnessValues(NamedTuple):
    """The values that a witness reports of a network's layers, by (quantity, path)."""

    values: Mapping[tuple[str, str], Result]


def evaluate(
    subjects: Subjects,
    term: Term,
    witness: WitnessValues | None = None,
    by_subject: Mapping[Subject, WitnessValues] | None = None,
) -> Result | None:
    """Return the value of a term, by the analysis or by what one witness reports.

    Where `by_subject` has the values that a witness reports of each network, they are used; the
    result is None where a value is not reported, or where blocks differ. Raises ProblemError
    where the term names layers that are not there.
    """
    if isinstance(term, Constant):
        return term.figure.value
    if isinstance(term, Combined):
        values = [evaluate(subjects, part, witness, by_subject) for part in term.parts]
        numbers = _numbers(values)
        return None if numbers is None else combine(term.how, numbers)
    if by_subject is not None:
        witness = by_subject.get(term.subject._replace(mark=Mark("")))
        if witness is None:
            return None
    values = [value for _, value in each(subjects, term, witness)]
    return values[0] if len(set(values)) == 1 else None


def _numbers(values: Sequence[Result | None]) -> list[Fraction] | None:
    """Return values as exact numbers, None where one is unknown or a shape."""
    numbers = [
        Fraction(value) for value in values if value is not None and not isinstance(value, tuple)
    ]
    return numbers if len(numbers) == len(values) else None


def each(
    subjects: Subjects, term: Quantity, witness: WitnessValues | None = None
) -> Sequence[tuple[str, Result | None]]:
    """Return the quantity with the path it is of.

    It is one per block where the term has `each`, and one per layer where all must agree.
    Raises ProblemError where the term names layers or blocks that are not there.
    """
    if witness is not None:
        return _reported(subjects, term, witness)
    place = without_marks(term)
    if place not in subjects.values:
        subjects.values[place] = _analysed(subjects, term)
    return subjects.values[place]


def _analysed(subjects: Subjects, term: Quantity) -> list[tuple[str, Result | None]]:
    analysis = subjects.analysis(term.subject)
    quantity = QUANTITIES[term.name]
    if isinstance(quantity, Whole):
        return [("", quantity.of(analysis))]
    groups = _groups(subjects, analysis, term)
    if isinstance(quantity, Alike):
        return [(row.node.path, quantity.of(row, analysis)) for _, group in groups for row in group]
    return [(path, _value(quantity, term, group, analysis)) for path, group in groups]


def _reported(
    subjects: Subjects, term: Quantity, witness: WitnessValues
) -> list[tuple[str, Result | None]]:
    analysis = subjects.analysis(term.subject)
    quantity = QUANTITIES[term.name]
    if isinstance(quantity, Whole):
        return [("", witness.values.get((term.name, "")))]
    return [
        (path, _witness_value(quantity, term, group, analysis, witness))
        for path, group in _groups(subjects, analysis, term)
    ]


def _groups(
    subjects: Subjects, analysis: Analysis, term: Quantity
) -> list[tuple[str, list[LayerAnalysis]]]:
    """Return the selected layers, of each block by themselves where the term is of each."""
    rows = select(subjects, analysis, term.selection, term.mark)
    return _by_block(subjects, analysis, term, rows) if term.each else [("", rows)]


def _by_block(
    subjects: Subjects, analysis: Analysis, term: Quantity, rows: Sequence[LayerAnalysis]
) -> list[tuple[str, list[LayerAnalysis]]]:
    """Return each block's selected layers, with the path of the block's first layer."""
    inside = [row for row in analysis.layers if not row.node.aux]
    homes = by_block(inside, term.each)
    if not homes:
        raise no_block(subjects, analysis, inside, term.each, term.mark)
    chosen = {id(row.node) for row in rows}
    return [(home[0].node.path, [row for row in home if id(row.node) in chosen]) for home in homes]


def _value(
    quantity: Summed | Last | First,
    term: Quantity,
    rows: list[LayerAnalysis],
    analysis: Analysis,
) -> Result | None:
    if term.name == "own_params":
        return sum(row.params for row in rows if row.node.path in term.selection.paths)
    if isinstance(quantity, Last):
        return quantity.of(rows[-1], analysis) if rows else None
    if isinstance(quantity, First):
        return quantity.of(rows[0], analysis) if rows else None
    total: Number = sum((quantity.of(row, analysis) for row in rows), start=0)
    return total


def _witness_value(
    quantity: OfLayers,
    term: Quantity,
    rows: list[LayerAnalysis],
    analysis: Analysis,
    witness: WitnessValues,
) -> Result | None:
    """Return a quantity from what a witness reports, None where it does not report all of it."""
    if term.name == "own_params" or isinstance(quantity, (First, Alike)):
        return None
    if isinstance(quantity, Last):
        return _witness_last(term.name, rows[-1].node.path, witness) if rows else None
    if term.name in ("elements", "output_bytes"):
        return _witness_elements(term, rows, analysis, witness)
    numbers = _numbers([witness.values.get((term.name, row.node.path)) for row in rows])
    if numbers is None:
        return None
    per_sample = term.name not in ("params", "buffers")
    return sum(numbers, start=Fraction(0)) * (term.subject.batch if per_sample else 1)


def _witness_last(name: str, path: str, witness: WitnessValues) -> Result | None:
    if name == "field":
        return witness.values.get(("field", path))
    shape = witness.values.get(("shape", path))
    if not isinstance(shape, tuple) or name == "shape":
        return shape
    if name == "channels":
        return shape[0] if len(shape) == 3 else shape[-1]
    return shape[{"height": 1, "width": 2}[name]] if len(shape) == 3 else None


def _witness_elements(
    term: Quantity, rows: list[LayerAnalysis], analysis: Analysis, witness: WitnessValues
) -> Number | None:
    shapes = [witness.values.get(("shape", row.node.path)) for row in rows]
    known = [math.prod(shape) for shape in shapes if isinstance(shape, tuple)]
    if len(known) < len(shapes):
        return None
    each_one = bytes_each(analysis) if term.name == "output_bytes" else 1
    return sum(known) * analysis.batch * each_one


def combine(how: str, values: Sequence[Fraction]) -> Fraction | None:
    """Return a ratio, difference, sum or product; None for a ratio to zero."""
    if how == "ratio":
        return values[0] / values[1] if values[1] else None
    if how == "difference":
        return values[0] - values[1]
    if how == "product":
        return math.prod(values, start=Fraction(1))
    return sum(values, start=Fraction(0))


def work_out(
    subjects: Subjects, formula: Formula, letters: Mapping[str, Any] | None = None
) -> Fraction:
    """Return a hand calculation's result. Raises ProblemError where it has none."""
    try:
        value = formula.expression({**dict(formula.numbers), **(letters or {})})
    except ExpressionError as error:
        raise subjects.refuse(formula.mark, f"`{formula.text}`: {error}", error.hint) from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise subjects.refuse(
            formula.mark, f"`{formula.text}` gives {shown(value)}, expected a number"
        )
    return Fraction(value).limit_denominator(10**12)
