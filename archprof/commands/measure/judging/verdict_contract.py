"""The published shape of verdicts on times, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from archprof.commands.measure.planning.condition_contract import Dtype, MemoryFormat, Mode
from archprof.show.contract import Strict


class TimeVerdict(Strict):
    """How a time compares with another one: `ratio` is this one over the other, from `low` to
    `high` in 95 of 100 cases.

    The three are null where nothing can be compared; `reason` says why, and where an interval has
    more than one answer. It is "same" where all of the interval lies within 1 %.
    """

    verdict: Literal["faster", "slower", "same", "cannot tell"]
    ratio: Annotated[float, Field(gt=0)] | None
    low: Annotated[float, Field(gt=0)] | None
    high: Annotated[float, Field(gt=0)] | None
    reason: str


class MatchedVerdict(TimeVerdict):
    """The verdict on a measurement: with --load on the run `of` against the run `against`, of one
    network; with --device on the network `of` against the network `against`.
    """

    of: str
    against: str
    network: str
    input: list[int]
    batch: Annotated[int, Field(ge=1)]
    dtype: Dtype
    memory_format: MemoryFormat
    mode: Mode
    train: bool
    autocast: bool
    optimizer: Literal["sgd", "momentum", "adamw"] | None
