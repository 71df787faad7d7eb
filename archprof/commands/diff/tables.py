"""A difference as tables and data: the totals of every network, and what became of its layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from archprof import units
from archprof.analysis.receptive import Extent
from archprof.commands.diff.conditions import QUANTITIES, SIZED
from archprof.commands.diff.difference import Change, Difference, Layer, Share
from archprof.commands.diff.review import Compared, Review, Verdict
from archprof.commands.diff.rows import MOST, Row, rows, text
from archprof.ops.base import shown
from archprof.show.field import extent_text, field_data
from archprof.show.resized import resized_data, resized_notes
from archprof.show.table import Column, Line, Table, hanging, lines
from archprof.units import printable

SCHEMA = 1
NAMES = {"macs": "MACs", "flops": "FLOPs"}
OVERVIEW = ("params", "macs", "peak", "training", "field", "depth")
MOST_NAMES = 40  # in a line
MOST_TOLD = 5  # networks whose layers are shown where not all are asked for


def amount(quantity: str, value: Any) -> str:
    """A total for people."""
    if quantity == "field":
        return extent_text(value) if value else "-"
    return (
        units.size(value)
        if quantity in SIZED
        else str(value)
        if quantity == "depth"
        else units.count(value)
    )


def change(quantity: str, old: Any, new: Any) -> str:
    """The change of a total with its sign, "-" for none."""
    if quantity == "field":
        sides = _smaller_sides(old, new)
        return units.signed(sides[1] - sides[0], str) if sides else "-"
    return units.signed(
        new - old, units.size if quantity in SIZED else str if quantity == "depth" else units.count
    )


def _smaller_sides(old: Extent | None, new: Extent | None) -> tuple[int, int] | None:
    """Return the smaller side of the largest local field before and after; None where there is
    none to compare with.
    """
    if old is None or new is None or old.sees != new.sees:
        return None
    return (min(old.local), min(new.local)) if old.local and new.local else None


def totals(one: Compared, quantity: str) -> tuple[Any, Any]:
    """A total before and after, for `field` the extent; None where there is none."""
    name = "extent" if quantity == "field" else QUANTITIES[quantity]
    old, new = (getattr(side.totals, name) if side else None for side in (one.old, one.new))
    return old, new


def nothing(review: Review) -> str:
    """What is said where there is nothing to show, "" where there is."""
    if not review.networks:
        return f"From {review.old} to {review.new}: {counted(review)}"
    same = [one.name for one in review.networks if one.state == "same"]
    if len(same) == len(review.networks) > 1:
        return f"From {review.old} to {review.new}: {counted(review)}: {_some(same)}"
    if len(review.networks) == 1 and (found := review.networks[0].found) and found.identical:
        return (
            f"{review.old} and {review.new} are the same: {units.number_of(found.same, 'layer')},"
            " and no number differs"
        )
    return ""


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (
        f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    )


def difference_lines(review: Review, full: bool, width: int) -> Iterator[Line]:
    """For a terminal of `width` columns: of one network its totals and its changes, of several
    one row each and the changes of the first.
    """
    if said := nothing(review):
        yield from hanging("", said, width)
        for label, text in _resized(review):
            yield from hanging(f"{label} ", text, width)
        return
    for i, table in enumerate(difference_tables(review, full)):
        yield from [[]] * bool(i)
        yield from lines(table, width)


def difference_tables(review: Review, full: bool = False) -> list[Table]:
    """The tables of `difference_lines`; there is something to show."""
    told = [one for one in review.networks if one.found and not one.found.identical]
    first = review.networks[0] if len(review.networks) == 1 else None
    if first and first.found and not first.found.identical:
        return [_totals(first, review), *_changes(told, full)]
    shown_ = told if full else told[:MOST_TOLD]
    tables = [_overview(review), *_changes(shown_, full)]
    if len(told) > len(shown_):
        last = tables[-1]
        tables[-1] = last._replace(
            notes=[
                *last.notes,
                ("more", f"{_more_change(len(told) - len(shown_))}: --full shows their layers"),
            ]
        )
    return tables


def _more_change(n: int) -> str:
    return "1 more network changes" if n == 1 else f"{n} more networks change"


def _totals(one: Compared, review: Review) -> Table:
    found = one.found
    if found is None:
        raise ValueError("totals of two sides need both")
    table_rows, quiet = [], set()
    for i, quantity in enumerate(QUANTITIES):
        old, new = totals(one, quantity)
        differs = old != new
        compared = _smaller_sides(old, new) if quantity == "field" else (old, new)
        relative = units.relative(*compared) if differs and compared else "-"
        table_rows.append(
            [
                NAMES.get(quantity, quantity),
                amount(quantity, old),
                amount(quantity, new),
                change(quantity, old, new),
                relative,
            ]
        )
        if not differs:
            quiet.add(i)
    columns = [
        Column("", right=False),
        Column("Before"),
        Column("After"),
        Column("Change"),
        Column("%", style="cyan", drop=1),
    ]
    shapes = dict.fromkeys(units.shape(side.graph.input) for side in (found.old, found.new))
    name = f"{one.name} · " if one.name != review.new else ""
    title = (
        f"{name}{review.old} -> {review.new} · input {' -> '.join(shapes)} · batch"
        f" {found.new.batch} · {found.new.dtype}"
    )
    return Table(
        columns, table_rows, title, [*_notes(found), *_resized(review)], quiet=frozenset(quiet)
    )


def _resized(review: Review) -> list[tuple[str, str]]:
    """What another input than a spec's own changed; the same words of several networks, or of
    both sides, together.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for one in review.networks:
        for side in (one.old, one.new):
            for note in resized_notes(resized_data(side.graph), side.graph.input) if side else ():
                found.setdefault(note, {})[side.graph.network.name if side else one.name] = None
    return [(label, f"{_some(list(names))}: {text}") for (label, text), names in found.items()][
        :MOST_NAMES
    ]


