"""SVG: nothing of a text is markup, and colours are those of the theme."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from archprof.draw.shapes import (
    Clipped,
    Label,
    Photo,
    Picture,
    Rectangle,
    Stroke,
    Symbol,
)
from archprof.draw.svg import css, escaped, inline, media, standalone
from tests.draw.pictures import SVG

NASTY = (
    '</text></svg><script>alert(1)</script><img src=x onerror="a()">&amp;\x00\x1b[31m\u202e'
    "]]>\ud800\ufffe'"
)


def picture(*shapes: object) -> Picture:
    return Picture(100, 50, shapes, "A title", "What it says.")  # type: ignore[arg-type]


def test_a_picture_by_hand() -> None:
    drawn = standalone(picture(Rectangle(1, 2, 30.5, 4, "bar0", radius=3, tip="a tip", layer=7)))
    root = ElementTree.fromstring(drawn)
    assert (root.get("width"), root.get("viewBox")) == ("100", "0 0 100 50")
    ground, bar = root.iter(f"{SVG}rect")
    assert ground.attrib == {"x": "0", "y": "0", "width": "100", "height": "50", "fill": "#ffffff"}
    assert bar.attrib == {
        "x": "1",
        "y": "2",
        "width": "30.5",
        "height": "4",
        "rx": "3",
        "fill": "#7b4fa3",
    }
    (tip,) = bar
    assert tip.text == "a tip"


def test_readers_of_screens_are_told_what_it_shows() -> None:
    root = ElementTree.fromstring(inline(picture(), "chart"))
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "chart-t chart-d")
    title, says = root
    assert (title.get("id"), title.text) == ("chart-t", "A title")
    assert (says.get("id"), says.text) == ("chart-d", "What it says.")


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_no_text_is_markup(theme: str) -> None:
    shapes = (
        Label(1, 9, NASTY, "text", 9, tail=NASTY, tail_size=8),
        Rectangle(0, 0, 1, 1, "bar0", tip=NASTY),
        Symbol("circle", 0, 0, 1, "dot", NASTY),
    )
    drawn = standalone(Picture(9, 9, shapes, NASTY, NASTY), theme)
    root = ElementTree.fromstring(drawn)
    allowed = {"svg", "title", "desc", "style", "rect", "circle", "text", "tspan"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name}
    for hidden in "\x00\x1b\u202e\ufffe":
        assert hidden not in drawn
    assert "<script" not in drawn


def test_what_xml_cannot_have_is_left_out() -> None:
    assert escaped("a<b&c>\"'") == "a&lt;b&amp;c&gt;&quot;'"
    assert escaped("a\ufffeb") == "ab"
    assert "\x01" not in escaped("\x01")


def test_a_page_has_classes_and_no_colours() -> None:
    drawn = inline(picture(Rectangle(0, 0, 1, 1, "bar0 less", layer=3)))
    (bar,) = ElementTree.fromstring(drawn).iter(f"{SVG}rect")
    assert bar.get("class") == "a-bar0 a-less"
    assert bar.get("data-i") == "3"
    assert "#" not in drawn
    rules = css()
    assert ".a-bar0{fill:var(--a-q0)}" in rules
    assert "--a-q0:#7b4fa3;" in rules
    assert "--a-q0:#b794e0;" in rules


def test_auto_is_light_with_rules_for_the_dark() -> None:
    drawn = picture(Rectangle(0, 0, 1, 1, "bar0"))
    assert media(drawn) == (
        "@media (prefers-color-scheme:dark){.a-bar0{fill:#b794e0}.a-ground{fill:#14171a}}"
    )
    text = standalone(drawn, "auto")
    assert 'class="a-bar0" fill="#7b4fa3"' in text
    assert media(drawn) in text
    assert "<style" not in standalone(drawn, "light")


def test_lines() -> None:
    text = standalone(picture(Stroke(((0, 0), (10, 0), (10, 0.1), (10, 20)), "wire", radius=4)))
    assert 'd="M0 0L6 0Q10 0 10 4L10 20"' in text
    text = standalone(picture(Stroke(((0, 0), (1, 0), (1, 1)), "bar0", closed=True)))
    assert 'd="M0 0L1 0L1 1Z"' in text


def test_what_is_seen_in_part_and_images() -> None:
    inner = Rectangle(0, 0, 9, 9, "bar0")
    text = standalone(picture(Clipped(1, 1, 2, 2, (inner,)), Photo(0, 0, 4, 4, b"\x89PNG", "png")))
    root = ElementTree.fromstring(text)
    (clip,) = root.iter(f"{SVG}clipPath")
    (group,) = root.iter(f"{SVG}g")
    assert group.get("clip-path") == f"url(#{clip.get('id')})"
    (image,) = root.iter(f"{SVG}image")
    assert image.get("href") == "data:image/png;base64,iVBORw=="


def test_a_label_is_cut_to_its_room_and_its_tail_after_it() -> None:
    """Of ten letters of 8.34 each at 10 pixels, 36 takes three and an ellipsis of 10.2."""
    text = standalone(picture(Label(0, 9, "w" * 10, "text", 10, room=36, tail="t", tail_size=9)))
    root = ElementTree.fromstring(text)
    (label,) = root.iter(f"{SVG}text")
    assert label.text == "www…"
    assert not list(label)
    text = standalone(picture(Label(0, 9, "w", "text", 10, room=36, tail="t", tail_size=9)))
    (tail,) = ElementTree.fromstring(text).iter(f"{SVG}tspan")
    assert (tail.text, tail.get("dx")) == ("t", "6")
