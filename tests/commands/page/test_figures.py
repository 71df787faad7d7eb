"""Pictures as parts of a page: in their place, or packed."""

from __future__ import annotations

import re
from typing import Any

from archprof.commands.page.figures import CROWDED, INLINE, Illustration, drawn, drawn_rows
from archprof.draw.shapes import Picture, Rectangle, Symbol


def picture(marks: int, tip: str = "") -> Picture:
    shapes = [Rectangle(k, 0.123, 1, 1, "bar0", 0, tip, k) for k in range(marks)]
    return Picture(100, 50, tuple(shapes), "A <title>", "It says.")


def replaced(one: Illustration, **fields: Any) -> Illustration:
    return Illustration(**(vars(one) | fields))


def illustration(marks: int, network: int = 0) -> Illustration:
    return Illustration("bars", "Bars & more", picture(marks), picture(marks), network)


def test_a_small_picture_stands_in_the_page() -> None:
    (part,), packed = drawn([illustration(3)])
    assert "<h2>Bars &amp; more</h2>" in part
    assert '<p class="say">It says.</p>' in part
    assert '<div class="variant wide"><svg ' in part
    assert part.count("data-i=") == 3
    # for a narrow window it is put into its place by the script
    assert '<div class="variant narrow" data-picture="bars-0-narrow"></div>' in part
    assert list(packed) == ["bars-0-narrow"]


def test_what_stands_in_a_picture_is_not_repeated_beside_it() -> None:
    """But for those who do not see it: the picture's description has it."""
    (part,), _ = drawn([replaced(illustration(3), captioned=True)])
    assert 'class="say"' not in part
    assert ">It says.</desc>" in part


def test_a_large_picture_is_packed() -> None:
    """A mark takes about 80 characters."""
    (part,), packed = drawn([illustration(INLINE // 70)])
    assert "<svg" not in part
    assert set(packed) == {"bars-0-wide", "bars-0-narrow"}
    assert INLINE < len(packed["bars-0-wide"]) < CROWDED


def test_a_crowded_picture_is_scrolled_on_a_phone() -> None:
    (part,), packed = drawn([illustration(CROWDED // 60)])
    assert '<div class="variant crowded" data-picture="bars-0-crowded"></div>' in part
    assert list(packed) == ["bars-0-crowded"]


def test_what_a_mark_says_is_left_to_the_script() -> None:
    """Of a layer: a mark of no layer keeps it, and places are to a tenth of a pixel."""
    shapes = (
        Rectangle(1.234, 2, 3, 4, "bar0", 0, "of a layer", 7),
        Symbol("circle", 5.678, 6, 2, "dot", "of nothing"),
    )
    both = Picture(9, 9, shapes, "t", "s")
    (part,), _ = drawn([Illustration("a", "A", both, both)])
    assert "of a layer" not in part
    assert "<title>of nothing</title>" in part
    assert 'x="1.2"' in part
    assert 'cx="5.7"' in part


def test_pictures_of_one_page_have_names_of_their_own() -> None:
    parts, packed = drawn_rows([[illustration(2), illustration(2, 1)], [illustration(2, 2)]])
    assert [part.startswith('<div class="half">') for part in parts] == [True, False]
    assert list(packed) == ["bars-0-narrow", "bars-1-narrow", "bars-2-narrow"]
    identities = re.findall(r' id="([^"]*)"', "".join([*parts, *packed.values()]))
    assert len(identities) == len(set(identities))
