"""The published shape of `device --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.commands.measure.layers.contract import DevicePeaks
from archprof.commands.measure.planning.condition_contract import Dtype
from archprof.show.contract import Count, Strict, json_schema


class Device(Strict):
    """What peaks depend on; null for what a device of this type has not, or that is unknown."""

    device: str
    type: str
    torch: str
    cuda: str | None
    cudnn: int | None
    driver: str | None
    capability: str | None
    multiprocessors: Count | None
    memory_bytes: Count | None
    power_limit_w: float | None
    threads: Count | None


class Contradiction(Strict):
    """What cannot be true of the peaks, which are then unusable."""

    about: str
    message: str


class Peaks(DevicePeaks):
    """What the device reaches with one dtype; `kept` is the file that has it, null for none.

    The shares are those of the data sheet's products and memory bandwidth, null where the device or
    the dtype is in none that is known.
    """

    flops_of_data_sheet: float | None
    bandwidth_of_data_sheet: float | None

    kept: str | None
    measured_now: bool
    partial: bool
    notes: list[str]
    contradictions: list[Contradiction]


class Reached(Strict):
    """What `archprof device --format json` prints; `left_out` are dtypes that are not native."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    device: Device
    peaks: list[Peaks]
    left_out: list[Dtype]


def device_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof device --format json` prints."""
    return json_schema(Reached)
