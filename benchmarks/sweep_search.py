"""A search against a sweep of the same space: hypervolumes of their fronts, and seconds.

    python benchmarks/sweep_search.py [--rows 1000000] [--trials 4000] [SPACE ...]

The hypervolume is that between the front and the worst of the sweep's rows in both objectives:
fewest MACs against most parameters. Rows drawn at random, as many as the search has trials, are
the search's floor.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tabulate import tabulate

from archprof.sweeping.engines.engine import InProcess, RowRange
from archprof.sweeping.planning import made, planned
from archprof.sweeping.searching.asked_search import asked_search
from archprof.sweeping.searching.search import search
from archprof.sweeping.searching.storing_search import stored_search
from archprof.sweeping.space.library import read_space
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.space.space import Space
from archprof.sweeping.sweep import Sweep

FRONT = ("min macs", "max params")
TPE_TRIALS = 400  # each takes milliseconds, which grow with those before


class Silent:
    """Shows nobody how far a sweep is."""

    def made(self, shard: RowRange) -> None:
        """Pass over a shard."""

    def note(self, text: str) -> None:
        """Pass over a state of the engine."""


class Points(NamedTuple):
    """MACs and parameters of rows."""

    macs: np.ndarray
    params: np.ndarray


class Tried(NamedTuple):
    """One way of looking for the front: so many rows, in so many seconds, and the front."""

    way: str
    rows: int
    seconds: float
    front: Points


def points(sweep: Sweep) -> Points:
    """Return the front of a sweep, by MACs."""
    table = sweep.front(*FRONT)
    return Points(*(table[name].to_numpy().astype(float) for name in ("macs", "params")))


def hypervolume(front: Points, worst: tuple[float, float]) -> float:
    """Return the area that a front dominates, up to the most MACs and down to the fewest
    parameters.
    """
    order = np.argsort(front.macs)
    macs, params = np.append(front.macs[order], worst[0]), front.params[order]
    return float(np.sum(np.diff(macs) * (params - worst[1])))


def swept(space: Space, rows: int, folder: Path) -> Sweep:
    """Return a sweep of so many rows, drawn at random."""
    plan = planned(space.sampled(Sample("random", rows, seed=19)), folder)
    return made(plan, InProcess(), Silent(), 0)[0]


def searched(space: Space, sampler: str, trials: int, folder: Path) -> Sweep:
    """Return what a search finds."""
    asked = asked_search(space, sampler, trials, 19, FRONT)
    return stored_search(space, asked, search(space, asked), folder)


def timed(way: str, make: Callable[[Path], Sweep]) -> tuple[Tried, Sweep]:
    """Return how long a way takes, and what it finds."""
    begin = time.perf_counter()
    sweep = make(Path(tempfile.mkdtemp(prefix="archprof-benchmark-")))
    front = points(sweep)
    return Tried(way, sweep.stored.rows, time.perf_counter() - begin, front), sweep


def compared(name: str, rows: int, trials: int) -> list[list[str]]:
    """Return the rows of the table of one space."""
    space = read_space(name)
    ways: list[tuple[str, Callable[[Path], Sweep]]] = [
        ("sweep, random rows", lambda folder: swept(space, rows, folder)),
        ("nsga2", lambda folder: searched(space, "nsga2", trials, folder)),
        ("tpe", lambda folder: searched(space, "tpe", min(trials, TPE_TRIALS), folder)),
        ("random rows", lambda folder: swept(space, trials, folder)),
    ]
    found = []
    worst = (0.0, 0.0)
    for way, make in ways:
        tried, sweep = timed(way, make)
        if not found:
            table = sweep.table.select(["macs", "params"]).drop_null()
            worst = max(table["macs"].to_pylist()), min(table["params"].to_pylist())
        found.append(tried)
    whole = hypervolume(found[0].front, worst)
    return [
        [
            name,
            one.way,
            f"{one.rows:,}",
            f"{one.seconds:.1f}",
            str(len(one.front.macs)),
            f"{100 * hypervolume(one.front, worst) / whole:.2f} %",
        ]
        for one in found
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("spaces", nargs="*", default=["mobilenet_v2"])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--trials", type=int, default=4_000)
    given = parser.parse_args()
    rows = [row for name in given.spaces for row in compared(name, given.rows, given.trials)]
    head = ("Space", "Way", "Rows", "Seconds", "Front", "Hypervolume")
    print(tabulate(rows, head, tablefmt="github", colalign=("left", "left", *["right"] * 4)))


if __name__ == "__main__":
    main()
