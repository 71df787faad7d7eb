"""Colours: by name for light and dark grounds, what each style draws with, and both as CSS."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

STEPS = 20  # of a scale of colour

LIGHT = {
    "bg": "#ffffff",
    "ink": "#1c1f23",
    "mute": "#5c636d",
    "line": "#dcdedd",
    "soft": "#f0f1ef",
    "frame1": "#f4f5f3",
    "frame2": "#eaecea",
    "frame3": "#e0e3e1",
    "frame4": "#d6dad7",
    "low": "#f5f8fb",
    "high": "#0a4a7d",
    "accent": "#0b6aa8",
    "edge": "#8a919a",
    "skip": "#c2570c",
    "q0": "#7b4fa3",
    "q1": "#0b6aa8",
    "q2": "#0f7f5f",
    "conv": "#0072b2",
    "linear": "#d55e00",
    "norm": "#b98a00",
    "act": "#009e73",
    "pool": "#b0588c",
    "join": "#3a9ad0",
    "rest": "#8b8f94",
    "brick": "#b9d3e6",
    "kept": "#e9a15b",
    "own": "#c9a8d8",
    "sky": "#dbe8f2",
    "far": "#b9cbbd",
    "near": "#93b09a",
    "tree": "#5f8d6c",
    "dog": "#7a5b45",
    "sun": "#f4c95d",
}
DARK = {
    "bg": "#14171a",
    "ink": "#e8eaec",
    "mute": "#a2aab3",
    "line": "#30363d",
    "soft": "#22272c",
    "frame1": "#1e2328",
    "frame2": "#252b31",
    "frame3": "#2d343b",
    "frame4": "#353d45",
    "low": "#20272e",
    "high": "#6fc1ff",
    "accent": "#6fb8f0",
    "edge": "#78818b",
    "skip": "#f0954a",
    "q0": "#b794e0",
    "q1": "#6fb8f0",
    "q2": "#4cc3a0",
    "conv": "#56a9e8",
    "linear": "#f08a4b",
    "norm": "#dcb13c",
    "act": "#3fc79a",
    "pool": "#d98bb8",
    "join": "#8fd0f5",
    "rest": "#9aa1a9",
    "brick": "#2f4d66",
    "kept": "#a8652a",
    "own": "#6d4a80",
    "sky": "#253645",
    "far": "#3a4c42",
    "near": "#2f4438",
    "tree": "#56805f",
    "dog": "#c2a086",
    "sun": "#d9ad45",
}
THEMES = {"light": LIGHT, "dark": DARK}


class Ink(NamedTuple):
    """What a style draws with: names of colours (None: as other styles have it, "none": not at
    all), the width of lines, how much shines through, and the dashes of lines.
    """

    fill: str | None = None
    stroke: str | None = None
    width: float | None = None
    opacity: float | None = None
    dash: str | None = None


STYLES = {
    "ground": Ink(fill="bg"),
    "text": Ink(fill="ink"),
    "mute": Ink(fill="mute"),
    "axis": Ink("none", "edge", 1),
    "grid": Ink("none", "line", 1),
    "band": Ink(fill="soft"),
    "face": Ink(stroke="edge", width=1),
    "under": Ink(stroke="edge", width=1),
    "frame1": Ink("frame1", "line", 1),
    "frame2": Ink("frame2", "line", 1),
    "frame3": Ink("frame3", "line", 1),
    "frame4": Ink("frame4", "line", 1),
    "patch1": Ink(fill="frame1"),
    "patch2": Ink(fill="frame2"),
    "patch3": Ink(fill="frame3"),
    "patch4": Ink(fill="frame4"),
    "wire": Ink("none", "edge", 1.5),
    "skip": Ink("none", "skip", 2),
    "bar0": Ink(fill="q0"),
    "bar1": Ink(fill="q1"),
    "bar2": Ink(fill="q2"),
    "less": Ink(opacity=0.55),
    "hatched": Ink("none", "bg", 1.2),
    "brick": Ink("brick", "bg", 0.4),
    "kept": Ink("kept", "bg", 0.4),
    "own": Ink("own", "bg", 0.4),
    "input": Ink("line", "bg", 0.6),
    "outline": Ink("none", "accent", 1.6),
    "m-weights": Ink("q0", "bg", 0.4),
    "m-optimizer": Ink("linear", "bg", 0.4),
    "m-input": Ink("line", "bg", 0.4),
    "m-gradients": Ink("q2", "bg", 0.4),
    "m-saved": Ink("kept", "bg", 0.4),
    "m-transient": Ink("heat10", "bg", 0.4),
    "perhaps": Ink(fill="skip", opacity=0.2),
    "limit": Ink("none", "skip", 2),
    "moments": Ink(fill="ink", opacity=0),
    "peak": Ink("none", "ink", 1, dash="3 3"),
    "dot": Ink("ink", "bg", 1.5),
    "roof": Ink("none", "ink", 2),
    "trace": Ink("none", "edge", 1.2),
    "hollow": Ink(fill="bg"),
    "sky": Ink(fill="sky"),
    "far": Ink(fill="far"),
    "near": Ink(fill="near"),
    "tree": Ink(fill="tree"),
    "trunk": Ink("none", "dog", 7),
    "dog": Ink(fill="dog"),
    "sun": Ink(fill="sun"),
    "border": Ink("none", "edge", 1),
    "veil": Ink(fill="bg", opacity=0.62),
    "field": Ink("none", "skip", 2.5),
    "unit": Ink(fill="skip"),
    "hatch": Ink("none", "skip", 1.2, opacity=0.6),
    "vs0": Ink(fill="q1"),
    "vs1": Ink(fill="linear"),
    "line0": Ink("none", "q1", 2),
    "line1": Ink("none", "linear", 2),
    "line2": Ink("none", "q2", 2),
    "line3": Ink("none", "q0", 2),
    "arrow": Ink("none", "accent", 1.6),
}
KINDS = ("conv", "linear", "norm", "act", "pool", "join", "rest")
for _kind in KINDS:
    STYLES[f"k-{_kind}"] = Ink(_kind, "bg", 0.8)
    STYLES[f"ring-{_kind}"] = Ink("none", _kind, 1.5)
for _step in range(STEPS + 1):
    STYLES[f"heat{_step}"] = Ink(fill=f"heat{_step}")
    STYLES[f"on{_step}"] = Ink(fill=f"on{_step}")
    STYLES[f"glow{_step}"] = Ink(fill="skip", opacity=round(0.9 * _step / STEPS, 3))


def heat(share: float) -> int:
    """Return the step of a colour scale for a share of the largest value, by its square root."""
    return round(STEPS * math.sqrt(max(0.0, min(1.0, share))))


@cache
def colours(theme: str) -> dict[str, str]:
    """Return every colour of a theme by its name, the steps of the scale and texts on them too."""
    found = dict(THEMES[theme])
    for step in range(STEPS + 1):
        ground = mixed(found["low"], found["high"], step / STEPS)
        found[f"heat{step}"] = ground
        found[f"on{step}"] = readable(ground)
    return found


def style(names: str) -> Ink:
    """Return what styles, separated by spaces, come to together."""
    result = Ink()
    for name in names.split():
        given = {key: value for key, value in STYLES[name]._asdict().items() if value is not None}
        result = result._replace(**given)
    return result


def mixed(first: str, second: str, share: float) -> str:
    """Return a colour so far on the way from the first to the second, in Oklab.

    Björn Ottosson, A perceptual color space for image processing, 2020.
    """
    start, stop = _oklab(first), _oklab(second)
    return _from_oklab([a + (b - a) * share for a, b in zip(start, stop, strict=True)])


def _channels(colour: str) -> list[float]:
    """Return red, green and blue in linear light."""
    found = []
    for place in (1, 3, 5):
        value = int(colour[place : place + 2], 16) / 255
        found.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    return found


def _oklab(colour: str) -> list[float]:
    r, g, b = _channels(colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return [
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    ]


def _from_oklab(lab: list[float]) -> str:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{_byte(value):02x}" for value in linear)


def _byte(linear: float) -> int:
    value = min(1.0, max(0.0, linear))
    curved = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(255 * curved)


def luminance(colour: str) -> float:
    """Return the relative luminance, as WCAG 2.1 defines it."""
    r, g, b = _channels(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.1 defines it."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(ground: str) -> str:
    """Return black or white, whichever is easier to read on a colour."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, ground))
