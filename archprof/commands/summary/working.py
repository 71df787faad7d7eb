"""The working of one layer, as a lecturer writes it on the board: formula, numbers put in, result."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import DTYPES
from archprof.analysis.receptive import of_input
from archprof.commands.summary.field_working import Step, field_steps
from archprof.ops.base import Working
from archprof.show.folding import describe, rows
from archprof.show.resized import layer_notes
from archprof.show.table import Column, Line, Table, hanging


def steps(analysis: Analysis, index: int) -> list[Step]:
    """The working of node `index`: shape, params, MACs, FLOPs, memory, receptive field, in that order."""
    row = analysis.layers[index]
    node, batch, itemsize = row.node, analysis.batch, DTYPES[analysis.dtype]
    lines = node.op.working(node.facts.inputs, node.output)
    axes = [(name, w) for name, w in lines.items() if name not in ("params", "macs", "flops")]
    result = [_step(name, w, units.exact(_axis(row, name))) for name, w in axes]
    if not axes:
        result.append(Step("output", "the input's shape" if node.facts.inputs and node.output == node.facts.inputs[0] else "", "", units.shape(node.output)))
    per_batch = f", times {batch} images" if batch > 1 else ""
    for name, value in (("params", node.facts.params), ("macs", node.facts.cost.macs), ("flops", node.facts.cost.flops)):
        text = units.exact(value) + (f"{per_batch} = {units.exact(value * batch)}" if name != "params" and value and batch > 1 else "")
        result.append(_step({"macs": "MACs", "flops": "FLOPs"}.get(name, name), lines[name], text))
    if row.buffers:
        sizes = [str(math.prod(w.shape)) for w in node.facts.weights.values() if not w.trainable]
        result.append(Step("buffers", " + ".join(sizes) if len(sizes) > 1 else "", "", units.exact(row.buffers)))
    factors = [str(n) for n in node.output] + ([f"{batch} images"] if batch > 1 else []) + [f"{itemsize} bytes"]
    result.append(Step("output bytes", "elements * bytes per element", " * ".join(factors), _bytes(row.output_bytes)))
    if row.weight_bytes:
        numbers = f"({row.params} + {row.buffers}) * {itemsize} bytes"
        if (row.params + row.buffers) * itemsize != row.weight_bytes:  # int64 counters keep their width
            numbers = f"({row.params} + {row.buffers} - 1) * {itemsize} bytes + 8" if (row.params + row.buffers - 1) * itemsize + 8 == row.weight_bytes else ""
        result.append(Step("weight bytes", "(params + buffers) * bytes per element", numbers, _bytes(row.weight_bytes)))
    result.append(Step("saved bytes", "kept for the backward pass, unless an earlier layer keeps it", "", _bytes(row.saved_bytes)))
    if row.intensity is not None:
        result.append(Step("intensity", "FLOPs / bytes moved", f"{row.flops} / {row.bytes_moved}", f"{float(row.intensity):.2f} FLOPs per byte"))
    return result + _field_steps(analysis, index)


def _bytes(value: int) -> str:
    return f"{units.exact(value)} ({units.size(value)})" if value >= 1024 else units.exact(value)


def _axis(row: LayerAnalysis, name: str) -> int:
    """The size that a line of the shape's working gives."""
    output = row.node.output
    if name in ("channels", "height", "width") and len(output) == 3:
        return output[("channels", "height", "width").index(name)]
    return output[int(name.split()[1])] if name.startswith("dim ") else output[-1] if name == "features" and row.node.kind == "linear" else _flat(row)


def _flat(row: LayerAnalysis) -> int:
    start = getattr(row.node.op, "start", 0)
    return row.node.output[start % len(row.node.facts.inputs[0]) if row.node.facts.inputs else 0]


def _step(name: str, working: Working, result: str) -> Step:
    formula, numbers = working.formula, working.substituted()
    return Step(name, formula if numbers != formula else "", numbers if numbers != result else "", result)


def _field_steps(analysis: Analysis, index: int) -> list[Step]:
    node = analysis.graph.nodes[index]
    inputs = [analysis.sights[i] if i >= 0 else of_input(analysis.graph.input) for i in node.inputs]
    return field_steps(node, inputs, analysis.sights[index])


