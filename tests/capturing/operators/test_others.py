"""Norms, elementwise operators, reductions, pooling and moves: what they cost and become."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archprof.capturing.call import Call
from archprof.graph.graph import Graph
from archprof.model import modules
from tests.captured import Computes, captured, layer, totals

ROWS, IMAGE, VIDEO = (1, 4, 6), (1, 4, 6, 8), (1, 2, 4, 6, 8)
ELEMENTS = 4 * 6 * 8  # of the image

# by the layer's kind what it takes, what it computes, and its FLOPs
FLOPS: dict[str, tuple[tuple[int, ...], Callable[[Tensor], Any], int]] = {
    "relu": (IMAGE, torch.relu, ELEMENTS),
    "shift_by": (IMAGE, lambda x: x - 1, ELEMENTS),
    "div": (IMAGE, lambda x: x / 3, ELEMENTS),
    "pow": (IMAGE, lambda x: x**2, ELEMENTS),
    "softmax": (ROWS, lambda x: x.softmax(-1), 5 * 4 * 6),
    "glu": (IMAGE, lambda x: functional.glu(x, 1), 5 * ELEMENTS // 2),  # a sigmoid and a product
    "mean": (IMAGE, lambda x: x.mean((2, 3)), ELEMENTS),  # one for each element that arrives
    "sum": (IMAGE, lambda x: x.sum(1), ELEMENTS),
    "min": (IMAGE, lambda x: x.amin(1), ELEMENTS),
    "max": (IMAGE, lambda x: x.max(1)[0], ELEMENTS),
    "var": (IMAGE, lambda x: x.var(1), 4 * ELEMENTS),
    # a square and a sum for each element, a root for each of the 6*8 that remain
    "norm": (IMAGE, lambda x: x.norm(dim=1), 2 * ELEMENTS + 6 * 8),
    # ceil(log2 6) = 3 comparisons for each element
    "topk": (ROWS, lambda x: x.topk(2)[0], 3 * 4 * 6),
    "max_pool3d": (VIDEO, lambda x: functional.max_pool3d(x, 2), 7 * 2 * 2 * 3 * 4),
    "avg_pool1d": (ROWS, lambda x: functional.avg_pool1d(x, 3), 3 * 4 * 2),
    "adaptive_avg_pool3d": (VIDEO, lambda x: functional.adaptive_avg_pool3d(x, 1), 2 * ELEMENTS),
    "instance_norm2d": (IMAGE, functional.instance_norm, 7 * ELEMENTS),
    "stack": (ROWS, lambda x: torch.stack([x, x.flip(1)], 1), 0),
    "index": (ROWS, lambda x: x[:, [0, 2]], 0),
    "clone": (IMAGE, torch.clone, 0),
    "arange": (ROWS, lambda x: torch.arange(6, device=x.device), 0),
    "zeros_like": (ROWS, torch.zeros_like, 0),
}


class All(nn.Module):
    """Every case beside the others."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(Computes(function) for _, function, _ in FLOPS.values())

    def forward(self, *inputs: Tensor) -> list[Any]:
        return [part(x) for part, x in zip(self.parts, inputs, strict=True)]


@pytest.fixture(scope="module")
def everything() -> Graph:
    return captured(All(), *(shape for shape, _, _ in FLOPS.values()))


@pytest.mark.parametrize("kind", FLOPS)
def test_flops(everything: Graph, kind: str) -> None:
    path = f"parts.{list(FLOPS).index(kind)}"
    (node,) = [
        node
        for node in everything.nodes
        if node.kind == kind and (node.path == path or node.path.startswith(f"{path}."))
    ]
    assert node.facts.known_cost[:2] == (0, FLOPS[kind][2])


