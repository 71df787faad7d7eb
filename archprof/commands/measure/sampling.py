"""Run networks in turns until their times can be believed.

Warm-up, noise and throttling follow NVIDIA's nvbench (its `stdrel` criterion); an interval of the
median ends a measurement whose noise is larger and steady.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from archprof.commands.measure.clock import Clock, Run
from archprof.commands.measure.medians import halves, interval, least_turns

CHUNK = 0.1  # seconds of work queued for one synchronisation, and one network's turn
CHUNK_RUNS = 1000
WARM_SECONDS, WARM_LIMIT = 0.1, 5.0  # of device time, without the first run, which compiles
SETTLED = 0.95  # two runs in a row that take at least so much of the fastest before
WINDOW, WINDOW_LEAST, FLAT = 512, 64, 0.05
"""nvbench: the noise of the last 512 samples, 64 at least, varies by less than 5 % of itself."""

THROTTLED = 0.75  # of the default clock
RECOVERY, RECOVERY_MOST = 0.05, 0.5  # seconds
BATCHES = 3
LOOKED_AT = 1000
"""Runs, evenly spaced, from which the interval of the median is taken: more add little."""

Speed = Callable[[], float | None]
"""Returns the device's clock now as a share of its default, None where it is not known."""


class StopRule(NamedTuple):
    """When a measurement is done: after so many runs and seconds, as soon as one of three is true.

    - The noise (relative standard deviation) is below `noise`.
    - The median is known: its 95 % interval reaches no further than the share `median` to either
      side, and the earlier and the later half of the runs agree within twice that share, so that
      there is no drift.
    - The noise no longer falls.

    After `limit` seconds of wall time it ends all the same, and reports what was not met.
    """

    samples: int = 10
    seconds: float = 0.5
    noise: float = 0.005
    limit: float = 15.0
    median: float = 0.01


class Sampled(NamedTuple):
    """The times of one network.

    `rounds`: per run the seconds of each of its parts. `batched`: seconds of a run among many back
    to back, None where none was kept. `stopped`: what ended the measurement, "noise" below the
    bound, the "median" known, "settled" noise above the bound, or the time "limit". `unmet`: the
    conditions, in words, that were not met before the limit. `turns`: the median seconds of a run
    in each turn, None for a turn that was thrown away; turns of the same number are side by side in
    time.
    """

    rounds: tuple[tuple[float, ...], ...]
    batched: float | None
    noise: float | None
    warmup: int
    discarded: int
    paused: float
    stopped: str
    unmet: tuple[str, ...]
    turns: tuple[float | None, ...] = ()

    @property
    def seconds(self) -> list[float]:
        """Return the seconds of each run as a whole."""
        return [sum(parts) for parts in self.rounds]


