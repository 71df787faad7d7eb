"""Pooling, reductions and resizing of ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.capturing.onnx.models import (
    FLOAT,
    analysis,
    graph_of,
    model,
    node,
    numbers,
    only,
    operators,
    output_of,
    read,
)

IMAGE = {"x": [1, 4, 6, 6]}


def test_a_max_pooling_is_the_specs_own(tmp_path: Path) -> None:
    made = model([node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[2, 2])], IMAGE)
    tape = read(tmp_path, made)
    (layer,) = graph_of(tape).nodes
    assert (layer.kind, layer.output) == ("max_pool2d", (4, 3, 3))
    assert analysis(tape).totals.flops == 3 * 4 * 9  # 3 comparisons for each of 4*3*3 outputs


def test_the_usual_stride_of_a_window_is_1(tmp_path: Path) -> None:
    """torch's is the window's size."""
    made = model([node("MaxPool", "x", "y", kernel_shape=[2, 2])], IMAGE)
    assert output_of(read(tmp_path, made)) == (1, 4, 5, 5)


def test_the_indices_of_a_max_pooling(tmp_path: Path) -> None:
    made = model([node("MaxPool", "x", "y i", kernel_shape=[2, 2])], IMAGE, outputs="y i")
    tape = read(tmp_path, made)
    assert [tape.tensors[number].dtype for number in tape.outputs] == ["float32", "int64"]


def test_a_pooling_with_uneven_ends(tmp_path: Path) -> None:
    made = model(
        [node("MaxPool", "x", "y", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])], IMAGE
    )
    tape = read(tmp_path, made)
    assert operators(tape) == ["pad", "max_pool2d"]
    assert tape.operations[0].arguments["value"] == float("-inf")
    fields = [layer.facts.reads for layer in graph_of(tape).nodes]
    assert None not in [reading for each in fields for reading in each]


def test_an_average_leaves_out_the_padding(tmp_path: Path) -> None:
    """Unless it is told to count it; torch counts it unless told."""
    made = model([node("AveragePool", "x", "y", kernel_shape=[3, 3], pads=[1, 1, 1, 1])], IMAGE)
    assert only(read(tmp_path, made)).arguments["count_include_pad"] is False
    assert graph_of(read(tmp_path, made)).nodes[0].kind == "avg_pool2d"


def test_averages_over_all_places(tmp_path: Path) -> None:
    made = model([node("GlobalAveragePool", "x", "y")], IMAGE)
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert (layer.kind, layer.output) == ("adaptive_avg_pool2d", (4, 1, 1))
    made = model([node("GlobalMaxPool", "x", "y")], IMAGE)
    assert only(read(tmp_path, made)).arguments["dim"] == [2, 3]


def test_a_mean_over_all_pixels_is_an_adaptive_pooling(tmp_path: Path) -> None:
    """Which torch's exporter writes as a mean."""
    made = model([node("ReduceMean", "x", "y", axes=[-1, -2])], IMAGE, version=13)
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert (layer.kind, layer.output) == ("adaptive_avg_pool2d", (4, 1, 1))


@pytest.mark.parametrize("version", [11, 18])
def test_axes_of_a_mean(tmp_path: Path, version: int) -> None:
    """They were an attribute up to 17."""
    if version == 11:
        made = model([node("ReduceMean", "x", "y", axes=[-1, -2], keepdims=0)], IMAGE, version=11)
    else:
        made = model(
            [node("ReduceMean", "x a", "y", keepdims=0)],
            IMAGE,
            weights=[numbers("a", [-1, -2])],
            version=version,
        )
    tape = read(tmp_path, made)
    assert only(tape).arguments["dim"] == [3, 2]
    assert output_of(tape) == (1, 4)
    assert analysis(tape).totals.flops == 144  # one step for each element of the input


@pytest.mark.parametrize(
    ("op", "names"),
    [
        ("ReduceSum", ["sum"]),
        ("ReduceMax", ["amax"]),
        ("ReduceMin", ["amin"]),
        ("ReduceProd", ["prod"]),
        ("ReduceL1", ["linalg_vector_norm"]),
        ("ReduceL2", ["linalg_vector_norm"]),
        ("ReduceLogSumExp", ["logsumexp"]),
        ("ReduceLogSum", ["sum", "log"]),
        ("ReduceSumSquare", ["square", "sum"]),
        ("ArgMax", ["argmax"]),
        ("ArgMin", ["argmin"]),
    ],
)
def test_reductions(tmp_path: Path, op: str, names: list[str]) -> None:
    made = model([node(op, "x", "y")], IMAGE, version=13)
    assert operators(read(tmp_path, made)) == names


def test_a_reduction_of_no_axes_may_do_nothing(tmp_path: Path) -> None:
    made = model([node("ReduceSum", "x", "y", noop_with_empty_axes=1)], IMAGE, version=13)
    assert operators(read(tmp_path, made)) == ["clone"]


@pytest.mark.parametrize(
    ("mode", "operator"),
    [
        ("nearest", "upsample_nearest2d"),
        ("linear", "upsample_bilinear2d"),
        ("cubic", "upsample_bicubic2d"),
    ],
)
def test_resizing(tmp_path: Path, mode: str, operator: str) -> None:
    made = model(
        [node("Resize", "x - s", "y", mode=mode)],
        IMAGE,
        weights=[numbers("s", [1.0, 1.0, 2.0, 2.0], FLOAT)],
    )
    tape = read(tmp_path, made)
    assert operators(tape) == [operator]
    assert output_of(tape) == (1, 4, 12, 12)


@pytest.mark.parametrize("version", [7, 9])
def test_upsampling_of_old_versions(tmp_path: Path, version: int) -> None:
    scales = [1.0, 1.0, 2.0, 2.0]
    if version == 7:
        made = model([node("Upsample", "x", "y", scales=scales)], IMAGE, version=version)
    else:
        made = model(
            [node("Upsample", "x s", "y")], IMAGE, weights=[numbers("s", scales, FLOAT)], version=9
        )
    tape = read(tmp_path, made)
    assert operators(tape) == ["upsample_nearest2d"]
    assert output_of(tape) == (1, 4, 12, 12)


def test_the_largest_ones(tmp_path: Path) -> None:
    made = model([node("TopK", "x k", "y i", axis=1)], {"x": [1, 10]}, "y i", [numbers("k", [3])])
    tape = read(tmp_path, made)
    assert (only(tape).arguments["k"], output_of(tape)) == (3, (1, 3))
    made = model([node("TopK", "x", "y i", axis=1, k=3)], {"x": [1, 10]}, "y i", version=9)
    assert only(read(tmp_path, made)).arguments["k"] == 3


def test_sampling(tmp_path: Path) -> None:
    grid = {"x": [1, 4, 6, 6], "g": [1, 3, 3, 2]}
    made = model([node("GridSample", "x g", "y")], grid, version=20)
    assert operators(read(tmp_path, made)) == ["grid_sampler"]
    sizes: dict[str, Any] = {"x": [1, 4, 6, 6], "r": [5, 4], "b": [5]}
    made = model(
        [node("RoiAlign", "x r b", "y", output_height=7, output_width=7)], sizes, version=16
    )
    made.graph.input[2].type.tensor_type.elem_type = 7
    tape = read(tmp_path, made)
    assert only(tape).operator == "torchvision.roi_align.default"
    assert output_of(tape) == (5, 4, 7, 7)
