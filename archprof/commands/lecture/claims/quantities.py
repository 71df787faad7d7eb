"""What a claim can be about: numbers of layers and of networks, by the names that files use."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import CONVENTIONS
from archprof.analysis.totals import depth
from archprof.commands.lecture.claims.layer_facts import COMMON, FACTS, filter_of, input_of
from archprof.graph.graph import Instance, unknown_answer
from archprof.ops.base import Shape
from archprof.ops.elements import DTYPES
from archprof.training.stochastic_depth import TooTangled

Number = int | Fraction


class Summed(NamedTuple):
    """A quantity added up over layers."""

    unit: str
    of: Callable[[LayerAnalysis, Analysis], Number]
    meaning: str


class Last(NamedTuple):
    """A quantity of one layer: of several the last in order; None where it has none."""

    unit: str
    of: Callable[[LayerAnalysis, Analysis], Number | Shape | None]
    meaning: str


class First(NamedTuple):
    """A quantity of one layer: of several the first in order; None where it has none."""

    unit: str
    of: Callable[[LayerAnalysis, Analysis], Number | Shape | None]
    meaning: str


class Alike(NamedTuple):
    """A quantity that all selected layers have in common; None where a layer has none."""

    unit: str
    of: Callable[[LayerAnalysis, Analysis], Number | Shape | None]
    meaning: str


class Whole(NamedTuple):
    """A quantity of the network as a whole."""

    unit: str
    of: Callable[[Analysis], Number | Shape | None]
    meaning: str


def _field(row: LayerAnalysis) -> Number | Shape | None:
    sizes = row.sight.sizes
    if sizes is None:
        return None
    return sizes[0] if len(set(sizes)) == 1 else sizes


def _axis(row: LayerAnalysis, place: int) -> int | None:
    return row.node.output[place] if len(row.node.output) == 3 else None


def biases(row: LayerAnalysis) -> int:
    """Return the number of parameters called bias, 0 where they are another layer's."""
    if row.node.shares is not None:
        return 0
    weights = row.node.facts.weights.items()
    return sum(w.elements for name, w in weights if name.endswith("bias") and w.trainable)


def survival(row: LayerAnalysis, analysis: Analysis) -> Fraction:
    """Return the probability that a layer is run in training.

    It is not run where every path from it to an output leads through a drop path that drops. Raises
    ProblemError where that is too tangled to work out.
    """
    if not row.known("macs"):
        return Fraction(1)
    try:
        return analysis.chances.of([row.place])
    except TooTangled:
        raise unknown_answer(f"layer `{row.node.path}`", "chance of being run") from None


def _common(name: str) -> Callable[[LayerAnalysis, Analysis], Number | Shape | None]:
    def of(row: LayerAnalysis, analysis: Analysis) -> Number | Shape | None:
        value = FACTS[name](row, analysis)
        return value if type(value) is int else None

    return of


def _counted_by(convention: str) -> Callable[[LayerAnalysis, Analysis], Number]:
    return lambda row, analysis: row.known_by(convention)


OfLayers = Summed | Last | First | Alike

