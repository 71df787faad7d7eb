"""What a device reaches: arithmetic by large products and convolutions, bandwidth by transfers
of every size, and the time of the smallest op.
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
# in a window: under load a run may take a thousand times as long as the one that a window was
# foreseen by
MOST_RUNS = 2000
WARM_SECONDS = 0.05
SAMPLES, ROUNDS = 7, 6  # of each round; rounds at most
# relative distance of a round's quartiles, and of another round's median, up to which they agree
STABLE = 0.03
LONGEST = 0.5  # seconds: what takes longer is not repeated, and nothing larger is tried
# of square matrices
EDGES = {"cpu": (256, 512, 1024, 2048), "cuda": (1024, 2048, 4096, 8192, 16384)}
# batch, channels in and out, edge; 3x3
CONVOLUTIONS = {"cpu": ((4, 256, 28), (4, 512, 14)), "cuda": ((64, 256, 56), (256, 512, 28))}
# bytes moved, as powers of two: within every cache to far beyond
TRANSFERS = {"cpu": range(18, 29), "cuda": range(20, 32)}

Tell = Callable[[str], object]
Now = Callable[[], float]
Probe = tuple[float, Run]
"""So much work, and what does it."""


class Rate(NamedTuple):
    """Seconds of one run, the median of the fastest round, and whether that is stable: within
    itself and in another round.

    `cut`: whether the time that it was given ended before that could be seen.
    """

    seconds: float
    stable: bool
    cut: bool = False


class Measured(NamedTuple):
    """A device's peaks, what of them was not stable, and what of that for want of time."""

    peaks: Peaks
    unstable: list[str]
    cut: list[str]


class Allowance:
    """Seconds shared out evenly among the probes that are still to come: what one leaves, the
    others have.
    """

    def __init__(self, seconds: float, probes: int, now: Now = time.monotonic):
        self.end, self.probes, self.now = now() + seconds, probes, now

    def next(self) -> float:
        """Return until when the next probe may go on."""
        now = self.now()
        share = (self.end - now) / max(1, self.probes)
        self.probes -= 1
        return now + share


def probes(device: torch.device) -> int:
    """How many probes there are at most: products, convolutions in two formats, three transfers
    of each size, and the smallest op.
    """
    kind = device.type
    return len(EDGES[kind]) + 2 * len(CONVOLUTIONS[kind]) + 3 * len(TRANSFERS[kind]) + 1


def measure_peaks(
    device: torch.device,
    dtype: str,
    clock: Clock,
    name: str,
    tell: Tell = lambda what: None,
    seconds: float = math.inf,
) -> Measured:
    """The peaks of a device with one dtype (tf32: float32 through the matrix units' rounding), in
    about so many seconds.

    `tell` hears what is being measured. Raises torch's RuntimeError where the device lacks the
    dtype, ProblemError where it has no memory left.
    """
    unstable: list[str] = []
    cut: list[str] = []
    allowance = Allowance(seconds, probes(device))

    def best(what: str, probes: Iterable[Probe]) -> float:
        """The most work per second of the probes.

        Where one takes too long, or the device has no memory for it, it is the last.
        """
        tell(what)
        found = [(0.0, Rate(math.inf, False))]
        try:
            for work, run in probes:
                rate = timed(clock, run, allowance.next(), allowance.now)
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
        flops = best(f"{dtype} products", _products(device, kind))
        flops = max(
            flops, best(f"{dtype} convolutions", _convolutions(device, kind, LONGEST * flops))
        )
        copies, transfers = 0.0, []
        for power in TRANSFERS[device.type]:
            copy = best(f"copies of {units.size(2**power)}", _copies(device, kind, 2**power))
            if not copy:
                break
            copies = copy
            transfers.append(
                (
                    2**power,
                    max(
                        copy,
                        best(
                            f"updates and sums of {units.size(2**power)}",
                            _others(device, kind, 2**power),
                        ),
                    ),
                )
            )
        if not flops or not transfers:
            raise ProblemError(
                [
                    Problem(
                        Mark("device"),
                        "memory",
                        f"{name} has no memory left to measure with",
                        "end what else runs on it",
                    )
                ]
            )
        one = torch.ones(1, dtype=kind, device=device)
        launch = 1 / best("the smallest op", [(1, lambda: functional.relu(one))])
    return Measured(Peaks(name, dtype, flops, copies, tuple(transfers), launch), unstable, cut)


def timed(clock: Clock, run: Run, until: float = math.inf, now: Now = time.monotonic) -> Rate:
    """Warms up, then rounds of windows long enough for the clock, each of many runs back to back,
    until enough of them are stable, or the time is over.

    How many runs a window has follows from the window before it: other work may make a run take
    many times as long from one window to the next.
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
    """Runs in windows twice as long as the one before until it is warm; the seconds of a run in
    the last.
    """
    n, each, spent = 1, once, 0.0
    while spent < WARM_SECONDS and n < MOST_RUNS and now() < until:
        n = min(2 * n, _runs(WARM_SECONDS - spent, each))
        each = clock.batched(run, n) / n
        spent += n * each
    return each


def _runs(seconds: float, each: float) -> int:
    """How many runs fill so many seconds."""
    return max(1, min(MOST_RUNS, math.ceil(seconds / max(each, 1e-7))))


def _agree(samples: list[float]) -> bool:
    first, median, third = statistics.quantiles(samples, n=4)
    return third - first <= STABLE * median


def _products(device: torch.device, dtype: torch.dtype) -> Iterator[Probe]:
    """Square matrix products of 2n^3 FLOPs."""
    for n in EDGES[device.type]:
        first, second = (_random((n, n), dtype, device) for _ in range(2))
        yield 2 * n**3, _bound(torch.mm, first, second, out=torch.empty_like(first))


def _convolutions(device: torch.device, dtype: torch.dtype, most: float) -> Iterator[Probe]:
    """3x3 convolutions of at most so many FLOPs, in both memory formats: libraries that are
    tuned for them pass their own matrix products.
    """
    for batch, channels, edge in CONVOLUTIONS[device.type]:
        flops = 2 * 9 * batch * channels**2 * edge**2
        if flops > most:
            continue
        images, weight = (
            _random((batch, channels, edge, edge), dtype, device),
            _random((channels, channels, 3, 3), dtype, device),
        )
        for memory_format in (torch.contiguous_format, torch.channels_last):
            yield (
                flops,
                _bound(
                    functional.conv2d,
                    images.contiguous(memory_format=memory_format),
                    weight.contiguous(memory_format=memory_format),
                    padding=1,
                ),
            )


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
