"""Structural statements: orders of quantities, layers' settings, modules, laws, series."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import NamedTuple

from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.lecture.claims.document import (
    RELATIONS,
    Every,
    Law,
    Modules,
    Order,
    Selection,
    Series,
    Statement,
)
from archprof.commands.lecture.claims.quantities import QUANTITIES, fact
from archprof.commands.lecture.deciding.evaluate import evaluate, work_out
from archprof.commands.lecture.deciding.selection import select, setting_is
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.writing.statement_text import setting_text, term_text
from archprof.commands.lecture.writing.wording import result_text, worked_text
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError, nearest

MAX_SHOWN = 3
"""Layers that are named where a statement is wrong about more."""
NO_LAYER = "there is no layer that it is about"


class Structure(NamedTuple):
    """What is found of a structural statement, and what is wrong with it, "" where nothing is."""

    found: str
    fault: str


def judge_structure(statement: Statement, subjects: Subjects) -> Structure:
    """Decide a structural statement.

    Raises ProblemError where it names layers that are not there.
    """
    match statement:
        case Order():
            return _order(statement, subjects)
        case Every():
            return _every(statement, subjects)
        case Modules():
            return _modules(statement, subjects)
        case Law():
            return _law(statement, subjects)
        case Series():
            return _series(statement, subjects)
    raise TypeError(type(statement).__name__)


def _order(statement: Order, subjects: Subjects) -> Structure:
    sides = []
    for side in statement.sides:
        value = evaluate(subjects, side)
        if value is None or isinstance(value, tuple):
            return Structure("nothing to compare", f"{term_text(side)} is not a number")
        sides.append(Fraction(value))
    relation = statement.relation
    wrong = [
        f"{result_text(a)} {relation} {result_text(b)} is not so"
        for a, b in itertools.pairwise(sides)
        if not RELATIONS[relation](a, b)
    ]
    texts = [result_text(side) for side in sides]
    found = " against ".join(texts) if wrong else f" {relation} ".join(texts)
    return Structure(found, "; ".join(wrong))


def _every(statement: Every, subjects: Subjects) -> Structure:
    analysis = subjects.analysis(statement.subject)
    rows = select(subjects, analysis, statement.selection, statement.mark)
    if not rows:
        return Structure("no such layer", NO_LAYER)
    followers = _followers(analysis.graph)
    after = {id(row.node): followers[i] for i, row in enumerate(analysis.layers)}
    wrong = []
    for row in rows:
        faults = _layer_faults(subjects, statement, row, after[id(row.node)])
        if faults:
            wrong.append(f"{row.node.path} {', '.join(faults)}")
    return Structure(f"{len(rows) - len(wrong)} of {len(rows)}", _first_few(wrong))


def _layer_faults(
    subjects: Subjects, statement: Every, row: LayerAnalysis, after: set[str]
) -> list[str]:
    """Return what a statement about every layer says wrongly of this one.

    Raises ProblemError where its op is as stated, and has no such setting.
    """
    if statement.ops and row.node.kind not in statement.ops:
        faults = [f"is a {row.node.kind}"]
    else:
        for name, _ in statement.settings:
            if name not in row.node.op.settings:
                raise _lacks(subjects, row, name, statement.mark)
        faults = [
            f"{name} is not {setting_text(value)}"
            for name, value in statement.settings
            if not setting_is(row, name, value)
        ]
    if statement.followed_by and not after & set(statement.followed_by):
        faults.append(f"is followed by {' and '.join(sorted(after)) or 'nothing'}")
    return faults


def _lacks(subjects: Subjects, row: LayerAnalysis, name: str, mark: Mark) -> ProblemError:
    """Return the error of a statement about a setting that a layer's op does not have."""
    path, kind = row.node.path, row.node.kind
    if name in QUANTITIES:
        hint = f"it is a quantity: {{of: {{layers: {path}, quantity: {name}}}, stated: …}}"
    else:
        known = ", ".join(row.node.op.settings) or "none"
        hint = f"settings of {kind}: {known}; `op` chooses the layers that have it"
    return subjects.refuse(mark, f"`{path}` is a {kind}, which has no `{name}`", hint)


def _first_few(wrong: list[str]) -> str:
    """Return the first faults, and how many more there are."""
    shown = wrong[:MAX_SHOWN]
    if len(wrong) > MAX_SHOWN:
        shown.append(f"and {len(wrong) - MAX_SHOWN} more")
    return "; ".join(shown)


