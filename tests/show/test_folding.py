"""Layers gathered into rows: by block, what only looks at tensors left out."""

from __future__ import annotations

import pytest
from torch import Tensor, nn

from archprof.analysis.analysis import LayerAnalysis, analyze
from archprof.show.folding import AUTO_ROWS, rows
from tests.captured import captured
from tests.language.expand.graphs import graph

pytestmark = pytest.mark.filterwarnings("ignore")


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(8, 16)
        self.act = nn.GELU()
        self.down = nn.Linear(16, 8)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(self.act(self.up(x)))


class Backbone(nn.Module):
    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.stem = nn.Linear(8, 8)
        self.blocks = nn.ModuleList([Block() for _ in range(blocks)])

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return x


class Whole(nn.Module):
    """One block with all the others inside, as Hugging Face's networks are."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.backbone = Backbone(blocks)
        self.head = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.backbone(x.unsqueeze(1).squeeze(1)))


def layers(blocks: int) -> tuple[LayerAnalysis, ...]:
    return tuple(analyze(captured(Whole(blocks), (1, 5, 8))).layers)


BLOCKS = 20  # of three layers each, so that there are more than AUTO_ROWS


def test_a_block_that_is_the_network_is_opened() -> None:
    found = rows(layers(BLOCKS), None, full=False)
    assert 3 * BLOCKS > AUTO_ROWS
    assert [(row.label, row.times) for row in found] == [
        ("backbone.stem", 1),
        (f"backbone.blocks.0-{BLOCKS - 1}", BLOCKS),
        ("head", 1),
    ]
    assert found[1].what == "Block"
    assert found[1].total("params").known == BLOCKS * ((8 * 16 + 16) + (16 * 8 + 8))
    assert found[1].total("macs").known == BLOCKS * 5 * 2 * 8 * 16


def test_a_dash_in_names_is_not_the_dash_of_a_range() -> None:
    """torchvision's RegNet has blocks block1-0, block1-1, …"""
    dashed = graph(
        "blocks: {unit: {layers: {a: {op: tanh}, b: {op: relu}}}}\n"
        f"layers: {{block1: {{block: unit, repeat: {BLOCKS + 5}, name: 'block1-{{$index}}'}}}}\n"
    )
    found = rows(tuple(analyze(dashed).layers), None, full=False)
    assert 2 * (BLOCKS + 5) > AUTO_ROWS
    assert [(row.label, row.times) for row in found] == [
        (f"block1.block1-0…{BLOCKS + 4}", BLOCKS + 5)
    ]


def test_views_are_hidden_unless_they_are_asked_for() -> None:
    found = layers(2)
    hidden = [layer.node.path for layer in found if layer.node.entry.hidden]
    assert len(hidden) == 2  # unsqueeze and squeeze
    shown = [row.label for row in rows(found, None, full=False)]
    assert not set(hidden) & set(shown)
    assert len(shown) == len(found) - 2
    for more in ({"full": True}, {"full": False, "hidden": True}):
        assert [row.label for row in rows(found, None, **more)] == [
            layer.node.path for layer in found
        ]


def test_a_depth_is_as_asked() -> None:
    found = rows(layers(2), 1, full=False)
    assert [(row.label, row.what) for row in found] == [
        ("backbone", "Backbone"),
        ("head", "linear"),
    ]


def test_rows_hold_every_layer_that_costs() -> None:
    found = layers(BLOCKS)
    total = sum(layer.macs or 0 for layer in found)
    for depth in (None, 1, 2, 3):
        assert sum(row.total("macs").known for row in rows(found, depth, full=False)) == total
