"""Queue work while the device is held, so that it finds each kernel waiting for it.

Otherwise a window around a short kernel holds the time that the host takes to launch it, not the
device's. NVIDIA's nvbench does so with its blocking kernel.
"""

from __future__ import annotations

from collections.abc import Callable

from archprof.commands.measure.on_device.clock import Clock, Mark

PENDING = 900
"""Launches and events that are queued at most while the device is held.

A CUDA stream takes 1024; where it is full the host waits, and the device would not be held.
"""

FIRST, MOST = 0.001, 1.0
"""Seconds of the first hold, and of the longest that is tried."""


class Hold:
    """Holds a device while passes are queued, each time as long as queueing has been found to take.

    `lost`: queueing outlasted the longest hold, as where the pass itself waits for the device; from
    then on nothing is held. On the CPU there is nothing to hold.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.seconds = FIRST
        self.lost = False
        self._kept = True
        self._pending = 0
        self._holding: Callable[[], bool] = lambda: True
        self._start: Mark = None
        self._spans: list[tuple[Mark, Mark]] = []

    def time(self, queue: Callable[[], object]) -> float:
        """Return the seconds of what `queue` queues, without the holds; the device has done it.

        It is queued again behind a longer hold where the hold was over before the last launch, and
        at last without any.
        """
        while True:
            self._kept, self._spans = True, []
            self._begin()
            queue()
            self._end()
            if self._kept or self.lost:
                return sum(self.clock.between(start, end) for start, end in self._spans)
            self.lost = self.seconds >= MOST
            self.seconds = min(MOST, 2 * self.seconds)

    def make_room(self, launches: int) -> None:
        """Let the device do what is pending where so many launches more were too many."""
        if self._pending + launches > PENDING:
            self._end()
            self._begin()
        self._pending += launches

    def _begin(self) -> None:
        self._pending = 0
        self.clock.synchronize()
        if not self.lost:
            self._holding = self.clock.hold(self.seconds)
        self._start = self.clock.stamp()

    def _end(self) -> None:
        self._spans.append((self._start, self.clock.stamp()))
        self._kept = self._kept and self._holding()
        self.clock.synchronize()