def _followers(graph: Graph) -> list[set[str]]:
    """Return for each layer the ops that take its output."""
    after: list[set[str]] = [set() for _ in graph.nodes]
    for node in graph.nodes:
        for source in node.inputs:
            if source >= 0:
                after[source].add(node.kind)
    return after


def _modules(statement: Modules, subjects: Subjects) -> Structure:
    rows = _rows_under(statement, subjects)
    found = ", ".join(row.node.kind for row in rows)
    for i, (row, entry) in enumerate(zip(rows, statement.entries, strict=False)):
        for name, value in sorted(entry, key=lambda item: item[0] != "op"):
            if not setting_is(row, name, value):
                have = row.node.kind if name == "op" else getattr(row.node.op, name, "none")
                return Structure(
                    found,
                    f"module {i}, {row.node.path}: {name} is {setting_text(have)},"
                    f" stated {setting_text(value)}",
                )
    if len(rows) != len(statement.entries):
        return Structure(found, f"{len(rows)} modules, stated {len(statement.entries)}")
    return Structure(found, "")


def _rows_under(statement: Modules, subjects: Subjects) -> list[LayerAnalysis]:
    """Return the selected layers under a path. Raises ProblemError where there is no such path."""
    analysis = subjects.analysis(statement.subject)
    path = statement.path
    rows = [
        row
        for row in analysis.layers
        if not path or row.node.path == path or row.node.path.startswith(f"{path}.")
    ]
    if not rows:
        known: set[str] = set()
        for row in analysis.layers:
            parts = row.node.path.split(".")
            known.update(".".join(parts[: n + 1]) for n in range(len(parts)))
        raise subjects.refuse(
            statement.mark,
            f"{analysis.graph.network.name} has no layer under `{path}`",
            nearest(path, known),
        )
    if statement.selection == Selection():
        return rows
    selection = statement.selection._replace(aux=statement.selection.aux or bool(path))
    chosen = {id(row.node) for row in select(subjects, analysis, selection, statement.mark)}
    return [row for row in rows if id(row.node) in chosen]


def _law(statement: Law, subjects: Subjects) -> Structure:
    analysis = subjects.analysis(statement.subject)
    rows = select(subjects, analysis, statement.selection, statement.mark)
    if not rows:
        return Structure("no such layer", NO_LAYER)
    wrong = []
    for row in rows:
        letters = {letter: fact(name, row, analysis) for letter, name in statement.names}
        missing = [name for letter, name in statement.names if letters[letter] is None]
        have = fact(statement.gives, row, analysis)
        if missing:
            raise _lacks(subjects, row, missing[0], statement.mark)
        result = work_out(subjects, statement.formula, letters)
        if have is None or not _gives(result, have):
            numbers = dict(statement.formula.numbers) | letters
            worked = worked_text(statement.formula.text, numbers, result)
            wrong.append(f"{row.node.path}: {worked}, it is {have}")
    return Structure(f"{len(rows) - len(wrong)} of {len(rows)} layers", _first_few(wrong))


def _gives(result: Fraction, have: object) -> bool:
    """Return whether a formula gives what a layer has.

    A whole number must be exact, a rate or a factor equal up to rounding.
    """
    if isinstance(have, float):
        return math.isclose(result, have, rel_tol=1e-12)
    return bool(result == have)


def _series(statement: Series, subjects: Subjects) -> Structure:
    analysis = subjects.analysis(statement.subject)
    rows = select(subjects, analysis, statement.selection, statement.mark)
    values = [fact(statement.of, row, analysis) for row in rows]
    if len(values) < 2 or any(not isinstance(v, (int, float, Fraction)) for v in values):
        return Structure(", ".join(map(str, values)), "there are no two numbers to compare")
    exact = [Fraction(v).limit_denominator(10**9) for v in values]
    shown = [result_text(v) for v in exact]
    if len(shown) > 8:
        shown = [*shown[:4], "…", *shown[-2:]]
    fault = "" if _follows(statement.trend, exact) else f"not {statement.trend}"
    return Structure(", ".join(shown), fault)


def _follows(trend: str, values: list[Fraction]) -> bool:
    """Return whether at least two values follow a trend."""
    steps = [b - a for a, b in itertools.pairwise(values)]
    return {
        "increasing": all(step > 0 for step in steps),
        "never falling": all(step >= 0 for step in steps),
        "decreasing": all(step < 0 for step in steps),
        "never rising": all(step <= 0 for step in steps),
        "constant": not any(steps),
        "linear": max(steps) - min(steps) <= Fraction(1, 10**6),
    }[trend]
