"""What tests of pictures ask of one."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from archprof.draw.shapes import Clipped, Label, Picture, Rectangle, Shape, Symbol
from archprof.draw.svg import inline, standalone
from archprof.draw.widths import TAIL_GAP, fitting, text_width

SVG = "{http://www.w3.org/2000/svg}"


def shapes(picture: Picture) -> Iterator[Shape]:
    """Yield all shapes, also those that are seen in part."""
    todo = list(picture.shapes)
    while todo:
        shape = todo.pop(0)
        yield shape
        if isinstance(shape, Clipped):
            todo += shape.shapes


def labels(picture: Picture) -> list[str]:
    """Return the texts of a picture."""
    return [shape.text for shape in shapes(picture) if isinstance(shape, Label) and shape.text]


def tips(picture: Picture) -> list[str]:
    """Return what a pointer over its shapes says."""
    return [s.tip for s in shapes(picture) if isinstance(s, Rectangle | Symbol) and s.tip]


def styled(picture: Picture, style: str) -> list[Rectangle]:
    """Return the rectangles of a style."""
    return [s for s in shapes(picture) if isinstance(s, Rectangle) and s.style == style]


def written_width(label: Label) -> float:
    text, tail = fitting(label)
    wide = text_width(text, label.size, label.bold)
    return wide + (text_width(tail, label.tail_size) + TAIL_GAP if tail else 0)


def assert_sound(picture: Picture, smallest: float) -> None:
    """Hold that it is well-formed in both forms, says what it shows, has no text that is too small
    or leaves the picture, and nothing of NaN.
    """
    for text in (standalone(picture), standalone(picture, "auto"), inline(picture)):
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert '"nan' not in text
        assert "Lnan" not in text
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
    assert picture.title
    assert picture.says.endswith(".")
    for shape in shapes(picture):
        if not isinstance(shape, Label):
            continue
        assert shape.size >= smallest - 0.01
        wide = written_width(shape)
        left = {"start": 0.0, "middle": wide / 2, "end": wide}[shape.anchor]
        assert shape.x - left >= -1, shape
        assert shape.x - left + wide <= picture.width + 1, shape
        assert 0 < shape.y <= picture.height, shape
