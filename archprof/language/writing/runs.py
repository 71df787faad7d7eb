"""Uses of one block in a row, each taking what the one before gives: a `repeat`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archprof.language.expression import MAX_LENGTH
from archprof.language.writing.blanks import HOLE, same
from archprof.language.writing.literals import literal

MOST_PERIOD = 4  # values that alternate
RATES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)  # to which stochastic depth rises
_NUMBERED = re.compile(r"([A-Za-z0-9_-]*?)(0|[1-9][0-9]*)\Z")

Turns = Sequence[Sequence[Any]]
"""A parameter's value in each turn, and there in each use of the body around the run."""


def name_pattern(names: Sequence[str], natural: int | None) -> str | None:
    """Return the `name` for turns of these names, "" where a list numbers them so by itself.

    `natural` is the list's next number, None in a mapping. Return None where they do not count up.
    """
    found = [_NUMBERED.match(name) for name in names]
    pairs = [(match[1], int(match[2])) for match in found if match]
    if len(pairs) < len(names):
        return None
    prefix, start = pairs[0]
    if any(pair != (prefix, start + turn) for turn, pair in enumerate(pairs)):
        return None
    if not prefix and start == natural:
        return ""
    return f"{prefix}{{$index + {start}}}" if start else f"{prefix}{{$index}}"


def segments(turns: int, arguments: Mapping[str, Turns]) -> Iterator[tuple[int, int]]:
    """Yield where runs begin and end that one entry can say, as long as they can be."""
    start = 0
    while start < turns:
        end = start + 1
        while end < turns and all(
            sayable(values[start : end + 1]) for values in arguments.values()
        ):
            end += 1
        yield start, end
        start = end


def sayable(values: Turns) -> bool:
    """Whether one entry can say how a parameter goes from turn to turn."""
    if common(values) is not None or common(values[1:]) is not None:
        return True
    single = [_single(value) for value in values]
    if None in single or len(by_turn(values)) > MAX_LENGTH:
        return False
    return _period(single) > 0 or all(isinstance(value, (float, type(HOLE))) for value in single)


def common(values: Turns) -> list[Any] | None:
    """Return what a parameter is in all turns, by use; None where it differs in one."""
    found = list(values[0]) if values else []
    for turn in values[1:]:
        for i, value in enumerate(turn):
            if found[i] is HOLE:
                found[i] = value
            elif value is not HOLE and not same(value, found[i]):
                return None
    return found


def _single(turn: Sequence[Any]) -> Any:
    """Return the value that all uses have in one turn, HOLE for none, None where they differ."""
    known = [value for value in turn if value is not HOLE]
    if any(not same(value, known[0]) for value in known):
        return None
    return known[0] if known else HOLE


def _period(values: Sequence[Any]) -> int:
    """Return after how many turns the values come again, 0 where they do not."""
    for period in range(2, min(MOST_PERIOD, len(values) - 1) + 1):
        if None not in _alternating(values, period):
            return period
    return 0


def _alternating(values: Sequence[Any], period: int) -> list[Any]:
    """Return the values of one period, None for a turn where they differ from period to period."""
    found = []
    for start in range(period):
        turns = common([[value] for value in values[start::period]])
        found.append(None if turns is None else turns[0])
    return found


def by_turn(values: Turns) -> str:
    """Return the expression for what changes from turn to turn, the same in each use."""
    single = [_single(value) for value in values]
    rising = _rising(single)
    if rising:
        return rising
    period = _period(single)
    if period:
        values = _alternating(single, period)
        if values == [False, True]:
            return "$index % 2 == 1"
        return f"{_listed(values)}[$index % {period}]"
    return f"{_listed(single)}[$index]"


def _listed(values: Sequence[Any]) -> str:
    """Return the values as a list, any of them where none is needed."""
    known = [value for value in values if value is not HOLE]
    return literal([known[0] if value is HOLE else value for value in values])


def _rising(values: Sequence[Any]) -> str:
    """Return how a rate rises to one of `RATES` over the layers of a network, "" if not so."""
    known = [(turn, value) for turn, value in enumerate(values) if value is not HOLE]
    if len(known) < 2 or not all(isinstance(value, float) for _, value in known):
        return ""
    (first, low), (second, high) = known[:2]
    step = (high - low) / (second - first)
    for rate in RATES if step > 0 else ():
        last = round(rate / step)
        before = round(low / step) - first
        if before >= 0 and all(value == rate * (before + i) / last for i, value in known):
            index = f"({before} + $index)" if before else "$index"
            return f"{rate} * {index} / {last}"
    return ""