QUANTITIES: dict[str, OfLayers | Whole] = {
    "params": Summed("params", lambda r, a: r.params, "trainable elements"),
    "biases": Summed("params", lambda r, a: biases(r), "those of them called bias"),
    "weights": Summed(
        "params", lambda r, a: r.params - biases(r), "trainable elements without biases"
    ),
    "trained_params": Summed(
        "params",
        lambda r, a: r.params - r.node.untrained,
        "those of them that get a gradient in training",
    ),
    "buffers": Summed("params", lambda r, a: r.buffers, "running statistics and tables"),
    "own_params": Summed(
        "params",
        lambda r, a: 0,
        "parameters of a module itself, its submodules' left out, as torchsummary counts a"
        " container",
    ),
    "macs": Summed(
        "MACs",
        lambda r, a: r.known("macs"),
        "multiply-accumulates of convolutions, linear layers and matrix products",
    ),
    "flops": Summed("FLOPs", lambda r, a: r.known("flops"), "all arithmetic"),
    **{
        f"flops_{name}": Summed(convention.unit, _counted_by(name), f"by --count {name}")
        for name, convention in CONVENTIONS.items()
        if name not in ("full", "macs")
    },
    "expected_macs": Summed(
        "MACs",
        lambda r, a: r.known("macs") * survival(r, a),
        "MACs of a training step's forward pass when dropped branches are not run",
    ),
    "expected_layers": Summed(
        "layers",
        lambda r, a: survival(r, a) if r.known("macs") else 0,
        "layers with MACs that a training step runs on average when dropped branches are not run",
    ),
    "elements": Summed(
        "elements", lambda r, a: math.prod(r.node.output) * a.batch, "elements of the output"
    ),
    "output_bytes": Summed(
        "bytes", lambda r, a: r.output_bytes, "elements of the output times bytes per element"
    ),
    "weight_bytes": Summed(
        "bytes", lambda r, a: r.weight_bytes, "parameters and buffers times bytes per element"
    ),
    "bytes_moved": Summed(
        "bytes", lambda r, a: r.bytes_moved, "inputs and weights read, outputs written"
    ),
    "saved_bytes": Summed(
        "bytes", lambda r, a: r.known("saved_bytes"), "kept for the backward pass"
    ),
    "layers": Summed("layers", lambda r, a: 1, "how many there are"),
    "connections": Summed(
        "connections", lambda r, a: len(r.node.inputs), "how many tensors arrive"
    ),
    "shape": Last("", lambda r, a: r.node.output, "output shape"),
    "channels": Last(
        "channels",
        lambda r, a: r.node.output[0] if len(r.node.output) == 3 else r.node.output[-1],
        "channels of the output",
    ),
    "height": Last("pixels", lambda r, a: _axis(r, 1), "height of the output"),
    "width": Last("pixels", lambda r, a: _axis(r, 2), "width of the output"),
    "field": Last("pixels", lambda r, a: _field(r), "receptive field"),
    "input_shape": First("", lambda r, a: input_of(r), "shape of the input"),
    "filter": Alike(
        "",
        lambda r, a: filter_of(r),
        "a convolution's height x width x channels that each filter reads x filters; a linear"
        " layer's inputs x outputs; a pooling's window",
    ),
    **{name: Alike(unit, _common(name), meaning) for name, (unit, meaning) in COMMON.items()},
    "input": Whole("", lambda a: a.graph.input, "the network's input"),
    "depth": Whole("layers", lambda a: depth(a.graph), "layers with weights on the longest path"),
    "aux_params": Whole(
        "params", lambda a: a.totals.aux_params, "parameters of the auxiliary heads"
    ),
    "input_elements": Whole(
        "elements", lambda a: math.prod(a.graph.input) * a.batch, "elements of the input"
    ),
    "peak_inference_bytes": Whole(
        "bytes",
        lambda a: a.totals.peak_inference_bytes,
        "the largest sum of live tensors in inference",
    ),
    "training_bytes": Whole(
        "bytes",
        lambda a: a.known_totals.training_bytes,
        "weights, gradients, optimizer state and what is kept for the backward pass",
    ),
    "training_peak_bytes": Whole(
        "bytes",
        lambda a: a.known_total("training_peak_bytes"),
        "the most bytes alive at once in a step of training, whose gradients and kept tensors are"
        " not all there at the same time",
    ),
    "step_flops": Whole(
        "FLOPs",
        lambda a: a.known_total("step_flops"),
        "all arithmetic of a step of training: forward, backward and the optimizer's",
    ),
}
"""The quantities by the names that a file of claims uses."""


def fact(name: str, row: LayerAnalysis, analysis: Analysis) -> Any:
    """Return a quantity, setting or axis of one layer; None where it has none."""
    if name in FACTS:
        return FACTS[name](row, analysis)
    quantity = QUANTITIES[name]
    return quantity.of(row, analysis) if not isinstance(quantity, Whole) else quantity.of(analysis)


def within(instance: Instance | None, block: str) -> Instance | None:
    """Return the innermost block of this name that a layer is in, None where it is in none."""
    while instance is not None and instance.block != block:
        instance = instance.parent
    return instance


def bytes_each(analysis: Analysis) -> int:
    """Return the number of bytes per element."""
    return DTYPES[analysis.dtype]


def by_block(rows: Sequence[LayerAnalysis], block: str) -> list[list[LayerAnalysis]]:
    """Return the layers of each block of this name; those outside are omitted."""
    found: dict[int, list[LayerAnalysis]] = {}
    for row in rows:
        home = within(row.node.instance, block)
        if home is not None:
            found.setdefault(id(home), []).append(row)
    return list(found.values())
