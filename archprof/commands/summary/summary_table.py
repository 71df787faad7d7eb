"""The summary of a network as a table: what each layer or block gives and costs, and the totals."""

from __future__ import annotations

from collections.abc import Sequence

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.counting import CONVENTIONS
from archprof.commands.summary.columns import COLUMNS, LAYOUTS
from archprof.commands.summary.totals_in_words import Note, remainders, remarks, totals_in_words
from archprof.ops.base import shown
from archprof.problem import STATED
from archprof.show.folding import Row, rows
from archprof.show.network_inputs import inputs_text
from archprof.show.sums import total_text
from archprof.show.table import Table, TableColumn

SORTS = ("order", "params", "macs", "flops", "memory", "saved", "moved")
SORTED_BY = {"memory": "output_bytes", "saved": "saved_bytes", "moved": "bytes_moved"}
"""The quantity of an order that is not called like it."""

COUNTED = {"full": "FLOPs", "macs": "MACs", "torch": "torch FLOPs"}
"""The heading of what is counted, by convention."""

UNFINISHED = (
    "the spec has errors: these are the layers that do not depend on them, and there are no totals"
)


def summary_table(
    analysis: Analysis,
    width: int,
    depth: int | None = None,
    full: bool = False,
    columns: tuple[str, ...] | None = None,
    sort: str = "order",
    step: bool = False,
) -> Table:
    """Return the table for a terminal of `width` columns; `step`: with the peak of training.

    `columns` are names of COLUMNS, by default those that fit; `sort` is one of SORTS, the largest
    first. Paths are shown to the `depth`, all layers with `full`.
    """
    lines = _sorted(rows(analysis.layers, depth, full), sort)
    broken = any(p.rule not in STATED for p in analysis.graph.problems)
    sums = {"layer": "So far"} if broken else _sums(analysis)
    layouts = _layouts(analysis)
    needed = dict.fromkeys(columns or [c for layout in layouts for c in layout])
    cells = {name: _cells(name, lines, analysis, sums) for name in needed}
    heads = {name: _head(name, analysis) for name in needed}
    widths = {name: max(len(heads[name].title), *map(len, cells[name])) for name in needed}
    chosen = columns or _fitting(layouts, widths, width)
    notes = [("stopped", UNFINISHED)] if broken else totals_in_words(analysis, step)
    auxiliary = [i for i, row in enumerate(lines) if all(layer.node.aux for layer in row.layers)]
    return Table(
        [heads[name] for name in chosen],
        list(zip(*(cells[name] for name in chosen), strict=True)),
        _title(analysis),
        [*_folded(lines), *notes, *remarks(analysis.layers), *remainders(analysis.layers)],
        totals=1,
        quiet=frozenset(auxiliary),
    )


def _sorted(lines: list[Row], sort: str) -> list[Row]:
    """Return the lines in an order of SORTS, in which the largest is the first."""
    if sort == "order":
        return lines
    quantity = SORTED_BY.get(sort, sort)
    return sorted(lines, key=lambda row: -row.total(quantity).known)


def _folded(lines: Sequence[Row]) -> list[Note]:
    """Return a note where rows sum up several layers: the first by cost need not be a layer."""
    if all(len(row.layers) == 1 for row in lines):
        return []
    return [("folded", "rows sum up the layers of a block; --full shows each layer")]


def _title(analysis: Analysis) -> str:
    network = analysis.graph.network
    changed = "".join(
        f" · {name}={shown(value).replace(', ', ',')}" for name, value in network.overrides.items()
    )
    return (
        f"{network.name} · {network.heading}{changed} · {inputs_text(analysis.graph)} ·"
        f" batch {analysis.batch} · {analysis.dtype}"
    )


def _layouts(analysis: Analysis) -> Sequence[tuple[str, ...]]:
    """Return the layouts; where FLOPs are what is counted they have no second column."""
    if analysis.count != "full":
        return LAYOUTS
    return [tuple(name for name in layout if name != "flops") for layout in LAYOUTS]


def _fitting(
    layouts: Sequence[tuple[str, ...]], widths: dict[str, int], width: int
) -> tuple[str, ...]:
    """Return the first layout that fits, or the last one."""
    for layout in layouts:
        if sum(widths[name] + 1 for name in layout) - 1 <= width:
            return layout
    return layouts[-1]


def _cells(name: str, lines: Sequence[Row], analysis: Analysis, sums: dict[str, str]) -> list[str]:
    """Return a column's cells, that of the last row included."""
    cell = COLUMNS[name][1]
    return [*(cell(row, analysis) for row in lines), sums.get(name, "")]


def _head(name: str, analysis: Analysis) -> TableColumn:
    if name != "counted":
        return COLUMNS[name][0]
    return TableColumn(COUNTED.get(analysis.count, CONVENTIONS[analysis.count].unit))


def _sums(analysis: Analysis) -> dict[str, str]:
    """Return the last row, by column; a total that lacks layers is a lower bound."""
    totals = analysis.totals
    return {
        "layer": "Total",
        "params": units.exact(totals.params),
        "buffers": units.exact(totals.buffers),
        "macs": total_text(units.count, totals, "macs"),
        "flops": total_text(units.count, totals, "flops"),
        "counted": total_text(units.count, totals, "counted"),
        "weights": units.size(totals.weight_bytes),
        "memory": units.size(totals.sum_outputs_bytes),
        "saved": total_text(units.size, totals, "saved_bytes"),
        "moved": units.size(totals.bytes_moved),
        "output": _outputs(analysis),
    }


def _outputs(analysis: Analysis) -> str:
    """Return the network's outputs in the room of one."""
    shapes = [units.shape(shape) for shape in analysis.output]
    if len(shapes) <= 1:
        return " ".join(shapes)
    if len(set(shapes)) == 1:
        return f"{shapes[0]} ×{len(shapes)}"
    return f"{len(shapes)} outputs"
