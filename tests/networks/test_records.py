"""The shipped networks, from their specs alone, against the public implementations they name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archprof.graph.expand import expand
from archprof.graph.graph import Graph, Node
from archprof.ops.regularization import DropPath
from archprof.spec.loader import find, load_file, networks, shipped_files

RECORDS = {path.stem.partition("-")[2]: path for path in sorted((Path(__file__).parents[1] / "data" / "models").glob("*.json"))}
OURS = {"alexnet": "alexnet_owt", "googlenet": "googlenet_bn"}  # where the plain name is the paper's network

KINDS = {
    "Conv2d": "conv2d", "Linear": "linear", "BatchNorm2d": "batch_norm2d", "LayerNorm": "layer_norm", "LayerNorm2d": "layer_norm2d",
    "ReLU": "relu", "GELU": "gelu", "MaxPool2d": "max_pool2d", "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "Flatten": "flatten", "Permute": "permute", "Dropout": "dropout", "StochasticDepth": "drop_path",
}
FUNCTIONS = {"add", "concat", "flatten", "relu", "scale"}  # what torchvision computes without a module


@pytest.fixture(params=RECORDS)
def pair(request: pytest.FixtureRequest) -> tuple[Graph, dict[str, Any]]:
    """A network's graph and its record."""
    name = request.param
    return expand(find(OURS.get(name, name))), json.loads(RECORDS[name].read_text(encoding="utf-8"))


def totals(graph: Graph) -> dict[str, int]:
    """What `expect` may state of these networks."""
    longest: list[int] = []
    for node in graph.nodes:
        longest.append(max((longest[i] for i in node.inputs if i >= 0), default=0) + node.op.counts_depth)
    return {
        "params": sum(node.params for node in graph.nodes),
        "buffers": sum(node.buffers for node in graph.nodes),
        "macs": sum(graph.nodes[i].facts.cost.macs for i in graph.main),
        "depth": longest[graph.outputs[0]],
    }


def state_dict(graph: Graph) -> dict[str, list[int]]:
    return {".".join(filter(None, (node.path, name))): list(weight.shape) for node in graph.nodes for name, weight in node.facts.weights.items()}


def stands_for(node: Node, path: str, kind: str, shape: list[int], params: int) -> bool:
    """Whether the node is that module. Without weights it may have another name beside it: torchvision calls one `relu` several times."""
    same_place = node.path == path or (params == 0 and node.path.rpartition(".")[0] == path.rpartition(".")[0])
    return same_place and (node.kind, list(node.output), node.params) == (KINDS[kind], shape, params)


def test_totals(pair: tuple[Graph, dict[str, Any]]) -> None:
    graph, record = pair
    found = totals(graph)
    assert [found["params"], found["buffers"], found["macs"]] == [record["params"], record["buffers"], record["macs_conv_matmul"]]
    assert list(graph.input) == record["input"]
    assert [list(graph.shape_of(i)) for i in graph.outputs] == [record["output"]]


def test_state_dict(pair: tuple[Graph, dict[str, Any]]) -> None:
    graph, record = pair
    assert state_dict(graph) == record["state_dict"]


def test_modules_in_order(pair: tuple[Graph, dict[str, Any]]) -> None:
    graph, record = pair
    nodes = iter([graph.nodes[i] for i in graph.main])
    between = []
    for leaf in record["layers"]:
        for node in nodes:
            if stands_for(node, *leaf):
                break
            between.append(node)
        else:
            pytest.fail(f"no layer for {leaf}, or not in its place")
    assert {node.kind for node in [*between, *nodes]} <= FUNCTIONS


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: path.stem)
def test_specs_hold(path: Path) -> None:
    """No problems, which includes every stated shape, and every stated total."""
    for network in networks(load_file(path)):
        graph = expand(network)
        assert not graph.problems, network.name
        expected, found = network.stated("expect"), totals(graph)
        assert {"params", "macs", "depth"} <= expected.keys(), network.name
        assert {quantity: found[quantity] for quantity in expected} == expected, network.name


@pytest.mark.parametrize(
    ("name", "depth"),
    [("alexnet", 8), ("alexnet_two_gpu", 8), ("alexnet_owt", 8), ("vgg11", 11), ("vgg16", 16), ("vgg19_bn", 19), ("googlenet", 22), ("googlenet_bn", 22),
     ("resnet18", 18), ("resnet34", 34), ("resnet50", 50), ("resnet101", 101), ("resnet152", 152), ("resnet50_v1", 50),
     ("wide_resnet50_2", 50), ("resnext101_64x4d", 101), ("convnext_t", 1 + 3 * 18 + 3 + 1), ("convnext_l", 1 + 3 * 36 + 3 + 1)],
)
def test_depth_is_what_the_name_says(name: str, depth: int) -> None:
    assert totals(expand(find(name)))["depth"] == depth


def test_drop_rates_rise_from_the_first_block_to_the_last() -> None:
    rates = [node.op.p for node in expand(find("convnext_tiny")).nodes if isinstance(node.op, DropPath)]
    assert rates == [0.1 * block / 17 for block in range(18)]
