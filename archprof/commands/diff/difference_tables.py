"""A difference as tables: the totals of every network, and what became of its layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from archprof import units
from archprof.commands.diff.change_rows import ChangeRow, rows
from archprof.commands.diff.difference import Difference, Share
from archprof.commands.diff.review import Compared, Review
from archprof.commands.diff.totals_text import (
    MOST_NAMES,
    NAMES,
    amount,
    change,
    counted,
    counted_layers,
    heading,
    nothing,
    overview,
    overview_change,
    quantities,
    smaller_sides,
    some_names,
    totals,
)
from archprof.ops.base import shown
from archprof.show.resized import resized_data, resized_notes
from archprof.show.table import Line, Table, TableColumn, hanging, lines

Note = tuple[str, str]  # its label, and its text

MOST_DETAILED = 5  # networks whose layers are shown without --full
OVERVIEW_DROPS = {"macs": 1, "peak": 2, "training": 5, "field": 3, "depth": 4}
"""Which quantities of the overview a narrow terminal leaves out, the highest number first."""

COLUMNS = [
    TableColumn("Change", right=False),
    TableColumn("Layer", right=False, wraps=True),
    TableColumn("What", right=False, wraps=True, drop=1),
    TableColumn("Params"),
    TableColumn("MACs", drop=2),
    TableColumn("Peak", unit="bytes", drop=4),
    TableColumn("Field", style="yellow", drop=3),
    TableColumn("Place", drop=5),
]
"""The columns of changed layers."""


def difference_lines(review: Review, full: bool, width: int) -> Iterator[Line]:
    """Yield the lines for a terminal of `width` columns.

    Of one network these are its totals and its changes, of several a row each and the changes of
    the first ones.
    """
    if text := nothing(review):
        yield from hanging("", text, width)
        for label, note in _resized(review):
            yield from hanging(f"{label} ", note, width)
        return
    for i, table in enumerate(difference_tables(review, full)):
        if i:
            yield []
        yield from lines(table, width)


def page_tables(review: Review, full: bool) -> list[Table]:
    """Return the tables of a page; where nothing differs, one that only says so."""
    if text := nothing(review):
        return [Table((), (), text, _resized(review))]
    return difference_tables(review, full)


def difference_tables(review: Review, full: bool = False) -> list[Table]:
    """Return the tables of `difference_lines`, for a review in which something differs."""
    differing = [one for one in review.networks if one.found and not one.found.identical]
    if len(review.networks) == 1 and differing:
        return [_totals(differing[0], review), *_changes(differing, full)]
    detailed = differing if full else differing[:MOST_DETAILED]
    tables = [_overview(review), *_changes(detailed, full)]
    if rest := len(differing) - len(detailed):
        more = "1 more network changes" if rest == 1 else f"{rest} more networks change"
        note = ("more", f"{more}: --full shows their layers")
        tables[-1] = tables[-1]._replace(notes=[*tables[-1].notes, note])
    return tables


# --- totals ---


def _totals(one: Compared, review: Review) -> Table:
    """Return the totals of one network before and after."""
    found = one.found
    if found is None:
        raise ValueError("totals of two sides need both")
    body, quiet = [], set()
    for i, quantity in enumerate(quantities(review)):
        old, new = totals(one, quantity)
        if old == new:
            quiet.add(i)
        body.append(_total_cells(quantity, old, new))
    columns = [
        TableColumn("", right=False),
        TableColumn("Before"),
        TableColumn("After"),
        TableColumn("Change"),
        TableColumn("%", style="cyan", drop=1),
    ]
    shapes = dict.fromkeys(units.shape(side.graph.input) for side in (found.old, found.new))
    name = f"{one.name} · " if one.name != review.new else ""
    title = (
        f"{name}{review.old} -> {review.new} · input {' -> '.join(shapes)}"
        f" · batch {found.new.batch} · {found.new.dtype}"
    )
    notes = [*_notes(found), *_resized(review)]
    return Table(columns, body, title, notes, quiet=frozenset(quiet))


def _total_cells(quantity: str, old: Any, new: Any) -> list[str]:
    compared = smaller_sides(old, new) if quantity == "field" else (old, new)
    relative = units.relative(*compared) if old != new and compared else "-"
    return [
        NAMES.get(quantity, quantity),
        amount(quantity, old),
        amount(quantity, new),
        change(quantity, old, new),
        relative,
    ]


def _notes(found: Difference) -> Iterator[Note]:
    yield "layers", counted_layers(found)
    for name, old, new in found.parameters:
        yield "parameter", f"{name} {shown(old)} -> {shown(new)}"


def _resized(review: Review) -> list[Note]:
    """Return what another input than a spec's own changed.

    Networks for which that has the same text, and the two sides of a network, share a note.
    """
    found: dict[Note, dict[str, None]] = {}
    for one in review.networks:
        for side in (one.old, one.new):
            if side is None:
                continue
            for note in resized_notes(resized_data(side.graph), side.graph.input):
                found.setdefault(note, {})[side.graph.network.name] = None
    notes = [(label, f"{some_names([*names])}: {text}") for (label, text), names in found.items()]
    return notes[:MOST_NAMES]


def _overview(review: Review) -> Table:
    """Return a row for each network that is not the same."""
    body = [
        [one.name, one.state, *(_overview_cell(one, quantity) for quantity in overview(review))]
        for one in review.networks
        if one.state != "same"
    ]
    columns = [TableColumn("Network", right=False), TableColumn("", right=False)]
    for quantity in overview(review):
        columns.append(TableColumn(heading(quantity), drop=OVERVIEW_DROPS.get(quantity, 0)))
    title = f"From {review.old} to {review.new}: {counted(review)}"
    return Table(columns, body, title, _overview_notes(review))


def _overview_cell(one: Compared, quantity: str) -> str:
    old, new = totals(one, quantity)
    if one.old is None and one.new is None:
        return "-"
    if one.old is None or one.new is None:
        return amount(quantity, new if one.new else old)
    if old == new:
        return amount(quantity, new)
    return f"{amount(quantity, new)} ({overview_change(quantity, old, new)})"


def _overview_notes(review: Review) -> list[Note]:
    """Return which files touch which networks, and which networks are the same."""
    notes = []
    files = list(dict.fromkeys(file for one in review.networks for file in one.files))
    for file in files[:MOST_NAMES]:
        touched = [one.name for one in review.networks if file in one.files]
        notes.append(("through", f"{file}: {some_names(touched)}"))
    if len(files) > MOST_NAMES:
        notes.append(("through", f"{len(files) - MOST_NAMES} more files"))
    same = [one.name for one in review.networks if one.state == "same"]
    if same:
        notes.append(("same", f"touched, and no number differs: {some_names(same)}"))
    return notes + _resized(review)


# --- layers ---


def _changes(compared: Sequence[Compared], full: bool) -> Iterator[Table]:
    """Yield for each of these networks the table of its changed layers."""
    for one in compared:
        if one.found and one.found.changes:
            found = rows(one.found, full)
            yield Table(
                COLUMNS,
                [*map(cells, found), sums(one.found)],
                f"{one.name}: what became of its layers",
                totals=1,
                quiet=frozenset(i for i, row in enumerate(found) if row.state == "affected"),
            )


def changes_table(review: Review, full: bool = False) -> Table:
    """Return the changes of all networks in one table, for a CSV."""
    body = []
    for one in review.networks:
        if one.found:
            body += [[one.name, *cells(row, True)] for row in rows(one.found, full)]
            body.append([one.name, *sums(one.found)])
    return Table([TableColumn("Network", right=False), *COLUMNS], body)


def cells(row: ChangeRow, whole: bool = False) -> list[str]:
    """Return a row of changes under COLUMNS; `whole` gives the file with its whole path."""
    place = ""
    if row.mark:
        file = row.mark.file if whole else PurePath(row.mark.file).name
        place = f"{file}:{row.mark.line}"
    return [row.state, row.where, row.what, *_share_cells(row.share), row.field, place]


def sums(found: Difference) -> list[str]:
    """Return the last row: the change of the network's totals, to which the rows sum."""
    old, new = (amount("field", side.totals.extent) for side in (found.old, found.new))
    fields = "-" if old == new else f"{old} -> {new}"
    return ["Total", "", "", *_share_cells(found.share), fields, ""]


def _share_cells(share: Share) -> list[str]:
    return [
        units.signed(share.params),
        units.signed(share.macs),
        units.signed(share.peak, units.size),
    ]
