"""The published shape of a run's manifest, as pydantic models: the conditions of the run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import FailFast, Field

from archprof.show.contract import Count, Strict

FIRST = FailFast()  # a list ends at its first fault: a hostile file has a million of them


class CudaDevice(Strict):
    """A CUDA device; `driver` where NVML tells, else `sensors` says why it does not."""

    type: Literal["cuda"]
    index: Count
    name: str
    compute_capability: str
    memory_bytes: Count
    multiprocessors: Count
    l2_bytes: Count | None
    driver: str | None
    sensors: str | None = None


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
    cudnn: int | None
    triton: str | None
    python: str
    system: str


class Flags(Strict):
    """What was set before measuring; TF32 stands with each measurement, for it follows from the
    dtype.
    """

    threads: Count
    cudnn_benchmark: bool
    cudnn_deterministic: bool
    deterministic_algorithms: bool
    flush_cache: bool
    any_clock: bool
    time_limit_s: float


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
    """The conditions of a run."""

    command: Annotated[list[str], FIRST]
    device: Annotated[CudaDevice | Processor, Field(discriminator="type")]
    versions: Versions
    flags: Flags
    specs: dict[str, SpecText]
