"""The figures beside a figure: of its column, or of the same total of the lecture's networks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from archprof.commands.lecture.claims.document import (
    Claim,
    Combined,
    Lecture,
    Quantity,
    Selection,
    Stated,
    Term,
    leaves,
)
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.table_reading import (
    AS_REQUESTED,
    Convention,
    TableFigure,
    TableReading,
    table_reading,
)
from archprof.problem import ProblemError

Column = tuple[str, ...]
"""What figures of one column have in common: the claim, how terms are combined, and quantities."""
WHOLE = ""
"""In place of the claim where the figures are of whole networks."""


def reading_beside(
    lecture: Lecture, claim: Claim, term: Term, subjects: Subjects
) -> TableReading | None:
    """Return the convention of the figures beside a term's, None where they have none.

    The figures of whole networks are beside each other in all of a lecture; those of some layers
    in their claim. What conventions the lecture's tables of layers follow, totals may follow too.
    """
    return _of_column(lecture, claim, _column(claim, term), subjects)


def _of_column(
    lecture: Lecture, claim: Claim, column: Column, subjects: Subjects
) -> TableReading | None:
    if column not in subjects.tables:
        whole = column[0] == WHOLE
        claims = [*lecture.claims.values()] if whole else [claim]
        figures = [figure for one in claims for figure in _figures(one, column, subjects)]
        given: Convention = AS_REQUESTED
        if whole and not all(figure.right for figure in figures):
            tables = (_of_column(lecture, one, (one.id, *column[1:]), subjects) for one in claims)
            given = given.union(*(table.convention for table in tables if table is not None))
        subjects.tables[column] = table_reading(subjects, figures, given)
    found: TableReading | None = subjects.tables[column]
    return found


def _column(claim: Claim, term: Term) -> Column:
    parts = list(leaves(term))
    whole = isinstance(term, Quantity) and term.selection == Selection() and not term.each
    how = term.how if isinstance(term, Combined) else ""
    return (WHOLE if whole else claim.id, how, *sorted({part.name for part in parts}))


def _figures(claim: Claim, column: Column, subjects: Subjects) -> Iterator[TableFigure]:
    for part in claim.parts:
        statement = part.statement
        if not isinstance(statement, Stated) or statement.figure is None:
            continue
        if _column(claim, statement.of) != column:
            continue
        try:
            value = evaluate(subjects, statement.of)
        except ProblemError:  # complained of where that claim is decided
            continue
        if value is not None and not isinstance(value, tuple):
            exact, figure = Fraction(value), statement.figure
            right = figure.exactly(exact) or figure.rounds(exact)
            yield TableFigure(statement.of, figure, right)
