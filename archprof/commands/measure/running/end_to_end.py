"""Latency, throughput and peak memory of networks end to end, measured in turns."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from archprof.commands.measure.on_device import workspaces
from archprof.commands.measure.on_device.clock import Run
from archprof.commands.measure.on_device.cuda_bytes import CudaBytes, context
from archprof.commands.measure.on_device.cuda_graphs import captured
from archprof.commands.measure.on_device.sensors import Sensors, State, moved
from archprof.commands.measure.on_device.torch_device import (
    TorchFlags,
    applied,
    clock,
    without_garbage,
)
from archprof.commands.measure.planning.manifest import last_cache_bytes
from archprof.commands.measure.planning.progress import Standing
from archprof.commands.measure.running import compiling, measured_memory, onnx_runtime
from archprof.commands.measure.running.copies import copy_times
from archprof.commands.measure.running.measured_memory import MeasuredMemory
from archprof.commands.measure.running.measurement import (
    Measurement,
    analyzed,
    figures,
    known_peaks,
    predicted_bytes,
    ratios,
    row,
)
from archprof.commands.measure.running.refusals import Refusal, Room
from archprof.commands.measure.running.sampling import StopRule, sample
from archprof.commands.measure.running.workload import Case, Workload, prepare
from archprof.machine import available_bytes

FOLLOWED = ("eager", "graph")
"""Modes whose tensors are those of the layers: compiled code has others."""

WARM_ALLOCATIONS = 2  # runs, in which compiling and tuning allocate
OTHERS = 3  # processes that are named
FLUSH_LEAST = 32 * 2**20  # bytes


class Request(NamedTuple):
    """How to measure: on which device, with which flags, until when.

    `flush` empties the cache ahead of every run; `any_clock` keeps the runs of a device that slowed
    itself down; `cuda` is torch.cuda, or what behaves like it, `now` the host's clock in seconds.
    `idle_bytes` are those in use on the device before this process came, None where nobody knows;
    `transfers` times the copies of input and outputs too.
    """

    device: torch.device
    sensors: Sensors
    settings: TorchFlags = TorchFlags()
    rule: StopRule = StopRule()
    flush: bool = False
    any_clock: bool = False
    cuda: Any = torch.cuda
    now: Callable[[], float] = time.perf_counter
    idle_bytes: int | None = None
    transfers: bool = False


Show = Callable[[Sequence[Case], Sequence[Standing]], object]
Attempt = Callable[[Sequence[Case], Request, Show], list[Measurement] | Refusal]


def measure(
    cases: Sequence[Case],
    request: Request,
    show: Show = lambda cases, samplers: None,
    attempt: Attempt | None = None,
) -> list[Measurement]:
    """Measure the cases, which share all conditions but the network, in turns.

    They are measured one by one where they do not fit together or one of them cannot run. `attempt`
    measures them together, None for this process. Raises ValueError where their dtypes differ,
    ProblemError where a graph has problems.
    """
    if len({case.dtype for case in cases}) != 1:
        raise ValueError("cases measured in turns share their dtype")
    found = (attempt or attempt_here)(cases, request, show)
    if not isinstance(found, Refusal):
        return found
    if len(cases) == 1:
        return [row(cases[0], status=found.status, message=found.message)]
    return [measured for case in cases for measured in measure([case], request, show, attempt)]


def attempt_here(
    cases: Sequence[Case], request: Request, show: Show
) -> list[Measurement] | Refusal:
    """Measure the cases in turns in this process, or return why they cannot be.

    Raises ProblemError where a graph has problems.
    """
    room = Room()
    try:
        release(request)
        room = Room.of(cases, request.device, request.cuda)
        return _together(cases, request, show)
    # torch's words for whatever cannot run
    except (RuntimeError, ValueError, MemoryError) as error:
        return room.judged(error)


def _together(cases: Sequence[Case], request: Request, show: Show) -> list[Measurement]:
    device = request.device
    _afford(cases, device)
    show(cases, ())
    with (
        applied(device, request.settings, cases[0].dtype, request.cuda) as flags,
        without_garbage(),
    ):
        peaks = known_peaks(device, cases[0].dtype, request.sensors)
        prepared = [ready(case, request) for case in cases]
        others = request.sensors.others()
        request.sensors.state()  # what came before is not this measurement's
        before = request.sensors.state()
        sampled = sample(
            clock(device, request.cuda, request.now),
            [workload.runs for workload, _ in prepared],
            request.rule,
            before=_flusher(request) if request.flush else None,
            sensors=request.sensors,
            any_clock=request.any_clock,
            show=lambda samplers: show(cases, samplers),
        )
        after = request.sensors.state()
        copies: list[dict[str, float]] = [{} for _ in prepared]
        if request.transfers:
            watch = clock(device, request.cuda, request.now)
            copies = [copy_times(workload, watch) for workload, _ in prepared]
    shared = {
        "before": before,
        "after": after,
        "tf32": flags["matmul_tf32"] and flags["cudnn_tf32"],
    }
    names = [case.graph.network.name for case in cases]
    against = ratios(names, sampled)
    measured = []
    for i, case in enumerate(cases):
        _, memory = prepared[i]
        found = shared | figures(case, sampled[i], peaks) | memory | copies[i]
        found["warnings"] = _warnings(before, sampled[i].load.state or after, others)
        found["interleaved_with"] = tuple(names[:i] + names[i + 1 :])
        measured.append(row(case, **found, ratios=against[i]))
    return measured


def _warnings(before: State, loaded: State, others: Sequence[str] | None) -> tuple[str, ...]:
    """Return what may have changed the times: the device's states, and what else used it."""
    found = moved(before, loaded)
    if others:
        found.append(f"other work on the device: {', '.join(others[:OTHERS])}")
    return tuple(found)


