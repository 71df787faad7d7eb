"""The graph of Model Explorer: nodes in namespaces, edges, and the numbers of each layer."""

from __future__ import annotations

from typing import Any

from archprof.analysis.analysis import analyze
from archprof.commands.export.explorer_graph import explorer_graph, node_data
from archprof.language.expand import expand
from archprof.language.find import find
from tests.commands.export.pictures import hostile
from tests.language.writing.graphs import Step, made, op


def graph(name: str, times: dict[str, float] | None = None) -> dict[str, Any]:
    return explorer_graph(analyze(expand(find(name))), times or {})


def nodes(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {node["id"]: node for node in data["nodes"]}
    assert len(found) == len(data["nodes"])
    return found


def pairs(node: dict[str, Any]) -> dict[str, str]:
    return {pair["key"]: pair["value"] for pair in node["attrs"]}


def test_a_node() -> None:
    """AlexNet's first convolution: 11*11*3*96 + 96 parameters, as many MACs at 55*55 places."""
    node = nodes(graph("alexnet"))["conv1"]
    said = pairs(node)
    assert node["label"] == "conv1 (conv2d)"
    assert said["Parameters"] == "34,944"
    assert said["MACs"] == f"{11 * 11 * 3 * 96 * 55 * 55:,}"
    assert said["kernel"] == "[11, 11]"
    assert node["outputsMetadata"] == [
        {"id": "0", "attrs": [{"key": "tensor_shape", "value": "float32[96,55,55]"}]}
    ]


def test_namespaces_are_the_paths_and_edges_lead_to_nodes() -> None:
    found = nodes(graph("resnet18"))
    assert found["layer1.0.conv1"]["namespace"] == "layer1/0"
    assert found["conv1"]["namespace"] == ""
    edges = found["layer1.0.add"]["incomingEdges"]
    assert [edge["sourceNodeId"] for edge in edges] == ["layer1.0.bn2", "maxpool"]
    assert [edge["targetNodeInputId"] for edge in edges] == ["0", "1"]
    assert found["output"]["incomingEdges"][0]["sourceNodeId"] == "fc"
    assert found["conv1"]["incomingEdges"][0]["sourceNodeId"] == "input"
    for node in found.values():
        assert all(edge["sourceNodeId"] in found for edge in node["incomingEdges"])


def test_groups_say_their_sums() -> None:
    """ResNet-18 has 11,689,512 parameters and 1,814,073,344 MACs: specs/resnet.yaml has both."""
    groups = graph("resnet18")["groupNodeAttributes"]
    assert groups[""]["Parameters"] == "11,689,512"
    assert groups[""]["MACs"] == "1,814,073,344"
    # two 3x3 convolutions of 64 channels, and two norms
    assert groups["layer1/0"]["Parameters"] == f"{2 * 9 * 64 * 64 + 4 * 64:,}"
    assert groups["layer1/0"]["block"] == "basic"
    assert "Latency, ms" not in groups[""]


def test_times_are_attributes_and_a_lower_bound_where_one_is_missing() -> None:
    data = graph("lenet5", {"c1": 0.5, "tanh1": 0.25})
    assert pairs(nodes(data)["c1"])["Latency, ms"] == "0.500000"
    assert "Latency, ms" not in pairs(nodes(data)["f6"])
    assert data["groupNodeAttributes"][""]["Latency, ms"] == "≥ 0.750000"


def test_node_data_leaves_out_what_is_unknown() -> None:
    analysis = analyze(expand(find("lenet5")))
    data = node_data(analysis, "latency_ms", {"c1": 0.5})
    assert data["results"] == {"c1": {"value": 0.5}}
    data = node_data(analysis, "params", {})
    assert data["name"] == "Parameters"
    assert data["results"]["f6"] == {"value": 120 * 84 + 84}
    assert data["results"]["tanh1"] == {"value": 0}


def test_names_that_would_part_a_namespace() -> None:
    steps = [Step("a/b;c.input", op("relu")), Step("input", op("relu")), Step("input", op("relu"))]
    found = nodes(explorer_graph(analyze(made((3, 8, 8), steps)), {}))
    assert found["a/b;c.input"]["namespace"] == "a_b_c"
    assert set(found) == {"input", "a/b;c.input", "input #2", "input #3", "output"}


def test_hostile_names_are_texts() -> None:
    for node in explorer_graph(analyze(hostile()), {})["nodes"]:
        assert "\u202e" not in node["id"] + node["label"] + node["namespace"]
