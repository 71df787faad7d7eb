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

from archprof.commands.measure.judging.medians import halves, interval, least_turns
from archprof.commands.measure.on_device.clock import Clock, Run, Turn
from archprof.commands.measure.on_device.gauge import Gauge
from archprof.commands.measure.on_device.sensors import Sensors
from archprof.commands.measure.running.sampled import Load, Sampled

CHUNK = 0.1  # seconds of work queued for one synchronisation, and one network's turn
CHUNK_RUNS = 1000
WARM_SECONDS, WARM_LIMIT = 0.1, 5.0  # of device time, without the first run, which compiles
SETTLED = 0.95  # two runs in a row that take at least so much of the fastest before
WINDOW, WINDOW_LEAST, FLAT = 512, 64, 0.05
"""nvbench: the noise of the last 512 samples, 64 at least, varies by less than 5 % of itself."""

RECOVERY, RECOVERY_MOST = 0.05, 0.5  # seconds
WINDOWS = 3  # of runs back to back, at least
GAUGED = 0.5
"""Seconds of runs back to back on a device that queues: enough for its counter of energy."""

LOOKED_AT = 1000
"""Runs, evenly spaced, from which the interval of the median is taken: more add little."""


class StopRule(NamedTuple):
    """When a measurement is done: after so many runs and seconds, as soon as one of three is true.

    - The noise (relative standard deviation) is below `noise`.
    - The median is known: its 95 % interval reaches no further than the share `median` to either
      side, and the earlier and the later half of the runs agree within twice that share, so that
      there is no drift.
    - The noise no longer falls.

    After `limit` seconds of wall time it ends all the same, and reports what was not met. Runs back
    to back go on for `sustained` seconds.
    """

    samples: int = 10
    seconds: float = 0.5
    noise: float = 0.005
    limit: float = 15.0
    median: float = 0.01
    sustained: float = 0.0


