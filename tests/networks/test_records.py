"""The shipped networks, from their specs alone, against the public implementations they name."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from archprof.analysis.analysis import analyze
from archprof.graph.graph import Graph, Node
from archprof.language.expand import expand
from archprof.language.find import find, shipped_files
from archprof.language.loader import load_file
from archprof.language.network import networks
from archprof.ops.regularization import DropPath
from tests.networks import shared

RECORDS = {
    path.stem: path
    for path in sorted((Path(__file__).parents[1] / "data" / "models").glob("*.json"))
}

HOLDERS = {"Scale": "scale", "LayerScale2d": "gamma"}
"""Modules of timm's around one parameter, with its name."""

KINDS = {
    "LayerScale2d": "scale",
    "Conv2d": "conv2d",
    "Conv3d": "conv3d",
    "Conv3DSimple": "conv3d",
    "Conv3DNoTemporal": "conv3d",
    "BatchNorm3d": "batch_norm3d",
    "AdaptiveAvgPool3d": "adaptive_avg_pool3d",
    "Linear": "linear",
    "BatchNorm2d": "batch_norm2d",
    "LayerNorm": "layer_norm",
    "LayerNorm2d": "layer_norm2d",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ReLU6": "relu6",
    "SiLU": "silu",
    "GELU": "gelu",
    "Sigmoid": "sigmoid",
    "Hardsigmoid": "hardsigmoid",
    "Hardswish": "hardswish",
    "MaxPool2d": "max_pool2d",
    "AvgPool2d": "avg_pool2d",
    "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "Flatten": "flatten",
    "Permute": "permute",
    "Dropout": "dropout",
    "StochasticDepth": "drop_path",
    "Conv2dSame": "conv2d",
    "StdConv2d": "std_conv2d",
    "ScaledStdConv2d": "scaled_std_conv2d",
    "ScaledStdConv2dSame": "scaled_std_conv2d",
    "GlobalResponseNorm": "global_response_norm",
    "GammaAct": "gelu",
    "MaxPool2dSame": "max_pool2d",
    "AvgPool2dSame": "avg_pool2d",
    "Upsample": "interpolate",
    "ZeroPad2d": "pad",
    "DropPath": "drop_path",
    "GroupNorm1": "group_norm",
    "ConstantPad2d": "pad",
    "BlurPool2d": "blur_pool2d",
    "Scale": "scale",
    "Tanh": "tanh",
    "SwapAxes": "permute",
    "WindowPartition": "window_partition",
    "WindowDepartition": "permute",  # behind the windows as one map: the last of two ops here
    "FastAdaptiveAvgPool": "flatten",  # of H×W×C: the last of three ops here
}
# what torchvision and timm compute without a module
FUNCTIONS = {
    "adaptive_avg_pool3d",
    "adaptive_avg_pool2d",
    "add",
    "attention",
    "avg_pool2d",
    "buffer",
    "channel_shuffle",
    "chunk",
    "clamp",
    "concat",
    "dropout",
    "exp",
    "flatten",
    "identity",
    "interpolate",
    "max_pool2d",
    "mean",
    "multihead_attention",
    "multiply",
    "normalize",
    "pad_same",
    "parameter",
    "permute",
    "position_encoding2d",
    "relative_position_bias",
    "relu",
    "reshape",
    "roll",
    "scale",
    "scale_by",
    "sigmoid",
    "slice",
    "softmax",
    "split",
    "subtract",
    "sum",
    "window_mask",
    "window_partition",
    "window_reverse",
}


@pytest.fixture(params=RECORDS)
def pair(request: pytest.FixtureRequest) -> tuple[Graph, dict[str, Any]]:
    """A network's graph and its record."""
    name = request.param.partition("-")[2]
    return shared.graph(shared.OURS.get(name, name)), json.loads(
        RECORDS[request.param].read_text(encoding="utf-8")
    )


def totals(graph: Graph) -> dict[str, object]:
    """What `expect` may state of these networks, as the analysis has it."""
    analysis = analyze(graph)
    return {
        name: analysis.quantity(name) for name in ("params", "buffers", "macs", "depth", "output")
    }


def state_dict(graph: Graph) -> dict[str, list[int]]:
    return {
        ".".join(filter(None, (node.path, name))): list(weight.shape)
        for node in graph.nodes
        for name, weight in node.facts.weights.items()
        if weight.persistent
    }


def places(keys: Iterable[str]) -> set[str]:
    """The modules that hold others with weights, and the network itself."""
    found = {""}
    for key in keys:
        parent = key.rpartition(".")[0].rpartition(".")[0]
        while parent not in found:
            found.add(parent)
            parent = parent.rpartition(".")[0]
    return found


def place(path: str, known: set[str]) -> str:
    """Where a layer without weights stands: the innermost of `known` around it."""
    while path := path.rpartition(".")[0]:
        if path in known:
            break
    return path


