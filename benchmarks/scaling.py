"""How analysis grows with the network: a ResNet of 10,000 blocks against one of 1,000. Run: python benchmarks/scaling.py"""

from __future__ import annotations

import statistics
import sys

from measuring import MIB, holds, machine, processes, ratio

FEW, MANY = 1_000, 10_000
ANALYZE = """
import sys, time, archprof
blocks = int(sys.argv[1])
start = time.perf_counter()
analysis = archprof.load("resnet50", depths=[blocks // 4] * 4).analyze()
analysis.totals, analysis.peak
print(time.perf_counter() - start, len(analysis.layers))
"""


def main() -> int:
    """0 where every bound holds, else 1."""
    print(machine("archprof"))
    found = processes({str(blocks): ("-c", ANALYZE, str(blocks)) for blocks in (4, FEW, MANY)}, rounds=7)
    seconds = {name: [float(run.output.split()[0]) for run in runs] for name, runs in found.items()}
    peak = {name: statistics.median(run.peak_bytes for run in runs) for name, runs in found.items()}
    for name, runs in found.items():
        layers = int(runs[0].output.split()[1])
        print(f"{name} blocks, {layers} layers: {statistics.median(seconds[name]):.3f} s, {statistics.median(seconds[name]) / layers * 1e6:.1f} us per layer, {peak[name] / MIB:.0f} MiB")
    few, many, least = str(FEW), str(MANY), str(4)
    kept = [
        holds("ten times the blocks, time", ratio(seconds[many], seconds[few]), 12),
        holds("ten times the blocks, memory beyond the smallest", (peak[many] - peak[least]) / (peak[few] - peak[least]), 12),
        holds(f"{MANY} blocks", max(seconds[many]), 10, " s"),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
