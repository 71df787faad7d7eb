"""What running a network again and again gave: times, and what it does back to back."""

from __future__ import annotations

import statistics
from typing import NamedTuple

from archprof.commands.measure.on_device.sensors import State


class Load(NamedTuple):
    """What a network does back to back.

    `windows`: the seconds of a run in each window of many. `state`: the device's while it works,
    the last that was read. `watts`: the whole device's mean power meanwhile, None where nothing
    counts its energy.
    """

    windows: tuple[float, ...] = ()
    state: State | None = None
    watts: float | None = None

    @property
    def first(self) -> float | None:
        """Return the seconds of a run in the first window, None for none."""
        return self.windows[0] if self.windows else None

    @property
    def settled(self) -> float | None:
        """Return the median seconds of a run in the later half of the windows, None for none."""
        if not self.windows:
            return None
        return statistics.median(self.windows[len(self.windows) // 2 :])

    @property
    def joules(self) -> float | None:
        """Return the energy of a run, None where it is not known."""
        if self.watts is None or self.settled is None:
            return None
        return self.watts * self.settled


class Sampled(NamedTuple):
    """The times of one network.

    `waits`: of each run the seconds that its caller waits; `queueing`: those of them that the host
    takes to queue it; `parts`: the seconds that each part of a run takes of the device, see
    `clock.Turn`. `load`: what it does back to back. `stopped`: what ended the measurement, "noise"
    below the bound, the "median" known, "settled" noise above the bound, or the time "limit".
    `unmet`: the conditions, in words, that were not met before the limit. `turns`: the median
    seconds of a run in each turn, None for a turn that was thrown away; turns of the same number
    are side by side in time. `slowdowns`: why the device slowed itself down in those that were
    thrown away.
    """

    waits: tuple[float, ...]
    load: Load
    noise: float | None
    warmup: int
    discarded: int
    paused: float
    stopped: str
    unmet: tuple[str, ...]
    turns: tuple[float | None, ...] = ()
    queueing: tuple[float, ...] = ()
    parts: tuple[tuple[float, ...], ...] = ()
    slowdowns: tuple[str, ...] = ()

    @property
    def pace(self) -> float:
        """Return the seconds of a run where one follows the other.

        On a device that queues they are those of runs back to back; elsewhere a run among many is
        like a run alone, of which more were measured.
        """
        if self.queueing and self.load.settled is not None:
            return self.load.settled
        return statistics.median(self.waits)
