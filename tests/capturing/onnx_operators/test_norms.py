"""Norms of ONNX: what their weights are, and what they cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.capturing.tape import TensorRef
from tests.capturing.onnx.models import (
    analysis,
    graph_of,
    model,
    node,
    only,
    operators,
    output_of,
    read,
    weight,
)

IMAGE = {"x": [1, 4, 6, 6]}


def four(*names: str) -> list[object]:
    return [weight(name, 4) for name in names]


def test_a_batch_norm_has_two_parameters_and_two_buffers(tmp_path: Path) -> None:
    made = model(
        [node("BatchNormalization", "x s b m v", "y", epsilon=1e-3, momentum=0.99)],
        IMAGE,
        weights=four("s", "b", "m", "v"),
    )
    tape = read(tmp_path, made)
    arguments = only(tape).arguments
    assert arguments["eps"] == 1e-3  # not 0.0010000000474974513
    assert arguments["momentum"] == 0.01  # torch's is the share of what is new
    found = analysis(tape).totals
    assert (found.params, found.buffers) == (8, 8)
    assert {name.rpartition(".")[2]: each.trainable for name, each in tape.weights.items()} == {
        "weight": True,
        "bias": True,
        "running_mean": False,
        "running_var": False,
    }


@pytest.mark.parametrize("version", [1, 6, 7, 9, 14])
def test_batch_norms_of_all_versions(tmp_path: Path, version: int) -> None:
    """Up to version 6 with `is_test`, up to 8 with `spatial`, and with five outputs."""
    attributes = {1: {"is_test": 1, "spatial": 1, "consumed_inputs": [0, 0, 0, 1, 1]}}
    made = model(
        [node("BatchNormalization", "x s b m v", "y", **attributes.get(version, {}))],
        IMAGE,
        weights=four("s", "b", "m", "v"),
        version=version,
    )
    assert output_of(read(tmp_path, made)) == (1, 4, 6, 6)


@pytest.mark.parametrize(("axis", "normalized"), [(-1, [6]), (2, [6, 6]), (1, [4, 6, 6])])
def test_a_layer_norm(tmp_path: Path, axis: int, normalized: list[int]) -> None:
    made = model(
        [node("LayerNormalization", "x s b", "y", axis=axis)],
        IMAGE,
        weights=[weight("s", *normalized), weight("b", *normalized)],
    )
    tape = read(tmp_path, made)
    assert only(tape).arguments["normalized_shape"] == normalized
    assert analysis(tape).totals.flops == 7 * 4 * 36


def test_a_layer_norm_over_channels_that_are_last_is_the_specs_own(tmp_path: Path) -> None:
    made = model(
        [node("LayerNormalization", "x s b", "y")],
        {"x": [1, 9, 4]},
        weights=four("s", "b"),
    )
    (layer,) = graph_of(read(tmp_path, made)).nodes
    assert (layer.kind, layer.params) == ("layer_norm", 8)


@pytest.mark.parametrize(
    ("op", "operator", "attributes", "rate"),
    [
        ("InstanceNormalization", "instance_norm", {}, 7),
        ("GroupNormalization", "group_norm", {"num_groups": 2}, 7),
    ],
)
def test_norms_of_groups(
    tmp_path: Path, op: str, operator: str, attributes: dict[str, int], rate: int
) -> None:
    made = model([node(op, "x s b", "y", **attributes)], IMAGE, weights=four("s", "b"), version=21)
    tape = read(tmp_path, made)
    assert operators(tape) == [operator]
    found = analysis(tape).totals
    assert (found.params, found.flops) == (8, rate * 4 * 36)


def test_a_root_mean_square_norm(tmp_path: Path) -> None:
    made = model(
        [node("RMSNormalization", "x s", "y")], {"x": [1, 9, 4]}, weights=four("s"), version=23
    )
    found = analysis(read(tmp_path, made)).totals
    assert (found.params, found.flops) == (4, 4 * 36)


def test_norms_without_weights(tmp_path: Path) -> None:
    made = model([node("MeanVarianceNormalization", "x", "y")], IMAGE)
    assert operators(read(tmp_path, made)) == ["instance_norm"]
    made = model([node("LRN", "x", "y", size=5)], IMAGE)
    # 2 for each of 5 neighbours and 3: docs of the row
    assert analysis(read(tmp_path, made)).totals.flops == 13 * 4 * 36


def test_division_by_the_length(tmp_path: Path) -> None:
    made = model([node("LpNormalization", "x", "y", axis=1)], IMAGE)
    tape = read(tmp_path, made)
    assert operators(tape) == ["linalg_vector_norm", "div"]
    assert tape.tensors[tape.operations[0].outputs[0]].shape == (1, 1, 6, 6)


def test_a_sum_and_the_norm_behind_it_that_were_fused(tmp_path: Path) -> None:
    made = model(
        [
            node(
                "SkipLayerNormalization",
                "x z s b",
                "y - - sum",
                domain="com.microsoft",
            ),
            node("Relu", "sum", "r"),
        ],
        {"x": [1, 9, 4], "z": [1, 9, 4]},
        outputs="y r",
        weights=four("s", "b"),
    )
    made.graph.node[0].output[1:3] = ["", ""]
    tape = read(tmp_path, made)
    assert operators(tape) == ["add", "layer_norm", "relu"]
    assert tape.operations[2].arguments["self"] == TensorRef(tape.operations[0].outputs[0])
