"""Colours: every text can be read on every ground."""

from __future__ import annotations

import itertools
import math

import pytest

from archprof.autograd.run import INPUT, KINDS
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
from archprof.draw.training_step import STACKED


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


SEEN = {
    # Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision
    # deficiency, 2009: severity 1
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def seen(colour: str, deficiency: str) -> str:
    """Return a colour as a person with a deficiency sees it."""
    channels = palette._channels(colour)
    rows = [sum(a * b for a, b in zip(row, channels, strict=True)) for row in SEEN[deficiency]]
    return "#" + "".join(f"{palette._byte(value):02x}" for value in rows)


@pytest.mark.parametrize("deficiency", SEEN)
@pytest.mark.parametrize("theme", THEMES)
def test_areas_of_a_step_are_told_apart_by_everyone(theme: str, deficiency: str) -> None:
    """By their distance in Oklab, where white and black are 1 apart: any two, and more so those
    that touch, as the input, which is always there, parts the lower from the upper ones.
    """
    found = colours(theme)
    stacked = [found[str(STYLES[f"m-{KINDS[kind]}"].fill)] for kind in STACKED]
    for first, second in itertools.combinations(range(len(stacked)), 2):
        ends = [palette._oklab(seen(stacked[place], deficiency)) for place in (first, second)]
        touch = first >= STACKED.index(INPUT) or second <= STACKED.index(INPUT)
        assert math.dist(*ends) > (0.14 if touch else 0.07), (STACKED[first], STACKED[second])


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
