"""`archprof bench` against torch's own timer, against itself, and the layers' sum against the
whole, on the CPU. Run: python benchmarks/timing.py
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence

import torch
from measuring import fewer, holds, machine, ratio
from torch.utils.benchmark import Timer

import archprof
from archprof.commands.measure.layers.of_case import layer_times
from archprof.commands.measure.on_device.sensors import sensors
from archprof.commands.measure.on_device.torch_device import TorchFlags
from archprof.commands.measure.running.end_to_end import Request, measure
from archprof.commands.measure.running.sampling import StopRule
from archprof.commands.measure.running.workload import Case, prepare

NETWORK = "resnet18"
PAIRS, SECONDS = 15, 2.0  # each pair one after the other, so that what slows the machine slows both
LAYER_ROUNDS, LAYER_BATCH = 5, 8


def main() -> int:
    """Return 0 where every bound holds, else 1."""
    print(machine("archprof", "torch"))
    device = torch.device("cpu")
    # one thread: on a machine with other work, threads that wait for each other take many times as
    # long, now and then
    request = Request(device, sensors(device), TorchFlags(threads=1), StopRule(limit=SECONDS))
    graph = archprof.load(NETWORK).graph
    measured = bench(Case(graph), request)
    ours, theirs = turns(measured, timer(Case(graph)))
    first, second = turns(measured, measured)
    named = {"bench": ours, "Timer": theirs, "first run": first, "second": second}
    print(
        f"{NETWORK}, batch 1, medians of {len(ours)}:"
        f" {', '.join(f'{name} {_ms(times)}' for name, times in named.items())}"
    )
    sums, wholes = [], []
    for _ in range(fewer(LAYER_ROUNDS)):
        times = layer_times(Case(graph, LAYER_BATCH), request).times
        sums.append(times.total - times.stamping)
        wholes.append(times.whole)
    print(
        f"{NETWORK}, batch {LAYER_BATCH}, medians of {len(sums)}: layers {_ms(sums)}, whole"
        f" {_ms(wholes)}"
    )
    kept = [
        within("bench against Timer", ours, theirs, 0.03),
        within("first run against second", first, second, 0.03),
        within("sum of layers against whole", sums, wholes, 0.10),
    ]
    return 0 if all(kept) else 1


def bench(case: Case, request: Request) -> Callable[[], float]:
    """Return the latency that `archprof bench` reports, in seconds, measured anew each time."""
    return lambda: (measure([case], request)[0].latency_ms or float("nan")) / 1e3


def timer(case: Case) -> Callable[[], float]:
    """Return the median of torch.utils.benchmark's timer on the same network, in seconds."""
    workload = prepare(case, "cpu")
    timed = Timer("run()", globals={"run": workload.runs[0]}, num_threads=1)
    return lambda: float(timed.blocked_autorange(min_run_time=SECONDS).median)


def turns(
    first: Callable[[], float], second: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Return the results of both, PAIRS times or fewer, each first as often as the other."""
    found: tuple[list[float], list[float]] = [], []
    for number in range(fewer(PAIRS)):
        for which in (0, 1) if number % 2 else (1, 0):
            found[which].append((first, second)[which]())
    return found


def within(what: str, ours: Sequence[float], theirs: Sequence[float], bound: float) -> bool:
    """Return whether the median of the pairs' ratios is as near to 1 as it must be."""
    found, pairs = ratio(ours, theirs), [a / b for a, b in zip(ours, theirs, strict=True)]
    print(f"{what}: ratio {found:.3f}, pairs from {min(pairs):.2f} to {max(pairs):.2f}")
    return holds(f"{what}, off by", 100 * abs(found - 1), 100 * bound, " %")


def _ms(seconds: Sequence[float]) -> str:
    return f"{1e3 * statistics.median(seconds):.2f} ms"


if __name__ == "__main__":
    sys.exit(main())
