"""A device's state and its power while it works."""

from __future__ import annotations

from collections.abc import Callable

from archprof.commands.measure.on_device.sensors import Sensors, State

TICK = 0.15
"""Seconds within which a counter of energy moves; NVML's does so some ten times a second."""

READINGS = 10_000
"""Readings of the counter within a tick, at most."""


class Gauge:
    """Reads a device's sensors between launches; `now` is the host's clock, in seconds.

    A counter of energy moves in steps, so that a moment of it is known only when it moves.
    """

    def __init__(self, sensors: Sensors, now: Callable[[], float]):
        self.sensors, self.now = sensors, now
        self.state: State = {}
        self.ticks: list[tuple[float, float]] = []

    def read(self) -> None:
        """Read the state."""
        self.state.update(self.sensors.state())

    def tick(self) -> None:
        """Read the state, and the counter of energy as it moves."""
        self.read()
        start, first = self.now(), self.sensors.joules()
        if first is None:
            return
        joules: float | None = first
        for _ in range(READINGS):
            joules = self.sensors.joules()
            if joules != first or self.now() - start >= TICK:
                break
        if joules is not None:
            self.ticks.append((self.now(), joules))

    @property
    def watts(self) -> float | None:
        """Return the mean power from the first tick to the last, None where it is not known."""
        if len(self.ticks) < 2:
            return None
        (start, first), (end, last) = self.ticks[0], self.ticks[-1]
        return (last - first) / (end - start) if end > start else None
