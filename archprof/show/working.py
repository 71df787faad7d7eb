"""How each number of a layer is worked out: formula, numbers, result."""

from __future__ import annotations

import math

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import DTYPES
from archprof.analysis.receptive import of_input
from archprof.ops.answers import Working
from archprof.ops.axes import RANKS, names
from archprof.ops.reading import Raster
from archprof.show.field_working import Step, field_steps


def steps(analysis: Analysis, index: int) -> list[Step]:
    """Return the working of node `index`: shape, params, MACs, FLOPs, memory, receptive field, in
    that order.
    """
    return own_steps(analysis, index) + field_steps_of(analysis, index)


def own_steps(analysis: Analysis, index: int) -> list[Step]:
    """Return the working but for the receptive field: the same for all nodes that are alike."""
    row = analysis.layers[index]
    node, batch, itemsize = row.node, analysis.batch, DTYPES[analysis.dtype]
    lines = node.op.working(node.facts.inputs, node.output)
    axes = [(name, w) for name, w in lines.items() if name not in ("params", "macs", "flops")]
    result = [_step(name, w, units.exact(_axis(row, name))) for name, w in axes]
    if not axes:
        result.append(
            Step(
                "output",
                (
                    "the input's shape"
                    if node.facts.inputs and node.output == node.facts.inputs[0]
                    else ""
                ),
                "",
                units.shape(node.output),
            )
        )
    samples = analysis.stored.samples[index]  # one of what does not depend on the image
    per_batch = f", times {samples} images" if samples > 1 else ""
    cost = node.facts.cost
    for name, value in (
        ("params", node.facts.params),
        ("macs", None if cost is None else cost.macs),
        ("flops", None if cost is None else cost.flops),
    ):
        heading = {"macs": "MACs", "flops": "FLOPs"}.get(name, name)
        if value is None:
            result.append(Step(heading, "", "", units.UNKNOWN))
            continue
        text = units.exact(value) + (
            f"{per_batch} = {units.exact(value * samples)}"
            if name != "params" and value and samples > 1
            else ""
        )
        result.append(_step(heading, lines[name], text))
    if row.buffers:
        sizes = [str(math.prod(w.shape)) for w in node.facts.weights.values() if not w.trainable]
        result.append(
            Step(
                "buffers", " + ".join(sizes) if len(sizes) > 1 else "", "", units.exact(row.buffers)
            )
        )
    factors = (
        [str(n) for n in node.output]
        + ([f"{batch} images"] if batch > 1 else [])
        + [f"{itemsize} bytes"]
    )
    result.append(
        Step(
            "output bytes",
            "elements * bytes per element",
            " * ".join(factors),
            _bytes(row.output_bytes),
        )
    )
    if row.weight_bytes:
        numbers = f"({row.params} + {row.buffers}) * {itemsize} bytes"
        # int64 counters keep their width
        if (row.params + row.buffers) * itemsize != row.weight_bytes:
            numbers = (
                f"({row.params} + {row.buffers} - 1) * {itemsize} bytes + 8"
                if (row.params + row.buffers - 1) * itemsize + 8 == row.weight_bytes
                else ""
            )
        result.append(
            Step(
                "weight bytes",
                "(params + buffers) * bytes per element",
                numbers,
                _bytes(row.weight_bytes),
            )
        )
    result.append(
        Step(
            "saved bytes",
            "kept for the backward pass, unless an earlier layer keeps it",
            "",
            units.UNKNOWN if row.saved_bytes is None else _bytes(row.saved_bytes),
        )
    )
    if row.intensity is not None:
        result.append(
            Step(
                "intensity",
                "FLOPs / bytes moved",
                f"{row.flops} / {row.bytes_moved}",
                f"{float(row.intensity):.2f} FLOPs per byte",
            )
        )
    return result


def _bytes(value: int) -> str:
    return f"{units.exact(value)} ({units.size(value)})" if value >= 1024 else units.exact(value)


def _axis(row: LayerAnalysis, name: str) -> int:
    """Return the size that a line of the shape's working gives."""
    output = row.node.output
    axes = ("channels", *names(len(output) - 1)) if len(output) - 1 in RANKS else ()
    if name in axes:
        return output[axes.index(name)]
    if name.startswith("dim "):
        return output[int(name.split()[1])]
    # features: of a flatten where it joins dimensions, otherwise the last dimension
    (reading,) = row.node.facts.reads
    joined = [i for i, entry in enumerate(reading or ()) if isinstance(entry, Raster)]
    return output[joined[0] if joined else -1]


def _step(name: str, working: Working, result: str) -> Step:
    formula, numbers = working.formula, working.substituted()
    same = numbers == result.replace(",", "")
    return Step(name, formula if numbers != formula else "", "" if same else numbers, result)


def field_steps_of(analysis: Analysis, index: int) -> list[Step]:
    """Return the working of a node's receptive field, which depends on what is before it."""
    node = analysis.graph.nodes[index]
    source = of_input(analysis.graph)
    inputs = [analysis.sights[i] if i >= 0 else source for i in node.inputs]
    return field_steps(node, inputs, analysis.sights[index])
