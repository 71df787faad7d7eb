"""Experiments at initialisation: what depth does to signals, gradients and their correlation."""

from __future__ import annotations

import math

from archprof.analysis.analysis import Analysis
from archprof.commands.lecture.running.arguments import ExperimentArguments
from archprof.model.gradient_correlation import POINTS, gradient_correlation
from archprof.model.layer_signals import IMAGES, layer_signals
from archprof.problem import nearest

FACTOR = 10
"""From the first layer to the last a signal that grows or falls by more is not steady."""
WHITE = 2 / POINTS**0.5
"""95 % of the autocorrelations of as many independent values are within this of 0."""


def flow(arguments: ExperimentArguments) -> str:
    """Return vanishing, steady or exploding: signals forwards, or gradients backwards.

    `of` is activations, compared at the last layer with the first, or gradients, at the first with
    the last: `first` and `last`, or the first and the last layer with weights.
    """
    analysis = arguments.analysis("network")
    of = arguments.choice("of")
    _check(arguments, analysis, IMAGES, each=4)
    nodes = analysis.graph.nodes
    found = layer_signals(analysis.graph)
    signals = {nodes[signal.layer].path: signal for signal in found}
    weighted = [nodes[s.layer].path for s in found if nodes[s.layer].facts.weights]
    if len(weighted) < 2:
        raise arguments.refuse("fewer than two layers with weights are reached by a gradient")
    first, last = (
        signals[_path(arguments, name, list(signals), default)]
        for name, default in (("first", weighted[0]), ("last", weighted[-1]))
    )
    start, end = first.activation, last.activation
    if of == "gradients":
        start, end = last.gradient, first.gradient
    if not math.isfinite(end) or end > FACTOR * start:
        return "exploding"
    return "vanishing" if end * FACTOR < start else "steady"


def _path(arguments: ExperimentArguments, name: str, paths: list[str], default: str) -> str:
    path = arguments.text(name, default)
    if path not in paths:
        raise arguments.refuse(f"no gradient reaches a layer `{path}`", nearest(path, paths))
    return path


def shatters(arguments: ExperimentArguments) -> str:
    """Return white noise or correlated: the gradients of neighbouring inputs.

    White noise is what the autocorrelation at lag 1 does not tell apart from independent values.
    """
    analysis = arguments.analysis("network")
    _check(arguments, analysis, POINTS, each=8)
    neighbours = gradient_correlation(analysis.graph)[1]
    if not math.isfinite(neighbours):
        raise arguments.refuse(f"the gradients of {arguments.text('network')} overflow")
    return "white noise" if abs(neighbours) <= WHITE else "correlated"


def _check(arguments: ExperimentArguments, analysis: Analysis, images: int, each: int) -> None:
    """Raise ProblemError for a network that is too large for so many images with gradients.

    `each` is the number of bytes per element.
    """
    totals = analysis.known_totals
    elements = (totals.weight_bytes + 2 * images * totals.sum_outputs_bytes) // 4
    arguments.check_size(analysis.graph.network.name, elements, each)
