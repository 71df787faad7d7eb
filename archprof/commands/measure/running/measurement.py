"""A measurement as a record, by the names and units of the JSON, and its figures from the runs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import torch

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.measure.device import kept_peaks
from archprof.commands.measure.judging import medians
from archprof.commands.measure.judging.quantiles import Quantile, quantiles
from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.on_device.sensors import Sensors, State
from archprof.commands.measure.running.batch_search import BatchSearch
from archprof.commands.measure.running.measured_memory import MeasuredMemory
from archprof.commands.measure.running.sampled import Load, Sampled
from archprof.commands.measure.running.workload import TRAINING, Case

HOST_BOUND = 0.9
"""The share of the device's time from which on the time to queue a run is what sets the pace."""


class Ratio(NamedTuple):
    """A network's time over another's: the median over their turns, and the interval that contains
    it; None where the turns are too few.

    The intervals of all pairs that were measured in turns contain their medians together in 95 of
    100 cases.
    """

    network: str
    median: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Measurement:
    """One row: a network under one choice of conditions.

    Names are those of the JSON, units in them.

    `status`: measured, out_of_memory, throttled (the device slowed itself down all along) or
    failed, `message` saying more; figures are then None. `latency_ms` is what one caller waits for
    a run, from the call until the device is done: the median, from `latency_low_ms` to
    `latency_high_ms` the interval that contains it in 95 of 100 cases, `halves_ms` the medians of
    the earlier and the later half of the runs, `noise` the relative standard deviation, `quantiles`
    the slower ones. `device_ms` is what a run takes of the device by its own clock, `host_ms` what
    the host takes to queue it; `batched_ms` a run among many back to back, from which on a device
    that queues `images_per_s` follows, from `batched_low_ms` to `batched_high_ms` in its windows,
    `burst_ms` in the first. `bound` is "host" where the device
    waits for the host. `clock_mhz`, `clock_share` of the highest clock, `power_w` and
    `joules_per_image` are the device's meanwhile. `ratios` are those of its time to each of the
    networks in `interleaved_with`, from turns side by side. `attained_share` is that of the
    device's peak arithmetic, None in training and where `archprof device` never measured it.
    `peak_bytes` is the allocator's most, weights and input included, None where something compiled
    runs on the CPU; `peak_layer` was then at work; `reserved_bytes` is what CUDA's allocator took
    from the device for it; `predicted_peak_bytes` is the analysis', None with
    autocast and float8, where each layer decides the dtype of its output. `float8_share` is the
    share of the MACs that ran in float8, None in other dtypes. `searched` is how the batch was
    found.
    """

    network: str
    input: tuple[int, ...]
    batch: int
    dtype: str
    memory_format: str
    mode: str
    train: bool
    macs: int
    flops: int
    predicted_peak_bytes: int | None
    status: str = "measured"
    message: str = ""
    interleaved_with: tuple[str, ...] = ()
    tf32: bool = False
    latency_ms: float | None = None
    latency_low_ms: float | None = None
    latency_high_ms: float | None = None
    halves_ms: tuple[float, float] | None = None
    latency_p10_ms: float | None = None
    latency_p90_ms: float | None = None
    latency_max_ms: float | None = None
    quantiles: tuple[Quantile, ...] = ()
    runs: int = 0
    noise: float | None = None
    batched_ms: float | None = None
    batched_low_ms: float | None = None
    batched_high_ms: float | None = None
    burst_ms: float | None = None
    device_ms: float | None = None
    host_ms: float | None = None
    bound: str | None = None
    upload_ms: float | None = None
    download_ms: float | None = None
    compile_s: float | None = None
    forward_ms: float | None = None
    backward_ms: float | None = None
    step_ms: float | None = None
    ratios: tuple[Ratio, ...] = ()
    images_per_s: float | None = None
    attained_share: float | None = None
    peak_bytes: int | None = None
    peak_layer: str | None = None
    reserved_bytes: int | None = None
    requested_bytes: int | None = None
    context_bytes: int | None = None
    clock_mhz: float | None = None
    clock_share: float | None = None
    power_w: float | None = None
    joules_per_image: float | None = None
    autocast: bool = False
    float8_share: float | None = None
    optimizer: str | None = None
    warmup_runs: int = 0
    discarded_runs: int = 0
    paused_ms: float = 0.0
    stopped: str = ""
    unmet: tuple[str, ...] = ()
    before: State | None = None
    after: State | None = None
    warnings: tuple[str, ...] = ()
    memory: MeasuredMemory | None = None
    searched: BatchSearch | None = None

    def data(self) -> dict[str, Any]:
        """Return the row as the JSON has it, without `memory`, which has its own list there."""
        found = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in vars(self).items()
            if name != "memory"
        }
        return found | {
            "ratios": [ratio._asdict() for ratio in self.ratios],
            "quantiles": [quantile._asdict() for quantile in self.quantiles],
            "searched": self.searched.data() if self.searched else None,
        }


