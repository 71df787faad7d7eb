"""Measure what a device reaches: arithmetic, bandwidth, and the time of the smallest op.

Arithmetic is that of large products and convolutions, bandwidth that of transfers of every size.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from archprof import units
from archprof.commands.measure.clock import Clock, Run
from archprof.commands.measure.roofline import Peaks
from archprof.commands.measure.torch_device import TorchFlags, applied
from archprof.commands.measure.workload import DTYPES
from archprof.problem import Mark, Problem, ProblemError

LEAST_WINDOW = 0.01  # seconds of work between two synchronisations
MOST_RUNS = 2000
"""Runs in a window: under load one may take a thousand times as long as the one before."""

WARM_SECONDS = 0.05
SAMPLES, ROUNDS = 7, 6  # of each round; rounds at most
STABLE = 0.03
"""Relative distance up to which a round's quartiles, and the medians of two rounds, agree."""

LONGEST = 0.5  # seconds: what takes longer is not repeated, and nothing larger is tried

EDGES = {"cpu": (256, 512, 1024, 2048), "cuda": (1024, 2048, 4096, 8192, 16384)}
"""The edges of square matrices."""

CONVOLUTIONS = {"cpu": ((4, 256, 28), (4, 512, 14)), "cuda": ((64, 256, 56), (256, 512, 28))}
"""Batch, channels in and out, and edge of 3x3 convolutions."""

TRANSFERS = {"cpu": range(18, 29), "cuda": range(20, 32)}
"""Bytes moved, as powers of two: from within every cache to far beyond."""

Show = Callable[[str], object]
Now = Callable[[], float]
Probe = tuple[float, Run]
"""An amount of work, and what does it."""


class Rate(NamedTuple):
    """Seconds of one run, the median of the fastest round.

    `stable`: whether this round and another one agree with it. `cut`: whether the time ended before
    that was known.
    """

    seconds: float
    stable: bool
    cut: bool = False


class Measured(NamedTuple):
    """A device's peaks, the probes that were not stable, and those that ran out of time."""

    peaks: Peaks
    unstable: list[str]
    cut: list[str]


class TimeShares:
    """Seconds shared out evenly among the probes to come; what one leaves, the others have."""

    def __init__(self, seconds: float, probes: int, now: Now = time.monotonic):
        self.end, self.probes, self.now = now() + seconds, probes, now

    def next(self) -> float:
        """Return the time until which the next probe may run."""
        now = self.now()
        share = (self.end - now) / max(1, self.probes)
        self.probes -= 1
        return now + share


def probes(device: torch.device) -> int:
    """Return how many probes there are at most.

    They are products, convolutions in two formats, three transfers of each size, and the smallest
    op.
    """
    kind = device.type
    return len(EDGES[kind]) + 2 * len(CONVOLUTIONS[kind]) + 3 * len(TRANSFERS[kind]) + 1


def measure_peaks(
    device: torch.device,
    dtype: str,
    clock: Clock,
    name: str,
    show: Show = lambda what: None,
    seconds: float = math.inf,
) -> Measured:
    """Measure the peaks of a device with one dtype, in about so many seconds.

    tf32 is float32 with the rounding of the matrix units. `show` is called with what is measured.
    Raises torch's RuntimeError where the device lacks the
    dtype, ProblemError where it has no memory left.
    """
    unstable: list[str] = []
    cut: list[str] = []
    shares = TimeShares(seconds, probes(device))

    def best(what: str, probes: Iterable[Probe]) -> float:
        """Return the most work per second of the probes.

        A probe that takes too long, or that the device has no memory for, is the last one.
        """
        show(what)
        found = [(0.0, Rate(math.inf, False))]
        try:
            for work, run in probes:
                rate = timed(clock, run, shares.next(), shares.now)
                found.append((work / rate.seconds, rate))
                if rate.seconds > LONGEST:
                    break
        except torch.OutOfMemoryError:
            pass
        most, rate = max(found)
        if most and not rate.stable:
            unstable.append(what)
        if most and rate.cut:
            cut.append(what)
        return most

    kind = DTYPES[dtype]
    with applied(device, TorchFlags(), dtype), torch.inference_mode():
        products = best(f"{dtype} products", _products(device, kind))
        most = LONGEST * products
        flops = max(products, best(f"{dtype} convolutions", _convolutions(device, kind, most)))
        copies, transfers = 0.0, []
        for power in TRANSFERS[device.type]:
            size = units.size(2**power)
            copy = best(f"copies of {size}", _copies(device, kind, 2**power))
            if not copy:
                break
            copies = copy
            others = best(f"updates and sums of {size}", _others(device, kind, 2**power))
            transfers.append((2**power, max(copy, others)))
        if not flops or not transfers:
            message = f"{name} has no memory left to measure with"
            raise ProblemError(
                [Problem(Mark("device"), "memory", message, "end what else runs on it")]
            )
        one = torch.ones(1, dtype=kind, device=device)
        launch = 1 / best("the smallest op", [(1, lambda: functional.relu(one))])
    return Measured(Peaks(name, dtype, flops, copies, tuple(transfers), launch), unstable, cut)


