"""Norms: parameters, buffers, what they keep, refusals."""

from __future__ import annotations

import pytest

from archprof.analysis.memory import saved_for_backward
from archprof.ops.answers import Weight
from tests.small import graph_of, whatever

ELEMENTS = 4 * 6 * 8


@pytest.mark.parametrize(
    ("norm", "params", "buffers"),
    [
        # scale, shift; running mean, running variance and the number of batches
        ("batch_norm2d", 4 + 4, 4 + 4 + 1),
        ("batch_norm2d, affine: false", 0, 9),
        ("layer_norm", 8 + 8, 0),  # over the last dimension
        ("layer_norm2d", 4 + 4, 0),  # over channels
        ("group_norm, groups: 2", 4 + 4, 0),
        ("group_norm, groups: 2, affine: false", 0, 0),
        ("rms_norm", 8, 0),
        ("global_response_norm", 8 + 8, 0),
        ("global_response_norm2d", 4 + 4, 0),
        ("local_response_norm, size: 5", 0, 0),
    ],
)
def test_weights(norm: str, params: int, buffers: int) -> None:
    node = graph_of({"x": f"op: {norm}"}, (4, 6, 8)).nodes[0]
    assert (node.params, node.buffers) == (params, buffers)


def test_the_number_of_batches_is_an_int64_whatever_the_dtype() -> None:
    weights = graph_of({"x": "op: batch_norm2d"}, (4, 6, 8)).nodes[0].facts.weights
    assert weights["num_batches_tracked"] == Weight((), trainable=False, itemsize=8)


@pytest.mark.parametrize(
    ("norm", "kept"),
    [
        ("batch_norm2d", [4, 4]),  # mean and deviation of each channel over the batch
        ("layer_norm", [2 * 6 * 4, 2 * 6 * 4]),  # of each row of each sample
        ("layer_norm2d", [2 * 6 * 8, 2 * 6 * 8]),  # of each pixel
        ("group_norm, groups: 2", [2 * 2, 2 * 2]),  # of each group
        ("rms_norm", [2 * 6 * 4, 2 * ELEMENTS]),  # 1/root of each row, and the normalised input
        # the padded squares, the base, its power
        ("local_response_norm, size: 5", [2 * (4 + 4) * 6 * 8, 2 * ELEMENTS, 2 * ELEMENTS]),
        # norms, their mean, 1/(mean + eps) or the ratio, x*ratio
        ("global_response_norm", [2 * 8, 2 * 1, 2 * 8, 2 * ELEMENTS]),
    ],
)
def test_what_a_norm_keeps_besides_its_input(norm: str, kept: list[int]) -> None:
    graph = graph_of(
        {
            "start": "op: parameter, size: [4, 6, 8]",
            "sum": "op: add, from: [input, start]",
            "x": f"op: {norm}",
        },
        (4, 6, 8),
    )
    inside = 2 * ELEMENTS  # the input, a sum, which keeps nothing itself
    assert saved_for_backward(graph, 2, 4) == [0, 0, 4 * (inside + sum(kept))]


@pytest.mark.parametrize(
    ("norm", "size", "message"),
    [
        ("group_norm, groups: 3", (4, 6, 8), "4 channels do not divide into 3 groups: 4/3 = 1.333"),
        (
            "batch_norm2d",
            (6, 8),
            "batch_norm2d needs an input of channels x height x width, found 6x8",
        ),
        ("layer_norm2d", (6, 8), "layer_norm2d needs an input of channels x height x width"),
        (
            "global_response_norm",
            (6, 8),
            "global_response_norm needs height x width x channels, found 6*8",
        ),
    ],
)
def test_refusals(norm: str, size: tuple[int, ...], message: str) -> None:
    (problem,) = whatever({"x": f"op: {norm}"}, size).problems
    assert message in problem.message


@pytest.mark.parametrize("size", [(4, 1, 1), (4,)])
def test_a_group_of_one_number_has_no_variance(size: tuple[int, ...]) -> None:
    """torch.nn.functional.group_norm refuses it for one sample."""
    (problem,) = whatever({"x": "op: group_norm, groups: 4"}, size).problems
    assert "one number per group, which has no variance" in problem.message
    assert not whatever({"x": "op: group_norm, groups: 2"}, size).problems