def counted_layers(found: Difference) -> str:
    """How many layers are in which state: 2 changed, 5 affected, 63 as they were."""
    counts = {state: sum(change.state == state for change in found.changes) for state in MOST}
    return ", ".join(
        [*(f"{n} {state}" for state, n in counts.items() if n), f"{found.same} as they were"]
    )


def counted(review: Review) -> str:
    """How many networks are in which state: 3 networks changed, 1 added."""
    counts = {
        state: sum(one.state == state for one in review.networks)
        for state in ("changed", "added", "removed", "broken", "mended", "same")
    }
    said = [
        f"{n} {state if state != 'same' else 'with the same numbers'}"
        for state, n in counts.items()
        if n
    ]
    return (
        ", ".join(
            (
                f"{part.partition(' ')[0]} network{'' if part.startswith('1 ') else 's'}"
                f" {part.partition(' ')[2]}"
                if not i
                else part
            )
            for i, part in enumerate(said)
        )
        or "no network touched"
    )


def _notes(found: Difference) -> Iterator[tuple[str, str]]:
    yield "layers", counted_layers(found)
    for name, old, new in found.parameters:
        yield "parameter", f"{name} {shown(old)} -> {shown(new)}"


COLUMNS = [
    Column("Change", right=False),
    Column("Layer", right=False, wraps=True),
    Column("What", right=False, wraps=True, drop=1),
    Column("Params"),
    Column("MACs", drop=2),
    Column("Peak", unit="bytes", drop=4),
    Column("Field", style="yellow", drop=3),
    Column("Place", drop=5),
]


def _changes(told: Sequence[Compared], full: bool) -> Iterator[Table]:
    for one in told:
        if one.found and one.found.changes:
            found = rows(one.found, full)
            quiet = frozenset(i for i, row in enumerate(found) if row.state == "affected")
            yield Table(
                COLUMNS,
                [*map(cells, found), sums(one.found)],
                f"{one.name}: what became of its layers",
                totals=1,
                quiet=quiet,
            )


def changes_table(review: Review, full: bool = False) -> Table:
    """The changes of all networks in one table, for a CSV."""
    body = [
        [one.name, *line]
        for one in review.networks
        if one.found
        for line in (*(cells(row, True) for row in rows(one.found, full)), sums(one.found))
    ]
    return Table([Column("Network", right=False), *COLUMNS], body)


def cells(row: Row, whole: bool = False) -> list[str]:
    """A row of changes under COLUMNS; `whole`: with the whole path of the file."""
    place = (
        row.mark and f"{row.mark.file if whole else PurePath(row.mark.file).name}:{row.mark.line}"
    )
    return [row.state, row.where, row.what, *_shares(row.share), row.field, place or ""]


def sums(found: Difference) -> list[str]:
    """The last row: the change of the network's totals, which the rows sum to."""
    fields = [amount("field", side.totals.extent) for side in (found.old, found.new)]
    return [
        "Total",
        "",
        "",
        *_shares(found.share),
        " -> ".join(fields) if fields[0] != fields[1] else "-",
        "",
    ]


