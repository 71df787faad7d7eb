"""How large each layer's output and its gradient are at initialisation."""

from __future__ import annotations

import torch
from torch import Tensor

from archprof.analysis.signals import LayerSignal
from archprof.graph.graph import Graph
from archprof.model.compile import build
from archprof.model.inputs import drawn
from archprof.model.visiting import Visiting

SEEDS = 3
IMAGES = 4
"""Images in a batch; one would leave batch norm without a variance behind a global pooling."""


def layer_signals(graph: Graph) -> list[LayerSignal]:
    """Return the signals of every layer that the gradient of the output reaches, in order.

    The network is in training mode and initialised as its spec says, its inputs standard normal or
    random whole numbers, and the output's gradient standard normal too. Squares are averaged over
    the elements, images and seeds.
    """
    squares: dict[int, list[tuple[float, float]]] = {}
    with torch.random.fork_rng():
        for seed in range(SEEDS):
            torch.manual_seed(seed)
            for place, found in _squares(graph).items():
                squares.setdefault(place, []).append(found)
    return [
        LayerSignal(place, *(_root_mean(values) for values in zip(*found, strict=True)))
        for place, found in sorted(squares.items())
    ]


def _root_mean(squares: tuple[float, ...]) -> float:
    return float((sum(squares) / len(squares)) ** 0.5)


def _squares(graph: Graph) -> dict[int, tuple[float, float]]:
    """Return by layer the mean square of its output and the squared norm of an image's gradient."""
    outputs: dict[int, Tensor] = {}

    def keep(place: int, output: Tensor) -> Tensor:
        outputs[place] = output
        return output.clone()  # a layer in place would overwrite what is kept

    images = drawn(graph, IMAGES, "cpu", torch.get_default_dtype())
    for image in images:
        image.requires_grad_(image.is_floating_point())
    result = Visiting(build(graph), keep).run(*images)
    ends = result if isinstance(result, tuple) else (result,)
    ends = tuple(end for end in ends if end.requires_grad)
    reached = {place: output for place, output in outputs.items() if output.requires_grad}
    if not ends:
        return {}
    gradients = torch.autograd.grad(
        ends, list(reached.values()), [torch.randn_like(end) for end in ends], allow_unused=True
    )
    return {
        place: (float(output.detach().square().mean()), float(gradient.square().sum()) / IMAGES)
        for (place, output), gradient in zip(reached.items(), gradients, strict=True)
        if gradient is not None
    }