def row(case: Case, **found: Any) -> Measurement:
    """Return the case's row: figures of its analysis, and what was `found`."""
    analysis = analyzed(case)
    return Measurement(
        case.graph.network.name,
        case.graph.input,
        case.batch,
        case.dtype,
        case.memory_format,
        case.mode,
        case.train,
        analysis.known_total("macs"),
        analysis.known_total("flops"),
        predicted_bytes(case) if case.predictable else None,
        autocast=case.autocast,
        optimizer=case.optimizer if case.train else None,
        **found,
    )


def predicted_bytes(case: Case) -> int:
    """Return the analysis' peak; with autocast that of float32 throughout."""
    return analyzed(case).known_total("training_bytes" if case.train else "peak_inference_bytes")


def analyzed(case: Case) -> Analysis:
    """Return the analysis of the case."""
    return analyze(case.graph, case.batch, case.storage_dtype, optimizer=case.optimizer)


def known_peaks(device: torch.device, dtype: str, speaker: Sensors) -> Peaks | None:
    """Return the peaks that `archprof device` has kept, None where it never ran.

    They are those of this device, dtype and number of threads.
    """

    def unknown(*_: Any) -> NoReturn:
        raise LookupError

    try:
        return kept_peaks.peaks(
            device, dtype, lambda path, text: None, speaker=speaker, measure=unknown
        ).peaks
    except LookupError:
        return None


def figures(case: Case, found: Sampled, peaks: Peaks | None) -> dict[str, Any]:
    """Return the figures that follow from the runs of a case, with `peaks` where they are known."""
    row: dict[str, Any] = {
        "warmup_runs": found.warmup,
        "discarded_runs": found.discarded,
        "paused_ms": 1e3 * found.paused,
        "unmet": found.unmet,
        "stopped": found.stopped,
        "runs": len(found.waits),
        "noise": found.noise,
    }
    if not found.waits:
        return row | {
            "status": "throttled",
            "message": (
                f"the device slowed itself down ({', '.join(found.slowdowns)}) in all"
                f" {found.discarded} runs, which --any-clock keeps"
            ),
        }
    row |= _latency(found) | _pipeline(case, found)
    if peaks and not case.train:
        row["attained_share"] = analyzed(case).known_total("flops") / found.pace / peaks.flops_per_s
    if case.train:
        row |= {
            f"{name}_ms": 1e3 * statistics.median(parts)
            for name, parts in zip(TRAINING, zip(*found.parts, strict=True), strict=True)
        }
    return row


def _latency(found: Sampled) -> dict[str, Any]:
    """Return what one caller waits, and how sure that is."""
    waits = found.waits
    row: dict[str, Any] = {
        "latency_ms": 1e3 * statistics.median(waits),
        "latency_max_ms": 1e3 * max(waits),
        "quantiles": quantiles([1e3 * seconds for seconds in waits]),
    }
    if known := medians.interval(waits):
        row |= {"latency_low_ms": 1e3 * known.low, "latency_high_ms": 1e3 * known.high}
    if len(waits) > 1:
        early, late = medians.halves(waits)
        tenths = statistics.quantiles(waits, n=10, method="inclusive")
        row |= {
            "halves_ms": (1e3 * early, 1e3 * late),
            "latency_p10_ms": 1e3 * tenths[0],
            "latency_p90_ms": 1e3 * tenths[-1],
        }
    if found.queueing:
        host = statistics.median(found.queueing)
        device = statistics.median(map(sum, found.parts))
        row |= {"host_ms": 1e3 * host, "device_ms": 1e3 * device, "bound": _bound(host, device)}
    return row


def _pipeline(case: Case, found: Sampled) -> dict[str, Any]:
    """Return what the network does back to back, and how the device fares meanwhile."""
    load = found.load
    row: dict[str, Any] = {"images_per_s": case.batch / found.pace}
    if load.first is not None and load.settled is not None:
        row |= {"batched_ms": 1e3 * load.settled, "burst_ms": 1e3 * load.first}
        row |= {
            "batched_low_ms": 1e3 * min(load.windows),
            "batched_high_ms": 1e3 * max(load.windows),
        }
    if load.joules is not None:
        row |= {"joules_per_image": load.joules / case.batch, "power_w": load.watts}
    return row | _clock(load)


def _bound(host: float, device: float) -> str:
    """Return who is waited for: the host, where queueing a run takes nearly as long as the device
    takes from its first work to its last.
    """
    return "host" if host > HOST_BOUND * device else "device"


def _clock(load: Load) -> dict[str, Any]:
    """Return the device's clock under load, by itself and of its highest."""
    state = load.state or {}
    clock, highest = state.get("clock_mhz"), state.get("max_clock_mhz")
    found = {"clock_mhz": clock}
    if clock and highest:
        found["clock_share"] = clock / highest
    return found


def ratios(names: Sequence[str], sampled: Sequence[Sampled]) -> list[tuple[Ratio, ...]]:
    """Return for each network, measured in turns, the ratios of its time to the others'."""
    confidence = medians.shared(medians.pairs(len(names)))

    def between(i: int, j: int) -> Ratio:
        found = medians.ratio(sampled[i].turns, sampled[j].turns, confidence)
        if found is None:
            return Ratio(names[j], None, None, None)
        return Ratio(names[j], found.median, found.low, found.high)

    everyone = range(len(names))
    return [tuple(between(i, j) for j in everyone if j != i) for i in everyone]
