"""The tables of `explain`: the working of a layer, a block's sums, and what can be explained.

A working is formula, numbers put in, result, as a lecturer writes it on the board.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.totals import Sum
from archprof.show.folding import describe, rows
from archprof.show.resized import layer_notes
from archprof.show.sums import number_text, sum_text
from archprof.show.table import Line, Table, TableColumn, hanging
from archprof.show.working import steps

MOST_SUMMANDS = 24  # of a sum that is written out


def board(analysis: Analysis, index: int, width: int) -> Iterator[Line]:
    """Yield the working as on a board: quantity = formula = numbers = result.

    It is on one line or, where that is longer than `width`, one part under the other.
    """
    table = working_table(analysis, index)
    indent = max(len(row[0]) for row in table.rows) + 3
    yield from hanging("", table.title, width, "bold")
    yield []
    for quantity, *parts in table.rows:
        shown = [part for part in parts if part]
        label = f"{quantity:{indent - 2}}= "
        if indent + len(" = ".join(shown)) <= width:
            yield [
                (label, "cyan"),
                *((f"{part} = ", "") for part in shown[:-1]),
                (shown[-1], "bold"),
            ]
            continue
        for i, part in enumerate(shown):
            start = label if i == 0 else f"{'=':>{indent - 1}} "
            style = "bold" if i == len(shown) - 1 else ""
            yield from hanging(start, part, width, style)
    yield []
    for name, text in table.notes:
        yield from hanging(f"{name:{indent}}", text, width)


def working_table(analysis: Analysis, index: int) -> Table:
    """Return the working of one layer as a table."""
    row = analysis.layers[index]
    node = row.node
    arrived = " and ".join(units.shape(s) for s in node.facts.inputs) or "no input"
    settings = ", ".join(f"{k} {_plain(v)}" for k, v in node.op.given().items())
    what = f"{describe(row)} ({settings})" if settings else describe(row)
    title = (
        f"{analysis.graph.network.name} · {node.path} · {what}: {arrived} ->"
        f" {units.shape(node.output)}"
    )
    lines = [[s.quantity, s.formula, s.numbers, s.result] for s in steps(analysis, index)]
    mark = node.mark
    chain = node.instance.chain() if node.instance else ()
    notes = [
        *(("rounded", note) for note in node.facts.notes),
        *([("counted", f"FLOPs: {node.op.counted_as}")] if node.op.counted_as else []),
        *(("weights", remark) for remark in node.remarks),
        *_groups_note(row),
        ("source", f"{mark.file}:{mark.line}"),
        *(("in", link) for link in chain),
        *layer_notes(analysis.graph, node.path),
    ]
    return Table(
        [
            TableColumn("Quantity", right=False, style="bold"),
            TableColumn("Formula", right=False, wraps=True),
            TableColumn("With numbers", right=False, wraps=True),
            TableColumn("Result", wraps=True),
        ],
        lines,
        title,
        notes,
    )


def _groups_note(row: LayerAnalysis) -> list[tuple[str, str]]:
    """Return what `g` in the formulas of a convolution is; nothing where it has one group."""
    window = row.node.op.sliding_window()
    groups = row.node.op.given().get("groups", 1)
    if window is None or groups == 1:
        return []
    (channels, *_), *_ = row.node.facts.inputs
    each = f"{groups} groups of {units.number_of(channels // groups, 'input channel')}"
    depthwise = ": depthwise" if groups == channels else ""
    return [("g", f"{each}, each convolved on its own{depthwise}")]


def contents_table(analysis: Analysis, target: str) -> Table:
    """Return the layers and outermost blocks of a network, and how to have them explained.

    `target` is the network as the user named it, so that the commands can be pasted.
    """
    command = f"archprof explain {shlex.quote(target)}"
    found = rows(analysis.layers, None, False)
    lines = [
        [
            row.label + (f" ×{row.times}" if row.times > 1 else ""),
            row.what,
            units.shape(row.last.node.output),
        ]
        for row in found
    ]
    notes = []
    if analysis.layers:
        notes.append(("layer", f"{command} {analysis.layers[0].node.path}"))
    blocks = [row.layers[0].node.path.rpartition(".")[0] for row in found if len(row.layers) > 1]
    if blocks and (block := blocks[0]):
        notes.append(("block", f"{command} {block}: its layers and their sums"))
    heads = [
        TableColumn("Layer or block", right=False, style="bold"),
        TableColumn("What", right=False, style="green"),
        TableColumn("Output"),
    ]
    title = f"{analysis.graph.network.name}: what can be explained"
    return Table(heads, lines, title, notes)


def contents_data(analysis: Analysis) -> dict[str, Any]:
    """Return the paths of all layers and blocks that can be explained."""
    paths = [row.node.path for row in analysis.layers]
    blocks = dict.fromkeys(
        path.rsplit(".", i)[0] for path in paths for i in range(path.count("."), 0, -1)
    )
    return {"network": analysis.graph.network.name, "layers": paths, "blocks": list(blocks)}


def block_table(analysis: Analysis, path: str) -> Table:
    """Return a block's working: its layers, and the sums over them."""
    members = [row for row in analysis.layers if row.node.path.startswith(f"{path}.")]
    lines = [
        [
            row.node.path.removeprefix(f"{path}."),
            describe(row),
            units.shape(row.node.output),
            units.exact(row.params),
            number_text(units.exact, row.macs),
            number_text(units.exact, row.flops),
        ]
        for row in members
    ]
    params, macs = [row.params for row in members], [row.macs for row in members]
    flops = [row.flops for row in members]
    output = units.shape(members[-1].node.output)
    totals = [sum_text(units.exact, Sum.of(parts)) for parts in (params, macs, flops)]
    lines.append(["Total", "", output, *totals])
    sums = []
    if len(members) <= MOST_SUMMANDS:
        sums = [("params", _sum(params)), ("MACs", _sum(macs))]
    heads = [
        TableColumn("Layer", right=False),
        TableColumn("Op", right=False, style="green"),
        TableColumn("Output"),
        TableColumn("Params"),
        TableColumn("MACs"),
        TableColumn("FLOPs", drop=1),
    ]
    return Table(
        heads,
        lines,
        f"{analysis.graph.network.name} · {path}: {units.number_of(len(members), 'layer')}",
        sums,
        totals=1,
    )


def _sum(parts: Sequence[int | None]) -> str:
    """Return numbers and their sum: 9 + 16 = 25; 9 + ? = ≥ 9 where one is unknown."""
    total = sum_text(units.exact, Sum.of(parts))
    summands = [number_text(units.exact, part) for part in parts if part != 0]
    return f"{' + '.join(summands)} = {total}" if len(summands) > 1 else total


def working_data(analysis: Analysis, index: int) -> list[dict[str, str]]:
    """Return the steps of a layer's working as data."""
    return [
        {"quantity": s.quantity, "formula": s.formula, "numbers": s.numbers, "result": s.result}
        for s in steps(analysis, index)
    ]


def _plain(value: object) -> str:
    """Return a setting as text: true, 3x3, 1/2."""
    if isinstance(value, bool):
        return str(value).lower()
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
