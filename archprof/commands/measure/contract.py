"""The published shape of a run of `bench`, as pydantic models.

`archprof schema bench` prints it, and `compare --load` accepts what has it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from archprof.commands.measure.layers.contract import Layers
from archprof.commands.measure.planning.condition_contract import (
    Contradiction,
    Dtype,
    MemoryFormat,
    Mode,
)
from archprof.commands.measure.planning.manifest_contract import FIRST, Manifest
from archprof.commands.measure.running.search_contract import BatchSearch
from archprof.show.contract import Count, Resized, Strict, json_schema


class State(Strict):
    """Moving figures of the device, as far as known; `others_share` is what other work had
    of the processor.
    """

    clock_mhz: float | None = None
    default_clock_mhz: float | None = None
    max_clock_mhz: float | None = None
    memory_clock_mhz: float | None = None
    power_w: float | None = None
    temperature_c: float | None = None
    throttling: list[str] | None = None
    others_share: float | None = None


class Ratio(Strict):
    """The network's time over another's that was measured in turns with it: the median over the
    turns, and the interval that contains it.

    Null where the turns were too few. All such intervals of a run's networks contain their medians
    together in 95 of 100 cases; where 1 lies between `low` and `high`, which of the two is faster
    is not decided.
    """

    network: str
    median: Annotated[float, Field(gt=0)] | None
    low: Annotated[float, Field(gt=0)] | None
    high: Annotated[float, Field(gt=0)] | None


class Quantile(Strict):
    """The latency that a `share` of the runs keep, and the interval that contains it in 95 of 100
    cases; null where the runs were too few.
    """

    share: Annotated[float, Field(gt=0, lt=1)]
    ms: float
    low_ms: float | None
    high_ms: float | None


class Measurement(Strict):
    """A network under one choice of conditions.

    Figures are null where they were not measured; `status` and `message` say why.

    `latency_ms` is what one caller waits for a run, from the call until the device is done: the
    median of `runs` runs, `latency_low_ms` to `latency_high_ms` contain it in 95 of 100 cases,
    `halves_ms` are the medians of the earlier and the later half of them, `noise` their relative
    standard deviation. `batched_ms` is a run among many back to back, from which on a device that
    queues `images_per_s` follows, from `batched_low_ms` to `batched_high_ms` in its windows,
    `burst_ms` in the first. `device_ms` is what a run takes of the device, `host_ms`
    what the host takes to queue it, both in single runs; `bound` is "host" where the device
    waits for the host. `clock_mhz`, `clock_share` of the highest, `power_w` and
    `joules_per_image` are of the whole device while it runs back to back. `macs` and
    `flops` are of the forward pass, whole batch. `unmet` are the conditions that the time limit
    came before. `searched` is how the batch was found, where the largest was searched. With
    `contradictions` figures are unusable. What has a default was not yet measured by earlier
    versions, whose runs are still read.
    """

    network: str
    input: Annotated[list[int], FIRST]
    batch: Annotated[int, Field(ge=1)]
    dtype: Dtype
    memory_format: MemoryFormat
    mode: Mode
    train: bool
    macs: Count
    flops: Count
    predicted_peak_bytes: Count | None
    status: Literal["measured", "out_of_memory", "throttled", "failed"]
    message: str
    interleaved_with: Annotated[list[str], FIRST]
    tf32: bool
    latency_ms: Annotated[float, Field(gt=0)] | None
    latency_low_ms: float | None = None
    latency_high_ms: float | None = None
    halves_ms: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    latency_p10_ms: float | None
    latency_p90_ms: float | None
    latency_max_ms: float | None = None
    quantiles: Annotated[list[Quantile], FIRST, Field(default_factory=list)]
    runs: Count
    noise: float | None
    batched_ms: float | None
    batched_low_ms: float | None = None
    batched_high_ms: float | None = None
    burst_ms: float | None = None
    device_ms: float | None = None
    host_ms: float | None = None
    bound: Literal["host", "device"] | None = None
    upload_ms: float | None = None
    download_ms: float | None = None
    compile_s: float | None = None
    forward_ms: float | None
    backward_ms: float | None
    step_ms: float | None
    ratios: Annotated[list[Ratio], FIRST, Field(default_factory=list)]
    images_per_s: float | None
    attained_share: float | None
    peak_bytes: Count | None
    peak_layer: str | None
    reserved_bytes: Count | None
    requested_bytes: Count | None = None
    context_bytes: Count | None = None
    clock_mhz: float | None = None
    clock_share: float | None = None
    power_w: float | None = None
    joules_per_image: float | None = None
    autocast: bool = False
    float8_share: float | None = None
    optimizer: Literal["sgd", "momentum", "adamw"] | None = None
    warmup_runs: Count
    discarded_runs: Count
    paused_ms: float
    stopped: Literal["", "noise", "median", "settled", "limit"]
    unmet: Annotated[list[str], FIRST]
    before: State | None
    after: State | None
    warnings: Annotated[list[str], FIRST]
    contradictions: Annotated[list[Contradiction], FIRST, Field(default_factory=list)]
    resized: Resized | None = None
    searched: BatchSearch | None = None

    @model_validator(mode="after")
    def _has_figures(self) -> Measurement:
        if self.status == "measured" and (self.latency_ms is None or self.images_per_s is None):
            raise ValueError("measured, but without its latency")
        return self


class Memory(Strict):
    """Peak memory of a measurement in detail, weights and input included: predicted, of all
    tensors alive at once, and with the scratch of kernels.

    On CUDA `requested_bytes` are the most that was requested from the allocator: `tensor_bytes` and
    `scratch_bytes` together. `rounding_bytes` more make `allocated_bytes`, for blocks are whole.
    `workspace_bytes` is what libraries keep for the process, whichever network it measures: for
    every stream cuBLAS's, made ahead of the first network and no part of `reserved_bytes`, and what
    this one's first run added. `context_bytes` is what the process uses of the device beyond what
    its allocator reserved. Null where nobody knows, and on the CPU.
    """

    network: str
    batch: Annotated[int, Field(ge=1)]
    part: Literal["inference", "training"]
    predicted_bytes: Count
    predicted_layer: str | None
    tensor_bytes: Count
    layer: str | None
    during: str
    between_layers_bytes: Count
    forward_end_bytes: Count
    allocated_bytes: Count
    scratch_bytes: int
    requested_bytes: Count | None = None
    rounding_bytes: Count | None = None
    workspace_bytes: int | None = None
    context_bytes: Count | None = None
    reserved_bytes: Count | None
    input: Annotated[list[int], FIRST]
    dtype: Dtype
    memory_format: MemoryFormat
    mode: Mode


class Bench(Strict):
    """What `archprof bench NET --format json` prints, and `-o run.json` keeps; not `complete` where
    it was interrupted.

    `memory` has a row for each measurement whose tensors could be followed, `layers` one for each
    whose layers were timed.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")]
    manifest: Manifest
    complete: bool
    measurements: Annotated[list[Measurement], FIRST]
    memory: Annotated[list[Memory], FIRST]
    layers: Annotated[list[Layers], FIRST]


def bench_faults(data: object) -> list[tuple[str, str]]:
    """Return the places where data is not a run, and what is wrong there; [] for a run."""
    try:
        Bench.model_validate(data)
    except ValidationError as error:
        return [
            (".".join(map(str, fault["loc"])) or "the whole", fault["msg"])
            for fault in error.errors(include_url=False, include_input=False)
        ]
    return []


def bench_schema() -> dict[str, Any]:
    """Return the JSON Schema of a run."""
    return json_schema(Bench)
