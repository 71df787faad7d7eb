"""The tables of a file of claims: each row's cells are statements about its layers."""

from __future__ import annotations

from archprof.commands.lecture.claims.document import (
    Every,
    Part,
    Quantity,
    Selection,
    Statement,
    Subject,
)
from archprof.commands.lecture.claims.keys import BODIES, CELLS, ROW, SUBJECT
from archprof.commands.lecture.claims.layer_types import TYPES, parse_type
from archprof.commands.lecture.claims.quantities import QUANTITIES, Whole
from archprof.commands.lecture.claims.statement_reader import StatementReader
from archprof.language.value import Value
from archprof.ops.base import shown
from archprof.problem import Mark, nearest


class TableReader:
    """Reads tables into parts, one for each cell."""

    def __init__(self, statements: StatementReader):
        self.statements, self.pieces = statements, statements.pieces

    def parts(
        self, value: Value, defaults: dict[str, Value], called: str, recorded: str
    ) -> list[Part]:
        """Return a table's cells; each row selects a layer and states some of its quantities."""
        what, example = f"`table` of {called}", "- {layers: conv1, shape: 96x55x55, params: 35K}"
        if not isinstance(value.data, dict):
            self.pieces.complain(
                value.mark,
                "kind",
                f"{what} is {shown(value.plain())}, expected a mapping with `rows`",
                example,
            )
            return []
        data = self.pieces.keys(value, BODIES["table"], what)
        rows = self.pieces.required(data, "rows", what, value.mark, example)
        if rows is None:
            return []
        if not isinstance(rows.data, list) or not rows.data:
            self.pieces.complain(
                rows.mark,
                "kind",
                f"`rows` is {shown(rows.plain())}, expected a list of rows",
                example,
            )
            return []
        below = defaults | {key: data[key] for key in SUBJECT if key in data}
        found = []
        for row in rows.data:
            found += self._row(row, below, f"a row of {called}", recorded)
        return found

    def _row(
        self, row: Value, defaults: dict[str, Value], called: str, recorded: str
    ) -> list[Part]:
        """Return one row's cells, each a statement of its own."""
        if not isinstance(row.data, dict):
            self.pieces.complain(
                row.mark,
                "kind",
                f"{called} is {shown(row.plain())}, expected a mapping",
                "{layers: conv1, shape: 96x55x55, params: 35K}",
            )
            return []
        cells, marks = self.pieces.keys(row, ROW, called), row.keys or {}
        subject = self.statements.terms.subject(cells, defaults, called, row.mark)
        selection = self.statements.terms.selection(cells)
        own = self.pieces.verdict(cells.get("verdict")) or recorded
        stated = [key for key in cells if key in CELLS]
        verdicts = self._verdicts(cells, stated)
        if not stated and len(cells) == len(row.data):
            self.pieces.complain(
                row.mark,
                "missing",
                f"{called} states nothing",
                f"give it one of {', '.join(CELLS[:6])} …",
            )
        label = selection.paths[0] if selection.paths else "all"
        if selection.first or selection.last:
            label = f"{selection.first}..{selection.last}"
        if "label" in cells:
            label = self.pieces.words(cells["label"], "`label`")
        if subject is None:
            return []
        parts = []
        for name in stated:
            statement = self._statement(name, subject, selection, cells[name], marks[name])
            if statement is not None:
                verdict = verdicts.get(name) or own
                parts.append(Part(f"{label} {name}", statement, verdict, marks[name]))
        return parts

    def _statement(
        self, name: str, subject: Subject, selection: Selection, cell: Value, mark: Mark
    ) -> Statement | None:
        """Return what a cell states, None where it cannot be read."""
        if name != "type":
            term = self._term(name, subject, selection, mark)
            return self.statements.statement_of(term, cell)
        found = parse_type(cell.data)
        if found is None:
            self.pieces.complain(
                cell.mark,
                "kind",
                f"`type` is {shown(cell.plain())}, expected what a layer is, and its stride",
                f"Conv / s2, max pool 3x3/2; words are {', '.join(TYPES)}",
            )
            return None
        return Every(subject, selection, found.settings, found.ops, (), mark)

    def _verdicts(self, cells: dict[str, Value], stated: list[str]) -> dict[str, str]:
        """Return the verdicts recorded for single cells of a row."""
        found = self.pieces.mapping(cells.get("verdicts"), "`verdicts`")
        for key in found.keys() - set(stated):
            self.pieces.complain(
                (cells["verdicts"].keys or {})[key],
                "unknown-key",
                f"`verdicts` names `{key}`, which the row does not state",
                nearest(key, stated),
            )
        return {key: self.pieces.verdict(value) for key, value in found.items()}

    def _term(self, name: str, subject: Subject, selection: Selection, mark: Mark) -> Quantity:
        """Return what a cell is about."""
        # as `from: input` of a spec: the network's own
        if name == "shape" and selection.paths == ("input",):
            return Quantity("input", subject, Selection(), mark)
        if isinstance(QUANTITIES[name], Whole) and selection != Selection():
            self.pieces.complain(
                mark,
                "kind",
                f"`{name}` is the network's as a whole, and the row selects layers",
                "state it in a row without `layers`",
            )
        return Quantity(name, subject, selection, mark)
