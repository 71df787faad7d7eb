"""A block, a group or a network that uses the weights of another one."""

from __future__ import annotations

import pytest

from tests.language.expand.graphs import faults, graph

UNIT = (
    "blocks:\n"
    "  unit:\n"
    "    layers:\n"
    "      conv: {op: conv2d, out: 3, kernel: 3, padding: 1, bias: false}\n"
    "      bn: {op: batch_norm2d}\n"
    "      relu: {op: relu}\n"
)
PARAMS = 3 * 3 * 9 + 2 * 3  # of a unit


def owners(text: str) -> dict[str, str]:
    """Of each layer that uses the weights of another one, that one."""
    nodes = graph(text).nodes
    return {n.path: nodes[n.shares].path for n in nodes if n.shares is not None}


def params(text: str) -> int:
    return sum(node.params for node in graph(text).nodes)


@pytest.mark.parametrize(
    "again",
    [
        "{block: unit, share: one}",
        "{share: one, layers: {conv: {op: conv2d, out: 3, kernel: 3, padding: 1, bias: false}, bn:"
        " {op: batch_norm2d}}}",
    ],
)
def test_every_layer_with_weights_uses_those_of_the_other(again: str) -> None:
    text = UNIT + f"layers:\n  one: {{block: unit}}\n  two: {again}\n  three: {{op: relu}}\n"
    assert owners(text) == {"two.conv": "one.conv", "two.bn": "one.bn"}
    assert params(text) == PARAMS
    assert sum(node.buffers for node in graph(text).nodes) == 2 * 3 + 1  # mean, variance, counter


def test_a_whole_network() -> None:
    text = (
        "layers:\n  pool: {op: adaptive_avg_pool2d, size: 32}\n  conv: {op: conv2d, out: 3, kernel:"
        " 1}\n  one: {network: mobilenet_v2, from: pool}\n  two: {network: mobilenet_v2, from:"
        " conv, share: one}\n  add: {op: add, from: [one, two]}\n"
    )
    assert params(text) == 3_504_872 + 3 * 3 + 3  # torchvision's, once
    found = owners(text)
    assert len(found) == 52 * 2 + 1  # convolutions, their norms, and the classifier
    assert found["two.features.18.0"] == "one.features.18.0"


LEVEL = UNIT + (
    "  level:\n"
    "    params: {own: 0}\n"
    "    layers:\n"
    "      down: {op: max_pool2d, kernel: 2}\n"
    "      group: {layers: {head: {block: unit, share: HEAD}}}\n"
)


def test_a_block_shares_with_what_stands_around_it() -> None:
    text = LEVEL.replace("HEAD", "head if $own == 0") + (
        "  levels: {layers: {inner: {block: level, repeat: 2}}}\n"
        "layers:\n  head: {block: unit}\n  levels: {block: levels}\n"
        "  own: {block: level, with: {own: 1}}\n"
    )
    assert owners(text) == {
        f"levels.inner.{turn}.group.head.{layer}": f"head.{layer}"
        for turn in range(2)
        for layer in ("conv", "bn")
    }
    assert params(text) == 2 * PARAMS  # the head's, and those of the last level


def test_what_a_block_has_itself_comes_first() -> None:
    text = LEVEL.replace("      group", "      head: {block: unit}\n      group")
    text = text.replace("HEAD", "head") + "layers:\n  head: {block: unit}\n  one: {block: level}\n"
    assert set(owners(text).values()) == {"one.head.conv", "one.head.bn"}


def test_what_nobody_around_has_is_an_error() -> None:
    text = LEVEL.replace("HEAD", "haed") + "layers:\n  head: {block: unit}\n  a: {block: level}\n"
    assert faults(text) == ["13:51 there is no layer `haed` here"]


def test_a_from_sees_nothing_around_its_block() -> None:
    text = LEVEL.replace("share: HEAD", "from: first")
    text += "layers:\n  first: {block: unit}\n  a: {block: level}\n"
    assert faults(text) == ["13:50 there is no layer `first` here"]


def test_sharing_goes_to_the_owner() -> None:
    text = UNIT + (
        "layers:\n  a: {block: unit}\n  b: {block: unit, share: a}\n  c: {block: unit, share: b}\n"
    )
    assert owners(text)["c.conv"] == "a.conv"
    assert params(text) == PARAMS


