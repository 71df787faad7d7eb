"""The one place where numbers and foreign text become text for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import gcd
from typing import TYPE_CHECKING

from archprof.invisible import INVISIBLE, escape

if TYPE_CHECKING:
    from fractions import Fraction

# patterns are compiled where they are used: that takes time at every start
_BRACKET = r"##(?=\w*\[)"


def printable(text: str) -> str:
    """Return `text` with control and invisible characters as visible escapes.

    So are line breaks and direction marks; a tab becomes one space.
    """
    return INVISIBLE.sub(lambda found: escape(found[0]), text.replace("\t", " "))


def inert(line: str) -> str:
    """Return a line that no runner takes for a command.

    Those are GitHub's `::name` at the beginning and `##[name]` anywhere, Azure's and TeamCity's
    `##name[`.
    """
    bare = line.lstrip()
    if bare.startswith("::"):
        indent = line[: len(line) - len(bare)]
        line = f"{indent}\\x3a{bare[1:]}"
    return re.sub(_BRACKET, r"#\\x23", line)


_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
# the last eight: minus, and the wide and small forms of all four
_SIGNS = "=+\\-@\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_FORMULA = rf"\s*(?=[{_SIGNS}])"
_NEXT_CELL = rf"(;[\s\"]*)(?=[{_SIGNS}])"

_QUOTED = rf"(^|;[\s\"]*)'(?=\s*[{_SIGNS}])"


def csv_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula and no runner for a command.

    It is bare where all of it is a number, otherwise behind a `'`. A lone dash, which means "no
    value", stays. A spreadsheet may read `;` as the separator, so that what is behind one begins a
    cell too. OWASP, CSV Injection.
    """
    text = printable(text)
    if re.fullmatch(_NUMBER, text) or text == "-":
        return text
    quoted = re.sub(_NEXT_CELL, r"\1'", text)
    return f"'{quoted}" if re.match(_FORMULA, text) or re.match(r"::|##", text) else quoted


def from_csv_cell(cell: str) -> str:
    """Return the text that `csv_cell` wrote, without its quotes before what begins a formula."""
    return re.sub(_QUOTED, r"\1", cell)


class Figure(str):
    """A number's text for people, and the number itself for a CSV."""

    value: int | float

    def __new__(cls, text: str, value: int | float) -> Figure:
        figure = super().__new__(cls, text)
        figure.value = value
        return figure


class Inexact(str):
    """A text in the place of a number that is not known, `?`, or only from below, `≥ 3.86 G`.

    A CSV, where it would pass for the number, leaves it empty.
    """


def count(value: int) -> Figure:
    """Return a count in powers of 1000 with three significant digits: 999, 1.23 K, 45.6 M."""
    return _scaled(value, 1000, ("", "K", "M", "G", "T", "P", "E"))


def size(value: int) -> Figure:
    """Return bytes in powers of 1024 with three significant digits: 512 B, 1.21 KiB, 97.5 MiB."""
    return _scaled(value, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))


def _scaled(value: int, base: int, names: tuple[str, ...]) -> Figure:
    power = 0
    while power < len(names) - 1 and 10_000 * abs(value) >= 9_995 * base ** (power + 1):
        power += 1
    if power == 0:
        return Figure(f"{value} {names[0]}".strip(), value)
    scaled = value / base**power
    return Figure(f"{scaled:.{_decimals(abs(scaled))}f} {names[power]}", value)


def _decimals(value: float) -> int:
    """Return how many decimals give a number three significant digits."""
    if value < 9.995:
        return 2
    return 1 if value < 99.95 else 0


def duration(milliseconds: float) -> Figure:
    """Return a time in the unit that suits it: 850 ns, 12.3 µs, 4.56 ms, 7.80 s.

    It has three significant digits; as a number it is in milliseconds.
    """
    for name, scale in (("s", 1e-3), ("ms", 1.0), ("µs", 1e3)):
        if milliseconds * scale >= 0.9995:
            return Figure(f"{three_digits(milliseconds * scale)} {name}", milliseconds)
    return Figure(f"{milliseconds * 1e6:.0f} ns", milliseconds)