def timed(clock: Clock, run: Run, until: float = math.inf, now: Now = time.monotonic) -> Rate:
    """Return the time of a run: warm up, then measure in rounds until two rounds are stable.

    A round is several windows, each of many runs back to back and long enough for the clock. How
    many runs a window has follows from the window before it: other work may make a run take many
    times as long from one window to the next. It ends at `until` all the same.
    """
    clock.batched(run, 1)  # pages are touched, kernels chosen
    once = clock.batched(run, 1)
    if once > LONGEST or now() >= until:
        return Rate(once, False, once <= LONGEST)
    each = _warmed(clock, run, once, until, now)
    rounds: list[tuple[float, bool]] = []  # its median, and whether its samples agree
    while len(rounds) < ROUNDS:
        samples: list[float] = []
        while len(samples) < SAMPLES and (not samples or now() < until):
            n = _runs(LEAST_WINDOW, each)
            each = clock.batched(run, n) / n
            samples.append(each)
        rounds.append((statistics.median(samples), len(samples) == SAMPLES and _agree(samples)))
        # other work makes a round slower, and steadily so where it takes turns with it; nothing
        # makes it faster
        fastest = min(rounds)[0]
        if sum(median <= (1 + STABLE) * fastest and steady for median, steady in rounds) > 1:
            return Rate(fastest, True)
        if now() >= until:
            return Rate(fastest, False, True)
    return Rate(fastest, False)


def _warmed(clock: Clock, run: Run, once: float, until: float, now: Now) -> float:
    """Run in windows twice as long as the one before until it is warm.

    Return the seconds of a run in the last window.
    """
    n, each, spent = 1, once, 0.0
    while spent < WARM_SECONDS and n < MOST_RUNS and now() < until:
        n = min(2 * n, _runs(WARM_SECONDS - spent, each))
        each = clock.batched(run, n) / n
        spent += n * each
    return each


def _runs(seconds: float, each: float) -> int:
    """Return how many runs fill so many seconds."""
    return max(1, min(MOST_RUNS, math.ceil(seconds / max(each, 1e-7))))


def _agree(samples: list[float]) -> bool:
    first, median, third = statistics.quantiles(samples, n=4)
    return third - first <= STABLE * median


def _products(device: torch.device, dtype: torch.dtype) -> Iterator[Probe]:
    """Yield square matrix products of 2n^3 FLOPs."""
    for n in EDGES[device.type]:
        first, second = (_random((n, n), dtype, device) for _ in range(2))
        yield 2 * n**3, _bound(torch.mm, first, second, out=torch.empty_like(first))


def _convolutions(device: torch.device, dtype: torch.dtype, most: float) -> Iterator[Probe]:
    """Yield 3x3 convolutions of at most so many FLOPs, in both memory formats.

    Libraries that are tuned for them are faster than their own matrix products.
    """
    for batch, channels, edge in CONVOLUTIONS[device.type]:
        flops = 2 * 9 * batch * channels**2 * edge**2
        if flops > most:
            continue
        images = _random((batch, channels, edge, edge), dtype, device)
        weight = _random((channels, channels, 3, 3), dtype, device)
        for memory_format in (torch.contiguous_format, torch.channels_last):
            operands = [
                tensor.contiguous(memory_format=memory_format) for tensor in (images, weight)
            ]
            yield flops, _bound(functional.conv2d, *operands, padding=1)


def _copies(device: torch.device, dtype: torch.dtype, moved: int) -> Iterator[Probe]:
    """Yield a copy: half of the bytes are read, half written."""
    half, other = torch.zeros(moved // dtype.itemsize, dtype=dtype, device=device).chunk(2)
    yield moved, _bound(half.copy_, other)


def _others(device: torch.device, dtype: torch.dtype, moved: int) -> Iterator[Probe]:
    """Yield an update in place, half of the bytes read and written, and a sum, which reads all."""
    source = torch.zeros(moved // dtype.itemsize, dtype=dtype, device=device)
    yield moved, _bound(functional.relu_, source[: source.numel() // 2])
    yield moved, _bound(torch.sum, source)


def _bound(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Run:
    return lambda: function(*args, **kwargs)


def _random(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return small random numbers: constant operands draw less power, and so raise the clock."""
    return torch.randn(shape, device=device).to(dtype)
