"""Statements of a value.

The stated figure or shape is compared with the analysis, the witnesses and the lecture's formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, TypeGuard

from archprof.commands.lecture.claims.document import Part, Quantity, Stated, Subject, Term, leaves
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.claims.quantities import QUANTITIES, Summed
from archprof.commands.lecture.claims.ranges import PrintedRange
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC, BY_HAND, counted_by
from archprof.commands.lecture.deciding.decision import Decision, Witnesses
from archprof.commands.lecture.deciding.evaluate import WitnessValues, each, evaluate, work_out
from archprof.commands.lecture.deciding.explanation import Explanation
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import (
    BlockByBlock,
    Deviation,
    Fault,
    HandCalculation,
    Instead,
    Reported,
    ReportedValue,
    Result,
    WrongFormula,
)
from archprof.commands.lecture.deciding.verdicts import (
    DIFFERS,
    HOLDS,
    HOLDS_AS,
    ROUNDED,
    Moves,
    Verdict,
)
from archprof.commands.lecture.solving.layer_size import solve_size
from archprof.commands.lecture.solving.search import solve
from archprof.commands.lecture.solving.space import StatedBefore
from archprof.commands.lecture.solving.table_reading import TableReading
from archprof.commands.lecture.writing.wording import reported_text
from archprof.ops.base import Shape


class Beside(NamedTuple):
    """What stands beside a figure: the lecture's other figures, and the convention of its table."""

    stated: StatedBefore
    table: TableReading | None


def judge_value(
    part: Part,
    statement: Stated,
    subjects: Subjects,
    witnesses: Witnesses,
    beside: Beside,
    channels_last: bool,
) -> Decision:
    """Decide a statement of a value. Raises ProblemError where the term or formula is at fault."""
    term, unit = statement.of, _unit(statement)
    by_hand: HandCalculation | str = ""
    if statement.formula is not None:
        by_hand = HandCalculation(statement.formula, work_out(subjects, statement.formula))
    value = evaluate(subjects, term)
    analysis = _block_by_block(subjects, term) if value is None else ReportedValue(value, unit)
    verdict = _wrong_formula(statement, value, by_hand)
    if verdict is None and statement.range is not None:
        verdict = _judge_range(subjects, statement.of, statement.range, value, analysis)
    elif verdict is None and statement.figure is None:
        verdict = _judge_shape(subjects, statement, value, analysis, channels_last)
    elif verdict is None:
        verdict = _judge_figure(subjects, statement, value, analysis, beside)
    return Decision(
        part.label,
        statement.text,
        by_hand,
        analysis,
        _witness_reports(subjects, term, unit, witnesses.torch),
        _witness_reports(subjects, term, unit, witnesses.fvcore),
        verdict,
        part.recorded,
        channels_last,
    )


def _unit(statement: Stated) -> str:
    """Return the unit that values of a statement are printed in."""
    if isinstance(statement.of, Quantity):
        return QUANTITIES[statement.of.name].unit
    printed = statement.figure or statement.range
    return printed.unit if printed else ""


def _block_by_block(subjects: Subjects, term: Term) -> Reported:
    """Return the values of a quantity that is not the same in every block."""
    if not isinstance(term, Quantity):
        return "nothing"
    counts: dict[Result | None, int] = {}
    for _, value in each(subjects, term):
        counts[value] = counts.get(value, 0) + 1
    return BlockByBlock(tuple(counts.items()), bool(term.each))


def _witness_reports(
    subjects: Subjects, term: Term, unit: str, values: Mapping[Subject, WitnessValues]
) -> Reported:
    """Return what a witness reports of a term, "" where it reports nothing."""
    if not any(leaves(term)):  # nobody is a witness of a bare number
        return ""
    convention = ""
    # neither witness counts these; the MACs that they count are what lectures mean
    if isinstance(term, Quantity) and term.name == "flops":
        convention = "macs"
        term = term._replace(name=convention)
    value = evaluate(subjects, term, None, values)
    return "" if value is None else ReportedValue(value, unit, convention)


# --- verdicts ---


def _wrong_formula(
    statement: Stated, value: Result | None, by_hand: HandCalculation | str
) -> Verdict | None:
    """Return the verdict where the lecture's own formula does not give what it states."""
    if value is None or isinstance(by_hand, str):
        return None
    figure, result = statement.figure, by_hand.result
    if statement.range is not None:
        right = statement.range.rounds(result)
    elif figure is None:
        right = result in (statement.shape or ())
    else:
        right = (
            isinstance(value, tuple)
            or figure.exactly(result)
            or figure.rounds(result)
            or figure.cuts(result)
        )
    return None if right else Verdict(DIFFERS, WrongFormula(result))


