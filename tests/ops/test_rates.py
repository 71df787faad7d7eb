"""The FLOPs of one output element by op, with the arithmetic they stand for: the table of
`archprof conventions`.
"""

from __future__ import annotations

import math

import pytest

from archprof.ops import OPS
from archprof.ops.rates import FORMULAS, RATES
from tests.ops.cases import IMAGE, networks
from tests.small import graph_of

ELEMENTS = 4 * 6 * 8  # of IMAGE

PER_ELEMENT = {
    "relu": 1,  # max with 0
    "relu6": 1,  # one clamp
    "leaky_relu": 1 + 1,  # compare, multiply
    "prelu": 1 + 1,
    "prelu, per_channel: true": 1 + 1,
    "sigmoid": 1 + 1 + 1 + 1,  # negate, exp, add 1, divide
    "tanh": 5,  # exp(2x) - 1 over exp(2x) + 1: double, exp, subtract, add, divide
    "silu": 4 + 1,  # sigmoid, multiply
    "gelu": 5,  # x / sqrt 2, erf, + 1, * x, / 2
    "gelu, approximate: tanh": 9,  # x^3 (2), * 0.044715, + x, * sqrt(2/pi), tanh, + 1, * x, / 2
    "hardsigmoid": 1 + 2 + 1,  # add 3, clamp from below and above, divide by 6
    "hardswish": 4 + 1,  # hardsigmoid, multiply
    "elu": 1 + 1 + 1 + 1,  # compare, exp, subtract 1, times alpha
    "celu": 1 + 4,  # divide by alpha, then as elu
    "selu": 4 + 1,  # elu, multiply
    "softplus": 1 + 1 + 1 + 1 + 1,  # times beta, exp, add 1, log, divide by beta
    "mish": 1 + 1 + 1 + 1 + 1,  # exp, add 1, log, tanh, times x
    "logsigmoid": 1 + 1 + 1 + 1 + 1,  # negate, exp, add 1, log, negate
    "hardtanh": 1,  # one clamp
    "softsign": 1 + 1 + 1,  # |x|, add 1, divide
    "log_softmax": 5,  # max, subtract, exp, sum, subtract
    "softmax": 5,  # max, subtract, exp, sum, divide
    "instance_norm2d": 7,  # as layer norm: its statistics are of the sample in evaluation too
    "dropout2d": 0,
    "batch_norm2d": 1 + 1,  # in evaluation the statistics are constants: multiply, add
    "layer_norm": 7,  # sum, subtract the mean, square, sum, times 1/deviation, scale, shift
    "layer_norm2d": 7,
    "group_norm, groups: 2": 7,
    "rms_norm": 4,  # square, sum, times 1/root, scale
    # square, sum, over the mean norm, * x, * gamma, + beta, + x, and the root
    "global_response_norm": 8,
    "global_response_norm2d": 8,
    "normalize": 1 + 1 + 1,  # square, sum, divide
    # size squares, size - 1 sums and one multiply by alpha, + k, power, divide
    "local_response_norm, size: 5": 2 * 5 + 3,
    "local_response_norm, size: 1": 2 * 1 + 3,
    "scale, size: [4, 1, 1]": 1,
    "scale_by, factor: 2": 1,
    # a function of one number is one step
    "pow, exponent: 2": 1,
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "abs": 1,
    "sin": 1,
    "cos": 1,
    "clamp, min: 0, max: 6": 1,
    "shift_by, amount: 2": 1,
    "identity": 0,
    "dropout": 0,
    "drop_path, p: 0.5": 0,
    "permute, order: [1, 2, 0]": 0,
    "reshape, size: [-1]": 0,
    "flatten": 0,
    "roll, shifts: [1], dims: [1]": 0,
    "channel_shuffle, groups: 2": 0,
    "pixel_shuffle, factor: 2": 0,
    "pixel_unshuffle, factor: 2": 0,
    "window_partition, window: 2": 0,
}


