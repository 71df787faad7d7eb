"""The time of a run, repeated until rounds of it agree or its share of the time is over."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

from archprof.commands.measure.on_device.clock import Clock, Run

LEAST_WINDOW = 0.01  # seconds of work between two synchronisations
MOST_RUNS = 2000
"""Runs in a window: under load one may take a thousand times as long as the one before."""

WARM_SECONDS = 0.05
SAMPLES, ROUNDS = 7, 6  # of each round; rounds at most
FEWEST = 3
"""Samples of a round whose runs are longer than a window, and those that any rate has at least."""

STABLE = 0.03
"""Relative distance up to which a round's quartiles, and the medians of two rounds, agree."""

LONGEST = 0.5  # seconds: what takes longer is not repeated
Now = Callable[[], float]


class Rate(NamedTuple):
    """Seconds of one run, the median of the fastest round.

    `stable`: whether this round and another one agree with it. `cut`: whether the time ended before
    the first round had the fewest samples.
    """

    seconds: float
    stable: bool
    cut: bool = False


class TimeShares:
    """Seconds shared out evenly among the probes to come; what one leaves, the others have."""

    def __init__(self, seconds: float, probes: int, now: Now = time.monotonic):
        self.end, self.probes, self.now = now() + seconds, probes, now

    def next(self) -> float:
        """Return the time until which the next probe may run."""
        now = self.now()
        share = (self.end - now) / max(1, self.probes)
        self.probes -= 1
        return now + share


def timed(clock: Clock, run: Run, until: float = math.inf, now: Now = time.monotonic) -> Rate:
    """Return the time of a run: warm up, then measure in rounds until two rounds are stable.

    A round is several windows, each of many runs back to back and long enough for the clock. How
    many runs a window has follows from the window before it: other work may make a run take many
    times as long from one window to the next. A round of long runs has fewer windows. It ends at
    `until` all the same.
    """
    clock.batched(run, 1)  # pages are touched, kernels chosen
    once = clock.batched(run, 1)
    if once > LONGEST or now() >= until:
        return Rate(once, False, once <= LONGEST)
    each = _warmed(clock, run, once, until, now)
    rounds: list[tuple[float, bool]] = []  # its median, and whether its samples agree
    whole = SAMPLES if each < LEAST_WINDOW else FEWEST
    while len(rounds) < ROUNDS:
        samples: list[float] = []
        while len(samples) < whole and (not samples or now() < until):
            n = runs_in(LEAST_WINDOW, each)
            each = clock.batched(run, n) / n
            samples.append(each)
        rounds.append((statistics.median(samples), len(samples) == whole and _agree(samples)))
        # other work makes a round slower, and steadily so where it takes turns with it; nothing
        # makes it faster
        fastest = min(rounds)[0]
        if sum(median <= (1 + STABLE) * fastest and steady for median, steady in rounds) > 1:
            return Rate(fastest, True)
        if now() >= until:
            return Rate(fastest, False, len(rounds) == 1 and len(samples) < FEWEST)
    return Rate(fastest, False)


def _warmed(clock: Clock, run: Run, once: float, until: float, now: Now) -> float:
    """Run in windows twice as long as the one before until it is warm, after two runs alone.

    Return the seconds of a run in the last window.
    """
    n, each, spent = 1, once, 2 * once
    while spent < WARM_SECONDS and n < MOST_RUNS and now() < until:
        n = min(2 * n, runs_in(WARM_SECONDS - spent, each))
        each = clock.batched(run, n) / n
        spent += n * each
    return each


def runs_in(seconds: float, each: float) -> int:
    """Return how many runs fill so many seconds."""
    return max(1, min(MOST_RUNS, math.ceil(seconds / max(each, 1e-7))))


def _agree(samples: list[float]) -> bool:
    first, median, third = statistics.quantiles(samples, n=4)
    return third - first <= STABLE * median
