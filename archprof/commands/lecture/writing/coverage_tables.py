"""What of a text no claim quotes, as tables and as data for JSON."""

from __future__ import annotations

from typing import Any

from archprof import units
from archprof.commands.lecture.texts.coverage import Coverage, Misquoted
from archprof.show.table import Table, TableColumn

SCHEMA = 1
MOST_LINES = 3
"""Lines that are named where a sentence stands more often."""
MOST_CHARACTERS = 400
"""Of a sentence, in a table: a text without full stops is one sentence."""


def coverage_tables(found: Coverage) -> list[Table]:
    """Return a table of what no claim quotes, and one of quotations that the text does not have."""
    rows = [
        [_lines(one.lines), ", ".join(one.figures) or "a statement", _in_one_line(one.sentence)]
        for one in found.uncovered
    ]
    columns = [
        TableColumn("Line", right=False, wraps=True),
        TableColumn("Not covered", right=False, wraps=True),
        TableColumn("Sentence", right=False, wraps=True),
    ]
    title = f"{units.number_of(len(rows), 'sentence')} that no claim quotes"
    counted = (
        f"{found.text.name}: {units.number_of(found.figures, 'figure')},"
        f" {units.number_of(found.sentences, 'sentence')} that could be checked"
    )
    tables = [Table(columns, rows, title, [("read", counted)])]
    if found.misquoted:
        tables.append(_misquoted(found))
    return tables


def _misquoted(found: Coverage) -> Table:
    columns = [
        TableColumn("Claim", right=False),
        TableColumn("Quotes", right=False, wraps=True),
        TableColumn("Line", right=False),
        TableColumn("Nearest", right=False, wraps=True),
    ]
    rows = [
        [one.claim, _in_one_line(one.words), _line(one), _nearest(one)] for one in found.misquoted
    ]
    title = f"{units.number_of(len(rows), 'quotation')} that the text does not have"
    return Table(columns, rows, title)


def _line(one: Misquoted) -> str:
    return "" if one.nearest is None else str(one.nearest.line)


def _nearest(one: Misquoted) -> str:
    if one.stated:
        return "stated, and not quoted"
    return "" if one.nearest is None else _in_one_line(one.nearest.text)


def _lines(lines: tuple[int, ...]) -> str:
    """Return the first lines, and how many more there are."""
    return units.some([str(line) for line in lines], MOST_LINES)


def _in_one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS]}…"


def coverage_data(found: Coverage) -> dict[str, Any]:
    """Return the coverage as JSON data."""
    return {
        "schema": SCHEMA,
        "text": found.text.name,
        "figures": found.figures,
        "checkable": found.sentences,
        "uncovered": [
            {"lines": list(one.lines), "sentence": one.sentence, "figures": list(one.figures)}
            for one in found.uncovered
        ],
        "misquoted": [
            {
                "claim": one.claim,
                "words": one.words,
                "stated": one.stated,
                "nearest": None
                if one.nearest is None
                else {"line": one.nearest.line, "sentence": one.nearest.text},
            }
            for one in found.misquoted
        ],
    }