def test_no_rate_is_negative() -> None:
    """Those of 0 are of ops that move or name what is there."""
    assert all(rate >= 0 for rate in RATES.values())


@pytest.mark.parametrize("op", PER_ELEMENT)
def test_rates_per_output_element(op: str) -> None:
    node = graph_of({"x": f"op: {op}"}, IMAGE).nodes[0]
    assert node.facts.cost.macs == 0
    assert node.facts.cost.flops == PER_ELEMENT[op] * ELEMENTS


PER_WINDOW = {
    "max_pool2d, kernel: 2": (2 * 2 - 1) * 4 * 3 * 4,  # k*k - 1 comparisons for each of 4x3x4
    "max_pool2d, kernel: 3, stride: 1, padding: 1": (3 * 3 - 1) * ELEMENTS,
    "max_pool2d, kernel: [1, 4]": (1 * 4 - 1) * 4 * 6 * 2,
    "adaptive_max_pool2d, size: 1": ELEMENTS - 4,  # of each channel one less than it has pixels
    "adaptive_max_pool2d, size: [4, 8]": 4 * (2 + 2 + 2 + 2) * 8 - 4 * 4 * 8,
    "avg_pool2d, kernel: 2": 2 * 2 * 4 * 3 * 4,  # k*k - 1 sums and one division
    "avg_pool2d, kernel: [3, 2], stride: 1": 3 * 2 * 4 * 4 * 7,
    "adaptive_avg_pool2d, size: 1": ELEMENTS,  # 1 per INPUT element
    # 1 per INPUT element: all but one of a row are added or compared; a mean divides once
    "mean, dim: [1, 2]": ELEMENTS,
    "sum, dim: 0": ELEMENTS,
    "max, dim: -1": ELEMENTS,
    "min, dim: 1, keepdim: true": ELEMENTS,
    "norm, dim: 0": 2 * ELEMENTS + 6 * 8,  # square, sum; a root for each of 6x8 outputs
    "norm, dim: 0, p: 3": 2 * ELEMENTS + 6 * 8,
    "norm, dim: 0, p: 1": 2 * ELEMENTS,  # magnitude, sum
    # windows that tile the input read each element once
    "adaptive_avg_pool2d, size: [2, 4]": ELEMENTS,
    "adaptive_avg_pool2d, size: [4, 8]": 4 * (2 + 2 + 2 + 2) * 8,  # rows 0-1, 1-2, 3-4, 4-5
    "pad, sides: [1, 1, 1, 1]": 0,
    "slice, start: 1": 0,
    "interpolate, factor: 2": 0,
    # 4 multiplications and 3 sums per output element
    "interpolate, factor: 2, mode: bilinear": 7 * 4 * ELEMENTS,
    # 5x4x6 outputs of 4*3*3 MACs, and a bias each
    "conv2d, out: 5, kernel: 3": 2 * (5 * 4 * 6) * (4 * 9) + 5 * 4 * 6,
    "conv2d, out: 8, kernel: 3, groups: 4, bias: false": 2 * (8 * 4 * 6) * 9,
    # every input element reaches 5*2*2 outputs
    "conv_transpose2d, out: 5, kernel: 2, stride: 2": 2 * ELEMENTS * 5 * 4 + 5 * 12 * 16,
    "linear, out: 5": 2 * (4 * 6) * 8 * 5 + (4 * 6) * 5,
    "glu": 5 * ELEMENTS // 2,  # for each output a sigmoid of 4 and a multiply
    "linear, out: 5, bias: false": 2 * (4 * 6) * 8 * 5,
}


@pytest.mark.parametrize("op", PER_WINDOW)
def test_flops_of_windows_and_products(op: str) -> None:
    assert graph_of({"x": f"op: {op}"}, IMAGE).nodes[0].facts.cost.flops == PER_WINDOW[op]


