"""Colours: every text can be read on every ground."""

from __future__ import annotations

import pytest

from archprof.draw import palette
from archprof.draw.palette import (
    DARK,
    LIGHT,
    STEPS,
    STYLES,
    THEMES,
    colours,
    contrast,
    heat,
    mixed,
    readable,
    style,
)


def test_contrast_is_that_of_the_guidelines() -> None:
    """WCAG 2.1: black on white 21, and #777777 on white 4.48."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize("theme", THEMES)
def test_texts_are_legible(theme: str) -> None:
    """4.5 for texts (AA) on all grounds that they stand on; 3 for marks on the ground."""
    found = colours(theme)
    grounds = ("bg", "soft", "frame1", "frame2", "frame3", "frame4")
    for ground in grounds:
        assert contrast(found["ink"], found[ground]) >= 4.5
    for ground in ("bg", "soft"):
        assert contrast(found["mute"], found[ground]) >= 4.5
    for step in range(STEPS + 1):
        assert contrast(found[f"on{step}"], found[f"heat{step}"]) >= 4.5
    for mark in ("q0", "q1", "q2", "accent", "skip"):
        assert contrast(found[mark], found["bg"]) >= 3


def test_both_themes_have_the_same_names() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_styles_name_colours_that_there_are() -> None:
    known = {*colours("light"), "none", None}
    for name, ink in STYLES.items():
        assert ink.fill in known, name
        assert ink.stroke in known, name


def test_mixing_begins_and_ends_with_the_colours() -> None:
    assert mixed("#f5f8fb", "#0a4a7d", 0) == "#f5f8fb"
    assert mixed("#f5f8fb", "#0a4a7d", 1) == "#0a4a7d"
    # the middle of black and white in Oklab: lightness 0.5 is 0.125 in linear light, 0x63
    assert mixed("#000000", "#ffffff", 0.5) == "#636363"


def test_heat_goes_by_the_square_root() -> None:
    assert [heat(0), heat(0.25), heat(1), heat(7)] == [0, 10, 20, 20]


def test_later_styles_win() -> None:
    assert style("bar0 less") == palette.Ink("q0", opacity=0.55)
    assert style("ground bar0").fill == "q0"


def test_readable() -> None:
    assert (readable("#ffffff"), readable("#000000")) == ("#000000", "#ffffff")
