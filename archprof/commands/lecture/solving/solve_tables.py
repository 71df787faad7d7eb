"""Solved figures as tables and as data."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archprof.commands.lecture.deciding.explanation import Explanation
from archprof.commands.lecture.deciding.values import Result
from archprof.commands.lecture.solving.solving import CHANNELS_LAST, Solved
from archprof.commands.lecture.writing.statement_text import term_text
from archprof.commands.lecture.writing.verdict_data import result_data
from archprof.commands.lecture.writing.wording import luck_text, result_text
from archprof.show.table import Table, TableColumn

AS_REQUESTED = "exactly as asked"
LUCK = (
    "if half of all wrong figures have no cause here, one in so many of these explanations is a"
    " coincidence"
)


def solved_table(solved: Solved) -> Table:
    """Return the answers as rows, each with its luck where it is known."""
    columns = [
        TableColumn("What gives it", right=False, wraps=True),
        TableColumn("Exactly"),
        TableColumn("Kind", right=False),
    ]
    notes = [("as asked", _exact_text(solved))]
    if solved.order:
        notes.append(("order", f"read as {solved.order}"))
    if not solved.answered:
        notes.append(("answer", _why_nothing(solved)))
    rows = [list(row) for row in _rows(solved)]
    if any(explanation.luck is not None for explanation in solved.explanations):
        columns.append(TableColumn("Luck", right=False))
        notes.append(("luck", LUCK))
        for row, explanation in zip(rows, solved.explanations, strict=True):
            row.append(luck_text(explanation.luck))
    return Table(columns, rows, _question(solved), notes)


def _rows(solved: Solved) -> list[tuple[str, str, str]]:
    if solved.holds:
        shown = _exact_text(solved) if solved.shape is None else solved.printed
        return [(AS_REQUESTED, shown, "holds")]
    return [
        (
            _reproduces(explanation),
            _value_text(explanation.value) if solved.shape is None else solved.printed,
            _kind(explanation),
        )
        for explanation in solved.explanations
    ]


def _question(solved: Solved) -> str:
    return f"{term_text(solved.term)}: what is {solved.printed}?"


def _exact_text(solved: Solved) -> str:
    if solved.shape is None and not isinstance(solved.exact, tuple):
        return f"{int(solved.exact):,}"
    return result_text(solved.exact, channels_last=solved.order == CHANNELS_LAST)


def _value_text(value: Result) -> str:
    """Return a number in full, with one decimal where it is not whole."""
    if isinstance(value, tuple):
        return result_text(value)
    value = Fraction(value)
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.1f}"


def _reproduces(explanation: Explanation) -> str:
    return ", also ".join((str(explanation), *explanation.also))


def _kind(explanation: Explanation) -> str:
    return "reading" if explanation.reading else "likely slip"


def _why_nothing(solved: Solved) -> str:
    if solved.chance is None:
        return "nothing in the declared space gives these digits"
    explained, of = solved.chance
    return (
        f"none that luck does not explain as well: moves as simple give {explained} of the {of}"
        f" figures near {solved.printed}"
    )


def solved_data(solved: Solved) -> dict[str, Any]:
    """Return the answers as JSON data: numbers whole where they are, shapes as lists."""
    if solved.holds:
        printed = solved.exact if solved.shape is None else solved.shape
        answers = [{"reproduces": AS_REQUESTED, "value": result_data(printed), "kind": "holds"}]
    else:
        answers = [_explanation_data(solved, explanation) for explanation in solved.explanations]
    return {
        "question": _question(solved),
        "exact": result_data(solved.exact),
        "order": solved.order,
        "answers": answers,
    }


def _explanation_data(solved: Solved, explanation: Explanation) -> dict[str, Any]:
    data: dict[str, Any] = {
        "reproduces": _reproduces(explanation),
        "value": result_data(explanation.value if solved.shape is None else solved.shape),
        "kind": _kind(explanation),
    }
    if explanation.luck is not None:
        data["luck"] = float(explanation.luck)
    return data