def test_turns_of_a_repeat() -> None:
    """Each shares with the same one; with those of another repeat each with its own."""
    one = "layers:\n  a: {block: unit}\n  b: {block: unit, repeat: 2, share: a}\n"
    assert owners(UNIT + one) == {
        "b.0.conv": "a.conv",
        "b.0.bn": "a.bn",
        "b.1.conv": "a.conv",
        "b.1.bn": "a.bn",
    }
    turns = "layers:\n  a: {block: unit, repeat: 2}\n  b: {block: unit, repeat: 2, share: a}\n"
    assert owners(UNIT + turns) == {
        "b.0.conv": "a.0.conv",
        "b.0.bn": "a.0.bn",
        "b.1.conv": "a.1.conv",
        "b.1.bn": "a.1.bn",
    }
    assert params(UNIT + turns) == 2 * PARAMS
    named = "layers:\n  a: {block: unit, repeat: 2}\n  b: {block: unit, share: a.1}\n"
    assert owners(UNIT + named) == {"b.conv": "a.1.conv", "b.bn": "a.1.bn"}


def test_what_shares_inside_shares_the_same() -> None:
    text = (
        "blocks:\n  twice: {layers: {x: {op: conv2d, out: 3, kernel: 1}, y: {op: conv2d, out: 3,"
        " kernel: 1, share: x}}}\nlayers:\n  a: {block: twice}\n  b: {block: twice, share: a}\n"
    )
    assert owners(text) == {"a.y": "a.x", "b.x": "a.x", "b.y": "a.x"}
    assert params(text) == 3 * 3 + 3


def test_layers_without_weights_may_differ() -> None:
    """As a head that is enlarged on one level only."""
    text = UNIT + (
        "  more: {layers: {pool: {op: max_pool2d, kernel: 2}, conv: {op: conv2d, out: 3, kernel:"
        " 3, padding: 1, bias: false}, bn: {op: batch_norm2d}}}\n"
        "layers:\n  a: {block: unit}\n  b: {block: more, share: a}\n"
    )
    assert owners(text) == {"b.conv": "a.conv", "b.bn": "a.bn"}


def test_frozen_where_the_owner_is() -> None:
    text = UNIT + (
        "layers:\n  a: {block: unit, frozen: true}\n  b: {block: unit, share: a}\n"
        "  c: {block: unit}\n  d: {frozen: true, layers: {e: {block: unit, share: c}}}\n"
    )
    frozen = {node.path: sorted(node.frozen) for node in graph(text).nodes if node.facts.weights}
    assert frozen == {
        "a.conv": ["weight"],
        "a.bn": ["bias", "weight"],
        "b.conv": ["weight"],
        "b.bn": ["bias", "weight"],
        "c.conv": [],
        "c.bn": [],
        "d.e.conv": [],
        "d.e.bn": [],
    }


HEADS = UNIT + "layers:\n  unit_0: {block: unit}\n  unit_1: {block: unit, from: input}\n"


def test_a_computed_name() -> None:
    text = HEADS + "  more: {block: unit, repeat: 4, share: 'unit_{$index % 2}'}\n"
    text += "  sum: {op: add, from: [more, unit_0, unit_1]}\n"
    assert owners(text) == {
        f"more.{i}.{layer}": f"unit_{i % 2}.{layer}" for i in range(4) for layer in ("conv", "bn")
    }
    assert params(text) == 2 * PARAMS


def test_an_if_behind_the_name_leaves_the_others_their_own_weights() -> None:
    text = HEADS + "  more: {block: unit, repeat: 3, share: unit_0 if $index > 1}\n"
    text += "  sum: {op: add, from: [more, unit_0, unit_1]}\n"
    assert owners(text) == {"more.2.conv": "unit_0.conv", "more.2.bn": "unit_0.bn"}
    assert params(text) == 4 * PARAMS


def test_a_computed_name_of_an_op() -> None:
    conv = "{op: conv2d, out: 3, kernel: 3, padding: 1, bias: false"
    text = HEADS + f"  a: {conv}, share: 'unit_{{0 + 1}}.conv'}}\n"
    text += "  sum: {op: add, from: [a, unit_0, unit_1]}\n"
    assert owners(text) == {"a": "unit_1.conv"}


@pytest.mark.parametrize(
    ("share", "message"),
    [
        ("'unit_{$index + 2}'", "there is no layer `unit_2` here"),
        ("'unit_{$i} for i in range(2)'", "`share` names one layer, found 2: `unit_{$i} for i in"),
        ("'unit_{$wide}'", "`$wide`"),
    ],
)
def test_a_computed_name_that_leads_nowhere(share: str, message: str) -> None:
    text = HEADS + f"  more: {{block: unit, share: {share}}}\n"
    text += "  sum: {op: add, from: [more, unit_0, unit_1]}\n"
    assert any(message in problem for problem in faults(text))
