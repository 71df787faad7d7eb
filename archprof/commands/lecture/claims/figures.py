"""A figure as a lecture prints it: its value, its unit, and how precise its digits are."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from archprof.language.kinds import parse_shape
from archprof.ops.base import Shape

PREFIXES = {
    "": 0,
    "k": 1,
    "K": 1,
    "M": 2,
    "G": 3,
    "B": 3,
    "T": 4,
    "thousand": 1,
    "million": 2,
    "billion": 3,
    "trillion": 4,
    "Ki": 1,
    "Mi": 2,
    "Gi": 3,
    "Ti": 4,
}
"""Prefixes as powers of 1000, or of 1024 with an `i`."""

UNITS = (
    "bytes",
    "B",
    "FLOP",
    "FLOPs",
    "FLO",
    "MAC",
    "MACs",
    "x",
    "times",
    "%",
    "params",
    "parameters",
    "elements",
    "layers",
    "pixels",
    "ops",
    "neurons",
)

PATTERN = (
    r"(?P<about>~|≈|about )? *(?P<sign>-)?"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3}){1,12}|[0-9][0-9_]{0,40})(?P<decimals>\.[0-9]{1,20})?"
    r"(?:[eE](?P<power>[+-]?[0-9]{1,2})| ?[×x*·] ?10(?P<tens>\^[0-9]{1,2}|[⁰¹²³⁴-⁹]{1,2}))?"
    r" *(?P<unit>[A-Za-z%]+(?: [a-z]+)?)?(?: / .+)?\Z"
)
"""The pattern of a figure; the words of its unit are in PREFIXES and UNITS."""
_FIGURE = re.compile(PATTERN)
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class PrintedFigure(NamedTuple):
    """A number as printed.

    `step` is one unit of its last digit, 0 where it is exact. `finer` says that it is a power of
    ten, below which digits are finer: 96M prints as 96M, not as 100M. `power` is that of the
    prefix, `base` 1000 or 1024.
    """

    text: str
    value: Fraction
    step: Fraction
    power: int = 0
    base: int = 1000
    unit: str = ""
    finer: bool = False

    def exactly(self, value: Fraction) -> bool:
        """Return whether `value` is the printed one."""
        return value == self.value

    def rounds(self, value: Fraction) -> bool:
        """Return whether `value` rounds to the printed digits, halves either way."""
        below = self.finer and abs(value) < abs(self.value)
        return abs(value - self.value) <= self.step / (20 if below else 2)

    def cuts(self, value: Fraction) -> bool:
        """Return whether `value` gives the printed digits when the rest is cut off."""
        return self.value <= value < self.value + self.step

    def scaled(self, base: int) -> PrintedFigure:
        """Return the same digits with a prefix of another base: "35K" of 1024 each."""
        factor = Fraction(base, self.base) ** self.power
        return self._replace(value=self.value * factor, step=self.step * factor, base=base)

    def digits(self) -> str:
        """Return the digits alone, without sign, point, power and unit: "418" of 418 MFLOP."""
        return _digits(self.text)

    def printed(self, value: Fraction) -> str:
        """Return the digits that `value` would have had in its place, rounded: "481"."""
        return str(round(value / self.step)) if self.step else str(value)


@lru_cache(maxsize=64)  # the solver compares many values with one figure
def _digits(text: str) -> str:
    found = _FIGURE.match(text)
    printed = f"{found['digits']}{found['decimals'] or ''}" if found else ""
    return "".join(c for c in printed if c.isdigit())


def parse_figure(text: object) -> PrintedFigure | None:
    """Return `35K`, `96 MB`, `1.8e9`, `12x`, `418 MFLOP` or 55 as a figure; None for other text.

    Also `3.8 × 10^9`, as papers print it.

    A plain whole number is exact. With a point, a prefix or an exponent it is as precise as its
    last digit; the zeros after the first two digits of a whole number with a prefix ("800K") or a
    leading ~ are not precise. A leading ~ makes a whole number as precise as its last digit.
    """
    if isinstance(text, bool) or not isinstance(text, (int, float, str)):
        return None
    found = _FIGURE.match(str(text).strip())
    split = _prefix(found["unit"] or "") if found else None
    if found is None or split is None:
        return None
    prefix, unit = split
    digits = found["digits"].replace(",", "").replace("_", "")
    number = f"{digits}{found['decimals'] or ''}"
    base = 1024 if prefix.endswith("i") else 1000
    scale = Fraction(10) ** _exponent(found) * Fraction(base) ** PREFIXES[prefix]
    if unit == "%":
        scale /= 100
    idle = _idle_zeros(digits) if _is_rounded(found, prefix) else 0
    return PrintedFigure(
        str(text).strip(),
        Fraction(f"{found['sign'] or ''}{number}") * scale,
        _last_digit(found, prefix, unit) * scale * 10**idle,
        PREFIXES[prefix],
        base,
        unit,
        finer=_is_power_of_ten(number) and bool(idle or found["power"]),
    )


def _exponent(found: re.Match[str]) -> int:
    """Return the power of ten that is written out: 9 of `1.8e9` and of `1.8 × 10^9`."""
    return int(found["power"] or (found["tens"] or "0").strip("^").translate(SUPERSCRIPTS))


def _last_digit(found: re.Match[str], prefix: str, unit: str) -> Fraction:
    """Return one unit of the last digit, before any scale; 0 where the number is exact."""
    decimals = found["decimals"] or ""
    exponent = found["power"] or found["tens"]
    if decimals or prefix or exponent or found["about"] or unit in ("x", "%"):
        return Fraction(1, 10 ** max(0, len(decimals) - 1))
    return Fraction(0)


def _is_rounded(found: re.Match[str], prefix: str) -> bool:
    """Return whether zeros at the end may stand for other digits: of `800K` and `~800`."""
    return bool(prefix or found["about"]) and not found["decimals"]


def _idle_zeros(digits: str) -> int:
    """Return how many zeros at the end are not precise: those after the first two digits."""
    return max(0, len(digits) - max(2, len(digits.rstrip("0"))))


def _is_power_of_ten(number: str) -> bool:
    return number.rstrip("0").rstrip(".").rstrip("0") == "1"


def _prefix(word: str) -> tuple[str, str] | None:
    """Return a unit as prefix and unit proper: MFLOP or M FLOP -> M, FLOP. None for other words."""
    word = word.replace(" ", "")
    if word == "times":
        return "", "x"
    if word in UNITS and word != "B":
        return "", word
    if word in PREFIXES:
        return word, ""
    for prefix in PREFIXES:
        if word.startswith(prefix) and word[len(prefix) :] in UNITS:
            return prefix, word[len(prefix) :]
    return None


def parse_volume(text: object, channels_last: bool) -> Shape | None:
    """Return `55x55x96` or `55 × 55 × 96` as a shape C×H×W, one of fewer numbers unchanged.

    None for other text.
    """
    if isinstance(text, str):
        text = re.sub(r"(?<=[0-9]) ?[x×] ?(?=[0-9])", "x", text.strip())
    shape = parse_shape(text)
    if shape is None or len(shape) != 3 or not channels_last:
        return shape
    return (shape[2], shape[0], shape[1])


def parse_filter(text: object) -> Shape | None:
    """Return `3×3×3×32`, `3×3×32 dw`, `1024×1000` or `Pool 7×7` as the shape of filters.

    None for other text. Each filter of a depthwise convolution reads one channel: 3x3x1x32.
    """
    if not isinstance(text, str):
        return None
    text = text.strip().removeprefix("Pool ")
    shape = parse_volume(text.removesuffix("dw"), channels_last=False)
    if shape is None or len(shape) < 2:
        return None
    if text.endswith("dw") and len(shape) == 3:
        return *shape[:2], 1, shape[2]
    return shape


def volume_text(shape: Shape, channels_last: bool) -> str:
    """Return the shape as the lecture writes it."""
    if channels_last and len(shape) == 3:
        shape = (shape[1], shape[2], shape[0])
    return "x".join(map(str, shape))
