"""On which device variants are measured, and for how long."""

from __future__ import annotations

from archprof.record import Record

TIME_LIMIT = 2.0
"""Seconds for each variant: many that are known roughly say more of a space than few exactly."""


class DeviceOptions(Record):
    """The options of a measured sweep; batch and dtype are the space's."""

    device: str = "cpu"
    threads: int | None = None
    time_limit: float = TIME_LIMIT