def three_digits(value: float) -> str:
    """Return a number with three significant digits, or all before the point: 1.23, 45.6, 1234."""
    return f"{value:.{_decimals(value)}f}"


def ratio(value: float, base: float) -> str:
    """Return `value / base` to two decimals, a small one to two significant digits: 0.0034.

    Never as 0, which only a value of 0 gives.
    """
    quotient = value / base
    if quotient == 0 or abs(quotient) >= 0.1:
        return f"{quotient:.2f}"
    _, _, exponent = f"{quotient:.1e}".partition("e")  # of the number once it is rounded
    return f"{quotient:.{1 - int(exponent)}f}"


def rate(value: float) -> Figure:
    """Return a number of things per second: 1.23, 45.6, 789, then in powers of 1000."""
    return Figure(three_digits(value) if value < 999.5 else count(round(value)), value)


def exact(value: int) -> Figure:
    """Return a count to the last digit, in groups of three: 61,100,840."""
    return Figure(f"{value:,}", value)


def shape(dims: tuple[int, ...] | list[int]) -> str:
    """Return a shape as the specs write it: 3x224x224; a scalar is "scalar"."""
    return "x".join(map(str, dims)) or "scalar"


def fraction(value: Fraction | int) -> str:
    """Return a rational number: a whole one as such, a short decimal where it ends, or p/q."""
    return quotient(value.numerator, value.denominator)


def quotient(part: int, whole: int) -> str:
    """Return `part` over `whole`, which is above 0, as `fraction` does."""
    common = gcd(part, whole)
    part, whole = part // common, whole // common
    if whole == 1:
        return str(part)
    decimal = f"{part / whole:.4f}"
    if int(decimal.replace(".", "")) * whole == 10_000 * part:
        return decimal.rstrip("0")
    return f"{part}/{whole}"


def number_of(n: int, noun: str) -> str:
    """Return a number of things, whose plural takes an s: 1 layer, 2 layers."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def some(names: Sequence[str], most: int) -> str:
    """Return the first of the names, and how many more there are: conv1, conv2 and 3 more."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def pair(*sides: object) -> str:
    """Return one number where all axes agree, HxW where they differ."""
    return str(sides[0]) if len(set(sides)) == 1 else "x".join(map(str, sides))


def share(part: int, whole: int) -> Figure:
    """Return `part` of `whole` in percent with one decimal; as a number the ratio."""
    if not whole:
        return Figure("-", 0)
    return Figure(f"{100 * part / whole:.1f}%", round(part / whole, 6))


UNKNOWN = Inexact("?")


def at_least(text: str) -> Inexact:
    """Return a lower bound as text: ≥ 3.86 G."""
    return Inexact(f"≥ {text}")


def unknown_of(paths: Sequence[str]) -> str:
    """Return whose answer is unknown: `stem.norm` and 2 more layers are unknown."""
    first = f"`{paths[0]}`"
    if len(paths) == 1:
        return f"{first} is unknown"
    return f"{first} and {number_of(len(paths) - 1, 'more layer')} are unknown"


def signed(value: int, text: Callable[[int], str] = count) -> Figure:
    """Return a change with its sign: +1.23 K, -45.6 M; "-" for none."""
    if not value:
        return Figure("-", 0)
    sign = "+" if value > 0 else "-"
    return Figure(f"{sign}{text(abs(value))}", value)


def relative(old: int, new: int) -> Figure:
    """Return the change from `old` in percent with its sign: +5.0%; "-" where there is none.

    It has one decimal, or as many as it takes to its first digit; as a number it is the ratio.
    """
    if not old or old == new:
        return Figure("-", 0)
    percent = 100 * (new - old) / old
    if abs(percent) >= 1000:
        text = f"{percent:+,.0f}%"
    elif abs(percent) >= 0.05:
        text = f"{percent:+.1f}%"
    else:
        _, _, exponent = f"{percent:.0e}".partition("e")  # of the number once it is rounded
        text = f"{percent:+.{-int(exponent)}f}%"
    return Figure(text, round(new / old - 1, 6))
