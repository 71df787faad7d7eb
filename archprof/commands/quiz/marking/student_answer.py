"""The readings of a student's answer: the ways in which it is right.

It may be exact, rounded, or counted by another declared convention than the sheet's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from archprof.analysis.counting import CONV_AND_FC, CONVENTIONS, in_lectures
from archprof.commands.lecture.claims.figures import PrintedFigure, parse_figure
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.graph.graph import Facts
from archprof.ops import OPS
from archprof.ops.answers import Weight
from archprof.ops.base import Op, Shape
from archprof.ops.elements import DTYPES

DEFAULTS = {
    "shapes": "CxHxW",
    "parameters": "with biases",
    "arithmetic": "",
    "memory": "",
    "prefixes": "powers of 1000",
    "byte prefixes": "powers of 1024",
    "digits": "rounded",
    "units": "as asked",
}
"""The kinds of conventions, and which one the sheet follows; "" for what its column says."""
SCALES = {
    "params": {"in thousands": 10**3, "in millions": 10**6},
    "macs": {"in thousands": 10**3, "in millions": 10**6, "in billions": 10**9},
    "memory": {"in KB": 10**3, "in KiB": 2**10, "in MB": 10**6, "in MiB": 2**20},
}
"""Units that a bare number may be meant in."""
_COUNTED = {
    "macs": "macs",
    "flops_torch": "torch",
    "flops": "full",
    "flops_lecture": "lecture",
    "flops_fvcore": "fvcore",
}
"""The quantities that people call FLOPs, as conventions of counting.

Of two that an answer can follow, the one named first is meant. What other tools count besides the
MACs (ptflops the biases, thop 4 per normalised element) is a mistake on a sheet.
"""
_GROUPS = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?!\d))")
_INTS = re.compile(r"[\[(]?\s*(\d{1,9}(?:\s*[x×*,;\s]\s*\d{1,9}){0,3})\s*[\])]?\Z", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"\D*\d+,\d+(?!.*[.,]).*")
_GROUPING_POINTS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_NOTHING = ("-", "none", "no", "nothing", "null")


WAYS_OF_WRITING = ("shapes", "byte prefixes")
"""The kinds of conventions that no sheet prescribes; all others its columns do."""


Conventions = tuple[tuple[str, str], ...]
"""What an answer follows: each a (dimension, name)."""


class Reading(NamedTuple):
    """One way in which an answer is right: the conventions it follows, and to the last digit?"""

    conventions: Conventions
    exact: bool

    @property
    def foreign(self) -> Conventions:
        """The conventions that are not those of the sheet's columns."""
        return tuple(
            (dimension, name)
            for dimension, name in self.conventions
            if dimension not in WAYS_OF_WRITING and name != DEFAULTS[dimension]
        )

    def cost(self) -> tuple[int, bool]:
        """Return how far the reading is from the sheet's own conventions."""
        return (
            sum(DEFAULTS[dimension] != name for dimension, name in self.conventions),
            not self.exact,
        )


Counted = Mapping[tuple[str, str], Fraction]
"""A number for each convention, which is a (dimension, name)."""


def counted(
    column: str,
    op: Op,
    inputs: tuple[Shape, ...],
    output: Shape,
    batch: int = 1,
    dtype: str = "float32",
    shared: bool = False,
) -> Counted:
    """Return a layer's number for `column` by each declared convention.

    A layer whose weights are another's is `shared` and has no parameters.
    """
    if column == "params":
        return _counted_params({} if shared else op.weights(*inputs))
    if column in ("macs", "flops"):
        facts = Facts(op, inputs, output)
        return {
            ("arithmetic", "" if name == column else ARITHMETIC[name]): Fraction(
                CONVENTIONS[how].known(facts) * batch
            )
            for name, how in _COUNTED.items()
        }
    return _counted_memory(op.name, batch * math.prod(output), DTYPES[dtype])


def _counted_params(weights: Mapping[str, Weight]) -> Counted:
    """Return the parameters with and without biases."""
    trainable = {name: weight.elements for name, weight in weights.items() if weight.trainable}
    biases = sum(elements for name, elements in trainable.items() if name.endswith("bias"))
    everything = sum(trainable.values())
    return {
        ("parameters", "with biases"): Fraction(everything),
        ("parameters", "without biases"): Fraction(everything - biases),
    }


def _counted_memory(kind: str, elements: int, itemsize: int) -> Counted:
    """Return the bytes of an output with other bytes per element, and of some kinds of layers."""
    own = elements * itemsize
    found = {("memory", ""): own}
    for size in (1, 2, 4, 8):
        if size != itemsize:
            unit = "byte" if size == 1 else "bytes"
            found["memory", f"{size} {unit} per element"] = elements * size
    pooled = own if in_lectures(OPS[kind]) else 0
    found["memory", "outputs of conv, pool and fc alone"] = pooled
    bare = own if kind in CONV_AND_FC else 0
    found["memory", "outputs of conv and fc alone"] = bare
    return {convention: Fraction(value) for convention, value in found.items()}


def parse_ints(text: str) -> Shape | None:
    """Return `55x55x96`, `[55 55 96]`, `(96, 55, 55)` or `4096` as numbers in their order.

    None where it is none of these.
    """
    found = _INTS.match(text.strip())
    return tuple(map(int, re.findall(r"\d+", found[1]))) if found else None


