"""Statements that cannot fail, whatever the network is: refused, since they check nothing."""

from __future__ import annotations

import itertools

from archprof.commands.lecture.claims.document import (
    Combined,
    Every,
    Experiment,
    Law,
    Order,
    Quantity,
    Stated,
    Statement,
    Term,
    without_marks,
)
from archprof.ops.rates import RATES


def tautology(statement: Statement) -> str:
    """Return why a statement cannot fail, "" where it can."""
    match statement:
        case Order():
            return _order(statement)
        case Stated():
            return _stated(statement)
        case Every():
            return _every(statement)
        case Law():
            return _law(statement)
        case Experiment():
            return _experiment(statement)
    return ""


def _order(statement: Order) -> str:
    sides = map(without_marks, statement.sides)
    if any(one == other for one, other in itertools.pairwise(sides)):
        return "it compares a quantity with itself"
    return next(filter(None, map(_with_itself, statement.sides)), "")


def _stated(statement: Stated) -> str:
    term, figure = statement.of, statement.figure
    free = isinstance(term, Quantity) and _costs_nothing(term)
    if free and figure is not None and figure.value == 0:
        return "archprof counts no arithmetic of this op, whatever it does"
    return _with_itself(term)


def _costs_nothing(term: Quantity) -> bool:
    """Return whether it is arithmetic of ops of which none is counted, by their names alone."""
    arithmetic = term.name == "macs" or term.name.startswith("flops")
    ops = term.selection.ops
    return arithmetic and bool(ops) and all(RATES.get(op) == 0 for op in ops)


def _with_itself(term: Term) -> str:
    """Return that a ratio or a difference is of a term and itself, "" where none is."""
    if not isinstance(term, Combined):
        return ""
    parts = [without_marks(part) for part in term.parts]
    if term.how in ("ratio", "difference") and parts[0] == parts[1]:
        return f"it is the {term.how} of a quantity and itself"
    return next(filter(None, map(_with_itself, term.parts)), "")


def _every(statement: Every) -> str:
    selected = statement.selection.where
    ops = statement.selection.ops
    states_more = statement.followed_by or (statement.ops and statement.ops != ops)
    if not states_more and set(statement.settings) <= set(selected):
        return "it says of layers only what they are selected by"
    return ""


def _law(statement: Law) -> str:
    """Return that a formula is the letter of what it gives."""
    if dict(statement.names).get(statement.formula.text.strip()) == statement.gives:
        return f"its formula is {statement.gives} itself"
    return ""


def _experiment(statement: Experiment) -> str:
    arguments = dict(statement.arguments)
    same = statement.name == "equal" and arguments["left"] == arguments["right"]
    return "it compares a network with itself" if same and "identity" not in arguments else ""
