"""Gradients by layer, and how alike they are, drawn."""

from __future__ import annotations

import pytest

from archprof.analysis.signals import LayerSignal
from archprof.draw.canvas import CANVASES
from archprof.draw.shapes import Rectangle, Stroke, Symbol
from archprof.draw.signals import gradients_picture, shattering_picture
from tests.draw.pictures import assert_sound, labels, tips
from tests.small import graph_of

PAGE = CANVASES["page"]
GRAPH = graph_of(
    {
        "a": "op: linear, out: 3",
        "r": "op: relu",
        "b": "op: linear, out: 3",
        "c": "op: linear, out: 2",
    },
    (4,),
)
NAME = GRAPH.network.heading
SIGNALS = [
    LayerSignal(0, 2.0, 0.001),
    LayerSignal(1, 1.0, 0.002),
    LayerSignal(2, 1.0, 0.1),
    LayerSignal(3, 0.5, 10.0),
]


@pytest.mark.parametrize("size", sorted(CANVASES))
@pytest.mark.parametrize("of", ["gradients", "activations"])
def test_sizes(size: str, of: str) -> None:
    canvas = CANVASES[size]
    assert_sound(gradients_picture([(GRAPH, SIGNALS)] * 4, of, canvas), canvas.smallest)
    one = [("a network", [1.0] * 16)]
    assert_sound(shattering_picture(one * 4, 256, canvas), canvas.smallest)


def test_gradients_are_beside_the_last_layers() -> None:
    """0.001, 0.1 and 10 of the layers with weights; the ReLU has none and no mark."""
    picture = gradients_picture([(GRAPH, SIGNALS)], "gradients", PAGE)
    assert tips(picture) == [f"{NAME}, a: 0.0001", f"{NAME}, b: 0.01", f"{NAME}, c: 1"]
    assert picture.says == f"{NAME}: at a 0.0001 times what it is at c."
    marks = [shape for shape in picture.shapes if isinstance(shape, Symbol)]
    assert [m.x for m in marks] == sorted(m.x for m in marks)
    assert [m.y for m in marks] == sorted((m.y for m in marks), reverse=True)
    # on a scale of powers: two of them between neighbours
    assert marks[0].y - marks[1].y == pytest.approx(marks[1].y - marks[2].y)


def test_activations_are_beside_the_first_layers() -> None:
    picture = gradients_picture([(GRAPH, SIGNALS)], "activations", PAGE)
    assert tips(picture) == [f"{NAME}, a: 1", f"{NAME}, b: 0.5", f"{NAME}, c: 0.25"]
    assert picture.says == f"{NAME}: at c 0.25 times what it is at a."


def test_nothing_of_zero() -> None:
    """What has died out has no mark; where nothing arrives a picture says so."""
    dead = [SIGNALS[0]._replace(gradient=0.0), *SIGNALS[1:]]
    endless = [SIGNALS[0]._replace(gradient=float("inf")), *SIGNALS[1:]]
    for signals in (dead, endless):
        found = gradients_picture([(GRAPH, signals)], "gradients", PAGE)
        assert_sound(found, PAGE.smallest)
        assert tips(found) == [f"{NAME}, b: 0.01", f"{NAME}, c: 1"]
        assert found.says == f"{NAME}: at b 0.01 times what it is at c."
    nothing = gradients_picture([(GRAPH, [])], "gradients", PAGE)
    assert_sound(nothing, PAGE.smallest)
    assert nothing.says.startswith("No gradient reaches a layer of ")


def test_many_layers_are_a_line() -> None:
    many = graph_of({f"l{i}": "op: linear, out: 1" for i in range(61)}, (1,))
    signals = [LayerSignal(i, 1.0, 1.0) for i in range(61)]
    picture = gradients_picture([(many, signals)], "gradients", PAGE)
    assert tips(picture) == []
    [line] = [s for s in picture.shapes if isinstance(s, Stroke) and s.style == "line0"]
    assert len(line.points) == 61
    assert len(tips(gradients_picture([(many, signals[:60])], "gradients", PAGE))) == 60


def test_the_band_of_white_noise() -> None:
    """2/sqrt(256) = 0.125 on either side of 0."""
    networks = [("plain", [1.0, 0.12, -0.1]), ("residual", [1.0, 0.13, 0.1])]
    picture = shattering_picture(networks, 256, PAGE)
    assert picture.says == (
        "plain: 0.12 between neighbours, as of white noise. residual: 0.13 between neighbours,"
        " correlated."
    )
    [band] = [s for s in picture.shapes if isinstance(s, Rectangle) and s.style == "band"]
    marks = [s for s in picture.shapes if isinstance(s, Symbol)]
    inside = [band.y <= mark.y <= band.y + band.height for mark in marks]
    assert inside == [False, True, True, False, False, True]
    assert {"plain", "residual"} <= set(labels(picture))
