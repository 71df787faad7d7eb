"""What is frozen, in the spec of a graph: said once, of the largest part."""

from __future__ import annotations

import random

import pytest

from archprof.commands.edit.formatting import formatted
from archprof.graph.freezing import freeze
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.writing.spec import first_difference, spec
from tests.language.writing.graphs import read_again

NAMES = ["resnet18", "mobilenet_v2", "densenet121", "googlenet", "swin_t", "lenet5"]


def graph_of(name: str, *patterns: str) -> Graph:
    return freeze(expand(find(name)), patterns)


def frozen(graph: Graph) -> list[str]:
    return [node.path for node in graph.nodes if node.frozen]


def lines_with(text: str, word: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if word in line]


@pytest.mark.parametrize("name", NAMES)
def test_any_layers_come_back(name: str) -> None:
    whole = expand(find(name))
    paths = [node.path for node in whole.nodes if node.params]
    chosen = random.Random(name).sample(paths, len(paths) // 2)
    graph = freeze(whole, chosen)
    text = spec(graph, {}).text
    assert formatted(text) == text
    again = read_again(text)
    assert not first_difference(graph, again)
    assert frozen(again) == frozen(graph)


def test_stages_are_frozen_where_they_are_used() -> None:
    text = spec(graph_of("resnet18", "conv1", "bn1", "layer[12]"), {}).text
    assert [line.partition(":")[0] for line in lines_with(text, "frozen: true")] == [
        "conv1",
        "bn1",
        "layer1",
        "layer2",
    ]
    assert len(lines_with(text, "conv1: {op: conv2d, out: $out")) == 1  # one block for all stages


def test_norms_are_frozen_in_their_block() -> None:
    text = spec(graph_of("resnet18", "*bn*", "*.downsample.1"), {}).text
    assert "bn1: {op: batch_norm2d, frozen: true}" in text
    assert "{op: batch_norm2d, frozen: true}]" in text  # of the shortcut
    assert not lines_with(text, "frozen: false")


def test_what_trains_inside_is_thawed_by_nothing_but_itself() -> None:
    """Every part of it but one is frozen: each of those says so."""
    text = spec(graph_of("lenet5", "c*"), {}).text
    assert [line.partition(":")[0] for line in lines_with(text, "frozen")] == ["c1", "c3", "c5"]


def test_some_parameters_of_a_layer_are_named() -> None:
    """Of a norm inside a block, of one inside what is frozen besides, and of a captured layer's
    fused weights.
    """
    graph = graph_of("resnet18", "fc.bias", "*.bn1.bias", "layer4.*.conv*", "layer4.*.bn2")
    text = spec(graph, {}).text
    assert "fc: {op: linear, out: 1000, frozen: [bias]}" in text
    assert "bn1: {op: batch_norm2d, frozen: [bias]}" in text
    assert not first_difference(graph, read_again(text))
    attention = graph_of("vit_b_16", "*.self_attention.in_proj_bias")
    assert not first_difference(attention, read_again(spec(attention, {}).text))


def test_other_frozen_layers_are_a_difference() -> None:
    one, other = graph_of("lenet5", "c1"), graph_of("lenet5", "c3")
    assert first_difference(one, other) == "`c1` would have other frozen parameters"
