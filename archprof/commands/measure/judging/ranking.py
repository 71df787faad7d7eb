"""Rank networks that were measured in turns, by the verdicts of their ratios."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.judging.medians import Interval
from archprof.commands.measure.judging.verdict import (
    EQUAL,
    TimeVerdict,
    latency_interval,
    of_ratio,
    ratio_of_medians,
)

Row = dict[str, Any]  # a measurement by the names of the JSON
SHARED = ("batch", "dtype", "memory_format", "mode", "train")
"""What the networks of a group share; each may have its own input."""


class Place(NamedTuple):
    """The best and the worst place that a network can have, by the decided differences."""

    best: int
    worst: int

    def __str__(self) -> str:
        return str(self.best) if self.best == self.worst else f"{self.best}-{self.worst}"


def groups(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows, in order, by the condition under which they were measured."""
    found: list[list[Row]] = []
    for row in rows:
        if not (found and _belongs(row, found[-1])):
            found.append([])
        found[-1].append(row)
    return found


def _belongs(row: Row, group: Sequence[Row]) -> bool:
    """Return whether a row belongs to the group before it.

    It then took turns with it or, where each network was measured alone, has its condition.
    """
    if any(row[name] != group[0][name] for name in SHARED):
        return False
    turns = 1 + len(group[0]["interleaved_with"])
    if turns > 1 or row["interleaved_with"]:
        return len(group) < turns
    return all(row["network"] != other["network"] for other in group)


def figure(row: Row) -> float | None:
    """Return the latency of a row in milliseconds, None where it was not measured.

    It may contradict itself, as when the machine became slower: ratios of turns side by side are
    right all the same.
    """
    return row["latency_ms"] if row["status"] == "measured" else None


def ordered(group: Sequence[Row]) -> list[int]:
    """Return the indices of a group's rows by their places, fastest first.

    Rows of the same places are in order of latency, those without a latency last.
    """
    found = places(group)

    def key(i: int) -> tuple[int, int, float]:
        place = found[i] or Place(len(group) + 1, len(group) + 1)
        return place.best, place.worst, figure(group[i]) or 0.0

    return sorted(range(len(group)), key=key)


def ratio(group: Sequence[Row], i: int, j: int) -> Row | None:
    """Return the ratio of the i-th row's time to the j-th's with its interval.

    It is None where they were not measured in turns or not long enough.
    """
    found = group[i].get("ratios") or ()
    others = [k for k in range(len(group)) if k != i]
    if len(found) != len(others) or figure(group[i]) is None or figure(group[j]) is None:
        return None
    one: Row = found[others.index(j)]
    return one if one["median"] is not None else None


def verdict(group: Sequence[Row], i: int, j: int) -> TimeVerdict:
    """Return how the time of the i-th row compares with that of the j-th, turn by turn.

    Two that took too few turns for that are compared by their medians.
    """
    found = ratio(group, i, j)
    if found is not None:
        return of_ratio(Interval(found["low"], found["median"], found["high"]))
    pair = len(group) == 2 and group[i]["interleaved_with"]
    mine, theirs = latency_interval(group[i]), latency_interval(group[j])
    if pair and mine is not None and theirs is not None and usable(group[i]) and usable(group[j]):
        return of_ratio(ratio_of_medians(mine, theirs))
    return of_ratio(None, "not measured in enough turns side by side")


def faster(group: Sequence[Row], i: int, j: int) -> bool:
    """Return whether the i-th is faster than the j-th by more than the noise, and not the same."""
    return verdict(group, i, j).answer == "faster"


def places(group: Sequence[Row]) -> list[Place | None]:
    """Return for each row the places it can have, None without a latency.

    With all intervals true, all places are.
    """
    known = [i for i in range(len(group)) if figure(group[i]) is not None]

    def place(i: int) -> Place | None:
        if i not in known:
            return None
        before = sum(faster(group, j, i) for j in known if j != i)
        behind = sum(faster(group, i, j) for j in known if j != i)
        return Place(1 + before, len(known) - behind)

    return [place(i) for i in range(len(group))]


def order(group: Sequence[Row], names: Sequence[str]) -> str:
    """Return the order as a line, each network compared with the one before it.

    The line is "" where fewer than two have a latency.
    """
    known = [i for i in ordered(group) if figure(group[i]) is not None]
    if len(known) < 2:
        return ""
    parts = [names[known[0]]]
    for before, i in itertools.pairwise(known):
        parts.append(_beside(names[i], verdict(group, i, before)))
    return " ".join(parts)


def _beside(name: str, found: TimeVerdict) -> str:
    """Return a network as it stands in a line behind the one that it is compared with."""
    if found.ratio is None:
        return f"? {name} (not measured in enough turns beside it: cannot tell)"
    if found.answer == "slower":
        return f"< {name} ({found.ratio:.3g} times as long, {found.between})"
    if found.answer == "same":
        return f"= {name} ({found.between} times as long: the same within {100 * EQUAL:g} %)"
    return f"≈ {name} ({found.between} times as long: cannot tell)"
