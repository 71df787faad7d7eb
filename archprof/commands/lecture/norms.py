"""Experiments on norms: over which axes a layer normalises, and how filters are standardised."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from archprof import units
from archprof.commands.lecture.experiment_arguments import Asked, alike, sample, single
from archprof.graph.graph import Graph
from archprof.model.compile import build
from archprof.model.namespace import TORCH
from archprof.ops.answers import Function
from archprof.ops.reshape import Flatten, Permute, Reshape
from archprof.ops.token_windows import WindowPartition
from archprof.problem import nearest

STANDARDISED = "(W - mean)/(sqrt(N)*sigma)"
"""Of each filter with its N weights: Brock et al. 2021, arXiv 2101.08692."""


def normalises(asked: Asked) -> str:
    """The fewest of batch, channels and space over which the layer's output has mean 0 and variance
    1, whatever the other axes' index.

    The layer is in training mode, its weights 1 and 0, its input 4 samples whose mean and scale
    differ along every axis.
    """
    graph = asked.analysis("network").graph
    path = asked.text("layer")
    place = next(
        (i for i, node in enumerate(graph.nodes) if node.path == path and node.inputs), None
    )
    if place is None:
        raise asked.refuse(
            f"there is no layer `{path}`", nearest(path, [node.path for node in graph.nodes])
        )
    axes = _axes(graph)[place]
    if not axes:
        raise asked.refuse(
            f"which axes of {units.shape(graph.nodes[place].output)} are channels and pixels is not"
            f" known at `{path}`"
        )
    shapes = graph.nodes[place].facts.inputs
    # four samples and what is worked out of them
    asked.room(f"`{path}`", 16 * math.prod(shapes[0]))
    layer = graph.nodes[place].op.build(TORCH, shapes)  # as the compiled network has it
    if isinstance(layer, Function):
        raise asked.refuse(
            f"`{path}` is a {graph.nodes[place].kind}, which torch has no module for"
        )
    layer = layer.double().train()
    with torch.no_grad():
        for name, weight in layer.named_parameters():
            weight.fill_(1 if name == "weight" else 0)
        return _normalised(layer(_uneven(4, *shapes[0])), ("batch", *axes))


def _axes(graph: Graph) -> dict[int, tuple[str, ...]]:
    """What each dimension of each layer's output is, followed from the input; () where that is
    lost.
    """
    axes: dict[int, tuple[str, ...]] = {
        -1: ("channels", "height", "width") if len(graph.input) == 3 else ()
    }
    for i, node in enumerate(graph.nodes):
        before = next((axes[source] for source in node.inputs if axes[source]), ())
        if isinstance(node.op, Permute) and before:
            before = tuple(before[dim] for dim in node.op.order)
        elif (
            isinstance(node.op, Flatten)
            and before == ("channels", "height", "width")
            and len(node.output) == 2
        ):
            before = ("channels", "space") if node.op.start else ()
        axes[i] = (
            before
            if len(before) == len(node.output)
            and not isinstance(node.op, (Reshape, WindowPartition))
            else ()
        )
    return axes


def _uneven(*size: int) -> Tensor:
    """Numbers whose mean and scale differ with every index of every axis."""
    x = torch.rand(size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for axis, length in enumerate(size):
        along = [length if i == axis else 1 for i in range(len(size))]
        x = x * (1 + 0.25 * sample(f"scale {axis}", length).view(along)) + 3 * sample(
            f"shift {axis}", length
        ).view(along)
    return x


def _normalised(x: Tensor, axes: tuple[str, ...]) -> str:
    for count in range(1, len(axes) + 1):
        for chosen in itertools.combinations(range(len(axes)), count):
            if _standard(x, chosen):
                names = [axes[i] for i in chosen]
                if "channels" in names:
                    names[names.index("channels")] = _grouped(x, axes.index("channels"), chosen)
                text = " and ".join(names)
                return text.replace("height and width", "space")
    return "nothing"


def _grouped(x: Tensor, dim: int, chosen: tuple[int, ...]) -> str:
    """ "channels", or into how many groups of them the mean and the variance still hold."""
    for groups in range(x.shape[dim] // 2, 1, -1):
        if x.shape[dim] % groups == 0 and all(
            _standard(part, chosen) for part in x.chunk(groups, dim)
        ):
            return f"channels in {groups} groups"
    return "channels"


def _standard(x: Tensor, dims: tuple[int, ...]) -> bool:
    """Whether every mean over these dimensions is 0 and every variance 1, but for the epsilon
    that a norm adds.
    """
    mean, variance = x.mean(dims), x.var(dims, correction=0)
    return bool(mean.abs().max() < 1e-6 and (variance - 1).abs().max() < 1e-3)


def standardises(asked: Asked) -> str:
    """equal or different: the filters that scaled_std_conv2d convolves with, found by its
    answers to single pixels, and the formula times its gain.
    """
    channels, out, kernel = (
        asked.whole("channels", 1024),
        asked.whole("out", 1024),
        asked.whole("kernel", 31),
    )
    count = channels * kernel * kernel
    if count > 4096 or count * out > 200_000:
        raise asked.refuse(
            f"{out} filters of {count} weights are too many", "64 filters of 3x3x32 show the same"
        )
    module = build(
        single(
            f"scaled_std_conv2d, out: {out}, kernel: {kernel}, bias: false, eps: 1.0e-30",
            (channels, kernel, kernel),
        ),
        dtype=torch.float64,
    )
    layer = module.get_submodule("f")
    weight, strength = layer.get_parameter("weight"), layer.get_parameter("gain")
    with torch.no_grad():
        weight.copy_(_uneven(*weight.shape))
        strength.copy_(1 + 0.5 * sample("gain", *strength.shape))
        found = (
            module(torch.eye(count, dtype=torch.float64).view(count, channels, kernel, kernel))
            .view(count, out)
            .T
        )
    filters = weight.detach().flatten(1)
    mean, sigma = (
        filters.mean(1, keepdim=True).expand_as(filters),
        filters.std(1, correction=0, keepdim=True).expand_as(filters),
    )
    letters = {"W": filters, "mean": mean, "sigma": sigma, "N": torch.full_like(filters, count)}
    expected = asked.worked(
        asked.text("formula", STANDARDISED),
        {name: values.flatten().tolist() for name, values in letters.items()},
    )
    return alike(found, expected.view(out, count) * strength.detach().view(out, 1))
