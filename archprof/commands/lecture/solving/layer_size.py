"""What gives one layer a stated size or shape: another input, another padding, another variant."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.commands.lecture.claims.document import Quantity, Subject
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.explanation import MAX_ANSWERS, Explanation, SolverMove
from archprof.commands.lecture.deciding.selection import select
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.deciding.values import Result
from archprof.commands.lecture.solving.scenes import SIDES, analysis_or_none
from archprof.ops.base import Shape, ShapeError
from archprof.problem import ProblemError


def solve_size(subjects: Subjects, term: Quantity, stated: Fraction | Shape) -> list[Explanation]:
    """Return what gives one layer the stated size or shape, simplest first.

    Tried are another input, another padding, rounding up, and another variant.
    """
    base = subjects.analysis(term.subject)
    found = list(_other_inputs(subjects, term, base, stated))
    rows = select(subjects, base, term.selection, term.mark)
    if rows:
        found += _reshaped(term, rows[-1], stated)
    found += _other_variants(subjects, term, base, stated)
    return sorted(found, key=lambda explanation: explanation.cost)[:MAX_ANSWERS]


def _other_inputs(
    subjects: Subjects, term: Quantity, base: Analysis, stated: Fraction | Shape
) -> Iterator[Explanation]:
    if len(base.graph.input) != 3:
        return
    for side in SIDES:
        if (side, side) == base.graph.input[1:]:
            continue
        subject = term.subject._replace(input=(base.graph.input[0], side, side))
        if analysis_or_none(subjects, subject) is None:
            continue
        if evaluate(subjects, term._replace(subject=subject)) == stated:
            move = SolverMove(f"at an input of {side}x{side}", 1, "network", reading=False)
            yield Explanation((move,), stated, move.cost)


def _other_variants(
    subjects: Subjects, term: Quantity, base: Analysis, stated: Fraction | Shape
) -> Iterator[Explanation]:
    network = base.graph.network
    for other in network.siblings if network.as_specified() else ():
        if other == network.name:
            continue
        if _value_for(subjects, term, term.subject._replace(network=other)) == stated:
            move = SolverMove(f"for {other}", 2, "network")
            yield Explanation((move,), stated, move.cost)


def _value_for(subjects: Subjects, term: Quantity, subject: Subject) -> Result | None:
    """Return the quantity of another subject, None where that has no such layer."""
    if analysis_or_none(subjects, subject) is None:
        return None
    try:
        return evaluate(subjects, term._replace(subject=subject))
    except ProblemError:  # a variant without that layer
        return None


def _reshaped(
    term: Quantity, row: LayerAnalysis, stated: Fraction | Shape
) -> Iterator[Explanation]:
    """Yield what gives the size with the layer's input as it is and other settings."""
    op = row.node.op
    if "padding" not in op.settings:
        return
    given = {name: _spelled(value) for name, value in op.given().items() if value is not None}
    here = op.given().get("padding", (0, 0))
    changes = [(f"with padding {p}", {"padding": p}) for p in range(4) if here not in (p, (p, p))]
    if "ceil_mode" in op.settings and not op.given().get("ceil_mode", False):
        changes.append(("rounded up, not down", {"ceil_mode": True}))
    for label, change in changes:
        try:
            shape = type(op)(**{**given, **change}).output_shape(*row.node.facts.inputs)
        except (ShapeError, ValueError):
            continue
        axis = {"height": 1, "width": 2}.get(term.name, 0)
        if (shape if term.name == "shape" else shape[axis]) == stated:
            move = SolverMove(label, 1, "slip", reading=False)
            yield Explanation((move,), stated, move.cost)


def _spelled(value: object) -> object:
    """Return a setting as YAML gives it: lists for tuples."""
    return list(value) if isinstance(value, tuple) else value