def _shares(share: Share) -> list[str]:
    return [
        units.signed(share.params),
        units.signed(share.macs),
        units.signed(share.peak, units.size),
    ]


def _overview(review: Review) -> Table:
    body = []
    same = [one.name for one in review.networks if one.state == "same"]
    for one in review.networks:
        if one.state == "same":
            continue
        cells = []
        for quantity in OVERVIEW:
            old, new = totals(one, quantity)
            if one.old is None or one.new is None:
                cells.append(
                    "-"
                    if one.old is None and one.new is None
                    else amount(quantity, new if one.new else old)
                )
            else:
                cells.append(
                    f"{amount(quantity, new)}"
                    f" ({change(quantity, old, new) if quantity in ('field', 'depth') else units.relative(old, new)})"
                    if old != new
                    else amount(quantity, new)
                )
        body.append([one.name, one.state, *cells])
    files = list(dict.fromkeys(file for one in review.networks for file in one.files))
    notes = [
        ("through", f"{file}: {_some([one.name for one in review.networks if file in one.files])}")
        for file in files[:MOST_NAMES]
    ]
    notes += [("through", f"{len(files) - MOST_NAMES} more files")] * (len(files) > MOST_NAMES)
    notes += [("same", f"touched, and no number differs: {_some(same)}")] if same else []
    notes += _resized(review)
    columns = [
        Column("Network", right=False),
        Column("", right=False),
        *(
            Column(NAMES.get(q, q.capitalize()), drop=d)
            for q, d in zip(OVERVIEW, (0, 1, 2, 5, 3, 4), strict=True)
        ),
    ]
    return Table(columns, body, f"From {review.old} to {review.new}: {counted(review)}", notes)


# --- data ---


def difference_data(review: Review, verdicts: Sequence[Verdict] = ()) -> dict[str, Any]:
    """Every network with its totals before and after, and every layer that is not as it was;
    plain integers.
    """
    return {
        "schema": SCHEMA,
        "old": printable(review.old),
        "new": printable(review.new),
        "networks": [_network(one) for one in review.networks],
        "failed": [
            {
                "condition": v.condition.text,
                "network": v.compared.name,
                "message": printable(v.problem.message),
                "source": _source(v.problem.mark),
            }
            for v in verdicts
        ],
    }


def _network(one: Compared) -> dict[str, Any]:
    found = one.found
    return {
        "network": one.name,
        "state": one.state,
        "files": [printable(file) for file in one.files],
        "totals": {
            quantity: dict(zip(("old", "new"), map(_plain, totals(one, quantity)), strict=True))
            for quantity in QUANTITIES
        },
        "resized": {
            side: resized_data(analysis.graph) if analysis else None
            for side, analysis in (("old", one.old), ("new", one.new))
        },
        "sees": {
            "old": one.old.totals.extent.sees if one.old else None,
            "new": one.new.totals.extent.sees if one.new else None,
        },
        "parameters": (
            [{"name": n, "old": a, "new": b} for n, a, b in found.parameters] if found else []
        ),
        "same_layers": found.same if found else 0,
        "input_peak_bytes": found.input.peak if found else 0,
        "changes": [_change(c, found) for c in found.changes] if found else [],
        "faults": [
            {
                "side": side,
                "source": _source(p.mark),
                "rule": p.rule,
                "message": printable(p.message),
            }
            for side, faults in (("old", one.old_faults), ("new", one.new_faults))
            for p in faults
        ],
    }


def _change(one: Change, found: Difference) -> dict[str, Any]:
    return {
        "state": one.state,
        "settings": [
            {"name": s.name, "old": text(s.old), "new": text(s.new)} for s in one.settings
        ],
        "old": _layer(one.old, found.old.graph.input),
        "new": _layer(one.new, found.new.graph.input),
        "change": one.share._asdict(),
    }


def _layer(layer: Layer | None, input_shape: tuple[int, ...]) -> dict[str, Any] | None:
    if layer is None:
        return None
    node = layer.row.node
    return {
        "path": node.path,
        "op": node.kind,
        "output_shape": list(node.output),
        **layer.share._asdict(),
        "receptive_field": field_data(layer.row.sight, input_shape),
        "source": _source(node.mark),
    }


def _source(mark: Any) -> dict[str, Any]:
    return {"file": printable(mark.file), "line": mark.line, "column": mark.column}


def _plain(value: Any) -> Any:
    if isinstance(value, Extent):
        value = value.local
    return list(value) if isinstance(value, tuple) else value
