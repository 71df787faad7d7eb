"""How each number of a layer is worked out: formula, numbers, result."""

from __future__ import annotations

import math

from archprof import units
from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.receptive import of_input
from archprof.ops.answers import Working
from archprof.ops.axes import RANKS, names
from archprof.ops.elements import DTYPES
from archprof.ops.reading import Raster
from archprof.show.field_working import Step, field_steps

COSTS = {"params": "params", "macs": "MACs", "flops": "FLOPs"}
"""What an op's working calls its counts, and how they are shown."""

COUNTER_BYTES = 8


def steps(analysis: Analysis, index: int) -> list[Step]:
    """Return the working of node `index`: shape, params, MACs, FLOPs, memory, receptive field, in
    that order.
    """
    return own_steps(analysis, index) + field_steps_of(analysis, index)


def own_steps(analysis: Analysis, index: int) -> list[Step]:
    """Return the working but for the receptive field: the same for all nodes that are alike."""
    row = analysis.layers[index]
    itemsize = DTYPES[analysis.dtype]
    result = [
        *_shape(row),
        *_costs(row, analysis.samples[index]),
        *_buffers(row),
        _output_bytes(row, analysis.batch, itemsize),
        *_weight_bytes(row, itemsize),
        _saved_bytes(row),
    ]
    if row.intensity is not None:
        numbers = f"{row.flops} / {row.bytes_moved}"
        intensity = f"{float(row.intensity):.2f} FLOPs per byte"
        result.append(Step("intensity", "FLOPs / bytes moved", numbers, intensity))
    return result


def _lines(row: LayerAnalysis) -> dict[str, Working]:
    return row.node.op.working(row.node.facts.inputs, row.node.output)


def _shape(row: LayerAnalysis) -> list[Step]:
    """Return a step for each axis that the op works out, otherwise one for the whole output."""
    axes = {name: line for name, line in _lines(row).items() if name not in COSTS}
    if axes:
        return [_step(name, line, units.exact(_axis(row, name))) for name, line in axes.items()]
    node = row.node
    unchanged = bool(node.facts.inputs) and node.output == node.facts.inputs[0]
    formula = "the input's shape" if unchanged else ""
    return [Step("output", formula, "", units.shape(node.output))]


def _costs(row: LayerAnalysis, samples: int) -> list[Step]:
    """Return the steps of parameters and arithmetic.

    `samples`: how often the layer runs for a batch; 1 where it does not depend on the image.
    """
    facts, lines = row.node.facts, _lines(row)
    counts = {"params": facts.params, "macs": None, "flops": None}
    if facts.cost is not None:
        counts |= {"macs": facts.cost.macs, "flops": facts.cost.flops}
    result = []
    for name, count in counts.items():
        if count is None:
            result.append(Step(COSTS[name], "", "", units.UNKNOWN))
            continue
        text: str = units.exact(count)
        if name != "params" and count and samples > 1:
            text += f", times {samples} images = {units.exact(count * samples)}"
        result.append(_step(COSTS[name], lines[name], text))
    return result


def _buffers(row: LayerAnalysis) -> list[Step]:
    if not row.buffers:
        return []
    weights = row.node.facts.weights.values()
    sizes = [str(math.prod(weight.shape)) for weight in weights if not weight.trainable]
    formula = " + ".join(sizes) if len(sizes) > 1 else ""
    return [Step("buffers", formula, "", units.exact(row.buffers))]


def _output_bytes(row: LayerAnalysis, batch: int, itemsize: int) -> Step:
    factors = [str(size) for size in row.node.output]
    if batch > 1:
        factors.append(f"{batch} images")
    factors.append(f"{itemsize} bytes")
    formula = "elements * bytes per element"
    return Step("output bytes", formula, " * ".join(factors), _bytes(row.output_bytes))


def _weight_bytes(row: LayerAnalysis, itemsize: int) -> list[Step]:
    if not row.weight_bytes:
        return []
    formula = "(params + buffers) * bytes per element"
    return [Step("weight bytes", formula, _weight_factors(row, itemsize), _bytes(row.weight_bytes))]


def _weight_factors(row: LayerAnalysis, itemsize: int) -> str:
    """Return the numbers behind the bytes of weights, "" where several widths are mixed.

    A counter of batches is an int64, whatever the dtype.
    """
    elements = row.params + row.buffers
    if elements * itemsize == row.weight_bytes:
        return f"({row.params} + {row.buffers}) * {itemsize} bytes"
    if (elements - 1) * itemsize + COUNTER_BYTES == row.weight_bytes:
        return f"({row.params} + {row.buffers} - 1) * {itemsize} bytes + {COUNTER_BYTES}"
    return ""


def _saved_bytes(row: LayerAnalysis) -> Step:
    result = units.UNKNOWN if row.saved_bytes is None else _bytes(row.saved_bytes)
    formula = "kept for the backward pass, unless an earlier layer keeps it"
    return Step("saved bytes", formula, "", result)


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
