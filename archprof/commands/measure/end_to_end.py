"""Latency, throughput and peak memory of networks end to end, measured in turns."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch

from archprof.commands.measure import compiling, measured_memory, onnx_runtime
from archprof.commands.measure.clock import Run
from archprof.commands.measure.layers import LayerTimes, time_layers
from archprof.commands.measure.manifest import available_bytes, last_cache_bytes
from archprof.commands.measure.measurement import (
    Measurement,
    figures,
    known_peaks,
    predicted_bytes,
    ratios,
    row,
)
from archprof.commands.measure.roofline import Peaks
from archprof.commands.measure.sampling import Sampler, StopRule, sample
from archprof.commands.measure.sensors import Sensors, moved
from archprof.commands.measure.torch_device import TorchFlags, applied, clock
from archprof.commands.measure.workload import COMPILED, Case, Workload, captured, prepare

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "ALLOC_FAILED")
"""Words in the errors of torch, cuDNN and cuBLAS."""

WARM_ALLOCATIONS = 2  # runs, in which compiling and tuning allocate
FLUSH_LEAST = 32 * 2**20  # bytes


class Request(NamedTuple):
    """How to measure: on which device, with which flags, until when.

    `flush` empties the cache ahead of every run; `any_clock` keeps runs under a throttled clock;
    `transfers` times the copies of input and outputs too; `cuda` is torch.cuda, or what behaves
    like it.
    """

    device: torch.device
    sensors: Sensors
    settings: TorchFlags = TorchFlags()
    rule: StopRule = StopRule()
    flush: bool = False
    any_clock: bool = False
    cuda: Any = torch.cuda
    transfers: bool = False


Show = Callable[[Sequence[Case], Sequence[Sampler]], object]


def measure(
    cases: Sequence[Case], request: Request, show: Show = lambda cases, samplers: None
) -> list[Measurement]:
    """Measure the cases, which share all conditions but the network, in turns.

    They are measured one by one where they do not fit together or one of them cannot run. Raises
    ValueError where their dtypes differ, ProblemError where a graph has problems.
    """
    if len({case.dtype for case in cases}) != 1:
        raise ValueError("cases measured in turns share their dtype")
    _release(request)
    try:
        return _together(cases, request, show)
    # torch's words for whatever cannot run
    except (RuntimeError, ValueError, MemoryError) as error:
        no_memory = isinstance(error, MemoryError)
        no_memory = no_memory or any(words in str(error) for words in OUT_OF_MEMORY)
        status = "out_of_memory" if no_memory else "failed"
        message = next(iter(str(error).strip().splitlines()), type(error).__name__)
    if len(cases) == 1:
        return [row(cases[0], status=status, message=message)]
    return [measured for case in cases for measured in measure([case], request, show)]


def _together(cases: Sequence[Case], request: Request, show: Show) -> list[Measurement]:
    device = request.device
    _afford(cases, device)
    show(cases, ())
    with applied(device, request.settings, cases[0].dtype, request.cuda) as flags, _steady():
        peaks = known_peaks(device, cases[0].dtype, request.sensors)
        ready = [_ready(case, request) for case in cases]
        request.sensors.state()  # what came before is not this measurement's
        before = request.sensors.state()
        sampled = sample(
            clock(device, request.cuda),
            [workload.runs for workload, _ in ready],
            request.rule,
            before=_flusher(request) if request.flush else None,
            speed=(lambda: None) if request.any_clock else request.sensors.speed,
            show=lambda samplers: show(cases, samplers),
        )
        after = request.sensors.state()
    shared = {
        "before": before,
        "after": after,
        "warnings": tuple(moved(before, after)),
        "tf32": flags["matmul_tf32"] and flags["cudnn_tf32"],
    }
    names = [case.graph.network.name for case in cases]
    against = ratios(names, sampled)
    measured = []
    for i, case in enumerate(cases):
        _, memory = ready[i]
        others = tuple(names[:i] + names[i + 1 :])
        found = shared | figures(case, sampled[i], peaks) | memory
        measured.append(row(case, **found, interleaved_with=others, ratios=against[i]))
    return measured


def _ready(case: Case, request: Request) -> tuple[Workload, dict[str, Any]]:
    """Return the workload, in mode graph captured, and the memory that it took.

    The memory is that of its tensors, and what the allocator gave and reserved for it.
    """
    device = request.device
    cuda = request.cuda if device.type == "cuda" else None
    reserved = cuda.memory_reserved(device) if cuda else 0
    workload = prepare(case, device)
    memory: dict[str, Any] = {"compile_s": workload.compile_s}
    if case.mode == onnx_runtime.MODE:  # whose memory torch does not see
        return workload, memory
    if case.mode in COMPILED:  # compiled code has other tensors than the layers
        # a graph's own memory is reserved, and not allocated again in a replay
        if cuda and case.mode not in compiling.REPLAYED:
            memory["peak_bytes"] = _allocated(workload, device, cuda)
    else:
        found = measured_memory.measure(
            workload.parts, workload.module, workload.input, cuda, workload.state
        )
        node = found.traced.peak.node
        memory = {
            "peak_bytes": found.allocated,
            "peak_layer": case.graph.nodes[node].path if node >= 0 else None,
            # of autocast nothing is predicted to hold it against
            "memory": None if case.autocast else found,
        }
    if case.mode == "graph":
        workload = captured(workload, device, request.cuda)
    if cuda:
        cuda.synchronize(device)
        memory["reserved_bytes"] = cuda.max_memory_reserved(device) - reserved
    return workload, memory


def _allocated(workload: Workload, device: torch.device, cuda: Any) -> int:
    """Return the allocator's most in a run, without other networks, compiling and tuning."""
    weights = sum(
        tensor.untyped_storage().nbytes()
        for tensor in (
            *workload.module.parameters(),
            *workload.module.buffers(),
            *workload.state(),
            workload.input,
        )
    )
    for _ in range(WARM_ALLOCATIONS):
        for run in workload.runs:
            run()
    cuda.synchronize(device)
    cuda.reset_peak_memory_stats(device)
    before = cuda.memory_allocated(device)
    for run in workload.runs:
        run()
    cuda.synchronize(device)
    return int(weights + cuda.max_memory_allocated(device) - before)