def parse_number(text: str) -> PrintedFigure | None:
    """Return a number as students write it: 34,944, 34 944, 35K, 0.1 G, 0,1 G, 1.05e8, - for none.

    Where it may be read in several ways it is the first of `parse_numbers`.
    """
    return next(iter(parse_numbers(text)), None)


def parse_numbers(text: str) -> tuple[PrintedFigure, ...]:
    """Return the numbers that a text may mean, the usual one first, none for other text.

    A comma may be a decimal point where it does not group the digits of a bare number (1,135 G),
    and points may group digits (34.944).
    """
    text = text.strip()
    if text.lower() in _NOTHING:
        return tuple(filter(None, [parse_figure(0)]))
    usual = _parsed(_GROUPS.sub("", text))
    found = [usual]
    if (usual is None or usual.power) and _DECIMAL_COMMA.fullmatch(text):
        found.append(_parsed(text.replace(",", ".")))
    if _GROUPING_POINTS.fullmatch(text):
        found.append(_parsed(text.replace(".", "")))
    return tuple(filter(None, found))


def _parsed(text: str) -> PrintedFigure | None:
    found = parse_figure(text)
    if found is None or found.step or found.value.denominator != 1:
        return found
    digits = found.digits()
    zeros = len(digits) - len(digits.rstrip("0"))
    # 105,400,000 is rounded
    if found.value and zeros >= 3 and len(digits) - zeros >= 2:
        return found._replace(step=Fraction(10**zeros))
    return found


def shape_readings(given: Shape, right: Shape) -> Iterator[Reading]:
    """Yield the ways in which these numbers are the shape, channels first or last.

    Axes of 1 may be omitted where the numbers differ in nothing else.
    """
    if given == right:
        other = len(right) == 3 and len(set(right)) > 1
        yield Reading((("shapes", "CxHxW"),) if other else (), True)
    elif len(right) == 3 and given == (right[1], right[2], right[0]):
        yield Reading((("shapes", "HxWxC"),), True)
    elif tuple(n for n in given if n != 1) == tuple(n for n in right if n != 1) and len(
        given
    ) != len(right):
        yield Reading((), True)


def number_readings(figure: PrintedFigure, values: Counted, column: str) -> Iterator[Reading]:
    """Yield the ways in which this number is one of these values.

    They are a convention, powers and units, and whether it is right to the last digit.
    """
    # all conventions give the same, so the answer does not show which it follows
    alone = len(set(values.values())) == 1
    for convention, value in values.items():
        followed: Conventions = () if alone else (convention,)
        for reading in (*_as_written(figure, value, column), *_in_a_unit(figure, value, column)):
            yield reading._replace(conventions=(*followed, *reading.conventions))


def _as_written(figure: PrintedFigure, value: Fraction, column: str) -> Iterator[Reading]:
    """Yield how a number is this value by its prefix, of powers of 1000 or 1024."""
    ways: list[tuple[PrintedFigure, Conventions]] = [(figure, ())]
    if figure.power and figure.base == 1000:
        dimension = "byte prefixes" if column == "memory" else "prefixes"
        both = (figure, figure.scaled(1024))
        ways = [(each, ((dimension, f"powers of {each.base}"),)) for each in both]
    for written, powers in ways:
        if written.exactly(value) or written.rounds(value):
            yield Reading(powers, written.exactly(value))
        elif written.step and written.cuts(value):
            yield Reading((*powers, ("digits", "cut off")), False)


def _in_a_unit(figure: PrintedFigure, value: Fraction, column: str) -> Iterator[Reading]:
    """Yield how a number that names no unit is this value in one of the column's."""
    if figure.power or figure.unit or len(figure.digits().strip("0")) < 2:
        return
    step = figure.step or Fraction(1)
    for name, scale in SCALES.get("macs" if column == "flops" else column, {}).items():
        if abs(figure.value * scale - value) <= step * scale / 2:
            yield Reading((("units", name),), figure.value * scale == value)


def agreeing(found: list[list[Reading]]) -> dict[str, str]:
    """Return for each kind of convention the one that most answers can follow.

    Where several are followed by as many, it is the sheet's own.
    """
    votes: dict[str, dict[str, int]] = {}
    for readings in found:
        for dimension in DEFAULTS:
            for name in followable(readings, dimension):
                votes.setdefault(dimension, {}).setdefault(name, 0)
                votes[dimension][name] += 1
    return {
        dimension: max(names, key=lambda name: (names[name], name == DEFAULTS[dimension]))
        for dimension, names in votes.items()
    }


def followable(readings: list[Reading], dimension: str) -> tuple[str, ...]:
    """Return the conventions of this kind that an answer may follow.

    Where digits or units need no name, they are the usual ones.
    """
    if dimension == "digits" and any(reading.exact for reading in readings):
        return ()
    usual = [DEFAULTS[dimension]] if dimension in ("digits", "units") else []
    found: list[str] = []
    for reading in readings:
        found += [name for d, name in reading.conventions if d == dimension] or usual
    return tuple(dict.fromkeys(found))


def fits(reading: Reading, used: Mapping[str, str]) -> bool:
    """Return whether an answer read so follows the conventions of the others."""
    return all(used.get(dimension, name) == name for dimension, name in reading.conventions)
