"""The columns of `summary`: what each shows of a row, and which ones fit a terminal."""

from __future__ import annotations

from collections.abc import Callable

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import Sight
from archprof.analysis.totals import Sum
from archprof.show.field import axis_pair, field_text
from archprof.show.folding import Row
from archprof.show.sums import sum_text
from archprof.show.table import TableColumn

Cell = Callable[[Row, Analysis], str]

NOTHING = Sum(0, True)

EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(part: int, whole: int, width: int = 6) -> str:
    """Return a share of the whole as a bar in eighths of a character."""
    if not whole or part <= 0:
        return ""
    eighths = max(1, round(part / whole * width * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + (EIGHTHS[rest] if rest else "")


def _label(row: Row, analysis: Analysis) -> str:
    return f"{row.label} ×{row.times}" if row.times > 1 else row.label


def _or_dash(text: Callable[[int], units.Figure], found: Sum) -> str:
    """Return a sum as text, "-" for nothing."""
    return sum_text(text, found) if found != NOTHING else units.Figure("-", 0)


def _drawn_share(row: Row, analysis: Analysis) -> str:
    """Return the row's share of the arithmetic that is counted, with a bar."""
    share = _share(row, analysis)
    if not isinstance(share, units.Figure):
        return share
    drawn = bar(_counted(row).known, analysis.totals.counted)
    return units.Figure(f"{share:>5} {drawn}", share.value)


def _share(row: Row, analysis: Analysis) -> str:
    """Return the row's share of the arithmetic that is counted, "" for none.

    It is unknown where the arithmetic of any layer is.
    """
    part = _counted(row)
    if part == NOTHING:
        return ""
    if analysis.totals.unknown.cost:
        return units.UNKNOWN
    return units.share(part.known, analysis.totals.counted)


def _counted(row: Row) -> Sum:
    return Sum.of(layer.counted for layer in row.layers if not layer.node.aux)


def _intensity(row: Row, analysis: Analysis) -> str:
    flops, moved = row.total("flops"), row.total("bytes_moved").known
    if not moved:
        return "-"
    if not flops.complete:
        return units.UNKNOWN
    intensity = flops.known / moved
    return units.Figure(f"{intensity:.1f}", round(intensity, 3))


def _least(row: Row, analysis: Analysis) -> str:
    sight = row.last.sight
    return field_text(Sight(sight.dims, sight.least, sight.least))


def _source(row: Row, analysis: Analysis) -> str:
    mark = row.layers[0].node.mark
    return f"{mark.file}:{mark.line}"


def _notes(row: Row, analysis: Analysis) -> str:
    node = row.layers[0].node
    return "; ".join((*node.facts.notes, *node.remarks)) if len(row.layers) == 1 else ""


def _exact(quantity: str) -> Cell:
    return lambda row, analysis: _or_dash(units.exact, row.total(quantity))


def _count(quantity: str) -> Cell:
    return lambda row, analysis: _or_dash(units.count, row.total(quantity))


def _size(quantity: str) -> Cell:
    return lambda row, analysis: _or_dash(units.size, row.total(quantity))


COLUMNS: dict[str, tuple[TableColumn, Cell]] = {
    "layer": (TableColumn("Layer", right=False), _label),
    "op": (TableColumn("Op", right=False, style="green"), lambda row, analysis: row.what),
    "output": (TableColumn("Output"), lambda row, analysis: units.shape(row.last.node.output)),
    "params": (TableColumn("Params"), _exact("params")),
    "buffers": (TableColumn("Buffers"), _exact("buffers")),
    "macs": (TableColumn("MACs"), _count("macs")),
    "flops": (TableColumn("FLOPs"), _count("flops")),
    "counted": (TableColumn("Counted"), _count("counted")),
    "share": (TableColumn("Share", right=False, style="magenta"), _drawn_share),
    "percent": (TableColumn("Share", style="magenta"), _share),
    "field": (
        TableColumn("Field", style="yellow"),
        lambda row, analysis: field_text(row.last.sight),
    ),
    "jump": (
        TableColumn("Jump"),
        lambda row, analysis: axis_pair(row.last.sight, lambda f: f.jump),
    ),
    "start": (
        TableColumn("Start"),
        lambda row, analysis: axis_pair(row.last.sight, lambda f: f.start),
    ),
    "least": (TableColumn("Least"), _least),
    "weights": (TableColumn("Weights", unit="bytes"), _size("weight_bytes")),
    "memory": (
        TableColumn("Outputs", unit="bytes"),
        lambda row, analysis: units.size(row.total("output_bytes").known),
    ),
    "saved": (TableColumn("Saved", unit="bytes"), _size("saved_bytes")),
    "moved": (TableColumn("Moved", unit="bytes"), _size("bytes_moved")),
    "intensity": (TableColumn("FLOP/B"), _intensity),
    "source": (TableColumn("Source"), _source),
    "notes": (TableColumn("Notes", right=False), _notes),
}
"""Every column that `--columns` can name."""

LAYOUTS = (
    (
        "layer",
        "op",
        "output",
        "params",
        "counted",
        "share",
        "flops",
        "memory",
        "saved",
        "moved",
        "intensity",
        "field",
        "jump",
        "start",
    ),
    ("layer", "op", "output", "params", "counted", "share", "flops", "memory", "field", "jump"),
    ("layer", "op", "output", "params", "counted", "share", "field"),
    ("layer", "op", "output", "params", "counted", "percent", "field"),
    ("layer", "output", "params", "counted", "percent", "field"),
    ("layer", "output", "params", "counted"),
)
"""Columns without `--columns`: the first of these layouts that fits."""
