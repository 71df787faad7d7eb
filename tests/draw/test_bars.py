"""Bars: lengths in proportion to integers that are known by hand."""

from __future__ import annotations

import pytest

import archprof
from archprof.analysis.analysis import analyze
from archprof.draw.bars import bars_picture
from archprof.draw.canvas import CANVASES
from tests.draw.chains import chain
from tests.draw.pictures import labels, shapes, tips
from tests.small import graph_of

PAGE = CANVASES["page"]


def test_the_numbers_are_those_of_the_layers() -> None:
    """A 1x1 of 4 channels has 4*4 weights and 4*4*6*8 products; its output 4*6*8*4 bytes."""
    picture = bars_picture(chain("a", "b"), PAGE)
    assert tips(picture) == [
        "a conv2d 1x1: 16",
        "b conv2d 1x1: 16",
        "a conv2d 1x1: 768",
        "b conv2d 1x1: 768",
        "a conv2d 1x1: 768 B",
        "b conv2d 1x1: 768 B",
    ]


def test_lengths_are_in_proportion() -> None:
    """Four times as many channels: 4*16 = 64 and 16*16 = 256 weights, a quarter and the whole."""
    layers = {
        "a": "op: conv2d, out: 16, kernel: 1, bias: false",
        "b": "op: conv2d, out: 16, kernel: 1, bias: false",
    }
    picture = bars_picture(analyze(graph_of(layers, (4, 6, 8)), count="macs"), PAGE)
    first, second = [s for s in shapes(picture) if getattr(s, "style", "").startswith("bar0")]
    assert first.style == "bar0 less"  # type: ignore[union-attr]
    assert second.style == "bar0"  # type: ignore[union-attr]
    assert first.width / second.width == pytest.approx(1 / 4)  # type: ignore[union-attr]
    assert picture.says == (
        "b has 80.0% of the parameters, b has 80.0% of the MACs,"
        " a has 50.0% of the memory of outputs."
    )


def test_the_stages_of_resnet50() -> None:
    """Its head is one linear layer: 2048*1000 + 1000 parameters, 2.05 M; the stem a 7x7 of 3*64
    channels and a norm: 9408 + 128 = 9536.
    """
    picture = bars_picture(archprof.load("resnet50").analyze(), PAGE)
    assert [text for text in labels(picture) if text.startswith(("stem", "layer", "head"))] == [
        "stem",
        "layer1",
        "layer2",
        "layer3",
        "layer4",
        "head",
    ]
    assert "9.54 K" in labels(picture)
    assert "2.05 M" in labels(picture)


def test_of_more_than_fit_the_largest_have_rows() -> None:
    """On a slide of 620 pixels with texts of 20: (620 - 60) / 32 is 17 rows."""
    picture = bars_picture(archprof.load("resnet50").analyze(), CANVASES["slide"], "layer")
    rows = [
        text
        for text in labels(picture)
        if text.startswith(("conv", "layer", "fc", "maxpool", "bn"))
    ]
    assert len(rows) == 16
    (others,) = [text for text in labels(picture) if text.endswith("others")]
    # 53 convolutions, as many norms, two poolings and the linear layer have a row otherwise
    assert int(others.partition(" ")[0]) == 2 * 53 + 2 + 1 - 16


def test_shares_are_of_all_layers_also_of_those_without_a_bar() -> None:
    """A convolution and a ReLU of the same size: half of the memory is the convolution's."""
    layers = {"a": "op: conv2d, out: 4, kernel: 1", "b": "op: relu"}
    picture = bars_picture(analyze(graph_of(layers, (4, 6, 8))), PAGE, "layer")
    assert "a has 50.0% of the memory of outputs" in picture.says
