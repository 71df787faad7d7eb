"""Measure what a device reaches: arithmetic, bandwidth, and the time of the smallest op.

On CUDA what is short runs many times within one CUDA graph, so that the device does not wait for
the host.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import torch

from archprof import units
from archprof.commands.measure.device import peak_notes, probes, steady
from archprof.commands.measure.device.probes import Probe
from archprof.commands.measure.device.steady import Now, Rate, TimeShares, timed
from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.on_device.clock import Clock, Run
from archprof.commands.measure.on_device.repeated_graph import repeated
from archprof.commands.measure.on_device.sensors import Sensors, State
from archprof.commands.measure.on_device.torch_device import TorchFlags, applied
from archprof.commands.measure.running.workload import DTYPES, MEMORY_FORMATS
from archprof.problem import Mark, Problem, ProblemError

FORESEEN = {"cpu": 0.5, "cuda": 0.06}
"""Seconds: what would take longer, by the rate of what was smaller, is not tried.

On CUDA such a product is far beyond the size from which the rate no longer grows.
"""

FEWEST_CAPTURED, MOST_CAPTURED = 5, 1000  # runs within one graph
CAPTURED_SECONDS = 0.011
"""Of runs within one graph: a little more than a window, so that one replay fills it."""

LOAD_SECONDS = 1.5
"""Of products before the first state is read: a cool device clocks otherwise than a warm one."""

LOAD_SHARE = 0.1  # of the time that there is, at most
QUEUED_SECONDS, MOST_QUEUED = 0.1, 500
"""Work in the queue while the state is read: seconds, and launches, of which CUDA holds 1024."""

NO_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "ALLOC_FAILED",
    # cuDNN's search for an algorithm, which swallows that it got no memory
    "unable to find an engine",
    "CUDNN_STATUS_INTERNAL_ERROR",
)
"""Words in the errors of torch, cuBLAS and cuDNN for which a probe is left out."""

Show = Callable[[str], object]


class Measured(NamedTuple):
    """A device's peaks, the rates that were not stable, those that ran out of time, and remarks on
    what disturbed the measurement, which stay with the peaks; `rates` is how many there are.
    """

    peaks: Peaks
    unstable: Sequence[str]
    cut: Sequence[str]
    notes: Sequence[str] = ()
    rates: int = 0


class Prober:
    """Runs probes on a device and gathers what is to be said of them.

    `captures`: whether short runs are captured; `cuda` is torch.cuda, or what behaves like it.
    """

    def __init__(
        self, device: torch.device, clock: Clock, shares: TimeShares, show: Show, cuda: Any
    ):
        self.device, self.clock, self.shares = device, clock, shares
        self.show, self.cuda = show, cuda
        self.captures = device.type == "cuda"
        self.rates = 0  # how many rates
        self.loaded = math.inf  # work per second of the last load
        self.unstable: list[str] = []
        self.cut: list[str] = []
        self.notes: list[str] = []

    def best(
        self, what: str, probes: Iterable[Probe], known: float = 0.0, alone: bool = False
    ) -> float:
        """Return the most work per second of the probes, 0 where none could run.

        What the device has no memory for is left out, and so is what would take too long by the
        best rate so far, of which `known` is the first. `alone`: without the host, where the device
        can.
        """
        self.show(what)
        self.rates += 1
        found = [(0.0, Rate(math.inf, False))]
        for probe in probes:
            reached = max(known, max(found)[0])
            if reached and self._too_long(probe, reached):
                continue
            try:
                found.append(self._rate(probe, alone))
            except RuntimeError as error:
                if not _no_memory(error):
                    raise
        most, rate = max(found)
        if most and not rate.stable:
            self.unstable.append(what)
        if most and rate.cut:
            self.cut.append(what)
        return most

    def set_up(self, what: str, probes: Iterable[Probe]) -> None:
        """Run each of the probes once on CUDA, before the time is shared out among all.

        In the first run of a convolution cuDNN searches for the best algorithm, for seconds; torch
        keeps what it found. What would take too long by the load's rate is left out.
        """
        if self.device.type != "cuda":
            return
        self.show(what)
        for probe in probes:
            if self._too_long(probe, self.loaded):
                continue
            try:
                self.clock.batched(probe.make(), 1)
            except RuntimeError as error:
                if not _no_memory(error):
                    raise

    def _too_long(self, probe: Probe, rate: float) -> bool:
        return probe.work / rate > FORESEEN[self.device.type]

    def _rate(self, probe: Probe, alone: bool) -> tuple[float, Rate]:
        run, runs = probe.make(), 1
        until = self.shares.next()
        if alone and self.captures:
            run, runs = self._captured(run)
        rate = timed(self.clock, run, until, self.shares.now)
        return probe.work * runs / rate.seconds, rate

    def _captured(self, run: Run) -> tuple[Run, int]:
        """Return a graph of a window of runs, and how many they are.

        Where it cannot be captured it is the run itself, and nothing is captured any more: torch's
        allocator may then be spoilt for captures.
        """
        self.clock.batched(run, 1)  # what the first sets up must not be captured
        each = self.clock.batched(run, FEWEST_CAPTURED) / FEWEST_CAPTURED
        n = steady.runs_in(CAPTURED_SECONDS, each)
        n = max(FEWEST_CAPTURED, min(MOST_CAPTURED, n))
        try:
            return repeated(run, n, self.device, self.cuda), n
        except RuntimeError as error:
            if _no_memory(error):
                raise
            self.captures = False
            reason = str(error).strip().partition("\n")[0]
            self.notes.append(
                f"a CUDA graph failed, and what came then has the host's time in it: {reason}"
            )
            return run, 1

    def state(self, probe: Probe, speaker: Sensors, seconds: float) -> State:
        """Return the device's state while it works, after so many seconds of a probe.

        A processor tells its state at any time.
        """
        if self.device.type != "cuda":
            return speaker.state()
        try:
            run = probe.make()
        except RuntimeError as error:
            if not _no_memory(error):
                raise
            return speaker.state()
        now = self.shares.now
        end, each = now() + seconds, self.clock.batched(run, 1)
        while now() < end:
            n = steady.runs_in(steady.LEAST_WINDOW, each)
            each = self.clock.batched(run, n) / n
        self.loaded = probe.work / each
        for _ in range(min(MOST_QUEUED, steady.runs_in(QUEUED_SECONDS, each))):
            run()
        state = speaker.state()
        self.clock.synchronize()
        return state


def measure_peaks(
    device: torch.device,
    dtype: str,
    clock: Clock,
    name: str,
    show: Show = lambda what: None,
    seconds: float = math.inf,
    speaker: Sensors | None = None,
    cuda: Any = torch.cuda,
    now: Now = time.monotonic,
) -> Measured:
    """Measure the peaks of a device with one dtype, in about so many seconds.

    tf32 is float32 with the rounding of the matrix units. `show` is called with what is measured;
    `speaker` are the device's sensors; `cuda` is torch.cuda, or what behaves like it. Raises
    torch's RuntimeError where the device lacks the dtype, ProblemError where it has no memory left.
    """
    speaker, kind = speaker or Sensors(), DTYPES[dtype]
    prober = Prober(device, clock, TimeShares(seconds, probes.number(device), now), show, cuda)
    warm = min(LOAD_SECONDS, LOAD_SHARE * seconds)
    with applied(device, TorchFlags(), dtype, cuda), torch.inference_mode():
        multiplying = probes.products(device, kind)
        load = multiplying[len(multiplying) // 2]
        speaker.state()  # what came before is not this measurement's
        before = prober.state(load, speaker, warm)
        convolving = {order: probes.convolutions(device, kind, order) for order in MEMORY_FORMATS}
        prober.set_up(
            f"{dtype} convolutions, set up", [one for found in convolving.values() for one in found]
        )
        # what is short comes first, and what it leaves of the time is for what takes longer
        smallest = probes.smallest(device, kind)
        ops = prober.best("the smallest op", smallest)
        graph_launch = _graph_launch(prober, smallest)
        copies, transfers = _transfers(prober, kind)
        flops = prober.best(f"{dtype} products", multiplying)
        convolutions = []
        for order, probing in convolving.items():
            if rate := prober.best(f"{dtype} convolutions, {order}", probing, flops):
                convolutions.append((order, rate))
        if not flops or not transfers or not ops:
            message = f"{name} has no memory left to measure with"
            raise ProblemError(
                [Problem(Mark("device"), "memory", message, "end what else runs on it")]
            )
        after = prober.state(load, speaker, warm / 5)
        prober.notes += peak_notes.of_states(before, after)
    found = Peaks(
        name,
        dtype,
        flops,
        copies,
        transfers,
        1 / ops,
        graph_launch,
        tuple(convolutions),
        min(peak_notes.clock_share(before), peak_notes.clock_share(after)),
    )
    return Measured(found, prober.unstable, prober.cut, prober.notes, prober.rates)


def _graph_launch(prober: Prober, smallest: Sequence[Probe]) -> float | None:
    """Return the seconds from one smallest op to the next in a graph, None where there is none."""
    if not prober.captures:
        return None
    ops = prober.best("the smallest op in a graph", smallest, alone=True)
    # it may just have failed, and then it was the host's
    if not ops or not prober.captures:
        return None
    return 1 / ops


def _transfers(prober: Prober, dtype: torch.dtype) -> tuple[float, tuple[tuple[int, float], ...]]:
    """Return the rate of the largest copy, and of each size its bytes and the highest rate."""
    device = prober.device
    last, transfers = 0.0, []
    for power in probes.TRANSFERS[device.type]:
        moving = 2**power
        size = units.size(moving)
        copy = prober.best(f"copies of {size}", probes.copies(device, dtype, moving), alone=True)
        if not copy:
            break
        last = copy
        others = prober.best(
            f"updates and sums of {size}", probes.others(device, dtype, moving), alone=True
        )
        transfers.append((moving, max(copy, others)))
    return last, tuple(transfers)


def _no_memory(error: RuntimeError) -> bool:
    return any(words in str(error) for words in NO_MEMORY)