# what is one of archprof's own ops, with its settings
BECOMES: dict[str, tuple[tuple[int, ...], nn.Module, str, dict[str, Any]]] = {
    "batch norm": (IMAGE, nn.BatchNorm2d(4, eps=1e-3, momentum=0.2), "batch_norm2d", {}),
    "batch norm of a sequence": (ROWS, nn.BatchNorm1d(4), "batch_norm1d", {}),
    "batch norm of a vector": ((1, 4), nn.BatchNorm1d(4), "batch_norm1d", {}),
    "batch norm of a volume": (VIDEO, nn.BatchNorm3d(2, affine=False), "batch_norm3d", {}),
    "instance norm": (
        IMAGE,
        nn.InstanceNorm2d(4, eps=1e-3, affine=True),
        "instance_norm2d",
        {"eps": 1e-3, "affine": True},
    ),
    "convolution of a sequence": (
        ROWS,
        nn.Conv1d(4, 6, 3, stride=2, padding=1, groups=2, bias=False),
        "conv1d",
        {"out": 6, "kernel": (3,), "stride": (2,), "padding": (1,), "groups": 2, "bias": False},
    ),
    "convolution of a volume": (
        VIDEO,
        nn.Conv3d(2, 6, (1, 3, 2), padding=(0, 1, 0)),
        "conv3d",
        {"out": 6, "kernel": (1, 3, 2), "stride": (1, 1, 1), "padding": (0, 1, 0)},
    ),
    "transposed convolution with holes": (
        ROWS,
        nn.ConvTranspose1d(4, 6, 2, stride=2, dilation=3),
        "conv_transpose1d",
        {"out": 6, "kernel": (2,), "stride": (2,), "dilation": (3,)},
    ),
    "maximum of a sequence": (ROWS, nn.MaxPool1d(2, dilation=2), "max_pool1d", {"dilation": (2,)}),
    "maximum of a volume": (VIDEO, nn.MaxPool3d((1, 2, 2)), "max_pool3d", {"kernel": (1, 2, 2)}),
    "average of a sequence": (ROWS, nn.AvgPool1d(3, 1), "avg_pool1d", {"stride": (1,)}),
    "global of a volume": (VIDEO, nn.AdaptiveAvgPool3d(1), "adaptive_avg_pool3d", {}),
    "largest of all": (IMAGE, nn.AdaptiveMaxPool2d(1), "adaptive_max_pool2d", {"size": (1, 1)}),
    "layer norm": (ROWS, nn.LayerNorm(6, eps=1e-6), "layer_norm", {"eps": 1e-6}),
    "group norm": (IMAGE, nn.GroupNorm(2, 4), "group_norm", {"groups": 2}),
    "rms norm": (ROWS, nn.RMSNorm(6, eps=1e-5), "rms_norm", {"eps": 1e-5}),
    "relu in place": (IMAGE, nn.ReLU(inplace=True), "relu", {"inplace": True}),
    "gelu by tanh": (ROWS, nn.GELU("tanh"), "gelu", {"approximate": "tanh"}),
    "clipped at 6": (IMAGE, nn.ReLU6(), "relu6", {}),
    "leaky": (IMAGE, nn.LeakyReLU(0.2), "leaky_relu", {"slope": 0.2}),
    "softmax of channels": (IMAGE, nn.Softmax(1), "softmax", {"dim": 0}),
    "maximum": (IMAGE, nn.MaxPool2d(3, 2, 1), "max_pool2d", {}),
    "average": (IMAGE, nn.AvgPool2d(2, count_include_pad=False), "avg_pool2d", {}),
    "global": (IMAGE, nn.AdaptiveAvgPool2d(1), "adaptive_avg_pool2d", {}),
    "twice as large": (IMAGE, nn.Upsample(scale_factor=2), "interpolate", {"factor": 2}),
    "half as large": (
        IMAGE,
        nn.Upsample(scale_factor=(0.5, 1.5), mode="bicubic"),
        "interpolate",
        {"factor": (0.5, 1.5), "mode": "bicubic"},
    ),
    "corners aligned": (
        IMAGE,
        nn.Upsample(size=(9, 7), mode="bilinear", align_corners=True),
        "interpolate",
        {"size": (9, 7), "mode": "bilinear", "align_corners": True},
    ),
    "standardised filters": (
        IMAGE,
        nn.Sequential(modules.StdConv2d(4, 6, 3, padding=1, eps=1e-8)),
        "std_conv2d",
        {"out": 6, "kernel": (3, 3), "padding": (1, 1), "eps": 1e-8},
    ),
    "antialiased": (
        IMAGE,
        modules.AntialiasedUpsample(size=(3, 4), mode="bicubic"),
        "interpolate",
        {"size": (3, 4), "mode": "bicubic", "antialias": True},
    ),
    "a sequence resized": (
        ROWS,
        nn.Upsample(size=9, mode="nearest-exact"),
        "interpolate",
        {"size": 9, "mode": "nearest-exact"},
    ),
    "a volume resized": (
        VIDEO,
        nn.Upsample(scale_factor=2, mode="trilinear"),
        "interpolate",
        {"factor": 2, "mode": "trilinear"},
    ),
    "flat": (IMAGE, nn.Flatten(), "flatten", {}),
    "tokens": (IMAGE, nn.Flatten(2), "flatten", {"start": 1}),
    "cut": (IMAGE, Computes(lambda x: x[:, 1:3]), "slice", {"start": 1, "stop": 3}),
    "shuffled": (IMAGE, nn.PixelShuffle(2), "pixel_shuffle", {"factor": 2}),
    "scaled": (IMAGE, Computes(lambda x: x * 0.5), "scale_by", {"factor": 0.5}),
    "halved": (IMAGE, Computes(lambda x: x / 2), "scale_by", {"factor": 0.5}),
    "negative, in place": (
        IMAGE,
        Computes(torch.neg_),
        "scale_by",
        {"factor": -1, "inplace": True},
    ),
    "one less": (IMAGE, Computes(lambda x: x - 1), "shift_by", {"amount": -1}),
    "one more": (IMAGE, Computes(lambda x: x + 1), "shift_by", {"amount": 1}),
    "over another": (IMAGE, Computes(lambda x: x / x.flip(1)), "divide", {}),
    "the larger": (IMAGE, Computes(lambda x: torch.maximum(x, x.flip(1))), "maximum", {}),
    "squared": (IMAGE, Computes(lambda x: x**2), "pow", {"exponent": 2}),
    "an exponential": (IMAGE, Computes(torch.exp), "exp", {}),
    "a magnitude": (IMAGE, Computes(torch.abs), "abs", {}),
    "at most 4": (IMAGE, Computes(lambda x: x.clamp(max=4)), "clamp", {"min": None, "max": 4}),
    "pooled": (IMAGE, Computes(lambda x: x.mean((2, 3))), "mean", {"dim": (1, 2)}),
    "the sum of channels": (
        IMAGE,
        Computes(lambda x: x.sum(1, keepdim=True)),
        "sum",
        {"dim": (0,), "keepdim": True},
    ),
    "the largest channel": (IMAGE, Computes(lambda x: x.amax(1)), "max", {"dim": (0,)}),
    "a norm of magnitudes": (
        ROWS,
        Computes(lambda x: x.norm(1, -1)),
        "norm",
        {"dim": (1,), "p": 1},
    ),
    "a product": (ROWS, Computes(lambda x: x @ x.flip(2).transpose(1, 2)), "matmul", {}),
    "a named product": (
        ROWS,
        Computes(lambda x: torch.einsum("bij,bkj->bik", x, x.flip(1))),
        "einsum",
        {"equation": "ij,kj->ik"},
    ),
    "as for a maximum": (
        IMAGE,
        Computes(lambda x: functional.pad(x, (1, 0), value=-math.inf)),
        "pad",
        {"sides": (1, 0, 0, 0), "lowest": True},
    ),
    "turned": (IMAGE, Computes(lambda x: x.permute(0, 2, 3, 1)), "permute", {"order": (1, 2, 0)}),
    "rolled": (
        IMAGE,
        Computes(lambda x: x.roll((-1, 2), (2, 3))),
        "roll",
        {"shifts": (-1, 2), "dims": (1, 2)},
    ),
    "mirrored": (IMAGE, nn.ReflectionPad2d((1, 2, 0, 3)), "pad", {"mode": "reflect"}),
    "circular": (IMAGE, nn.CircularPad2d((1, 2, 0, 3)), "pad", {"mode": "circular"}),
    "repeated": (ROWS, nn.ReplicationPad1d(2), "pad", {"sides": (2, 2), "mode": "replicate"}),
    "padded": (IMAGE, nn.ZeroPad2d((1, 2, 0, 0)), "pad", {"sides": (1, 2, 0, 0)}),
    "clipped": (IMAGE, nn.Hardtanh(-2, 2), "hardtanh", {"min_val": -2, "max_val": 2}),
    "clipped at 0 and 6": (IMAGE, nn.Hardtanh(0, 6, inplace=True), "relu6", {"inplace": True}),
    "exponential": (IMAGE, nn.ELU(0.5), "elu", {"alpha": 0.5}),
    "exponential, again": (IMAGE, nn.CELU(0.5), "celu", {"alpha": 0.5}),
    "self-normalising": (IMAGE, nn.SELU(), "selu", {}),
    "mish": (IMAGE, nn.Mish(), "mish", {}),
    "softplus": (IMAGE, nn.Softplus(2, 5), "softplus", {"beta": 2, "threshold": 5}),
    "gated": (IMAGE, nn.GLU(1), "glu", {"dim": 0}),
    "log of a softmax": (ROWS, nn.LogSoftmax(-1), "log_softmax", {"dim": 1}),
    "dropped": (ROWS, nn.Dropout(0.3), "dropout", {"p": 0.3}),
}