def stands_for(
    node: Node, path: str, kind: str, shape: list[int], params: int, known: set[str]
) -> bool:
    """Whether the node is that module.

    Without weights only its place counts: torchvision calls one `relu` several times, timm's norms
    hold their activation.
    """
    own = f"{path}.{HOLDERS[kind]}" if kind in HOLDERS else path
    same_place = node.path == own or (params == 0 and place(node.path, known) == place(path, known))
    return (
        same_place
        and (node.kind.replace("norm2d", "norm") == KINDS[kind].replace("norm2d", "norm"))
        and node.params == params
        and alike(node, shape)
    )


def alike(node: Node, shape: list[int]) -> bool:
    """The same shape; for timm's Swin windows are a batch, and the MLP takes the tokens of all
    rows in one.
    """
    output = list(node.output)
    tokens = (
        node.kind in ("linear", "layer_norm", "gelu", "silu", "drop_path")
        and output[-1] == shape[-1]
    )
    return output == shape or (
        tokens and (math.prod(output) == math.prod(shape) or output[-len(shape) :] == shape)
    )


def idle(leaf: list[Any], record: dict[str, Any], paths: set[str]) -> bool:
    """Modules that pass their input on, such as timm's dropouts with p = 0, and the softmax
    inside an attention; timm's Affine, which is three ops here, and
    a Sequential without layers.
    """
    passing = ("Affine", "Identity", "Sequential", "SelectSeq", "Softmax", "RadixSoftmax")
    passing = ("Affine", "Identity", "SelectSeq", "Softmax", "RadixSoftmax", "Sequential")
    return leaf[1] in passing or (
        leaf[1] == "Dropout" and record["library"] == "timm" and leaf[0] not in paths
    )


def inside(node: Node) -> bool:
    """What a module computes with layers of its own that it does not call, or that do nothing."""
    return (node.kind == "linear" and node.path.endswith((".attn.qkv", ".attn.proj"))) or (
        node.kind == "drop_path" and node.op.p == 0
    )  # type: ignore[attr-defined]


def test_totals(pair: tuple[Graph, dict[str, Any]]) -> None:
    graph, record = pair
    found = totals(graph)
    assert [found["params"], found["buffers"], found["macs"]] == [
        record["params"],
        record["buffers"],
        record["macs_conv_matmul"],
    ]
    assert list(graph.input) == record["input"]
    assert [list(graph.shape_of(i)) for i in graph.outputs] == [record["output"]]


def test_state_dict(pair: tuple[Graph, dict[str, Any]]) -> None:
    graph, record = pair
    assert state_dict(graph) == record["state_dict"]


def test_modules_in_order(pair: tuple[Graph, dict[str, Any]]) -> None:
    graph, record = pair
    nodes = iter([graph.nodes[i] for i in graph.main])
    leaves = [
        leaf
        for leaf in record["layers"]
        if not idle(leaf, record, {node.path for node in graph.nodes})
    ]
    holders = {path.rpartition(".")[0] for path, *_ in record["layers"]}
    known = places(record["state_dict"])
    between = []
    for leaf in leaves:
        for node in nodes:
            if stands_for(node, *leaf, known):
                break
            between.append(node)
        else:
            pytest.fail(f"no layer for {leaf}, or not in its place")
    # timm's norm with an activation is a module around it, and no leaf
    assert {
        node.kind
        for node in [*between, *nodes]
        if not (node.kind in ("batch_norm2d", "group_norm") and node.path in holders)
        and not inside(node)
    } <= FUNCTIONS


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: path.stem)
def test_specs_hold(path: Path) -> None:
    """No problems, which includes every stated shape, and every stated total."""
    for network in networks(load_file(path)):
        graph = expand(network)
        assert not graph.problems, network.name
        # a family's own network, too, states what it is: see docs/reference/language.md
        expected, found = network.stated("expect") or {}, totals(graph)
        assert {"params", "macs", "depth"} <= expected.keys(), network.name
        assert {quantity: found[quantity] for quantity in expected} == expected, network.name


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("alexnet", 8),
        ("alexnet_two_gpu", 8),
        ("alexnet_owt", 8),
        ("vgg11", 11),
        ("vgg16", 16),
        ("vgg19_bn", 19),
        ("googlenet", 22),
        ("googlenet_bn", 22),
        ("resnet18", 18),
        ("resnet34", 34),
        ("resnet50", 50),
        ("resnet101", 101),
        ("resnet152", 152),
        ("resnet50_v1", 50),
        ("wide_resnet50_2", 50),
        ("resnext101_64x4d", 101),
        ("convnext_t", 1 + 3 * 18 + 3 + 1),
        ("convnext_l", 1 + 3 * 36 + 3 + 1),
    ],
)
def test_depth_is_what_the_name_says(name: str, depth: int) -> None:
    assert totals(expand(find(name)))["depth"] == depth


def test_drop_rates_rise_from_the_first_block_to_the_last() -> None:
    rates = [
        node.op.p for node in expand(find("convnext_tiny")).nodes if isinstance(node.op, DropPath)
    ]
    assert rates == [0.1 * block / 17 for block in range(18)]
