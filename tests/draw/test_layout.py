"""The layout: coordinates by hand, and nothing on top of anything else."""

from __future__ import annotations

import random

import pytest

import archprof
from archprof.draw.layout import layout
from archprof.draw.placed import PlacedBox
from archprof.draw.tree import Item, Net, Wired, net, network_tree, open_all


def sizes(item: Item) -> tuple[float, float]:
    return (100, 20) if item.layer is not None else (120, 40)


def chain(*inputs: tuple[int, ...]) -> Net:
    layers = [Wired(f"l{k}", k, sources, 10) for k, sources in enumerate(inputs)]
    return net("net", layers, {})


def placed(drawn: Net) -> PlacedBox:
    return layout(drawn, drawn.root, sizes)


def test_a_chain_is_one_column() -> None:
    """Ranks: the input, of no height, and three layers of 20, 18 apart, 10 above and below.

    The first stands at 10 + 18 = 28, the others 38 further each; 14 are left of the column.
    """
    root = placed(chain((-1,), (0,), (1,)))
    assert [(box.x, box.y) for box in root.boxes] == [(14, 28), (14, 66), (14, 104)]
    assert (root.width, root.height) == (14 + 100 + 14, 104 + 20 + 10)


def test_a_skip_runs_beside_what_it_passes() -> None:
    """Its rail is 12 + 2 right of the column, whose middle is at 14 + 50 = 64: at 114 + 14 = 128.

    The reader's two ports are 16 apart: at 64 - 8 and, for what comes from the right, 64 + 8.
    Horizontal pieces are in the middle of the gaps: 28 + 20 + 9 = 57 and 66 + 20 + 9 = 95.
    """
    root = placed(chain((-1,), (0,), (1, 0)))
    (skip,) = (wire for wire in root.wires if wire.skip)
    assert (skip.source, skip.target) == (0, 2)
    assert skip.points == [(64, 48), (64, 57), (128, 57), (128, 95), (72, 95), (72, 104)]
    assert root.width == 14 + 100 + 12 + 4 + 14
    (straight,) = (wire for wire in root.wires if wire.source == 1)
    assert straight.points[-1] == (56, 104)


def test_branches_stand_side_by_side_as_declared() -> None:
    """A fork of two chains, l1 l2 and l3: the longer is the trunk, the other to its right."""
    root = placed(chain((-1,), (0,), (1,), (0,), (2, 3)))
    at = {box.item.name: box.x for box in root.boxes}
    assert at["l0"] == at["l1"] == at["l2"] == at["l4"] == 14
    assert at["l3"] == 14 + 100 + 14


def test_blocks_whose_layers_run_in_turns_are_laid_out() -> None:
    """`a.0` is read by `b.0`, and that by `a.1`: an edge leads back up, on a rail."""
    layers = [
        Wired("a.0", 0, (-1,), 1),
        Wired("b.0", 1, (0,), 1),
        Wired("a.1", 2, (1,), 1),
        Wired("b.1", 3, (2,), 1),
    ]
    drawn = net("net", layers, {"a": "one", "b": "two"})
    root = placed(drawn)
    back = [wire for wire in root.wires if wire.source == 1]
    assert [wire.skip for wire in back] == [True]
    assert back[0].points[0][1] > back[0].points[-1][1]
    open_all(drawn.root)
    assert_apart(placed(drawn))


def assert_apart(frame: PlacedBox) -> None:
    """Hold that no box lies on another or leaves its frame, and that no wire goes through one."""
    sides = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in frame.boxes]
    for place, (left, top, right, bottom) in enumerate(sides):
        assert left >= 0
        assert top >= 0
        assert right <= frame.width
        assert bottom <= frame.height
        for other in sides[:place]:
            beside = left >= other[2] or right <= other[0]
            assert beside or top >= other[3] or bottom <= other[1]
    for wire in frame.wires:
        for (x1, y1), (x2, y2) in zip(wire.points, wire.points[1:], strict=False):
            for left, top, right, bottom in sides:
                across = min(x1, x2) < right - 1 and max(x1, x2) > left + 1
                assert not (across and min(y1, y2) < bottom - 1 and max(y1, y2) > top + 1)
    for box in frame.boxes:
        assert_apart(box)


NAMES = ["resnet50", "googlenet", "densenet121", "unet", "nasnetalarge", "amoebanet_a", "swin_t"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("everything", [False, True], ids=["folded", "open"])
def test_nothing_lies_on_anything(name: str, everything: bool) -> None:
    drawn = network_tree(archprof.load(name).analyze())
    if everything:
        open_all(drawn.root)
    assert_apart(placed(drawn))


@pytest.mark.parametrize("seed", range(60))
def test_any_graph_is_laid_out_without_overlaps(seed: int) -> None:
    """Graphs of blocks in blocks at random: boxes stay apart (wires may cross them)."""
    dice = random.Random(seed)
    layers = []
    for k in range(dice.randint(1, 40)):
        path = ".".join(dice.choice("abc") for _ in range(dice.randint(0, 2)))
        sources = tuple({dice.randint(-1, k - 1) for _ in range(dice.choice([0, 1, 1, 1, 2, 3]))})
        layers.append(Wired(f"{path}.{k}".strip("."), dice.randint(0, 2), sources, k))
    drawn = net("net", layers, {"a": "one", "a.b": "two"})
    open_all(drawn.root)
    root = placed(drawn)
    for wire in root.wires:
        wire.points.clear()
    assert_boxes_apart(root)


def assert_boxes_apart(frame: PlacedBox) -> None:
    frame.wires.clear()
    for box in frame.boxes:
        assert_boxes_apart(box)
    assert_apart(frame)
