"""What depth does to signals and gradients, measured at initialisation and drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from archprof import units
from archprof.allowance import paused
from archprof.analysis.analysis import analyze
from archprof.commands.plot.plots import MOST_COMPARED, PlotOptions
from archprof.draw.shapes import Picture
from archprof.draw.signals import gradients_picture, shattering_picture
from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError

MOST_BYTES = 4 * 2**30
"""Bytes of weights and of outputs with their gradients that are computed for a picture."""


def gradients_plot(graphs: Sequence[Graph], of: str, options: PlotOptions) -> Picture:
    """Return the size of gradients or activations by layer. Raises ProblemError."""

    def measure() -> Picture:
        from archprof.model.layer_signals import IMAGES, layer_signals

        _check(graphs, IMAGES, each=4)
        found = [(graph, layer_signals(graph)) for graph in graphs]
        return gradients_picture(found, of, options.canvas)

    return _with_torch(measure)


def shattering_plot(graphs: Sequence[Graph], options: PlotOptions) -> Picture:
    """Return how alike gradients of neighbouring inputs are. Raises ProblemError."""

    def measure() -> Picture:
        from archprof.model.gradient_correlation import POINTS, gradient_correlation

        for graph in graphs:
            if len(graph.inputs) > 1 or graph.inputs[0].elements.dtype:
                message = f"{graph.network.name} takes other inputs than one of fractions"
                raise ProblemError.of(Mark("plot"), "input", message, "--kind gradients")
        _check(graphs, POINTS, each=8)
        found = [(graph.network.heading, gradient_correlation(graph)) for graph in graphs]
        for name, values in found:
            if not math.isfinite(sum(values)):
                raise ProblemError.of(Mark("plot"), "overflow", f"the gradients of {name} overflow")
        return shattering_picture(found, POINTS, options.canvas)

    return _with_torch(measure)


def _with_torch(measure: Callable[[], Picture]) -> Picture:
    """Return what is drawn. Raises ProblemError where torch is not installed."""
    with paused():  # torch takes what it takes, from its import on
        try:
            return measure()
        except ModuleNotFoundError as error:
            name = (error.name or "torch").partition(".")[0]
            message = f"{name} is not installed, and gradients are computed"
            hint = 'pip install "archprof[torch]"'
            raise ProblemError.of(Mark("--kind"), "torch", message, hint) from None


def _check(graphs: Sequence[Graph], images: int, each: int) -> None:
    """Raise ProblemError for too many networks, or one too large for so many images at once.

    `each` is the number of bytes per element.
    """
    if len(graphs) > MOST_COMPARED:
        message = f"found {len(graphs)} networks, expected at most {MOST_COMPARED}"
        raise ProblemError.of(Mark("plot"), "option", message, "there is a colour for each")
    for graph in graphs:
        totals = analyze(graph, images).totals
        size = (totals.weight_bytes + 2 * totals.sum_outputs_bytes) * each // 4
        if size > MOST_BYTES:
            message = (
                f"{graph.network.name} needs {units.size(size)} for {images} inputs at once, at"
                f" most {units.size(MOST_BYTES)} are used"
            )
            raise ProblemError.of(Mark("plot"), "size", message, "a smaller --input")
