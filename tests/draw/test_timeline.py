"""The timeline: bricks as high as their bytes and as long as their lives."""

from __future__ import annotations

import pytest

import archprof
from archprof.analysis.analysis import analyze
from archprof.draw.canvas import CANVASES
from archprof.draw.timeline import timeline_picture
from tests.draw.chains import CONV, chain
from tests.draw.pictures import labels, styled, tips
from tests.small import graph_of

PAGE = CANVASES["page"]


def test_bricks_by_hand() -> None:
    """Three tensors of 768 bytes and the input; at most three live at a time: 2304 B.

    The input lies through all three moments, a from the first to the second, c in the last.
    """
    picture = timeline_picture(chain("a", "b", "c"), PAGE)
    (held,) = [brick for brick in styled(picture, "input") if brick.tip]
    bricks = {brick.tip: brick for brick in styled(picture, "brick") if brick.tip}
    assert bricks.keys() == {"a: 768 B", "b: 768 B", "c: 768 B"}
    assert {round(brick.height, 6) for brick in bricks.values()} == {round(held.height, 6)}
    assert bricks["c: 768 B"].width == pytest.approx(held.width / 3)
    assert bricks["a: 768 B"].width == pytest.approx(held.width * 2 / 3)
    assert "peak 2.25 KiB at b, + 192 B fixed" in labels(picture)
    # a, b and c have 16 weights each, of 4 bytes
    assert "beside them 192 B of weights" in labels(picture)
    assert picture.says.startswith("The peak is 2.44 KiB, at b: 2.25 KiB of tensors")
    assert "Alive then: the input (768 B), a (768 B), b (768 B)." in picture.says


def test_a_shortcut_waits_in_another_colour() -> None:
    layers = {"stem": CONV, "a": CONV, "b": CONV, "x": "op: add, from: [b, stem]"}
    picture = timeline_picture(analyze(graph_of(layers, (4, 6, 8))), PAGE)
    assert {brick.tip for brick in styled(picture, "kept") if brick.tip} == {"stem: 768 B"}


def test_the_peak_is_that_of_the_summary() -> None:
    analysis = archprof.load("resnet50").analyze()
    picture = timeline_picture(analysis, PAGE)
    path = analysis.graph.nodes[analysis.peak.node].path
    assert any(f" at {path}, + 97.7 MiB fixed" in text for text in labels(picture))


def test_what_is_too_much_is_an_outline() -> None:
    long = archprof.load("resnet50", depths=[300, 300, 400, 110]).analyze()
    picture = timeline_picture(long, PAGE)
    assert not [tip for tip in tips(picture) if tip.endswith("MiB")]
    assert "all tensors, too many to be told apart" in labels(picture)


def test_what_a_layer_makes_for_itself_has_a_colour() -> None:
    """A max pooling keeps where each maximum was while it runs, 8 bytes each: 4*3*4 of them."""
    layers = {"pool": "op: max_pool2d, kernel: 2", "act": "op: relu"}
    picture = timeline_picture(analyze(graph_of(layers, (4, 6, 8))), PAGE)
    (own,) = [brick for brick in styled(picture, "own") if brick.tip]
    assert own.tip == "pool, its own: 384 B"
    assert "a layer's own" in labels(picture)
    assert not styled(timeline_picture(chain("a", "b"), PAGE), "own")