SEQUENCE, VOLUME = (4, 9), (4, 5, 4, 6)
OTHER_RANKS: dict[str, tuple[tuple[int, ...], int]] = {
    # 5x7 outputs of 4*3 MACs, and a bias each
    "conv1d, out: 5, kernel: 3": (SEQUENCE, 2 * (5 * 7) * (4 * 3) + 5 * 7),
    # 5x3x2x4 outputs of 4*3*3*3 MACs, and a bias each
    "conv3d, out: 5, kernel: 3": (
        VOLUME,
        2 * (5 * 3 * 2 * 4) * (4 * 27) + 5 * 3 * 2 * 4,
    ),
    # every input element reaches 5*2 outputs; 18 places with a bias each
    "conv_transpose1d, out: 5, kernel: 2, stride: 2": (SEQUENCE, 2 * 36 * 5 * 2 + 5 * 18),
    "conv_transpose3d, out: 5, kernel: [1, 2, 1], stride: [1, 2, 1], bias: false": (
        VOLUME,
        2 * 480 * 5 * 2,
    ),
    "max_pool1d, kernel: 3": (SEQUENCE, (3 - 1) * 4 * 3),
    "max_pool3d, kernel: [1, 2, 3]": (VOLUME, (6 - 1) * 4 * 5 * 2 * 2),
    "avg_pool1d, kernel: 3": (SEQUENCE, 3 * 4 * 3),
    "avg_pool3d, kernel: 2": (VOLUME, 8 * 4 * 2 * 2 * 3),
    "adaptive_avg_pool1d, size: 1": (SEQUENCE, 4 * 9),
    # windows 0-2, 2-4 along 5, and all of 4 and 6
    "adaptive_avg_pool3d, size: [2, 1, 1]": (VOLUME, 4 * (3 + 3) * 4 * 6),
    "adaptive_max_pool1d, size: 3": (SEQUENCE, 4 * 9 - 4 * 3),
    "adaptive_max_pool3d, size: 1": (VOLUME, 480 - 4),
    "batch_norm1d": (SEQUENCE, 2 * 36),
    "batch_norm3d": (VOLUME, 2 * 480),
    "instance_norm1d": (SEQUENCE, 7 * 36),
    "instance_norm3d": (VOLUME, 7 * 480),
    "dropout1d": (SEQUENCE, 0),
    "dropout3d": (VOLUME, 0),
}
"""On channels x length, and on channels x depth x height x width."""


@pytest.mark.parametrize("op", OTHER_RANKS)
def test_flops_along_one_and_three_axes(op: str) -> None:
    size, flops = OTHER_RANKS[op]
    assert graph_of({"x": f"op: {op}"}, size).nodes[0].facts.cost.flops == flops


MERGES = {
    "add, from: [input, input]": 1 * ELEMENTS,
    "add, from: [input, input, input]": 2 * ELEMENTS,
    "multiply, from: [input, input]": 1 * ELEMENTS,
    "multiply, from: [input, input, input]": 2 * ELEMENTS,
    "subtract, from: [input, input]": 1 * ELEMENTS,
    "divide, from: [input, input]": 1 * ELEMENTS,
    "maximum, from: [input, input]": 1 * ELEMENTS,
    "minimum, from: [input, input]": 1 * ELEMENTS,
    "concat, from: [input, input]": 0,
}


@pytest.mark.parametrize("op", MERGES)
def test_flops_of_merges(op: str) -> None:
    assert graph_of({"x": f"op: {op}"}, IMAGE).nodes[0].facts.cost.flops == MERGES[op]