def ready(case: Case, request: Request) -> tuple[Workload, dict[str, Any]]:
    """Return the workload, in mode graph captured, and the memory that it took.

    The memory is that of its tensors, and what the allocator gave and reserved for it.
    """
    device = request.device
    cuda = request.cuda if device.type == "cuda" else None
    if cuda is None:
        workload = prepare(case, device)
        compiled = _prepared(case, workload)
        if case.mode not in FOLLOWED:
            return workload, compiled
        found = measured_memory.measure(*_followed(workload), state=workload.state)
        return workload, compiled | _measured(case, found)
    if case.mode == onnx_runtime.MODE:  # whose memory torch does not see
        workload = prepare(case, device)
        return workload, _prepared(case, workload)
    libraries = workspaces.made(cuda, device, case.train)
    cuda.synchronize(device)
    cuda.empty_cache()  # what the networks before left to the allocator is not this one's
    before, reserved = CudaBytes.now(cuda, device), cuda.memory_reserved(device)
    workload = prepare(case, device)
    memory = _prepared(case, workload)
    if case.mode in FOLLOWED:
        what, made = _followed(workload), libraries.requested
        found = measured_memory.measure(*what, cuda, before, workload.state, made)
        memory |= _measured(case, found)
        most = found.reserved or 0
    else:
        own, most = _allocated(workload, cuda, before)
        if case.mode not in compiling.REPLAYED:  # those keep tensors in pools: only reserved shows
            memory |= {"peak_bytes": own.allocated, "requested_bytes": own.requested}
    if case.mode == "graph":
        workload = captured(workload, device, cuda)
        # what the eager runs before it took goes, and the graph's own pool stays
        cuda.synchronize(device)
        cuda.empty_cache()
        most = cuda.memory_reserved(device)
    memory["reserved_bytes"] = most - reserved + libraries.beside
    memory["context_bytes"] = context(request.sensors, request.idle_bytes, most)
    return workload, memory


def _prepared(case: Case, workload: Workload) -> dict[str, Any]:
    """Return what a row has of the preparation: compiling, and the share of MACs in float8."""
    found: dict[str, Any] = {"compile_s": workload.compile_s}
    if workload.float8_macs is not None:
        macs = analyzed(case).known_total("macs")
        found["float8_share"] = workload.float8_macs / macs
    return found


def _followed(workload: Workload) -> tuple[Any, Any, Any]:
    """Return what memory is measured of: the parts of a run, the module and its input."""
    return workload.parts, workload.module, workload.input


def _measured(case: Case, found: MeasuredMemory) -> dict[str, Any]:
    """Return the memory of a case whose layers run one by one, as its row has it."""
    node = found.traced.peak.node
    return {
        "peak_bytes": found.allocated,
        "requested_bytes": found.requested,
        "peak_layer": case.graph.nodes[node].path if node >= 0 else None,
        # where each layer decides its dtype, nothing is predicted to compare it with
        "memory": found if case.predictable else None,
    }


def _allocated(workload: Workload, cuda: Any, before: CudaBytes) -> tuple[CudaBytes, int]:
    """Return the allocator's most in a run, without other networks, compiling and tuning.

    The second is the most that it reserved, for the whole process.
    """
    for _ in range(WARM_ALLOCATIONS):
        for run in workload.runs:
            run()
    return measured_memory.peak(*_followed(workload), cuda, before, workload.state())


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


def release(request: Request) -> None:
    """Free the memory of earlier cases."""
    # loaded where something was compiled; loading it takes seconds
    if "torch._dynamo" in sys.modules:
        torch.compiler.reset()
    gc.collect()
    if request.device.type == "cuda":
        request.cuda.empty_cache()