@pytest.mark.parametrize("case", BECOMES)
def test_becomes_archprofs_own_op(case: str) -> None:
    shape, module, kind, settings = BECOMES[case]
    found = layer(captured(module, shape), kind).op
    assert not isinstance(found, Call)
    assert {name: getattr(found, name) for name in settings} == settings


# what archprof's own op would say otherwise
STAYS: dict[str, tuple[tuple[int, ...], nn.Module, str]] = {
    "a norm over two dimensions": (ROWS, nn.LayerNorm((4, 6)), "layer_norm"),
    "a third, which a product rounds otherwise": (IMAGE, Computes(lambda x: x / 3), "div"),
    "divided and rounded": (
        IMAGE,
        Computes(lambda x: torch.div(x, 2, rounding_mode="floor")),
        "div",
    ),
    "limits that are tensors": (IMAGE, Computes(lambda x: x.clamp(min=x.flip(1))), "clamp"),
    "two to the power": (IMAGE, Computes(lambda x: 2**x), "pow"),
    "all of a batch": (IMAGE, Computes(lambda x: x.mean()), "mean"),
    "over the batch": (IMAGE, Computes(lambda x: x.sum((0, 1))), "sum"),
    "a batch that is summed": (
        ROWS,
        Computes(lambda x: torch.einsum("bij,bkj->ik", x, x.flip(1))),
        "einsum",
    ),
    "a sum of a tensor with itself": (IMAGE, Computes(lambda x: x + x), "add"),
    "twice the second": (IMAGE, Computes(lambda x: torch.add(x, x.flip(1), alpha=2)), "add"),
    "another divisor": (
        IMAGE,
        nn.AvgPool2d(2, divisor_override=3),
        "avg_pool2d",
    ),
}


