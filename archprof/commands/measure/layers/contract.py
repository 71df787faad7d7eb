"""The published shape of where a network's time goes, and of what a device reaches."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from archprof.commands.measure.planning.condition_contract import (
    Contradiction,
    Dtype,
    MemoryFormat,
    Mode,
)
from archprof.commands.measure.planning.manifest_contract import FIRST
from archprof.show.contract import Count, Strict


class Transfer(Strict):
    """What transfers of a size reach."""

    bytes: Count
    bytes_per_s: float


class Convolution(Strict):
    """What large 3x3 convolutions in a memory format reach, counted by the definition."""

    memory_format: MemoryFormat
    flops_per_s: float


class DevicePeaks(Strict):
    """What `archprof device` measured.

    `flops_per_s` is by products, `conv_flops_per_s` by convolutions in the faster format, both at
    `clock_share` of the device's highest clock, which its power may not allow for long.
    `launch_us` is the time of the smallest op, on CUDA as the host issues it, `graph_launch_us`
    that from one to the next within a CUDA graph. What has a default was not yet measured by
    earlier versions, or is not there.
    """

    device: str
    dtype: str
    flops_per_s: float
    conv_flops_per_s: float | None = None
    convolutions: Annotated[list[Convolution], FIRST, Field(default_factory=list)]
    clock_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    copy_bytes_per_s: float
    ridge_flops_per_byte: float
    launch_us: float
    graph_launch_us: float | None = None
    transfers: Annotated[list[Transfer], FIRST]


class LayerKernel(Strict):
    """A kernel that a layer launches in a pass: how often, the time of all its launches, and
    whether it uses tensor cores, null where its name does not tell.
    """

    name: str
    launches: Annotated[int, Field(ge=1)]
    time_us: float
    tensor_cores: bool | None


class TimedLayer(Strict):
    """A layer's time between two stamps and of its kernels alone, and its roofline where the
    peaks are known.

    `bytes_per_s`: what it moves, by our count, in the time of its kernels.
    """

    path: str
    op: str
    what: str
    block: str
    time_ms: float
    kernel_ms: float | None
    flops: Count
    bytes_moved: Count
    bytes_per_s: float | None = None
    kernels: Annotated[list[LayerKernel], FIRST, Field(default_factory=list)]
    roofline_ms: float | None
    bound: Literal["compute", "memory", "launch", "none"] | None
    attained: float | None
    faster_than_roofline: bool


class Layers(Strict):
    """Where a network's time goes: whole = layers - timing overhead + launch gaps and fusion.

    `layers_ms` is the sum of the layers' windows (`time_ms`), `kernels_ms` that of their kernels.
    On CUDA `whole_ms` and the windows are measured with the device held until the pass is queued,
    so that they are the device's own time, and shares are of `whole_ms`; `unheld_ms` is what the
    pass takes while the host queues it, and more by what the host costs. Where the device could not
    be held (`device_held` false) windows contain time of the host. `kernels_unseen` says why no
    kernels were seen. With `contradictions` the shares mean nothing.
    """

    network: str
    batch: Annotated[int, Field(ge=1)]
    passes: Count
    whole_ms: Annotated[float, Field(gt=0)]
    unheld_ms: float | None = None
    device_held: bool | None = None
    layers_ms: float
    kernels_ms: float | None = None
    kernels_unseen: str = ""
    timing_overhead_ms: float
    launch_gaps_and_fusion_ms: float
    peaks: DevicePeaks | None
    warnings: Annotated[list[str], FIRST]
    contradictions: Annotated[list[Contradiction], FIRST, Field(default_factory=list)]
    layers: Annotated[list[TimedLayer], FIRST]
    input: Annotated[list[int], FIRST]
    dtype: Dtype
    memory_format: MemoryFormat
    mode: Mode
