"""The published shape of a run's manifest, as pydantic models: the conditions of the run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import FailFast, Field

from archprof.show.contract import Count, Strict

FIRST = FailFast()  # a list ends at its first fault: a hostile file has a million of them
SHORT = Field(max_length=1000)  # `FIRST` cannot stand in a list that may be null


class CudaDevice(Strict):
    """A CUDA device; `driver` and what follows it where NVML tells, else `sensors` says why it does
    not. ROCm's devices are such too.
    """

    type: Literal["cuda"]
    index: Count
    name: str
    compute_capability: str
    memory_bytes: Count
    multiprocessors: Count
    l2_bytes: Count | None
    driver: str | None
    sensors: str | None = None
    uuid: str | None = None
    power_limit_w: float | None = None
    max_clock_mhz: float | None = None
    max_memory_clock_mhz: float | None = None


class Processor(Strict):
    """The CPU, and the vector instructions torch uses on it."""

    type: Literal["cpu"]
    name: str
    cores: Count | None
    capability: str
    last_cache_bytes: Count | None
    memory_bytes: Count | None


class Versions(Strict):
    """Of everything that takes part; null where it is not there."""

    archprof: str
    torch: str
    cuda: str | None
    hip: str | None = None
    cudnn: int | None
    triton: str | None
    onnxruntime: str | None = None
    python: str
    system: str


class Flags(Strict):
    """What was set before measuring, and torch's other flags that change a time; TF32 stands with
    each measurement, for it follows from the dtype. Null: earlier versions did not record it.
    Networks ran back to back for `sustained_s` seconds, 0 for no such load. `freeze`: the patterns
    of parameters that were not trained, null for none.
    """

    threads: Count
    cudnn_benchmark: bool
    cudnn_deterministic: bool
    deterministic_algorithms: bool
    fill_uninitialized_memory: bool | None = None
    cudnn_enabled: bool | None = None
    cudnn_benchmark_limit: int | None = None
    fp16_reduced_precision_reduction: bool | None = None
    bf16_reduced_precision_reduction: bool | None = None
    attention_backends: Annotated[list[str], SHORT] | None = None
    flush_cache: bool
    any_clock: bool
    transfers: bool = False
    time_limit_s: float
    sustained_s: float = 0.0
    freeze: Annotated[list[str], SHORT] | None = None


class SpecText(Strict):
    """Which text of a spec: the commit that last changed the file and whether it was changed
    since, null outside git; the hash is of all texts it uses.
    """

    file: str
    commit: str | None
    modified: bool | None
    sha256: str
    overrides: dict[str, Any]


class Manifest(Strict):
    """The conditions of a run.

    `host` is the processor beside a CUDA device; `environment` the variables that change what is
    measured, where they are set; `other_processes` those that held memory of the device when the
    run began, null where unknown; `date` is when that was (UTC).
    """

    command: Annotated[list[str], FIRST]
    device: Annotated[CudaDevice | Processor, Field(discriminator="type")]
    host: Processor | None = None
    versions: Versions
    environment: dict[str, str] | None = None
    other_processes: Annotated[list[str], SHORT] | None = None
    date: str | None = None
    flags: Flags
    specs: dict[str, SpecText]