def _judge_shape(
    subjects: Subjects,
    statement: Stated,
    value: Result | None,
    analysis: Reported,
    channels_last: bool,
) -> Verdict:
    term, shape = statement.of, statement.shape or ()
    if value is None:
        return Verdict(DIFFERS, Instead(analysis))
    if value == statement.shape or (_is_image(value) and value[1:] == shape):
        return Verdict(HOLDS)
    # 1x1x4096 of an fc layer, 2048 of a global pooling
    if isinstance(value, tuple) and _without_ones(value) == _without_ones(shape):
        return Verdict(HOLDS_AS, reading=(reported_text(analysis, channels_last),))
    causes: tuple[Explanation, ...] = ()
    if isinstance(term, Quantity) and term.name == "shape":
        causes = tuple(solve_size(subjects, term, shape))
    return Verdict(DIFFERS, Instead(analysis), causes)


def _is_image(value: Result) -> TypeGuard[Shape]:
    """Return whether a value is a shape C×H×W, of which a table may print H×W alone."""
    return isinstance(value, tuple) and len(value) == 3


def _without_ones(shape: Shape) -> Shape:
    return tuple(n for n in shape if n != 1)


def _judge_figure(
    subjects: Subjects,
    statement: Stated,
    value: Result | None,
    analysis: Reported,
    beside: Beside,
) -> Verdict:
    figure, term = statement.figure, statement.of
    if figure is None or value is None or isinstance(value, tuple):
        return Verdict(DIFFERS, Instead(analysis))
    exact, table = Fraction(value), beside.table
    by_table = None if table is None else table.of(subjects, term, figure)
    others = "" if table is None or by_table is not None else str(table)
    if figure.exactly(exact):
        return Verdict(HOLDS, others=others)
    if figure.rounds(exact):
        return Verdict(ROUNDED, others=others)
    if by_table is not None and table is not None:
        return Verdict(HOLDS_AS, reading=by_table.texts, luck=table.luck)
    found = _explanations(subjects, term, figure, beside)
    if table is not None and all(table.convention <= one.conventions for one in found):
        others = ""
    if found and found[0].reading:
        reading, *more = found
        return Verdict(
            HOLDS_AS, "", tuple(more), reading=reading.texts, luck=reading.luck, others=others
        )
    moves = found[0].texts if found else tuple(table.convention if table else ())
    if table is not None and not others:
        exact = table.value(subjects, term, figure) or exact
    fault = _deviation(subjects, term, figure, exact, moves)
    return Verdict(DIFFERS, fault, tuple(found), others=others)


def _explanations(
    subjects: Subjects, term: Term, figure: PrintedFigure, beside: Beside
) -> list[Explanation]:
    """Return what reproduces a figure: by its table's convention and a slip, or by itself."""
    if isinstance(term, Quantity) and term.name in ("height", "width"):
        return solve_size(subjects, term, figure.value)
    if beside.table is not None:
        given = beside.table.convention
        found = solve(subjects, term, figure, beside.stated, given)
        found = [one for one in found if given <= one.conventions]
        if found:
            return found
    return solve(subjects, term, figure, beside.stated)


def _judge_range(
    subjects: Subjects,
    term: Term,
    stated: PrintedRange,
    value: Result | None,
    analysis: Reported,
) -> Verdict:
    """Return the verdict on a range; arithmetic may be in it by another convention."""
    if value is None or isinstance(value, tuple):
        return Verdict(DIFFERS, Instead(analysis))
    if stated.exactly(Fraction(value)):
        return Verdict(HOLDS)
    if stated.rounds(Fraction(value)):
        return Verdict(ROUNDED)
    if isinstance(term, Quantity) and term.name in ARITHMETIC:
        for name in BY_HAND:
            counted = evaluate(subjects, term._replace(name=name))
            if isinstance(counted, (int, Fraction)) and stated.rounds(Fraction(counted)):
                return Verdict(HOLDS_AS, reading=(ARITHMETIC[name],))
    return Verdict(DIFFERS, Instead(analysis))


def _deviation(
    subjects: Subjects, term: Term, figure: PrintedFigure, exact: Fraction, moves: Moves
) -> Fault:
    """Return how far off a figure is.

    Arithmetic is compared by the convention of the likeliest cause, which is what the lecture
    meant.
    """
    if not figure.step or (
        isinstance(term, Quantity) and not isinstance(QUANTITIES[term.name], Summed)
    ):
        return Instead(ReportedValue(exact))
    if isinstance(term, Quantity):
        meant = counted_by(moves)
        if meant is None and not moves and term.name in ARITHMETIC:
            meant = _nearest_convention(subjects, term, figure, exact)
        value = None if meant is None else evaluate(subjects, term._replace(name=meant))
        if meant is not None and value and not isinstance(value, tuple):
            return Deviation(figure.value, Fraction(value), meant)
    return Deviation(figure.value, exact)


def _nearest_convention(
    subjects: Subjects, term: Quantity, figure: PrintedFigure, exact: Fraction
) -> str | None:
    """Return the convention by which a figure that nothing reproduces is least wrong.

    None where it is more than half as wrong as by the requested quantity.
    """
    distances = {}
    for name in BY_HAND:
        value = evaluate(subjects, term._replace(name=name))
        if value and not isinstance(value, tuple):
            distances[name] = abs(figure.value - value)
    nearest = min(distances, key=lambda n: distances[n], default=None)
    if nearest is None or 2 * distances[nearest] >= abs(figure.value - exact):
        return None
    return nearest