@pytest.mark.parametrize("case", STAYS)
def test_stays_an_operator_where_archprofs_op_says_otherwise(case: str) -> None:
    shape, module, kind = STAYS[case]
    assert isinstance(layer(captured(module, shape), kind).op, Call)


def test_each_used_output_of_several_is_a_layer() -> None:
    graph = captured(Computes(lambda x: x.chunk(2, 1)), IMAGE)
    assert [(n.kind, n.output) for n in graph.nodes] == [("slice", (2, 6, 8))] * 2
    assert [n.op.given() for n in graph.nodes] == [{"stop": 2}, {"start": 2}]
    graph = captured(Computes(lambda x: x.unbind(1)[1:3]), IMAGE)
    assert [(n.kind, n.output) for n in graph.nodes] == [("unbind", (6, 8))] * 2
    values, places = "topk", "topk_1"
    graph = captured(Computes(lambda x: x.topk(2)), ROWS)
    assert [n.path for n in graph.nodes] == [values, places]
    # its comparisons are counted once; the places are whole numbers
    assert [n.facts.known_cost.flops for n in graph.nodes] == [3 * 4 * 6, 0]
    assert [n.op.itemsize for n in graph.nodes] == [None, 8]


def test_an_operator_that_nobody_described_is_unknown_and_never_zero() -> None:
    module = Computes(lambda weight, x: torch.linalg.det(x * weight), torch.ones(3, 3))
    node = layer(captured(module, (1, 3, 3)), "linalg_det")
    assert node.facts.cost is None
    assert node.facts.saved is None
    assert node.facts.reads == (None,)
    unknown = totals(module, (1, 3, 3)).unknown
    assert unknown.cost == unknown.saved == (node.path,)


@pytest.mark.parametrize(
    ("function", "field"),
    [
        (lambda x: functional.max_pool2d(x, 3).reshape(1, 4, 1, 2, 2), (3, 3)),
        (lambda x: functional.max_pool2d(x, 3).permute(1, 0, 2, 3), (3, 3)),
        (lambda x: torch.stack([functional.avg_pool2d(x, 3, 1), x[:, :, 1:-1, 1:-1]], 1), (3, 3)),
        (lambda x: functional.max_pool2d(x, 3) - 1, (3, 3)),
        (lambda x: functional.max_pool2d(x, 3).transpose(2, 3).flatten(1, 2), (3, 3)),
    ],
)
def test_what_a_layer_sees_goes_through_views(function: Any, field: tuple[int, int]) -> None:
    found = totals(Computes(function), (1, 4, 6, 6))
    assert found.receptive_field == field
    assert found.extent.sees == "local"
