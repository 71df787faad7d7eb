"""The effective receptive field: how much each pixel moves a unit, by its gradient.

Luo, Li, Urtasun, Zemel 2016, Understanding the Effective Receptive Field in Deep Convolutional
Neural Networks: the gradient of one unit, summed over its channels, on random images.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import torch
from torch import Tensor, fx

from archprof import units
from archprof.analysis.analysis import Analysis
from archprof.draw.field import CELLS, Influence, unit_grid
from archprof.graph.graph import Graph
from archprof.model.compile import NODE, build
from archprof.model.inputs import zeros
from archprof.problem import Mark, ProblemError

IMAGES = 4
SHARE = 0.95  # of the gradient, whose pixels are counted


class _Reached(Exception):
    """The layer was run: what follows need not be."""


class _Until(fx.Interpreter):
    """Runs a network until one of its nodes, and keeps that one's output."""

    def __init__(self, module: fx.GraphModule, layer: int):
        super().__init__(module)
        self.layer = layer
        self.kept: Tensor | None = None
        self.extra_traceback = False  # being there is no mistake to be explained

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if n.meta.get(NODE) == self.layer:
            self.kept = result
            raise _Reached
        return result


def effective_field(analysis: Analysis, layer: int, unit: tuple[int, int]) -> Influence:
    """Return how much each pixel of the input moves a unit, at initialisation and in evaluation.

    The mean of the gradients' sizes on a few images of noise, in at most CELLS x CELLS cells.
    Raises ProblemError where no gradient arrives.
    """
    graph = analysis.graph
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = build(graph).eval().requires_grad_(False)
        images = torch.randn(IMAGES, *graph.input, requires_grad=True)
    total = _gradients(module, graph, layer, _place(analysis, layer, unit), images)
    most = float(total.max())
    if not most > 0:
        message = f"no gradient of `{graph.nodes[layer].path}` reaches the image"
        hint = "without --effective, the theoretical field"
        raise ProblemError.of(Mark("--effective"), "field", message, hint)
    return Influence(_cells(total), _note(total))


def _gradients(
    module: fx.GraphModule, graph: Graph, layer: int, place: list[Any], images: Tensor
) -> Tensor:
    """Return the size of each pixel's gradient, H×W, summed over the images and the channels."""
    runner = _Until(module, layer)
    with suppress(_Reached):
        runner.run(images, *zeros(graph, IMAGES)[1:])
    if runner.kept is None:
        message = f"`{graph.nodes[layer].path}` is not computed in evaluation"
        raise ProblemError.of(Mark("--layer"), "field", message, "a layer of the main path")
    seed = torch.zeros_like(runner.kept)
    seed[tuple(place)] = 1
    if not runner.kept.requires_grad:
        return torch.zeros(graph.input[1:])
    (gradient,) = torch.autograd.grad(runner.kept, images, seed, allow_unused=True)
    return torch.zeros(graph.input[1:]) if gradient is None else gradient.abs().sum((0, 1))


def _place(analysis: Analysis, layer: int, unit: tuple[int, int]) -> list[Any]:
    """Return the index of a unit in the layer's output, all channels with it."""
    place: list[Any] = [slice(None)] * (len(analysis.graph.nodes[layer].output) + 1)
    grid = unit_grid(analysis, layer)
    for dim, axes in enumerate(analysis.sights[layer].dims):
        # rows and columns may lie along one dimension, as tokens do: row by row
        index = 0
        for axis in axes:
            index = index * grid[axis] + unit[axis]
        if axes:
            place[dim + 1] = index
    return place


def _cells(total: Tensor) -> list[list[float]]:
    """Return the means over cells, as shares of the largest."""
    size = min(CELLS, total.shape[0]), min(CELLS, total.shape[1])
    cells = torch.nn.functional.adaptive_avg_pool2d(total[None, None], size)[0, 0]
    found: list[list[float]] = (cells / cells.max()).tolist()
    return found


def _note(total: Tensor) -> str:
    """Return in how many pixels most of the gradient lies."""
    sizes = total.flatten().sort(descending=True).values.double()
    reached = int((sizes.cumsum(0) < SHARE * sizes.sum()).sum()) + 1
    share = units.share(reached, total.numel())
    return (
        f"At initialisation {SHARE:.0%} of the gradient lies in {reached:,} pixels, {share} of the"
        f" image (mean of {IMAGES} images of noise)."
    )
