"""The summary of a network as a table: what each layer or block gives and costs, and the totals."""

from __future__ import annotations

from collections.abc import Callable

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import CONVENTIONS
from archprof.analysis.receptive import Extent, Sight
from archprof.ops.base import shown
from archprof.problem import STATED
from archprof.show.field import axis_pair, field_text
from archprof.show.folding import Row, rows
from archprof.show.resized import resized_data, resized_notes
from archprof.show.table import Column, Table

SORTS = ("order", "params", "macs", "flops", "memory", "saved", "moved")


def bar(part: int, whole: int, width: int = 6) -> str:
    """A share of the whole as a bar in eighths of a character."""
    if not whole or part <= 0:
        return ""
    eighths = max(1, round(part / whole * width * 8))
    return "█" * (eighths // 8) + ("" if eighths % 8 == 0 else " ▏▎▍▌▋▊▉"[eighths % 8])


def _or_dash(text: Callable[[int], units.Figure], value: int) -> units.Figure:
    return text(value) if value else units.Figure("-", 0)


def _share(row: Row, analysis: Analysis, drawn: bool) -> str:
    part, whole = (
        sum(layer.counted for layer in row.layers if not layer.node.aux),
        analysis.totals.counted,
    )
    if not part:
        return ""
    share = units.share(part, whole)
    return units.Figure(f"{share:>5} {bar(part, whole)}", share.value) if drawn else share


def _intensity(row: Row) -> str:
    flops, moved = row.total("flops"), row.total("bytes_moved")
    return units.Figure(f"{flops / moved:.1f}", round(flops / moved, 3)) if moved else "-"


Cell = Callable[[Row, Analysis], str]
COLUMNS: dict[str, tuple[Column, Cell]] = {
    "layer": (
        Column("Layer", right=False),
        lambda r, a: r.label + (f" ×{r.times}" if r.times > 1 else ""),
    ),
    "op": (Column("Op", right=False, style="green"), lambda r, a: r.what),
    "output": (Column("Output"), lambda r, a: units.shape(r.last.node.output)),
    "params": (Column("Params"), lambda r, a: _or_dash(units.exact, r.total("params"))),
    "buffers": (Column("Buffers"), lambda r, a: _or_dash(units.exact, r.total("buffers"))),
    "macs": (Column("MACs"), lambda r, a: _or_dash(units.count, r.total("macs"))),
    "flops": (Column("FLOPs"), lambda r, a: _or_dash(units.count, r.total("flops"))),
    "counted": (Column("Counted"), lambda r, a: _or_dash(units.count, r.total("counted"))),
    "share": (Column("Share", right=False, style="magenta"), lambda r, a: _share(r, a, drawn=True)),
    "percent": (Column("Share", style="magenta"), lambda r, a: _share(r, a, drawn=False)),
    "field": (Column("Field", style="yellow"), lambda r, a: field_text(r.last.sight)),
    "jump": (Column("Jump"), lambda r, a: axis_pair(r.last.sight, lambda f: f.jump)),
    "start": (Column("Start"), lambda r, a: axis_pair(r.last.sight, lambda f: f.start)),
    "least": (
        Column("Least"),
        lambda r, a: field_text(Sight(r.last.sight.dims, r.last.sight.least, r.last.sight.least)),
    ),
    "weights": (
        Column("Weights", unit="bytes"),
        lambda r, a: _or_dash(units.size, r.total("weight_bytes")),
    ),
    "memory": (Column("Outputs", unit="bytes"), lambda r, a: units.size(r.total("output_bytes"))),
    "saved": (
        Column("Saved", unit="bytes"),
        lambda r, a: _or_dash(units.size, r.total("saved_bytes")),
    ),
    "moved": (
        Column("Moved", unit="bytes"),
        lambda r, a: _or_dash(units.size, r.total("bytes_moved")),
    ),
    "intensity": (Column("FLOP/B"), lambda r, a: _intensity(r)),
    "source": (
        Column("Source"),
        lambda r, a: f"{r.layers[0].node.mark.file}:{r.layers[0].node.mark.line}",
    ),
    "notes": (
        Column("Notes", right=False),
        lambda r, a: "; ".join(r.layers[0].node.facts.notes) if len(r.layers) == 1 else "",
    ),
}
"""Every column `--columns` can name."""

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
"""Columns by default: the first of these that fits."""


def summary_table(
    analysis: Analysis,
    width: int,
    depth: int | None = None,
    full: bool = False,
    columns: tuple[str, ...] | None = None,
    sort: str = "order",
) -> Table:
    """The table for a terminal of `width` columns.

    `columns` name COLUMNS; `sort` one of SORTS, largest first.
    """
    lines = rows(analysis.layers, depth, full)
    if sort != "order":
        quantity = {"memory": "output_bytes", "saved": "saved_bytes", "moved": "bytes_moved"}.get(
            sort, sort
        )
        lines.sort(key=lambda r: -r.total(quantity))
    broken = any(p.rule not in STATED for p in analysis.graph.problems)
    sums = {"layer": "So far"} if broken else _sums(analysis)
    layouts = (
        [tuple(c for c in layout if c != "flops") for layout in LAYOUTS]
        if analysis.count == "full"
        else LAYOUTS
    )
    needed = dict.fromkeys(columns or [c for layout in layouts for c in layout])
    cells = {c: [*(COLUMNS[c][1](row, analysis) for row in lines), sums.get(c, "")] for c in needed}
    heads = {
        c: COLUMNS[c][0] if c != "counted" else Column(_counted_title(analysis)) for c in needed
    }
    widths = {c: max(len(heads[c].title), *map(len, cells[c])) for c in needed}
    chosen = columns or next(
        (layout for layout in layouts if sum(widths[c] + 1 for c in layout) - 1 <= width),
        layouts[-1],
    )
    network = analysis.graph.network
    changed = "".join(
        f" · {name}={shown(value).replace(', ', ',')}" for name, value in network.overrides.items()
    )
    title = (
        f"{network.name} · {network.heading}{changed} · input {units.shape(analysis.graph.input)} ·"
        f" batch {analysis.batch} · {analysis.dtype}"
    )
    body = list(zip(*(cells[c] for c in chosen), strict=True))
    return Table(
        [heads[c] for c in chosen],
        body,
        title,
        [*(_unfinished() if broken else _footer(analysis)), *_remainders(analysis.layers)],
        totals=1,
        quiet=frozenset(
            i for i, row in enumerate(lines) if all(layer.node.aux for layer in row.layers)
        ),
    )


def _sums(analysis: Analysis) -> dict[str, str]:
    """The last row, by column."""
    totals = analysis.totals
    return {
        "layer": "Total",
        "params": units.exact(totals.params),
        "buffers": units.exact(totals.buffers),
        "macs": units.count(totals.macs),
        "flops": units.count(totals.flops),
        "counted": units.count(totals.counted),
        "weights": units.size(totals.weight_bytes),
        "memory": units.size(totals.sum_outputs_bytes),
        "saved": units.size(totals.saved_bytes),
        "moved": units.size(totals.bytes_moved),
        "output": _outputs(analysis),
    }


def _outputs(analysis: Analysis) -> str:
    """The network's outputs in the room of one."""
    shapes = [units.shape(shape) for shape in analysis.output]
    return (
        " ".join(shapes)
        if len(shapes) <= 1
        else f"{shapes[0]} ×{len(shapes)}"
        if len(set(shapes)) == 1
        else f"{len(shapes)} outputs"
    )


def _counted_title(analysis: Analysis) -> str:
    return {"full": "FLOPs", "macs": "MACs", "torch": "torch FLOPs"}.get(
        analysis.count, CONVENTIONS[analysis.count].unit
    )


def _unfinished() -> list[tuple[str, str]]:
    return [
        (
            "stopped",
            (
                "the spec has errors: these are the layers that do not depend on them, and there"
                " are no totals"
            ),
        )
    ]


def _footer(analysis: Analysis) -> list[tuple[str, str]]:
    """The totals in words, each with what it means."""
    t, peak = analysis.totals, analysis.peak
    nodes = analysis.graph.nodes

    def name(index: int) -> str:
        return nodes[index].path if index >= 0 else "input"

    def number(value: int) -> str:
        short = units.count(value)
        return units.exact(value) + (f" ({short})" if short != units.exact(value) else "")

    heads = f", of which {units.exact(t.aux_params)} in auxiliary heads" if t.aux_params else ""
    lines = [
        (
            "params",
            number(t.params) + heads + (f"; buffers {units.exact(t.buffers)}" if t.buffers else ""),
        ),
        ("MACs", f"{number(t.macs)}: multiply-accumulates, what papers call FLOPs"),
        ("FLOPs", f"{number(t.flops)}: all arithmetic, 2 per MAC"),
    ]
    if analysis.count not in ("macs", "full"):
        lines.append(
            (analysis.count, f"{number(t.counted)}: {CONVENTIONS[analysis.count].described()}")
        )
    alive = sorted(peak.alive, key=lambda item: -item[1])
    largest = ", ".join(f"{name(i)} {units.size(size)}" for i, size in alive[:4]) + (
        f" and {len(alive) - 4} more" if len(alive) > 4 else ""
    )
    inside = f"; {units.size(peak.inside)} within {name(peak.node)}" if peak.inside else ""
    lines.append(
        ("depth", f"{t.depth} layer{'s' if t.depth != 1 else ''} with weights on the longest path")
    )
    if t.receptive_field:
        lines.append(("field", _field_in_words(t.extent, t.receptive_field)))
    elif t.extent.sees == "unknown":
        lines.append(("field", "not known, the layers have no regular answer"))
    outputs = (
        f"outputs {units.size(t.sum_outputs_bytes)}, of conv, pool and fc alone"
        f" {units.size(t.lecture_outputs_bytes)}"
    )
    keeper = f"{analysis.optimizer}{' and EMA' if analysis.ema else ''}"
    return [
        *lines,
        ("memory", f"weights {units.size(t.weight_bytes)}; {outputs}"),
        (
            "peak",
            (
                f"{units.size(t.peak_inference_bytes)} in inference, at {name(peak.node)}: the"
                f" weights and {largest}{inside}"
            ),
        ),
        (
            "training",
            (
                f"{units.size(t.training_bytes)} with {keeper}, of which"
                f" {units.size(t.saved_bytes)} saved for the backward pass"
            ),
        ),
        *resized_notes(resized_data(analysis.graph), analysis.graph.input),
    ]


def _field_in_words(extent: Extent, local: tuple[int, int]) -> str:
    pixels = f"{units.pair(*local)} pixel{'s' if local != (1, 1) else ''}"
    if extent.sees == "all":
        return (
            f"all of the input, through attention or gates; {pixels} before them, the largest local"
            " receptive field"
        )
    if extent.sees == "unknown":
        return (
            f"not known, some layers have no regular answer; {pixels} is the largest local"
            " receptive field"
        )
    return f"{pixels}, the largest receptive field of a layer that does not see everything"


def _remainders(layers: tuple[LayerAnalysis, ...]) -> list[tuple[str, str]]:
    """Where a window does not divide evenly, each distinct case once."""
    seen: dict[str, list[str]] = {}
    for layer in layers:
        for note in layer.node.facts.notes:
            seen.setdefault(note, []).append(layer.node.path)
    lines = [
        ("rounded", f"{paths[0]}{f' and {len(paths) - 1} more' if len(paths) > 1 else ''}: {note}")
        for note, paths in seen.items()
    ]
    return (
        lines
        if len(lines) <= 10
        else [*lines[:9], ("rounded", f"and {len(lines) - 9} more: --columns layer,output,notes")]
    )
