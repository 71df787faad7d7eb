"""TikZ: the same shapes for LaTeX."""

from __future__ import annotations

import pytest

import archprof
from archprof.draw.graph import graph_picture
from archprof.draw.shapes import Clipped, Label, Photo, Picture, Rectangle, Stroke, Symbol
from archprof.draw.tikz import tikz
from archprof.problem import ProblemError


def drawn(*shapes: object) -> list[str]:
    return tikz(Picture(100, 50, shapes, "A title", "Says 5 %.")).splitlines()  # type: ignore[arg-type]


def test_a_picture_by_hand() -> None:
    """A pixel is 0.75 big points, y goes down; 0.0 and 1.5 pixels wide lines are 1.13 points."""
    lines = drawn(Rectangle(1, 2, 30, 4, "bar0", radius=4), Stroke(((0, 0), (4, 0)), "wire"))
    assert lines == [
        "% A title",
        "% Says 5 %.",
        r"% \usepackage{tikz}",
        r"\definecolor{archprofedge}{HTML}{8A919A}",
        r"\definecolor{archprofq0}{HTML}{7B4FA3}",
        r"\begin{tikzpicture}[x=0.75bp, y=-0.75bp, line join=round]",
        r"\useasboundingbox (0,0) rectangle (75bp,-37.5bp);",
        r"\path[fill=archprofq0] [rounded corners=3bp] (1,2) rectangle (31,6);",
        r"\path[draw=archprofedge, line width=1.12bp] (0,0) -- (4,0);",
        r"\end{tikzpicture}",
    ]


def test_no_text_is_a_command() -> None:
    (line,) = drawn(Label(1, 9, r"\input{x}_#$%&~^" + "漢×", "text", 9))[6:-1]
    inside = line.partition("{\\textbackslash")[2]
    assert "\\input" not in line
    assert r"\_\#\$\%\&" in inside
    assert inside.endswith(r"?$\times$};")
    assert drawn()[0] == "% A title"
    assert tikz(Picture(1, 1, (), "a\n\\input{x}", "s")).startswith("% a?\\input{x}\n% s\n")


def test_dashes_circles_and_parts() -> None:
    lines = drawn(
        Stroke(((0, 0), (0, 9)), "peak"),
        Clipped(0, 0, 5, 5, (Symbol("circle", 2, 2, 4, "unit"),)),
        Symbol("diamond", 10, 10, 4, "unit"),
    )
    assert any("dash pattern=on 3bp off 3bp" in line for line in lines)
    start = lines.index(r"\begin{scope}")
    assert lines[start + 1] == r"\clip (0,0) rectangle (5,5);"
    assert lines[start + 2].endswith("(2,2) circle[radius=3bp];")
    assert lines[start + 3] == r"\end{scope}"
    # the corners are 1.25 radii away, so that the area is about a circle's
    assert lines[-2].endswith("(10,5) -- (15,10) -- (10,15) -- (5,10) -- cycle;")


def test_an_image_is_refused() -> None:
    with pytest.raises(ProblemError, match="cannot hold an image"):
        drawn(Photo(0, 0, 1, 1, b"", "png"))


def test_braces_match_in_a_whole_graph() -> None:
    text = tikz(graph_picture(archprof.load("resnet50").analyze(), everything=True), "dark")
    depth = 0
    for place, character in enumerate(text):
        escaped = text[place - 1] == "\\"
        if character == "{" and not escaped:
            depth += 1
        elif character == "}" and not escaped:
            depth -= 1
        assert depth >= 0
    assert depth == 0
