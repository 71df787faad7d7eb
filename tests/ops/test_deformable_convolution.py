"""Deformable convolution: against the papers' sum, written as a loop."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from torch import Tensor

from archprof.analysis.analysis import analyze
from archprof.model.compile import build
from archprof.model.deformable import DeformConv2d, deform_conv2d
from archprof.ops.answers import Cost
from tests.small import graph_of, whatever

OFFSET = "op: conv2d, out: 18, kernel: 3, padding: 1"
DEFORMED = "op: deform_conv2d, out: 6, kernel: 3, padding: 1, from: [input, o"
IMAGE = (4, 6, 8)


def between(image: Tensor, y: float, x: float) -> float:
    """The image at (y, x): each pixel times (1 - |dy|)(1 - |dx|), the paper's bilinear kernel G."""
    height, width = image.shape
    top, left = math.floor(y), math.floor(x)
    return sum(
        float(image[row, column]) * (1 - abs(y - row)) * (1 - abs(x - column))
        for row, column in product((top, top + 1), (left, left + 1))
        if 0 <= row < height and 0 <= column < width
    )


def by_the_paper(layer: DeformConv2d, image: Tensor, offset: Tensor, mask: Tensor | None) -> Tensor:
    """y(p) = sum over k of w_k * m_k(p) * x(p + p_k + dp_k(p)), Zhu et al. 2019, equation 1, for
    one image.
    """
    channels, (rows, columns) = image.shape[0], layer.kernel_size
    outputs, seen = layer.weight.shape[:2]
    taps = rows * columns
    parts = offset.shape[0] // (2 * taps)
    made = torch.zeros(outputs, *offset.shape[1:], dtype=image.dtype)
    for out, y, x in product(*map(range, made.shape)):
        total = 0.0 if layer.bias is None else layer.bias[out].item()
        for k, (i, j) in enumerate(product(range(rows), range(columns))):
            for c in range(seen):
                channel = out // (outputs // layer.groups) * seen + c
                part = channel // (channels // parts)
                at = part * taps + k
                found = between(
                    image[channel],
                    y * layer.stride[0]
                    - layer.padding[0]
                    + i * layer.dilation[0]
                    + float(offset[2 * at, y, x]),
                    x * layer.stride[1]
                    - layer.padding[1]
                    + j * layer.dilation[1]
                    + float(offset[2 * at + 1, y, x]),
                )
                factor = 1.0 if mask is None else float(mask[at, y, x])
                total += layer.weight[out, c, i, j].item() * factor * found
        made[out, y, x] = total
    return made


@pytest.mark.parametrize("modulated", [False, True])
@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({}, 1),
        ({"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "bias": False}, 2),
        ({"padding": (1, 0), "groups": 2}, 4),
    ],
)
def test_it_is_the_sum_of_the_papers(settings: dict, parts: int, modulated: bool) -> None:
    torch.manual_seed(0)
    layer = DeformConv2d(4, 6, (2, 3), **settings).double()
    images = torch.randn(2, *IMAGE, dtype=torch.float64)
    plain = torch.nn.Conv2d(4, 1, (2, 3), **{**settings, "groups": 1}).double()
    size = plain(images).shape[2:]
    # up to some pixels beyond the edges
    offset = 3 * torch.randn(2, 2 * 6 * parts, *size, dtype=torch.float64)
    mask = torch.rand(2, 6 * parts, *size, dtype=torch.float64) if modulated else None
    found = layer(images, offset, mask)
    for n in range(2):
        expected = by_the_paper(layer, images[n], offset[n], None if mask is None else mask[n])
        assert torch.allclose(found[n], expected, atol=1e-12)


def test_without_offsets_it_is_a_convolution() -> None:
    torch.manual_seed(0)
    layer, plain = DeformConv2d(4, 6, (3, 3), groups=2), torch.nn.Conv2d(4, 6, 3, groups=2)
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(2, *IMAGE)
    assert torch.allclose(layer(x, torch.zeros(2, 18, 4, 6)), plain(x), atol=1e-5)