class Sampler:
    """The runs of one network as they come, turn by turn, and whether they are enough.

    `least_turns` is how many turns the comparison with others needs.
    """

    def __init__(self, rule: StopRule, least_turns: int = 1):
        self.rule, self.least_turns = rule, least_turns
        self.waits: list[float] = []
        self.queueing: list[float] = []
        self.parts: list[tuple[float, ...]] = []
        self.turns: list[float | None] = []
        self.noises: deque[float] = deque(maxlen=WINDOW)
        self.mean = self.squares = 0.0
        self.stopped = ""

    def add(self, turn: Turn) -> None:
        """Add the runs of a turn.

        Mean and sum of squared deviations are updated as Welford (1962) does.
        """
        for seconds in turn.waits:
            self.waits.append(seconds)
            delta = seconds - self.mean
            self.mean += delta / len(self.waits)
            self.squares += delta * (seconds - self.mean)
            if (noise := self.noise) is not None:
                self.noises.append(noise)
        self.queueing += turn.queueing
        self.parts += map(tuple, turn.parts)
        self.turns.append(statistics.median(turn.waits))
        self.stopped = self.stopped or self._ending()

    def skip(self) -> None:
        """Add a turn whose runs were thrown away."""
        self.turns.append(None)

    @property
    def noise(self) -> float | None:
        """Return standard deviation over mean, None before the second run."""
        n = len(self.waits)
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
        seconds = self.waits[:: 1 + len(self.waits) // LOOKED_AT]
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
        n, rule = len(self.waits), self.rule
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
        self.slowdowns: dict[str, None] = {}

    def run(self) -> None:
        for part in self.parts:
            part()

    def warm_up(self) -> None:
        """Run until two runs in a row are not much faster than the fastest before."""
        times: list[float] = []
        fastest, total = math.inf, 0.0  # of all but the last two; without the first, which compiles
        while True:
            times += self.clock.each(self.run, 1)
            if len(times) > 1:
                total += times[-1]
            if len(times) > 2:
                fastest = min(fastest, times[-3])
            settled = (
                len(times) > 2 and total >= WARM_SECONDS and min(times[-2:]) >= SETTLED * fastest
            )
            if settled or (len(times) > 2 and total > WARM_LIMIT):
                break
        self.warm = len(times), settled
        # a short limit has as many turns as the comparison needs, of fewer runs
        chunk = min(CHUNK, self.rule.limit / (2 * self.sampler.least_turns))
        self.turn = max(1, min(CHUNK_RUNS, round(chunk / max(1e-9, min(times)))))

    def measure(
        self,
        lead: bool,
        before: Run | None,
        slowdown: Callable[[], list[str]],
        pause: Callable[[float], object],
    ) -> None:
        """Measure one turn.

        The runs of a device that slowed itself down are thrown away, and it rests for a while,
        longer each time in a row.
        """
        if lead and self.turn > 1:
            self.run()  # the other networks' weights leave the caches outside the window
        turn = self.clock.turn(self.parts, self.turn, before)
        if reasons := slowdown():
            self.slowdowns |= dict.fromkeys(reasons)
            self.discarded += len(turn.waits)
            self.sampler.skip()
            self.paused += self.delay
            pause(self.delay)
            self.delay = min(RECOVERY_MOST, 1.5 * self.delay)
        else:
            self.delay = RECOVERY
            self.sampler.add(turn)

    def load(self, sensors: Sensors, now: Callable[[], float]) -> Load:
        """Run back to back in windows, and read the device's sensors while it works.

        A processor that reads sensors is not at work meanwhile, and reads none.
        """
        gauge = Gauge(sensors, now)
        queues = self.clock.queues
        windows: list[float] = []

        def window(meanwhile: Callable[[], None]) -> None:
            while_busy = meanwhile if queues else None
            windows.append(self.clock.batched(self.run, self.turn, while_busy) / self.turn)

        least = max(GAUGED if queues else 0.0, self.rule.sustained)
        window(gauge.tick)
        while len(windows) < WINDOWS - 1 or sum(windows) * self.turn < least:
            window(gauge.read)
        window(gauge.tick)
        return Load(tuple(windows), gauge.state, gauge.watts)

    @property
    def over(self) -> bool:
        return bool(self.sampler.stopped) or self.used >= self.rule.limit

    def result(self, load: Load) -> Sampled:
        sampler = self.sampler
        unmet = sampler.unmet() if self.warm[1] else [*sampler.unmet(), "a settled warm-up"]
        return Sampled(
            tuple(sampler.waits),
            load,
            sampler.noise,
            self.warm[0],
            self.discarded,
            self.paused,
            sampler.stopped or "limit",
            tuple(unmet),
            tuple(sampler.turns),
            tuple(sampler.queueing),
            tuple(sampler.parts),
            tuple(self.slowdowns),
        )


def sample(
    clock: Clock,
    subjects: Sequence[Sequence[Run]],
    rule: StopRule,
    *,
    before: Run | None = None,
    sensors: Sensors | None = None,
    any_clock: bool = False,
    now: Callable[[], float] = time.monotonic,
    pause: Callable[[float], object] = time.sleep,
    show: Callable[[list[Sampler]], object] = lambda samplers: None,
) -> list[Sampled]:
    """Measure each network in turns, A B A B, so that a drifting clock affects all alike.

    A subject is the parts of one run of a network, in order. `before` runs ahead of every run,
    outside its window. `sensors` are the device's, `any_clock` keeps what was measured while it
    slowed itself down. `show` is called after every turn. A network that is done keeps its turns
    until the last one is, or its time is over.
    """
    device = sensors or Sensors()
    slowdown = list if any_clock else device.slowdown
    found = [_SampledNetwork(clock, parts, rule, least_turns(len(subjects))) for parts in subjects]
    for subject in found:
        subject.warm_up()
    while not all(subject.over for subject in found):
        for subject in found:
            if subject.used < rule.limit:
                start = now()
                subject.measure(len(found) > 1, before, slowdown, pause)
                subject.used += now() - start
                show([other.sampler for other in found])
    loads = []
    for subject in found:
        # else a window of one run on the CPU: what was measured already
        apart = clock.queues or subject.turn > 1 or before is not None
        kept = (apart or rule.sustained) and subject.sampler.waits
        loads.append(subject.load(device, now) if kept else Load())
    return [subject.result(load) for subject, load in zip(found, loads, strict=True)]
