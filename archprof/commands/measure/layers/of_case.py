"""The layers of a case timed, beside a whole pass in its own mode, on the device of a request."""

from __future__ import annotations

from typing import NamedTuple

from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.layers.times import LayerTimes
from archprof.commands.measure.layers.timing import time_layers
from archprof.commands.measure.on_device.cuda_graphs import captured
from archprof.commands.measure.on_device.sensors import moved
from archprof.commands.measure.on_device.torch_device import applied, clock, without_garbage
from archprof.commands.measure.running.end_to_end import Request, release
from archprof.commands.measure.running.measurement import known_peaks
from archprof.commands.measure.running.workload import Case, prepare


class Timed(NamedTuple):
    """The times of a case's layers, the device's peaks, None for none, and disturbances."""

    times: LayerTimes
    peaks: Peaks | None
    warnings: tuple[str, ...]


def layer_times(case: Case, request: Request) -> Timed:
    """Time the layers in eager inference, beside a whole pass in the case's own mode.

    Raises what torch raises where it cannot run.
    """
    release(request)
    device = request.device
    with applied(device, request.settings, case.dtype, request.cuda), without_garbage():
        workload = prepare(case._replace(train=False), device)
        whole = captured(workload, device, request.cuda) if case.mode == "graph" else workload
        request.sensors.state()  # what came before is not this measurement's
        before = request.sensors.state()
        times = time_layers(
            workload.module,
            case.graph,
            workload.input,
            clock(device, request.cuda, request.now),
            whole=None if case.mode == "eager" else whole.runs[0],
            queued=case.mode != "onnxruntime",
            limit=request.rule.limit,
        )
        return Timed(
            times,
            known_peaks(device, case.dtype, request.sensors),
            tuple(moved(before, request.sensors.state())),
        )
