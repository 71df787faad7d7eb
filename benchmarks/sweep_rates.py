"""Networks a second: archprof's sweep of RegNets beside pycls' sampler, and loops over fvcore and
torchinfo on modules written by hand.

    python benchmarks/sweep_rates.py

All in one process, on one thread, in seconds of the processor. archprof gives 18 totals of each
network, pycls 3; both draw their points, also those that have no four stages. What pycls' sampler
drew is then given to archprof: parameters and multiplications of every network must be equal.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
import torchinfo
from fvcore.nn import FlopCountAnalysis
from measuring import fewer, holds, machine
from pycls_sampler import Cost, Point, compatible, sample, stages
from regnet_by_hand import regnet
from tabulate import tabulate
from torch import nn

from archprof.column import Column
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.space.library import read_space
from archprof.sweeping.totals import totals_of
from archprof.sweeping.variants import TOTALS, Variants

SPACE = read_space("regnet")
ROWS, SAMPLED, LOOPED = 300_000, 15_000, 9
BATCH = 50_000
Drawn = Sequence[tuple[Point, Cost]]


def swept() -> int:
    """Return how many networks archprof drew from the shipped space and analysed."""
    count = 0
    for first in range(0, fewer(ROWS), BATCH):
        for batch in SPACE.variants(np.arange(first, first + BATCH)):
            if batch.variants is not None:
                totals_of(SPACE.network, batch.variants, SPACE.conditions)
                count += batch.variants.count
    return count


def differing(drawn: Drawn) -> int:
    """Return in how many of pycls' networks archprof counts otherwise; biases are not MACs."""
    points = zip(*(point for point, _ in drawn), strict=True)
    columns = {
        name: Column(np.array(values)) for name, values in zip(Point._fields, points, strict=True)
    }
    values = {**columns, "ratio": 1.0, "se_ratio": 0.0}
    found = totals_of(SPACE.network, Variants(len(drawn), values), SweepConditions())
    params, macs = np.array([(cost.params, cost.flops - cost.biases) for _, cost in drawn]).T
    equal = (found.totals["params"] == params) & (found.totals["macs"] == macs)
    return int((~(equal & (found.reasons == 0))).sum())


def modules(drawn: Drawn) -> list[Callable[[], nn.Module]]:
    """Return what builds the first of the networks."""
    chosen = []
    for point, _ in drawn[: fewer(LOOPED)]:
        widths, depths, _ = stages(point)
        chosen.append((*compatible(widths, point.group), depths))
    return [lambda one=one: regnet(*one).eval() for one in chosen]  # type: ignore[misc]


def with_fvcore(module: nn.Module) -> None:
    """Count a network's multiplications and parameters, which needs a pass through it."""
    counted = FlopCountAnalysis(module, torch.zeros(1, 3, 224, 224))
    counted.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()
    sum(parameter.numel() for parameter in module.parameters())


def with_torchinfo(module: nn.Module) -> None:
    """Summarise a network without data."""
    torchinfo.summary(module, (1, 3, 224, 224), device="meta", verbose=0)


def timed(run: Callable[[], int]) -> tuple[int, float]:
    """Return how many networks there were, and in how many seconds of the processor."""
    begin = time.process_time()
    return run(), time.process_time() - begin


def main() -> int:
    """Print the rates, and whether they keep their bounds."""
    torch.set_num_threads(1)
    print(machine("numpy", "torch", "fvcore", "torchinfo"))
    drawn: list[tuple[Point, Cost]] = []
    networks = sample(np.random.default_rng(1))

    def sampled() -> int:
        drawn.extend(itertools.islice(networks, fewer(SAMPLED)))
        return len(drawn)

    def looped(count: Callable[[nn.Module], None], device: str) -> int:
        built = modules(drawn)
        for build in built:
            with torch.device(device):
                module = build()
            count(module)
        return len(built)

    measured = {
        f"archprof, {len(TOTALS)} totals": timed(swept),
        "pycls' sampler, 3": timed(sampled),
        "torchinfo, on meta": timed(lambda: looped(with_torchinfo, "meta")),
        "fvcore": timed(lambda: looped(with_fvcore, "cpu")),
    }
    rates = {name: count / seconds for name, (count, seconds) in measured.items()}
    ours = next(iter(rates.values()))
    table = [
        (name, f"{count:,}", f"{seconds:.1f}", f"{rates[name]:,.1f}", f"{ours / rates[name]:,.1f}x")
        for name, (count, seconds) in measured.items()
    ]
    print(tabulate(table, ("", "networks", "s", "a second", "archprof"), disable_numparse=True))
    _, pycls, by_torchinfo, by_fvcore = rates.values()
    kept = [
        holds("as fast as pycls' sampler", ours / pycls, 1, least=True),
        holds("as fast as torchinfo", ours / by_torchinfo, 100, least=True),
        holds("as fast as fvcore", ours / by_fvcore, 1000, least=True),
        holds("networks that differ from pycls'", differing(drawn), 0, ""),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