class Sampler:
    """The runs of one network as they come, turn by turn, and whether they are enough.

    `least_turns` is how many turns the comparison with others needs.
    """

    def __init__(self, rule: StopRule, least_turns: int = 1):
        self.rule, self.least_turns = rule, least_turns
        self.rounds: list[tuple[float, ...]] = []
        self.turns: list[float | None] = []
        self.noises: deque[float] = deque(maxlen=WINDOW)
        self.mean = self.squares = 0.0
        self.stopped = ""

    def add(self, rounds: Sequence[Sequence[float]]) -> None:
        """Add the runs of a turn.

        Mean and sum of squared deviations are updated as Welford (1962) does.
        """
        for parts in rounds:
            seconds = sum(parts)
            self.rounds.append(tuple(parts))
            delta = seconds - self.mean
            self.mean += delta / len(self.rounds)
            self.squares += delta * (seconds - self.mean)
            if (noise := self.noise) is not None:
                self.noises.append(noise)
        self.turns.append(statistics.median(map(sum, rounds)))
        self.stopped = self.stopped or self._ending()

    def skip(self) -> None:
        """Add a turn whose runs were thrown away."""
        self.turns.append(None)

    @property
    def noise(self) -> float | None:
        """Return standard deviation over mean, None before the second run."""
        n = len(self.rounds)
        return math.sqrt(self.squares / (n - 1)) / self.mean if n > 1 and self.mean > 0 else None

    def _ending(self) -> str:
        """Return which condition ends the measurement, "" where none does yet."""
        return self._steady() if all(met for _, met in self._least()) else ""

    def _steady(self) -> str:
        """Return by which of the three conditions the runs are steady, "" for none."""
        if not self.noises:
            return ""
        if self.noises[-1] < self.rule.noise:
            return "noise"
        if self._median_is_known():
            return "median"
        return "settled" if self._noise_is_settled() else ""

    def _median_is_known(self) -> bool:
        seconds = [sum(parts) for parts in self.rounds[:: 1 + len(self.rounds) // LOOKED_AT]]
        found = interval(seconds)
        if found is None or not found.median or found.spread > self.rule.median:
            return False
        early, late = halves(seconds)
        return abs(early - late) <= 2 * self.rule.median * found.median

    def _noise_is_settled(self) -> bool:
        if len(self.noises) <= WINDOW_LEAST:
            return False
        now = self.noises[-1]
        spread = math.sqrt(statistics.fmean((noise - now) ** 2 for noise in self.noises))
        return spread < FLAT * now

    def _least(self) -> list[tuple[str, bool]]:
        """Return what every measurement needs, in words, and whether it has it."""
        n, rule = len(self.rounds), self.rule
        turns = sum(turn is not None for turn in self.turns)
        return [
            (f"{rule.samples} runs", n >= rule.samples),
            (f"{rule.seconds:g} s of work", self.mean * n >= rule.seconds),
            (f"{self.least_turns} turns beside the other networks", turns >= self.least_turns),
        ]

    def unmet(self) -> list[str]:
        """Return the conditions that are not met yet, in words."""
        rule = self.rule
        steady = (
            f"noise under {100 * rule.noise:g} % or settled, or the median known within"
            f" {100 * rule.median:g} %"
        )
        return [
            words
            for words, met in [*self._least(), (steady, bool(self.stopped or self._steady()))]
            if not met
        ]


class _SampledNetwork:
    """One network under measurement: its parts in order, and how many runs fit in its turn."""

    def __init__(self, clock: Clock, parts: Sequence[Run], rule: StopRule, least_turns: int):
        self.clock, self.parts, self.rule = clock, parts, rule
        self.sampler = Sampler(rule, least_turns)
        self.discarded, self.paused, self.used = 0, 0.0, 0.0
        self.delay = RECOVERY
        self.warm: tuple[int, bool] = (0, False)
        self.turn = 1

    def run(self) -> None:
        for part in self.parts:
            part()

    def warm_up(self) -> None:
        """Run until two runs in a row are not much faster than the fastest before."""
        times: list[float] = []
        while True:
            times += self.clock.each(self.run, 1)
            settled = (
                len(times) > 2
                and sum(times[1:]) >= WARM_SECONDS
                and min(times[-2:]) >= SETTLED * min(times[:-2])
            )
            if settled or (len(times) > 2 and sum(times[1:]) > WARM_LIMIT):
                break
        self.warm = len(times), settled
        self.turn = max(1, min(CHUNK_RUNS, round(CHUNK / max(1e-9, min(times)))))

    def measure(
        self, lead: bool, before: Run | None, speed: Speed, pause: Callable[[float], object]
    ) -> None:
        """Measure one turn.

        Runs under a throttled clock are thrown away, and the device rests for a while, longer each
        time in a row.
        """
        if lead and self.turn > 1:
            self.run()  # the other networks' weights leave the caches outside the window
        rounds = self.clock.sections(self.parts, self.turn, before)
        if _throttled(speed):
            self.discarded += len(rounds)
            self.sampler.skip()
            self.paused += self.delay
            pause(self.delay)
            self.delay = min(RECOVERY_MOST, 1.5 * self.delay)
        else:
            self.delay = RECOVERY
            self.sampler.add(rounds)

    @property
    def over(self) -> bool:
        return bool(self.sampler.stopped) or self.used >= self.rule.limit

    def result(self, batched: list[float]) -> Sampled:
        sampler = self.sampler
        unmet = sampler.unmet() if self.warm[1] else [*sampler.unmet(), "a settled warm-up"]
        return Sampled(
            tuple(sampler.rounds),
            statistics.median(batched) if batched else None,
            sampler.noise,
            self.warm[0],
            self.discarded,
            self.paused,
            sampler.stopped or "limit",
            tuple(unmet),
            tuple(sampler.turns),
        )


def _throttled(speed: Speed) -> bool:
    share = speed()
    return share is not None and share < THROTTLED


def sample(
    clock: Clock,
    subjects: Sequence[Sequence[Run]],
    rule: StopRule,
    *,
    before: Run | None = None,
    speed: Speed = lambda: None,
    now: Callable[[], float] = time.monotonic,
    pause: Callable[[float], object] = time.sleep,
    show: Callable[[list[Sampler]], object] = lambda samplers: None,
) -> list[Sampled]:
    """Measure each network in turns, A B A B, so that a drifting clock affects all alike.

    A subject is the parts of one run of a network, in order. `before` runs ahead of every run,
    outside its window. `show` is called after every turn. A network that is done keeps its turns
    until the last one is, or its time is over.
    """
    found = [_SampledNetwork(clock, parts, rule, least_turns(len(subjects))) for parts in subjects]
    for subject in found:
        subject.warm_up()
    while not all(subject.over for subject in found):
        for subject in found:
            if subject.used < rule.limit:
                start = now()
                subject.measure(len(found) > 1, before, speed, pause)
                subject.used += now() - start
                show([other.sampler for other in found])
    batched: list[list[float]] = [[] for _ in found]
    for _ in range(BATCHES):
        for subject, times in zip(found, batched, strict=True):
            # else a window of one run: what was measured already
            if subject.turn > 1 or before is not None:
                seconds = clock.batched(subject.run, subject.turn) / subject.turn
                if not _throttled(speed):
                    times.append(seconds)
    return [subject.result(times) for subject, times in zip(found, batched, strict=True)]
