"""Time the copies between the host and a device that a caller waits for besides the network."""

from __future__ import annotations

import statistics

from archprof.commands.measure.clock import Clock
from archprof.commands.measure.workload import Workload, transferring

COPIES = 20


def copy_times(workload: Workload, clock: Clock) -> dict[str, float]:
    """Return the median milliseconds to copy the input to the device and the outputs from it.

    The names are those of a measurement; a training step downloads nothing.
    """
    moving = transferring(workload)
    found = {}
    for name, copy in (("upload_ms", moving.upload), ("download_ms", moving.download)):
        if copy is not None:
            clock.each(copy, COPIES)  # pages are touched
            found[name] = 1e3 * statistics.median(clock.each(copy, COPIES))
    return found