@pytest.mark.parametrize(
    ("op", "counted"),
    [
        ("batch_norm2d", 2),
        ("batch_norm2d, affine: false", 1),
        ("layer_norm", 5),
        ("layer_norm, affine: false", 4),
        ("layer_norm2d", 5),
        ("group_norm, groups: 2", 5),
        ("rms_norm", 0),
        ("relu", 0),
        ("gelu", 0),
        ("softmax", 0),
        ("mean, dim: [1, 2]", 0),
        ("norm, dim: 0", 0),
        ("normalize", 0),
        ("scale, size: []", 0),
        ("local_response_norm, size: 5", 0),
        ("adaptive_avg_pool2d, size: 1", None),
        ("interpolate, factor: 1, mode: bilinear", 4),
    ],
)
def test_what_fvcore_counts_per_element(op: str, counted: int | None) -> None:
    cost = graph_of({"x": f"op: {op}"}, IMAGE).nodes[0].facts.cost
    found = cost.macs if cost.fvcore is None else cost.fvcore
    # an adaptive average pool: 1 per input element
    assert found == (ELEMENTS if counted is None else counted * ELEMENTS)


@pytest.mark.parametrize(
    ("op", "added"),
    [
        ("max_pool2d, kernel: 3, stride: 2", 9 * 4 * 2 * 3),
        ("avg_pool2d, kernel: 2", 4 * 4 * 3 * 4),
        ("adaptive_avg_pool2d, size: 1", ELEMENTS),
        ("relu", 0),
        ("batch_norm2d", 0),
        ("conv2d, out: 5, kernel: 3", 0),
    ],
)
def test_what_a_lecture_adds(op: str, added: int) -> None:
    # k*k per pooled output
    assert graph_of({"x": f"op: {op}"}, IMAGE).nodes[0].facts.cost.lecture == added


def test_every_op_has_a_row_above_or_one_of_its_own() -> None:
    """A new op's FLOPs are written out here with their arithmetic, or where its formula is
    tested.
    """
    rows = {row.partition(",")[0] for row in (*PER_ELEMENT, *PER_WINDOW, *OTHER_RANKS, *MERGES)}
    elsewhere = {
        "attention",
        "matmul",  # test_products.py
        "einsum",
        "multihead_attention",  # test_attention.py, test_multihead_attention.py
        "blur_pool2d",
        "std_conv2d",
        "scaled_std_conv2d",
        "deform_conv2d",  # test_deformable_convolution.py
        "table_conv2d",  # test_convolution.py, test_table_convolution.py
        "embedding",  # test_embedding.py
        "lstm",
        "gru",
        "rnn",  # test_recurrent.py
        # no arithmetic: test_reshape.py and below
        "pad_same",
        "parameter",
        "buffer",
        "position_encoding2d",
        "relative_position_bias",
        "split",
        "chunk",
        "select",
        "window_mask",
        "window_reverse",
    }
    assert set(OPS) - rows == elsewhere


@pytest.mark.parametrize(
    "op",
    [
        "pad_same",
        "parameter",
        "buffer",
        "position_encoding2d",
        "relative_position_bias",
        "split",
        "chunk",
        "select",
        "window_mask",
        "window_reverse",
    ],
)
def test_what_only_moves_data_costs_nothing(op: str) -> None:
    for layers, size in networks(op):
        node = next(node for node in graph_of(layers, size).nodes if node.path == "x")
        assert (node.facts.cost.macs, node.facts.cost.flops) == (0, 0)


def test_every_op_has_its_rate_in_one_place() -> None:
    in_formulas = {name.strip() for key in FORMULAS for name in key.split(",")}
    rates = {name.removesuffix("_bilinear").removesuffix("_nearest") for name in RATES} - {
        "gelu_tanh"
    }
    like_another = {"layer_norm2d"}  # of the same family
    assert set(OPS) - in_formulas - rates == like_another
    assert math.prod(IMAGE) == ELEMENTS


def test_what_moves_data_has_no_flops() -> None:
    """All that is counted is arithmetic; ops of other rates are worked out above."""
    moves = ["concat", "slice", "select", "flatten", "reshape", "permute", "pad", "pad_same"]
    moves += ["roll", "channel_shuffle", "interpolate_nearest"]
    assert {name: RATES[name] for name in moves} == dict.fromkeys(moves, 0)
