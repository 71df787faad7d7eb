"""Layers side by side: each is there once, with inputs of its own, and the network runs."""

from collections.abc import Mapping

import pytest

import archprof
from archprof.graph.graph import Graph, Node
from archprof.sweeping.latency import side_by_side as room
from archprof.sweeping.latency.layers import distinct_nodes, layers_of
from archprof.sweeping.latency.side_by_side import side_by_side


def parts(network: archprof.Loaded, batch: int = 1) -> list[Graph]:
    nodes = distinct_nodes([network.graph])
    found = list(side_by_side(nodes, network.graph.network, batch))
    places: list[str] = [key for one in found for key in one.places]
    assert places == list(nodes)  # each once
    for one in found:
        _same(one.graph, one.places, nodes)
    return [one.graph for one in found]


def _same(graph: Graph, places: Mapping[str, int], nodes: Mapping[str, Node]) -> None:
    for key, place in places.items():
        node = graph.nodes[place]
        assert node.op == nodes[key].op
        assert node.output == nodes[key].output
        inputs = [graph.nodes[i] for i in node.inputs]
        assert tuple(one.output for one in inputs) == nodes[key].facts.inputs
        assert all(one.op.arrives for one in inputs)


@pytest.mark.parametrize("name", ["resnet18", "swin_t", "vit_b_16", "googlenet", "convnext_tiny"])
def test_every_layer_is_there_once_with_inputs_of_its_own(name: str) -> None:
    network = archprof.load(name)
    graphs = parts(network)
    assert all(len(graph.nodes) <= 5 * room.MOST_LAYERS for graph in graphs)


def test_the_layers_have_the_same_keys_side_by_side() -> None:
    network = archprof.load("mobilenet_v3_large")
    for one in side_by_side(distinct_nodes([network.graph]), network.graph.network, 1):
        keys = {layer.key for layer in layers_of(archprof.Loaded(network.network).analyze())}
        assert set(distinct_nodes([one.graph])) == set(one.places) <= keys


def test_large_layers_are_few_in_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    network = archprof.load("resnet18")
    whole = parts(network)
    monkeypatch.setattr(room, "MOST_ELEMENTS", 2**22)
    assert len(parts(network)) > len(whole)
    assert len(parts(network, batch=8)) > len(parts(network))


def test_one_layer_that_is_too_large_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_ELEMENTS", 1)
    network = archprof.load("alexnet")
    assert len(parts(network)) == len(distinct_nodes([network.graph]))
