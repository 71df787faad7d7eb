"""Resizing: what each output reads, against torch's gradient, and what is refused."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from archprof.model.compile import build
from archprof.ops.answers import Cost
from archprof.ops.base import Shape
from archprof.ops.reading import Taps
from archprof.ops.resampling import Resampling
from archprof.ops.resize import Interpolate
from archprof.problem import ProblemError
from tests.small import graph_of, whatever

MODES = {"nearest": "nearest", "nearest-exact": "nearest-exact", "linear": "linear"}
MODES |= {"cubic": "bicubic"}


@given(
    st.sampled_from(list(MODES)),
    st.integers(1, 12),
    st.integers(1, 30),
    st.sampled_from([None, 0.3, 0.5, 0.7, 1.3, 1.5, 2, 3]),
    st.booleans(),
    st.booleans(),
)
def test_taps_are_where_the_gradient_goes(
    kernel: str, size: int, output: int, factor: float | None, corners: bool, antialias: bool
) -> None:
    if factor is not None:
        output = math.floor(size * factor)
    aligned = corners and kernel in ("linear", "cubic")
    wide = antialias and kernel in ("linear", "cubic")
    if output < 1:
        return
    if wide and output == size:
        factor = None  # torch copies the pixels, and gives them a gradient as if it did not
    taps = Resampling(kernel, size, output, factor, aligned, wide).taps(1)  # type: ignore[arg-type]
    if taps is None:  # where torch's rounding decides
        assert kernel.startswith("nearest")
        return
    axes = 2 if wide or kernel == "cubic" else 1
    image = torch.zeros(1, 1, size, *[1] * (axes - 1), dtype=torch.float64)
    found = torch.nn.functional.interpolate(
        image.requires_grad_(),
        size=None if factor else (output, 1)[: image.ndim - 2],
        scale_factor=(factor, 1.0)[: image.ndim - 2] if factor else None,
        mode="bilinear" if wide and kernel == "linear" else MODES[kernel],
        align_corners=aligned or None,
        antialias=wide,
    )
    for o in range(output):
        (gradient,) = torch.autograd.grad(found.flatten()[o], image, retain_graph=True)
        reached = (gradient.flatten().abs() > 1e-12).nonzero().flatten()
        turns, phase = divmod(o, len(taps.taps))
        tap = taps.taps[phase]
        assert tap is not None
        # at the edges torch repeats the border
        first, last = max(tap[0] + turns * taps.step, 0), min(tap[1] + turns * taps.step, size - 1)
        assert (int(reached[0]), int(reached[-1])) == (first, last)


@pytest.mark.parametrize(
    ("resampling", "taps"),
    [
        # outputs 2i and 2i + 1 lie at i - 1/4 and i + 1/4: between i - 1 and i, and i and i + 1
        (Resampling("linear", 4, 8), Taps(1, ((-1, 0), (0, 1)), 1, padding=0)),
        # of 6 pixels 4: output o lies at 3/2 * (o + 1/2) - 1/2: 1/4, 7/4, then 3 pixels further
        (Resampling("linear", 6, 4), Taps(1, ((0, 1), (1, 2)), 3, padding=0)),
        # corners aligned, 3 steps over 6: every second output hits a pixel
        (Resampling("linear", 4, 7, None, True), Taps(1, ((0, 0), (0, 1)), 1, padding=0)),
        # half as many, at 2o + 1/2: the four around it
        (Resampling("cubic", 8, 4), Taps(1, ((-1, 2),), 2, padding=0)),
        (Resampling("nearest", 8, 4), Taps(1, ((0, 0),), 2)),  # the first of each two
        (Resampling("nearest-exact", 8, 4), Taps(1, ((1, 1),), 2)),  # floor(2 * (o + 1/2))
        (Resampling("nearest", 4, 6), Taps(1, ((0, 0), (0, 0), (1, 1)), 2)),  # floor(2/3 * o)
        (Resampling("linear", 5, 1, None, True), Taps(1, ((0, 0),), 5, padding=0)),
        # at 2o + 1/2, all that is less than 2 away; of a cubic less than 4
        (Resampling("linear", 8, 4, antialias=True), Taps(1, ((-1, 2),), 2, padding=0)),
        (Resampling("cubic", 8, 4, antialias=True), Taps(1, ((-3, 4),), 2, padding=0)),
        # a larger image is made as ever
        (Resampling("linear", 4, 8, antialias=True), Resampling("linear", 4, 8).taps(1)),
    ],
)
def test_taps_by_hand(resampling: Resampling, taps: Taps) -> None:
    assert resampling.taps(1) == taps


def test_where_rounding_decides_nothing_is_said() -> None:
    # 41 * (14/41) = 14 in the numbers, and torch's single precision gives the pixel before
    sizes = [(n, m) for n in range(1, 24) for m in range(1, 60)]
    unknown = [pair for pair in sizes if Resampling("nearest", *pair).taps(1) is None]
    image = torch.arange(60.0).view(1, 1, 60)
    for n, m in unknown:
        found = torch.nn.functional.interpolate(image[:, :, :n], size=m)[0, 0].tolist()
        assert found != [o * n // m for o in range(m)]
    assert len(unknown) < len(sizes) / 50
    assert unknown


def test_a_pattern_that_is_too_long_is_unknown() -> None:
    assert Resampling("linear", 10_007, 10_006).taps(1) is None
    assert Interpolate(factor=10_001).reads(((1, 4, 4),), (1, 40_004, 40_004)) == (None,)


@pytest.mark.parametrize(
    ("settings", "shape", "output"),
    [
        ("factor: 2", (4, 6, 8), (4, 12, 16)),
        ("factor: [0.5, 2]", (4, 7, 8), (4, 3, 16)),  # floor(3.5)
        ("factor: 0.29", (1, 100, 100), (1, 28, 28)),  # 100 * 0.29 is 28.999999999999996
        ("size: 5", (4, 6, 8), (4, 5, 5)),
        ("size: [9, 3]", (4, 6, 8), (4, 9, 3)),
        ("size: '$shape[1:]'", (4, 6, 8), (4, 6, 8)),
        ("factor: 2, mode: linear", (4, 6), (4, 12)),
        ("factor: [1, 2, 0.5], mode: trilinear", (4, 2, 3, 4), (4, 2, 6, 2)),
    ],
)
def test_sizes(settings: str, shape: Shape, output: Shape) -> None:
    graph = graph_of({"x": f"op: interpolate, {settings}"}, shape)
    assert graph.nodes[0].output == output
    assert tuple(build(graph)(torch.zeros(1, *shape)).shape[1:]) == output


@pytest.mark.parametrize(
    ("mode", "shape", "cost"),
    [
        ("nearest", (2, 4, 4), Cost(0, 0, fvcore=2 * 9)),
        ("nearest-exact", (2, 4, 4), Cost(0, 0, fvcore=0)),
        ("linear", (2, 4), Cost(0, 3 * 2 * 3, fvcore=0)),  # 2 products, 1 sum
        ("bilinear", (2, 4, 4), Cost(0, 7 * 2 * 9, fvcore=4 * 2 * 9)),
        ("trilinear", (2, 4, 4, 4), Cost(0, 15 * 2 * 27, fvcore=0)),  # 8 products, 7 sums
        ("bicubic", (2, 4, 4), Cost(0, 31 * 2 * 9, fvcore=0)),  # 16 products, 15 sums
        # windows 0-1, 1-2, 2-3 along each axis
        ("area", (2, 4, 4), Cost(0, 2 * 6 * 6, fvcore=2 * 16, lecture=2 * 6 * 6)),
    ],
)
def test_cost_by_hand(mode: str, shape: Shape, cost: Cost) -> None:
    node = graph_of({"x": f"op: interpolate, size: 3, mode: {mode}"}, shape).nodes[0]
    assert node.facts.cost == cost


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("mode: bilinear", "`factor` is missing, expected it or a `size`"),
        ("factor: 2, size: 4", "`size` and `factor` are both given, expected one"),
        ("factor: 0", "`factor` is 0, expected a number above 0, or a list of one for each axis"),
        ("size: 2.5", "`size` is 2.5, expected a whole number of at least 1"),
        ("size: [2, 2, 3]", "size [2, 2, 3] has 3 numbers for 2 axes"),
        ("factor: 0.1", "6x8 times 0.1x0.1 leaves 0x0"),
        ("factor: 2, mode: linear", "the mode linear is for channels and 1 axes, found 4x6x8"),
        ("factor: 2, align_corners: true", "`align_corners` has no meaning in the mode nearest"),
        ("factor: 2, mode: lanczos", "expected one of nearest, nearest-exact, linear, bilinear"),
        ("factor: 2, antialias: true", "torch has no antialiasing in the mode nearest"),
    ],
)
def test_what_is_refused(settings: str, message: str) -> None:
    try:
        found = whatever({"x": f"op: interpolate, {settings}"}, (4, 6, 8)).problems
    except ProblemError as error:
        found = list(error.problems)
    assert message in "\n".join(problem.message for problem in found)


@pytest.mark.parametrize(
    ("settings", "rate"),
    [
        # of 8 pixels 4: windows 2*2 pixels wide, of a cubic 4*2
        ("size: 4, mode: bilinear", 16 + 15),
        ("size: 4, mode: bicubic", 64 + 63),
        # 3 rows of 8, windows of ceil(16/3) = 6; more columns than there were: 2
        ("size: [3, 16], mode: bilinear", 6 * 2 + 11),
    ],
)
def test_antialiasing_takes_all_pixels_of_a_window(settings: str, rate: int) -> None:
    graph = graph_of({"x": f"op: interpolate, antialias: true, {settings}"}, (2, 8, 8))
    node = graph.nodes[0]
    assert node.facts.cost == Cost(0, rate * math.prod(node.output), fvcore=0)


def test_what_antialiasing_is_for() -> None:
    # of one pixel in eight nearest neighbours show 0 or 1, the mean of all is 1/8
    stripes = torch.zeros(1, 1, 8, 8)
    stripes[..., 3] = 1
    shown = [
        build(graph_of({"x": f"op: interpolate, size: 1, mode: bilinear{more}"}, (1, 8, 8)))(
            stripes
        )
        for more in ("", ", antialias: true")
    ]
    assert shown[0].item() == 0.5  # at 3.5, halfway between two pixels
    # to both sides weights fall by 1/8 for each pixel: 15/16, 13/16, 11/16, 9/16
    assert shown[1].item() == pytest.approx(15 / 16 / (2 * (9 + 11 + 13 + 15) / 16))


def test_a_vector_has_no_axis_to_resize() -> None:
    (problem,) = whatever({"x": "op: interpolate, factor: 2"}, (12,)).problems
    assert "interpolate needs an input of channels and one to three axes" in problem.message