def board(analysis: Analysis, index: int, width: int) -> Iterator[Line]:
    """The working as on a board: quantity = formula = numbers = result, on one line or, where that is too long, one under the other."""
    table = working_table(analysis, index)
    indent = max(len(row[0]) for row in table.rows) + 3
    yield from hanging("", table.title, width, "bold")
    yield []
    for quantity, *parts in table.rows:
        shown = [part for part in parts if part]
        label = f"{quantity:{indent - 2}}= "
        if indent + len(" = ".join(shown)) <= width:
            yield [(label, "cyan"), *((f"{part} = ", "") for part in shown[:-1]), (shown[-1], "bold")]
            continue
        for i, part in enumerate(shown):
            yield from hanging(label if not i else f"{'=':>{indent - 1}} ", part, width, "bold" if i == len(shown) - 1 else "")
    yield []
    for name, text in table.notes:
        yield from hanging(f"{name:{indent}}", text, width)


def working_table(analysis: Analysis, index: int) -> Table:
    """The working of one layer as a table."""
    row = analysis.layers[index]
    node = row.node
    arrived = " and ".join(units.shape(s) for s in node.facts.inputs) or "no input"
    settings = ", ".join(f"{k} {_plain(v)}" for k, v in node.op.given().items())
    title = f"{analysis.graph.network.name} · {node.path} · {describe(row)}{f' ({settings})' if settings else ''}: {arrived} -> {units.shape(node.output)}"
    lines = [[s.quantity, s.formula, s.numbers, s.result] for s in steps(analysis, index)]
    mark = node.layer.mark
    chain = node.instance.chain() if node.instance else ()
    notes = [*(("rounded", note) for note in node.facts.notes), ("source", f"{mark.file}:{mark.line}"), *(("in", link) for link in chain),
             *layer_notes(analysis.graph, node.path)]
    return Table([Column("Quantity", right=False, style="bold"), Column("Formula", right=False, wraps=True), Column("With numbers", right=False, wraps=True),
                  Column("Result", wraps=True)], lines, title, notes)


def contents_table(analysis: Analysis) -> Table:
    """Return what of a network can be explained: its layers and outermost blocks, and how to go on."""
    network = analysis.graph.network.name
    found = rows(analysis.layers, None, False)
    lines = [[row.label + (f" ×{row.times}" if row.times > 1 else ""), row.what, units.shape(row.last.node.output)] for row in found]
    notes = [("layer", f"archprof explain {network} {analysis.layers[0].node.path}")] if analysis.layers else []
    block = next((row.layers[0].node.path.rpartition(".")[0] for row in found if len(row.layers) > 1), "")
    if block:
        notes.append(("block", f"archprof explain {network} {block}: its layers and their sums"))
    heads = [Column("Layer or block", right=False, style="bold"), Column("What", right=False, style="green"), Column("Output")]
    return Table(heads, lines, f"{network}: what can be explained", notes)


def contents_data(analysis: Analysis) -> dict[str, Any]:
    """Return the paths of all layers and blocks that can be explained."""
    paths = [row.node.path for row in analysis.layers]
    blocks = dict.fromkeys(path.rsplit(".", i)[0] for path in paths for i in range(path.count("."), 0, -1))
    return {"network": analysis.graph.network.name, "layers": paths, "blocks": list(blocks)}


def block_table(analysis: Analysis, path: str) -> Table:
    """A block's working: its layers, and the sums over them."""
    members = [row for row in analysis.layers if row.node.path.startswith(f"{path}.")]
    lines = [[row.node.path.removeprefix(f"{path}."), describe(row), units.shape(row.node.output), units.exact(row.params), units.exact(row.macs),
              units.exact(row.flops)] for row in members]
    params, macs, flops = (sum(getattr(row, quantity) for row in members) for quantity in ("params", "macs", "flops"))
    lines.append(["Total", "", units.shape(members[-1].node.output), units.exact(params), units.exact(macs), units.exact(flops)])
    sums = [_sum("params", [row.params for row in members], params), _sum("MACs", [row.macs for row in members], macs)] if len(members) <= 24 else []
    heads = [Column("Layer", right=False), Column("Op", right=False, style="green"), Column("Output"), Column("Params"), Column("MACs"),
             Column("FLOPs", drop=1)]
    return Table(heads, lines, f"{analysis.graph.network.name} · {path}: {units.number_of(len(members), 'layer')}", sums, totals=1)


def _sum(name: str, parts: list[int], total: int) -> tuple[str, str]:
    parts = [part for part in parts if part]
    return name, " = ".join([" + ".join(map(units.exact, parts))] * (len(parts) > 1) + [units.exact(total)])


def working_data(analysis: Analysis, index: int) -> list[dict[str, str]]:
    """The steps as data."""
    return [{"quantity": s.quantity, "formula": s.formula, "numbers": s.numbers, "result": s.result} for s in steps(analysis, index)]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(Fraction(value)) if isinstance(value, Fraction) else str(value)
