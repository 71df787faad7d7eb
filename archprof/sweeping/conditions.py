"""Under which conditions the totals of variants hold."""

from __future__ import annotations

from archprof.record import Record


class SweepConditions(Record):
    """The choices that `archprof.analysis.analyze` takes, the same for all variants."""

    batch: int = 1
    dtype: str = "float32"
    count: str = "macs"
    optimizer: str = "sgd"
    ema: bool = False