def _afford(cases: Sequence[Case], device: torch.device) -> None:
    """Raise MemoryError where the prediction alone is more than this machine has left.

    On the CPU the process would be killed, instead of an allocation being refused.
    """
    available = available_bytes() if device.type == "cpu" else None
    needed = sum(predicted_bytes(case) for case in cases)
    if available is not None and needed > available:
        raise MemoryError(
            f"predicted to need {needed / 2**30:.1f} GiB, {available / 2**30:.1f} GiB are free"
        )


class Timed(NamedTuple):
    """The times of a case's layers, the device's peaks, None for none, and disturbances."""

    times: LayerTimes
    peaks: Peaks | None
    warnings: tuple[str, ...]


def layer_times(case: Case, request: Request) -> Timed:
    """Time the layers in eager inference, beside a whole pass in the case's own mode.

    Raises what torch raises where it cannot run.
    """
    _release(request)
    device = request.device
    with applied(device, request.settings, case.dtype, request.cuda), _steady():
        workload = prepare(case._replace(train=False), device)
        whole = captured(workload, device, request.cuda) if case.mode == "graph" else workload
        request.sensors.state()  # what came before is not this measurement's
        before = request.sensors.state()
        times = time_layers(
            workload.module,
            case.graph,
            workload.input,
            clock(device, request.cuda),
            whole=whole.runs[0],
            limit=request.rule.limit,
        )
        return Timed(
            times,
            known_peaks(device, case.dtype, request.sensors),
            tuple(moved(before, request.sensors.state())),
        )


def _flusher(request: Request) -> Run:
    """Return what overwrites twice the last cache, so that a run finds it without its data."""
    device = request.device
    if device.type == "cuda":
        cache = request.cuda.get_device_properties(device).L2_cache_size
    else:
        cache = last_cache_bytes()
    size = FLUSH_LEAST if cache is None else max(FLUSH_LEAST, 2 * cache)
    buffer = torch.empty(size, dtype=torch.uint8, device=device)
    return buffer.zero_


@contextmanager
def _steady() -> Iterator[None]:
    """Collect no garbage within a window."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _release(request: Request) -> None:
    """Free the memory of earlier cases."""
    # loaded where something was compiled; loading it takes seconds
    if "torch._dynamo" in sys.modules:
        torch.compiler.reset()
    gc.collect()
    if request.device.type == "cuda":
        request.cuda.empty_cache()
