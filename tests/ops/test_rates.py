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
    "softmax": 5,  # max, subtract, exp, sum, divide
    "batch_norm2d": 1 + 1,  # in evaluation the statistics are constants: multiply, add
    "layer_norm": 7,  # sum, subtract the mean, square, sum, times 1/deviation, scale, shift
    "layer_norm2d": 7,
    "group_norm, groups: 2": 7,
    "rms_norm": 4,  # square, sum, times 1/root, scale
    # square, sum, over the mean norm, * x, * gamma, + beta, + x, and the root
    "global_response_norm": 8,
    "global_response_norm2d": 8,
    # size squares, size - 1 sums and one multiply by alpha, + k, power, divide
    "local_response_norm, size: 5": 2 * 5 + 3,
    "local_response_norm, size: 1": 2 * 1 + 3,
    "scale, size: [4, 1, 1]": 1,
    "scale_by, factor: 2": 1,
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


@pytest.mark.parametrize("op", PER_ELEMENT)
def test_rates_per_output_element(op: str) -> None:
    node = graph_of({"x": f"op: {op}"}, IMAGE).nodes[0]
    assert node.facts.cost.macs == 0
    assert node.facts.cost.flops == PER_ELEMENT[op] * ELEMENTS


PER_WINDOW = {
    "max_pool2d, kernel: 2": (2 * 2 - 1) * 4 * 3 * 4,  # k*k - 1 comparisons for each of 4x3x4
    "max_pool2d, kernel: 3, stride: 1, padding: 1": (3 * 3 - 1) * ELEMENTS,
    "max_pool2d, kernel: [1, 4]": (1 * 4 - 1) * 4 * 6 * 2,
    "avg_pool2d, kernel: 2": 2 * 2 * 4 * 3 * 4,  # k*k - 1 sums and one division
    "avg_pool2d, kernel: [3, 2], stride: 1": 3 * 2 * 4 * 4 * 7,
    "adaptive_avg_pool2d, size: 1": ELEMENTS,  # 1 per INPUT element
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
    "linear, out: 5, bias: false": 2 * (4 * 6) * 8 * 5,
}


@pytest.mark.parametrize("op", PER_WINDOW)
def test_flops_of_windows_and_products(op: str) -> None:
    assert graph_of({"x": f"op: {op}"}, IMAGE).nodes[0].facts.cost.flops == PER_WINDOW[op]


MERGES = {
    "add, from: [input, input]": 1 * ELEMENTS,
    "add, from: [input, input, input]": 2 * ELEMENTS,
    "multiply, from: [input, input]": 1 * ELEMENTS,
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
    rows = {row.partition(",")[0] for row in (*PER_ELEMENT, *PER_WINDOW, *MERGES)}
    elsewhere = {
        "attention",
        "multihead_attention",  # test_attention.py, test_multihead_attention.py
        "scaled_std_conv2d",
        "table_conv2d",  # test_convolution.py, test_table_convolution.py
        "embedding",  # test_embedding.py
        "lstm",
        "gru",
        "rnn",  # test_recurrent.py
        # no arithmetic: test_reshape.py and below
        "pad_same",
        "parameter",
        "relative_position_bias",
        "select",
        "window_mask",
        "window_reverse",
    }
    assert set(OPS) - rows == elsewhere


@pytest.mark.parametrize(
    "op",
    ["pad_same", "parameter", "relative_position_bias", "select", "window_mask", "window_reverse"],
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
