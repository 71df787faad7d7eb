"""The graph as a picture: what is written on its cards."""

from __future__ import annotations

import pytest

import archprof
from archprof.draw.canvas import CANVASES
from archprof.draw.graph import fitted, graph_on_canvas, graph_picture, scaled
from archprof.draw.shapes import Label, Rectangle, Stroke, Symbol
from tests.draw.pictures import assert_sound, labels, shapes, tips, written_width

RESNET = archprof.load("resnet50").analyze()


def test_cards_by_hand() -> None:
    """conv1: 64 filters of 3*7*7 at 112*112 places, 118013952 products. layer1.1 and layer1.2 have
    70400 parameters each: 1x1x256x64 + 3x3x64x64 + 1x1x64x256 and norms of 2*(64 + 64 + 256).
    """
    picture = graph_picture(RESNET)
    assert "conv1: 1 layer, 118 M multiply-accumulates" in tips(picture)
    assert "input 3x224x224" in labels(picture)
    assert "256x56x56 · 141 K params · 437 M MACs" in labels(picture)
    assert 2 * (256 * 64 + 9 * 64 * 64 + 64 * 256 + 2 * (64 + 64 + 256)) == 140_800
    assert "×5" in labels(picture)
    assert picture.says.startswith("175 layers from 3x224x224 to 1000, 25.6 M parameters")


def test_open_blocks_are_frames_with_skips() -> None:
    """16 blocks, of which alike ones are shown once, so 4 + 4 frames with a sum each."""
    picture = graph_picture(RESNET, everything=True)
    assert sum(text == "add" for text in labels(picture)) == 8
    frames = [s for s in shapes(picture) if isinstance(s, Rectangle) and s.style == "frame2"]
    assert len(frames) == 8
    skips = [s for s in shapes(picture) if isinstance(s, Stroke) and s.style == "skip"]
    assert len(skips) == 8


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "swin_t", "nasnetalarge"])
def test_no_text_is_wider_than_its_card(name: str) -> None:
    for everything in (False, True):
        picture = graph_picture(archprof.load(name).analyze(), everything)
        cards = [s for s in shapes(picture) if isinstance(s, Rectangle) and s.tip]
        placed = [s for s in shapes(picture) if isinstance(s, Label) and s.style.startswith("on")]
        for label in placed:
            wide = written_width(label)
            left = label.x - (wide if label.anchor == "end" else 0)
            assert any(
                card.x <= left + 0.01
                and left + wide <= card.x + card.width + 0.01
                and card.y <= label.y <= card.y + card.height
                for card in cards
            ), label


def test_kinds_have_forms() -> None:
    """For those who see no colours: a square is a convolution, a triangle an activation."""
    forms = [s.form for s in shapes(graph_picture(RESNET)) if isinstance(s, Symbol)]
    assert forms == ["square", "bar", "up", "down", "down", "circle", "diamond"]


def test_another_quantity() -> None:
    """The linear layer: 2048 * 1000 + 1000 parameters."""
    picture = graph_picture(RESNET, by="params")
    assert "fc: 1 layer, 2.05 M parameters" in tips(picture)


def test_names_that_are_too_long_are_cut() -> None:
    from archprof.analysis.analysis import analyze
    from tests.small import graph_of

    layers = {"w" * 60: "op: relu"}
    assert_sound(graph_picture(analyze(graph_of(layers, (4, 6, 8)))), 11)


def test_a_graph_is_never_scaled_below_legibility() -> None:
    """Its smallest texts are of 11 pixels, which become 9.34 at least in a column."""
    picture = graph_picture(archprof.load("nasnetalarge").analyze(), everything=True)
    by = fitted(picture, CANVASES["column"])
    assert by == pytest.approx(9.34 / 11)
    small = scaled(picture, by)
    assert small.width == pytest.approx(picture.width * by)
    assert min(s.size for s in shapes(small) if isinstance(s, Label)) >= 9.33
    large = fitted(graph_picture(archprof.load("lenet5").analyze()), CANVASES["slide"])
    assert large * 11 >= 13.4


def test_on_a_slide_it_is_broken_into_columns() -> None:
    """1200 x 620 pixels hold ResNet-50 in three of them, with texts of 13.4: 10 points."""
    analysis = archprof.load("resnet50").analyze()
    picture = graph_on_canvas(analysis, CANVASES["slide"])
    assert_sound(picture, 13.4)
    assert picture.width <= 1200
    assert picture.height <= 620
    assert sorted(labels(picture)) == sorted(labels(graph_picture(analysis)))
    column = graph_on_canvas(analysis, CANVASES["column"])
    assert column.width <= 336
    assert column.height > column.width
