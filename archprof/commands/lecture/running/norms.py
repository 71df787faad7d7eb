"""Experiments on norms: over which axes a layer normalises, and how filters are standardised."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from archprof import units
from archprof.commands.lecture.running.arguments import (
    ExperimentArguments,
    alike,
    sample,
    single,
)
from archprof.graph.graph import Graph
from archprof.model.compile import build
from archprof.model.namespace import TORCH
from archprof.ops.answers import Function
from archprof.ops.reshape import Flatten, Permute, Reshape
from archprof.ops.token_windows import WindowPartition
from archprof.problem import nearest

STANDARDISED = "(W - mean)/(sqrt(N)*sigma)"
"""Of each filter with its N weights: Brock et al. 2021, arXiv 2101.08692."""


def normalises(arguments: ExperimentArguments) -> str:
    """Return the fewest axes over which a layer's output has mean 0 and variance 1.

    They are some of batch, channels and space, and it has for every index of the others.

    The layer is in training mode, its weights 1 and 0, its input 4 samples whose mean and scale
    differ along every axis.
    """
    graph = arguments.analysis("network").graph
    path = arguments.text("layer")
    place = next(
        (i for i, node in enumerate(graph.nodes) if node.path == path and node.inputs), None
    )
    if place is None:
        raise arguments.refuse(
            f"there is no layer `{path}`", nearest(path, [node.path for node in graph.nodes])
        )
    axes = _axes(graph)[place]
    if not axes:
        raise arguments.refuse(
            f"which axes of {units.shape(graph.nodes[place].output)} are channels and pixels is not"
            f" known at `{path}`"
        )
    shapes = graph.nodes[place].facts.inputs
    # four samples and what is worked out of them
    arguments.check_size(f"`{path}`", 16 * math.prod(shapes[0]))
    layer = graph.nodes[place].op.build(TORCH, shapes)  # as the compiled network has it
    if isinstance(layer, Function):
        raise arguments.refuse(
            f"`{path}` is a {graph.nodes[place].kind}, which torch has no module for"
        )
    layer = layer.double().train()
    with torch.no_grad():
        for name, weight in layer.named_parameters():
            weight.fill_(1 if name == "weight" else 0)
        return _normalised(layer(_uneven(4, *shapes[0])), ("batch", *axes))


def _axes(graph: Graph) -> dict[int, tuple[str, ...]]:
    """Return for each layer what the dimensions of its output are; () where that is unknown.

    They are followed from the input on.
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
        mixed = isinstance(node.op, (Reshape, WindowPartition))
        axes[i] = before if len(before) == len(node.output) and not mixed else ()
    return axes


def _uneven(*size: int) -> Tensor:
    """Return numbers whose mean and scale differ with every index of every axis."""
    x = torch.rand(size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for axis, length in enumerate(size):
        along = [length if i == axis else 1 for i in range(len(size))]
        scale = 1 + 0.25 * sample(f"scale {axis}", length).view(along)
        x = x * scale + 3 * sample(f"shift {axis}", length).view(along)
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
    """Return channels, or the largest number of groups of them that are normalised alone."""
    for groups in range(x.shape[dim] // 2, 1, -1):
        if x.shape[dim] % groups == 0 and all(
            _standard(part, chosen) for part in x.chunk(groups, dim)
        ):
            return f"channels in {groups} groups"
    return "channels"


def _standard(x: Tensor, dims: tuple[int, ...]) -> bool:
    """Return whether every mean over these dimensions is 0 and every variance 1.

    The epsilon that a norm adds makes a small difference.
    """
    mean, variance = x.mean(dims), x.var(dims, correction=0)
    return bool(mean.abs().max() < 1e-6 and (variance - 1).abs().max() < 1e-3)


def standardises(arguments: ExperimentArguments) -> str:
    """Return equal or different: the filters of scaled_std_conv2d and a formula times its gain.

    The filters are found by the layer's outputs for single pixels.
    """
    channels, out = arguments.whole("channels", 1024), arguments.whole("out", 1024)
    kernel = arguments.whole("kernel", 31)
    count = channels * kernel * kernel
    if count > 4096 or count * out > 200_000:
        raise arguments.refuse(
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
        pixels = torch.eye(count, dtype=torch.float64).view(count, channels, kernel, kernel)
        found = module(pixels).view(count, out).T
    filters = weight.detach().flatten(1)
    mean = filters.mean(1, keepdim=True).expand_as(filters)
    sigma = filters.std(1, correction=0, keepdim=True).expand_as(filters)
    letters = {"W": filters, "mean": mean, "sigma": sigma, "N": torch.full_like(filters, count)}
    expected = arguments.worked(
        arguments.text("formula", STANDARDISED),
        {name: values.flatten().tolist() for name, values in letters.items()},
    )
    return alike(found, expected.view(out, count) * strength.detach().view(out, 1))
