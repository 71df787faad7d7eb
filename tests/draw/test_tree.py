"""Blocks as boxes in boxes, and what of them is folded and open."""

from __future__ import annotations

import pytest

import archprof
from archprof.draw.tree import Item, Wired, net, network_tree, open_all
from archprof.show.folding import rows


def names(item: Item) -> list[str]:
    return [child.name for child in item.children]


def test_alike_neighbours_are_one() -> None:
    """ResNet-50's third stage: the first block has a stride, the five after it are alike."""
    drawn = network_tree(archprof.load("resnet50").analyze())
    stage = next(child for child in drawn.root.children if child.name == "layer3")
    assert [(child.id, child.times) for child in stage.children] == [
        ("layer3.0", 1),
        ("layer3.1–5", 5),
    ]
    assert [len(child.layers) for child in stage.children] == [12, 5 * 10]
    assert stage.opened
    assert not any(child.opened for child in stage.children)


def test_blocks_of_one_name_and_other_layers_are_two() -> None:
    layers = [Wired("a.x", 0, (-1,), 1), Wired("b.x", 1, (0,), 1), Wired("c.x", 1, (1,), 1)]
    drawn = net("net", layers, dict.fromkeys("abc", "block"))
    assert names(drawn.root) == ["a", "b–c"]


@pytest.mark.parametrize("name", ["resnet50", "convnext_tiny", "swin_t", "densenet121", "vit_b_16"])
def test_blocks_are_folded_as_in_the_summary(name: str) -> None:
    """ConvNeXt's blocks differ in how often they are dropped, and are one row all the same."""
    analysis = archprof.load(name).analyze()
    times = sorted(row.times for row in rows(analysis.layers, None, False) if row.times > 1)

    def folds(item: Item) -> list[int]:
        own = [item.times] if item.members else []
        inner = item.children if item.opened else []
        return own + [count for child in inner for count in folds(child)]

    assert sorted(folds(network_tree(analysis).root)) == times


def test_groups_are_never_folded() -> None:
    layers = [Wired("a.x", 0, (-1,), 1), Wired("b.x", 0, (0,), 1)]
    assert names(net("net", layers, {}).root) == ["a", "b"]


def test_a_layer_whose_path_is_a_blocks_too_is_in_it() -> None:
    layers = [Wired("a", 0, (-1,), 1), Wired("a.x", 1, (0,), 1), Wired("b", 2, (1,), 1)]
    root = net("net", layers, {"a": "block"}).root
    assert names(root) == ["a", "b"]
    assert [(child.id, child.layer) for child in root.children[0].children] == [
        ("a.", 0),
        ("a.x", 1),
    ]


def test_a_block_with_most_of_the_layers_is_open() -> None:
    """As `archprof summary` opens it, so that a network which is one block has boxes."""
    layers = [Wired(f"a.{k}.x", k, (k - 1,), 1) for k in range(3)]
    blocks = {"a": "outer", "a.0": "one", "a.1": "two", "a.2": "three"}
    root = net("net", layers, blocks).root
    assert [child.opened for child in root.children] == [True]
    assert [child.opened for child in root.children[0].children] == [False] * 3


def test_what_is_not_drawn_is_passed_over() -> None:
    layers = [
        Wired("a", 0, (-1,), 1),
        Wired("view", 1, (0,), 0, drawn=False),
        Wired("b", 2, (0,), 1),
    ]
    drawn = net("net", layers, {})
    assert names(drawn.root) == ["a", "b"]
    assert list(drawn.uses[0]) == [2]


def test_all_opens_all() -> None:
    drawn = network_tree(archprof.load("resnet18").analyze())
    open_all(drawn.root)

    def closed(item: Item) -> list[str]:
        own = [] if item.opened or item.layer is not None else [item.id]
        return own + [id for child in item.children for id in closed(child)]

    assert closed(drawn.root) == []


def test_nesting_ends() -> None:
    """A hundred levels; what is deeper is one name, so that no depth is too much."""
    drawn = net("net", [Wired(".".join(["a"] * 5000), 0, (-1,), 1)], {})
    item, depth = drawn.root, 0
    while item.layer is None:
        (item,) = item.children
        depth += 1
    assert depth == 101
    assert item.name.count(".") == 5000 - 101
