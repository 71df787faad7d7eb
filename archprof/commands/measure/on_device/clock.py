"""Clocks of devices: seconds of work on the device's own clock, with the right synchronisation."""

from __future__ import annotations

import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Run = Callable[[], object]
Mark = Any
"""A point in a device's time, opaque: `stamp` returns it and `between` takes it."""

USUAL_KILOHERTZ = 2e6  # of a device whose clock torch does not tell


STAMPED = 4
"""For every so many runs of a turn one more is made between events, which take time themselves."""


class Turn(NamedTuple):
    """Runs that each began when the one before was done, in seconds.

    `waits`: what the caller of a run waits, from the call until the device is done. `queueing`: how
    much of that the host takes to queue the run, empty where a run is done when it returns.
    `parts`: what each part of a run takes of the device, of as many runs or fewer.
    """

    waits: list[float]
    queueing: list[float]
    parts: list[list[float]]


class Clock(ABC):
    """A device's time. `name` is torch's: "cpu", "cuda:0".

    Calling a `run` queues work; a clock times the work, never the queueing alone. `queues`: whether
    a run may return before its work is done.
    """

    name: str
    queues: bool

    @abstractmethod
    def synchronize(self) -> None:
        """Wait until all queued work is done."""

    @abstractmethod
    def stamp(self) -> Mark:
        """Mark this point of the device's work, without waiting for it."""

    @abstractmethod
    def between(self, start: Mark, end: Mark) -> float:
        """Return the seconds from one mark to a later one; only after `synchronize`."""

    def hold(self, seconds: float) -> Callable[[], bool]:
        """Keep the device from what is queued after this for so many seconds.

        Return what tells whether it still waits. On the CPU nothing is queued: there is nothing to
        hold back, and the host never makes the device wait.
        """
        return lambda: True

    def each(self, run: Run, n: int, before: Run | None = None) -> list[float]:
        """Return the seconds of each of n runs, with one synchronisation at the end.

        What `before` does ahead of every run is outside the window. Raises ValueError where n < 1.
        """
        return [seconds for (seconds,) in self.sections([run], n, before)]

    def sections(self, runs: Sequence[Run], n: int, before: Run | None = None) -> list[list[float]]:
        """Return for each of n runs, made of several parts in a row, the seconds of each part.

        Raises ValueError where n < 1.
        """
        _check(n)
        self.synchronize()  # work that was queued earlier is not measured
        rounds: list[list[Mark]] = []
        for _ in range(n):
            if before is not None:
                before()
            # the end of a run is the start of the next, unless something is between them
            joined = rounds and before is None
            marks = [rounds[-1][-1] if joined else self.stamp()]
            for run in runs:
                run()
                marks.append(self.stamp())
            rounds.append(marks)
        self.synchronize()
        return [
            [self.between(start, end) for start, end in itertools.pairwise(marks)]
            for marks in rounds
        ]

    def turn(self, parts: Sequence[Run], n: int, before: Run | None = None) -> Turn:
        """Return the times of n runs, each made of `parts` in a row.

        What `before` does ahead of every run is outside its time. Raises ValueError where n < 1.
        """
        rounds = self.sections(parts, n, before)
        return Turn([sum(seconds) for seconds in rounds], [], rounds)

    def batched(self, run: Run, n: int, meanwhile: Run | None = None) -> float:
        """Return the seconds of n runs back to back, as one window.

        `meanwhile` is called when all are queued, while the device may still be at work. Raises
        ValueError where n < 1.
        """
        _check(n)
        self.synchronize()
        start = self.stamp()
        for _ in range(n):
            run()
        end = self.stamp()
        if meanwhile is not None:
            meanwhile()
        self.synchronize()
        return self.between(start, end)


class CpuClock(Clock):
    """The processor's time: a run is done when it returns."""

    name = "cpu"
    queues = False

    def synchronize(self) -> None:
        """Nothing is queued."""

    def stamp(self) -> Mark:
        return time.perf_counter_ns()

    def between(self, start: Mark, end: Mark) -> float:
        return float((end - start) / 1e9)


class CudaClock(Clock):
    """A CUDA device's time: events on its current stream.

    `cuda` is torch.cuda, or what behaves like it; `now` is the host's clock, in seconds.
    """

    queues = True

    def __init__(
        self, cuda: Any, index: int = 0, now: Callable[[], float] = time.perf_counter
    ) -> None:
        self.cuda = cuda
        self.index = index
        self.now = now
        self.name = f"cuda:{index}"

    def turn(self, parts: Sequence[Run], n: int, before: Run | None = None) -> Turn:
        """Return the times of n runs as one caller sees them: the device is idle at each call.

        Events take time of the host, so the device's share is that of further runs.
        """
        _check(n)
        waits, queueing = [], []
        for _ in range(n):
            if before is not None:
                before()
            self.synchronize()
            called = self.now()
            for part in parts:
                part()
            queued = self.now()
            self.synchronize()
            waits.append(self.now() - called)
            queueing.append(queued - called)
        stamped = -(-n // STAMPED)
        return Turn(waits, queueing, self.sections(parts, stamped, before))

    def synchronize(self) -> None:
        self.cuda.synchronize(self.index)

    def stamp(self) -> Mark:
        event = self.cuda.Event(enable_timing=True)
        # by itself an event goes to the stream of the current device, which may be another
        event.record(self.cuda.current_stream(self.index))
        return event

    def hold(self, seconds: float) -> Callable[[], bool]:
        """Launch a kernel that spins for so many cycles of the device's clock.

        A device below its largest clock spins longer, which does no harm.
        """
        properties = self.cuda.get_device_properties(self.index)
        hertz = 1e3 * getattr(properties, "clock_rate", USUAL_KILOHERTZ)
        with self.cuda.device(self.index):
            self.cuda._sleep(int(seconds * hertz))
        end = self.stamp()
        return lambda: not end.query()

    def between(self, start: Mark, end: Mark) -> float:
        """Raise RuntimeError, torch's own, where a synchronisation is missing.

        The device has then not reached the marks.
        """
        return float(start.elapsed_time(end) / 1e3)


def _check(n: int) -> None:
    if n < 1:
        raise ValueError(f"found {n} runs, expected at least 1")
