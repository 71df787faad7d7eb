"""What a claim compares with a published value, or with several in an order."""

from __future__ import annotations

from archprof.commands.lecture.claims.claim_pieces import ClaimPieces
from archprof.commands.lecture.claims.document import RELATIONS, Published, PublishedValue
from archprof.commands.lecture.claims.figures import parse_figure
from archprof.commands.lecture.claims.keys import CELL, PUBLISHED
from archprof.language.published import published_rows, published_tables
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.problem import Mark, nearest

EXAMPLE = '{value: "1e-4", source: "He et al. 2016, section 3.4"}'
ORDER = '{values: [80.64%, 79.92%], relation: "<", source: "Liu et al. 2022, table 10"}'
FROM_TABLE = '{table: convnext_roadmap, row: {regime: t, step: 6}, column: accuracy, unit: "%"}'


def read_published(
    pieces: ClaimPieces, value: Value, data: dict[str, Value], called: str, mark: Mark
) -> Published | None:
    """Return what a source publishes and what is stated of it, None where it cannot be read."""
    what = f"`published` of {called}"
    if not isinstance(value.data, dict):
        pieces.complain(
            value.mark, "kind", f"{what} is {shown(value.plain())}, expected a mapping", EXAMPLE
        )
        return None
    entries = pieces.keys(value, PUBLISHED, what)
    stated = pieces.required(data, "stated", called, mark, "what the lecture says: 81.4%, Xavier")
    source = pieces.required(entries, "source", what, value.mark, "who published it, and where")
    values = _values(pieces, entries, what, value.mark)
    relation = pieces.choice(entries.get("relation"), "relation", RELATIONS)
    if stated is None or source is None or not values:
        return None
    text = str(pieces.printed(stated))
    figure = parse_figure(text)
    for one in values:
        if one.figure is None and relation:
            pieces.complain(
                value.mark, "kind", f"{shown(one.text)} is in an order, expected a figure", ORDER
            )
    return Published(
        text, figure, tuple(values), relation, pieces.text(source, "`source`"), value.mark
    )


def _values(
    pieces: ClaimPieces, entries: dict[str, Value], what: str, mark: Mark
) -> list[PublishedValue]:
    """Return the one value that is published, or the several that have an order."""
    in_order = entries.keys() & {"values", "relation"}
    if in_order and ("value" in entries or len(in_order) == 1):
        pieces.complain(
            mark, "kind", f"{what} needs `value`, or `values` with their `relation`", ORDER
        )
        return []
    if not in_order:
        one = pieces.required(entries, "value", what, mark, EXAMPLE)
        items = [] if one is None else [one]
    else:
        several = entries["values"]
        items = several.data if isinstance(several.data, list) else []
        if len(items) < 2:
            message = f"`values` is {shown(several.plain())}, expected a list of at least two"
            pieces.complain(several.mark, "kind", message, ORDER)
    found = [_value(pieces, item) for item in items]
    return [one for one in found if one is not None] if None not in found else []


def _value(pieces: ClaimPieces, item: Value) -> PublishedValue | None:
    """Return a published value: written out, or a cell of a table that comes with archprof."""
    text = str(pieces.printed(item))
    if isinstance(item.data, dict):
        text = _cell(pieces, item)
    elif not isinstance(item.data, (str, int, float)) or isinstance(item.data, bool):
        text = ""
        message = f"{shown(item.plain())} is published, expected a figure or a word"
        pieces.complain(item.mark, "kind", message, EXAMPLE)
    return PublishedValue(text, parse_figure(text)) if text else None


def _cell(pieces: ClaimPieces, item: Value) -> str:
    """Return a cell of a shipped table, "" where it names none."""
    data = pieces.keys(item, CELL, "a published value")
    for key in ("table", "row", "column"):
        if pieces.required(data, key, "a published value", item.mark, FROM_TABLE) is None:
            return ""
    table = pieces.choice(data["table"], "table", published_tables())
    if not table:
        return ""
    column = pieces.choice(data["column"], "column", published_rows(table)[0])
    wanted = {
        key: str(value.plain()) for key, value in pieces.mapping(data["row"], "`row`").items()
    }
    rows = [row for row in published_rows(table) if wanted.items() <= row.items()]
    if len(rows) != 1:
        found = f"fits {len(rows)} rows of {table}, expected one"
        unknown = next((key for key in wanted if key not in published_rows(table)[0]), None)
        hint = nearest(unknown, published_rows(table)[0], "columns") if unknown else ""
        pieces.complain(data["row"].mark, "kind", f"`row` {found}", hint)
        return ""
    if not column:
        return ""
    return rows[0][column] + pieces.text(data.get("unit"), "`unit`")
