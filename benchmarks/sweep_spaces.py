"""A million variants of every shipped space in one run, and some of each analysed in full.

    python benchmarks/sweep_spaces.py [--rows 1000000] [--check 10000] [--workers 2] [SPACE ...]

Rows that a space leaves out by `where`, before any analysis, count as rows and are never checked.
Seconds are of the clock, from the first shard to the last; CPU is of all processes.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import measuring
from tabulate import tabulate

from archprof.sweeping.checking import in_words
from archprof.sweeping.engines.engine import RowRange
from archprof.sweeping.engines.processes_engine import Processes
from archprof.sweeping.planning import Ran, made, planned
from archprof.sweeping.space.library import read_space, shipped_spaces
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.space.space import Space

MILLION = 1_000_000
BOUND = 60.0  # seconds of a million rows on two cores
SHORT = (20_000, 20)  # rows, and those of them that are analysed in full


class Silent:
    """Shows nobody how far a sweep is."""

    def made(self, shard: RowRange) -> None:
        """Pass over a shard."""

    def note(self, text: str) -> None:
        """Pass over a state of the engine."""


class Swept(NamedTuple):
    """One space: its points, how the sweep went, how many variants are valid, CPU seconds."""

    name: str
    points: int | None
    ran: Ran
    valid: int
    cpu: float


def swept(name: str, rows: int, check: int, workers: int) -> Swept:
    """Return how a sweep of so many rows goes."""
    space = _sampled(read_space(name), rows)
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(space, Path(folder))
        begin = _children()
        sweep, ran = made(plan, Processes(workers), Silent(), check)
        cpu = _children() - begin
        valid = sweep.table.num_rows - sweep.table["why"].drop_null().length()
        return Swept(name, space.size(), ran, valid, cpu)


def _sampled(space: Space, rows: int) -> Space:
    """Return the space with so many random points. One that is swept as a grid stays that, where
    all of it is wanted: in its order neighbours are alike, so that a shard builds few networks.
    """
    if space.sample.method == "grid" and rows == MILLION:
        return space
    return space.sampled(Sample("random", rows, seed=19))


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def table(found: list[Swept]) -> str:
    """Return one row for each space."""
    rows = [
        (
            one.name,
            one.points,
            one.ran.rows,
            one.valid,
            one.ran.seconds,
            one.cpu,
            one.ran.rows / one.ran.seconds,
            one.ran.peak_bytes / measuring.MIB,
            in_words(one.ran.checked),
        )
        for one in found
    ]
    headers = ("space", "points", "rows", "valid", "s", "CPU s", "rows/s", "MiB a process", "check")
    formats = ("", ",", ",", ",", ".1f", ".1f", ",.0f", ".0f", "")
    return tabulate(rows, headers, floatfmt=formats, intfmt=",")


def main() -> int:
    """Print the table; return 1 where a sweep takes too long or a row differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    rows, check = SHORT if os.environ.get(measuring.SHORT) else (MILLION, 10_000)
    parser.add_argument("--rows", type=int, default=rows)
    parser.add_argument("--check", type=int, default=check)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("spaces", nargs="*", metavar="SPACE")
    given = parser.parse_args()
    found = []
    for name in given.spaces or shipped_spaces():
        found.append(swept(name, given.rows, given.check, given.workers))
        print(in_words(found[-1].ran.checked), name, file=sys.stderr)
    print(table(found))
    kept = [not one.ran.checked.differing for one in found]
    if given.rows == MILLION:
        kept += [
            measuring.holds(f"a million of {one.name}", one.ran.seconds, BOUND, " s")
            for one in found
        ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
