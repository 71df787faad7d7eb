"""What a device reaches: arithmetic by large products and convolutions, bandwidth by transfers of every size, and the time of the smallest op."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from archprof import units
from archprof.analysis.roofline import Peaks
from archprof.problem import Mark, Problem, ProblemError
from archprof.runtime.clock import Clock, Run
from archprof.runtime.conditions import Settings, applied
from archprof.runtime.workload import DTYPES

LEAST_WINDOW = 0.01  # seconds of work between two synchronisations
WARM_SECONDS = 0.05
SAMPLES, ROUNDS = 7, 6  # of each round; rounds at most
STABLE = 0.03  # relative distance of a round's quartiles, and of another round's median, up to which they agree
LONGEST = 0.5  # seconds: what takes longer is not repeated, and nothing larger is tried
EDGES = {"cpu": (256, 512, 1024, 2048), "cuda": (1024, 2048, 4096, 8192, 16384)}  # of square matrices
CONVOLUTIONS = {"cpu": ((4, 256, 28), (4, 512, 14)), "cuda": ((64, 256, 56), (256, 512, 28))}  # batch, channels in and out, edge; 3x3
TRANSFERS = {"cpu": range(18, 29), "cuda": range(20, 32)}  # bytes moved, as powers of two: within every cache to far beyond

Tell = Callable[[str], object]
Probe = tuple[float, Run]
"""So much work, and what does it."""


class Rate(NamedTuple):
    """Seconds of one run, the median of the fastest round, and whether that is stable: within itself and in another round."""

    seconds: float
    stable: bool


def measure_peaks(device: torch.device, dtype: str, clock: Clock, name: str, tell: Tell = lambda what: None) -> tuple[Peaks, list[str]]:
    """The peaks of a device with one dtype (tf32: float32 through the matrix units' rounding), and what of them was not stable.

    `tell` hears what is being measured. Raises torch's RuntimeError where the device lacks the dtype, ProblemError where it has no memory left.
    """
    unstable: list[str] = []

    def best(what: str, probes: Iterable[Probe]) -> float:
        """The most work per second of the probes. Where one takes too long, or the device has no memory for it, it is the last."""
        tell(what)
        found = [(0.0, False)]
        try:
            for work, run in probes:
                rate = timed(clock, run)
                found.append((work / rate.seconds, rate.stable))
                if rate.seconds > LONGEST:
                    break
        except torch.OutOfMemoryError:
            pass
        most, stable = max(found)
        if most and not stable:
            unstable.append(what)
        return most

    kind = DTYPES[dtype]
    with applied(device, Settings(), dtype), torch.inference_mode():
        flops = best(f"{dtype} products", _products(device, kind))
        flops = max(flops, best(f"{dtype} convolutions", _convolutions(device, kind, LONGEST * flops)))
        copies, transfers = 0.0, []
        for power in TRANSFERS[device.type]:
            copy = best(f"copies of {units.size(2**power)}", _copies(device, kind, 2**power))
            if not copy:
                break
            copies = copy
            transfers.append((2**power, max(copy, best(f"updates and sums of {units.size(2**power)}", _others(device, kind, 2**power)))))
        if not flops or not transfers:
            raise ProblemError([Problem(Mark("device"), "memory", f"{name} has no memory left to measure with", "end what else runs on it")])
        one = torch.ones(1, dtype=kind, device=device)
        launch = 1 / best("the smallest op", [(1, lambda: functional.relu(one))])
    return Peaks(name, dtype, flops, copies, tuple(transfers), launch), unstable


def timed(clock: Clock, run: Run) -> Rate:
    """Warms up, then rounds of windows long enough for the clock, each of many runs back to back, until enough of them are stable."""
    clock.batched(run, 1)  # pages are touched, kernels chosen
    once = clock.batched(run, 1)
    if once > LONGEST:
        return Rate(once, False)
    clock.batched(run, max(1, min(10_000, math.ceil(WARM_SECONDS / max(once, 1e-7)))))
    n = max(1, min(10_000, math.ceil(LEAST_WINDOW / max(once, 1e-7))))
    rounds: list[tuple[float, bool]] = []  # its median, and whether its samples agree
    while len(rounds) < ROUNDS:
        first, median, third = statistics.quantiles((clock.batched(run, n) / n for _ in range(SAMPLES)), n=4)
        rounds.append((median, third - first <= STABLE * median))
        fastest = min(rounds)[0]  # other work makes a round slower, and steadily so where it takes turns with it; nothing makes it faster
        if sum(median <= (1 + STABLE) * fastest and steady for median, steady in rounds) > 1:
            return Rate(fastest, True)
    return Rate(fastest, False)


def _products(device: torch.device, dtype: torch.dtype) -> Iterator[Probe]:
    """Square matrix products of 2n^3 FLOPs."""
    for n in EDGES[device.type]:
        first, second = (_random((n, n), dtype, device) for _ in range(2))
        yield 2 * n**3, _bound(torch.mm, first, second, out=torch.empty_like(first))


def _convolutions(device: torch.device, dtype: torch.dtype, most: float) -> Iterator[Probe]:
    """3x3 convolutions of at most so many FLOPs, in both memory formats: libraries that are tuned for them pass their own matrix products."""
    for batch, channels, edge in CONVOLUTIONS[device.type]:
        flops = 2 * 9 * batch * channels**2 * edge**2
        if flops > most:
            continue
        images, weight = _random((batch, channels, edge, edge), dtype, device), _random((channels, channels, 3, 3), dtype, device)
        for memory_format in (torch.contiguous_format, torch.channels_last):
            yield flops, _bound(functional.conv2d, images.contiguous(memory_format=memory_format), weight.contiguous(memory_format=memory_format), padding=1)


def _copies(device: torch.device, dtype: torch.dtype, moved: int) -> Iterator[Probe]:
    """Half of the bytes read, half written."""
    half, other = torch.zeros(moved // dtype.itemsize, dtype=dtype, device=device).chunk(2)
    yield moved, _bound(half.copy_, other)


def _others(device: torch.device, dtype: torch.dtype, moved: int) -> Iterator[Probe]:
    """Half of the bytes read and written over; all of them read."""
    source = torch.zeros(moved // dtype.itemsize, dtype=dtype, device=device)
    yield moved, _bound(functional.relu_, source[: source.numel() // 2])
    yield moved, _bound(torch.sum, source)


def _bound(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Run:
    return lambda: function(*args, **kwargs)


def _random(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Random and small: constant operands draw less power, and so raise the clock."""
    return torch.randn(shape, device=device).to(dtype)
