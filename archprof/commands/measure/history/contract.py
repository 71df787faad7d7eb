"""The published shape of `history --format json`, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from archprof.commands.measure.judging.verdict_contract import TimeVerdict
from archprof.commands.measure.planning.condition_contract import Dtype, MemoryFormat, Mode
from archprof.commands.measure.planning.manifest_contract import Versions
from archprof.show.contract import Count, Strict, json_schema


class KeptRun(Strict):
    """A measurement as it was kept, `date` in UTC.

    Where it is not `usable`, its times contradict themselves. `commit` is the one that last changed
    the spec, `modified` whether it was changed since; null where nobody knows. The verdict is
    against the earliest run with a latency; null for that run and those before it.
    """

    date: str
    status: Literal["measured", "out_of_memory", "throttled", "failed"]
    usable: bool
    latency_ms: Annotated[float, Field(gt=0)] | None
    latency_low_ms: float | None
    latency_high_ms: float | None
    images_per_s: float | None
    peak_bytes: Count | None
    versions: Versions
    driver: str | None
    spec_sha256: str | None
    commit: str | None
    modified: bool | None
    verdict: TimeVerdict | None


class DeviceIdentity(Strict):
    """What makes a device another one; null for what a device of this type has not."""

    type: str
    name: str
    cores: Count | None
    capability: str | None
    compute_capability: str | None
    multiprocessors: Count | None
    mig: str | None


class Group(Strict):
    """The runs of a network under identical conditions on one device, the earliest first.

    `verdict` is on the newest against the run of `since`, the earliest with a latency, and
    `differences` are those between the two; null and empty where there is no such run.
    `verdict_on_before` is on the newest against the usable run before it, that of `before`, where
    that is another. `flags` are those of the manifest that say what ran.
    """

    network: str
    input: list[int]
    batch: Annotated[int, Field(ge=1)]
    dtype: Dtype
    memory_format: MemoryFormat
    mode: Mode
    train: bool
    autocast: bool
    optimizer: Literal["sgd", "momentum", "adamw"] | None
    overrides: dict[str, Any]
    device: DeviceIdentity
    flags: dict[str, Any]
    runs: Annotated[list[KeptRun], Field(min_length=1)]
    since: str | None
    verdict: TimeVerdict | None
    differences: list[str]
    before: str | None
    verdict_on_before: TimeVerdict | None


class History(Strict):
    """What `archprof history --format json` prints.

    `passed_over` runs are damaged, or of a version with other fields.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")]
    passed_over: Count
    groups: list[Group]


def history_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `archprof history --format json` prints."""
    return json_schema(History)