@pytest.mark.parametrize("use_mask", [False, True])
def test_its_gradients_are_those_of_what_it_computes(use_mask: bool) -> None:
    """Against finite differences, in double precision."""
    generator = torch.Generator().manual_seed(0)

    def drawn(*size: int) -> Tensor:
        made = torch.rand(size, generator=generator, dtype=torch.float64)
        return made.requires_grad_()

    x, weight, bias = drawn(2, 4, 3, 4), drawn(4, 2, 2, 2), drawn(4)
    offset = drawn(2, 16, 2, 3)  # between pixels, where the bilinear kernel has a derivative
    mask = drawn(2, 8, 2, 3) if use_mask else torch.zeros(2, 1, dtype=torch.float64)
    window = (1, 1, 0, 0, 1, 1, 2, 2, use_mask)
    assert torch.autograd.gradcheck(
        lambda *given: deform_conv2d(*given, *window), (x, weight, offset, mask, bias)
    )
    torch.library.opcheck(deform_conv2d, (x, weight, offset, mask, bias, *window))


@pytest.mark.parametrize(("more", "rate"), [("]", 7), (", m]", 8)])
def test_cost_by_hand(more: str, rate: int) -> None:
    layers = {"o": OFFSET, "m": "op: conv2d, from: input, out: 9, kernel: 3, padding: 1"}
    if "m" not in more:
        del layers["m"]
    graph = graph_of({**layers, "x": DEFORMED + more}, IMAGE)
    node = graph.nodes[-1]
    macs = 6 * 4 * 9 * (6 * 8)
    sampled = 4 * 9 * (6 * 8)  # bilinear: 4 products, 3 sums; and the mask's product
    assert node.params == 6 * 4 * 9 + 6
    assert node.facts.cost == Cost(macs, 2 * macs + 6 * 6 * 8 + rate * sampled, fvcore=0)
    rows = analyze(graph, count="torch").layers
    assert rows[-1].counted == 0  # torch's counter has no formula of torchvision's operator


def test_an_offset_may_point_anywhere() -> None:
    layers = {"o": OFFSET, "x": DEFORMED + "]"}
    assert analyze(graph_of(layers, IMAGE)).layers[-1].sight.axes == ("whole", "whole")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            {"o": "op: conv2d, out: 9, kernel: 3, padding: 1", "x": DEFORMED + "]"},
            "the offset is 9x6x8, expected 18x6x8, or a multiple of these channels",
        ),
        (
            {"o": "op: conv2d, out: 18, kernel: 3", "x": DEFORMED + "]"},
            "the offset is 18x4x6, expected 18x6x8, or a multiple of these channels",
        ),
        (
            {"o": "op: conv2d, out: 54, kernel: 3, padding: 1", "x": DEFORMED + "]"},
            "4 channels do not divide into the 3 groups that an offset of 54 channels is for:"
            " 54/(2*9) = 3",
        ),
        (
            {
                "m": "op: conv2d, out: 18, kernel: 3, padding: 1",
                "o": OFFSET + ", from: input",
                "x": DEFORMED + ", m]",
            },
            "the mask has 18 channels for an offset of 18, expected half as many: 9",
        ),
        ({"x": "op: deform_conv2d, out: 6, kernel: 3"}, "takes 2 to 3 inputs"),
    ],
)
def test_what_does_not_fit(layers: dict[str, str], message: str) -> None:
    (problem,) = whatever(layers, IMAGE).problems
    assert message in problem.message


def test_weights_start_as_torchs_convolutions_do() -> None:
    torch.manual_seed(0)
    module = build(graph_of({"o": OFFSET, "x": DEFORMED + "]"}, IMAGE))
    weight, bias = module.get_parameter("x.weight"), module.get_parameter("x.bias")
    bound = (4 * 9) ** -0.5  # 1/sqrt(fan_in)
    assert 0.9 * bound < weight.abs().max().item() <= bound
    assert 0 < bias.abs().max().item() <= bound
