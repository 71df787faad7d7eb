"""How a summary grows with the network: a ResNet of 10,000 blocks against one of 1,000.

Run: python benchmarks/scaling.py
"""

from __future__ import annotations

import statistics
import sys

from measuring import MIB, holds, machine, processes, ratio

LEAST, FEW, MANY = 4, 1_000, 10_000  # blocks, ten layers each


def command(blocks: int) -> tuple[str, ...]:
    """Whole processes: what the least network takes is the start of the program, and is
    subtracted.
    """
    return "-m", "archprof", "summary", "resnet50", "--set", f"depths={[blocks // 4] * 4}"


def main() -> int:
    """Return 0 where every bound holds, else 1."""
    print(machine("archprof"))
    found = processes({str(blocks): command(blocks) for blocks in (LEAST, FEW, MANY)}, rounds=7)
    for name, runs in found.items():
        busy, peak = statistics.median(r.busy for r in runs), max(r.peak_bytes for r in runs)
        print(
            f"{name} blocks: {busy:.2f} s of the processor, {peak / MIB:.0f} MiB, median of"
            f" {len(runs)}"
        )
    least, few, many = found.values()
    kept = [
        holds(
            "ten times the blocks, time",
            ratio(
                *(
                    [a.busy - b.busy for a, b in zip(runs, least, strict=True)]
                    for runs in (many, few)
                )
            ),
            12,
        ),
        holds(
            "ten times the blocks, memory",
            ratio(
                *(
                    [a.peak_bytes - b.peak_bytes for a, b in zip(runs, least, strict=True)]
                    for runs in (many, few)
                )
            ),
            12,
        ),
        holds(f"{MANY} blocks", max(r.busy for r in many), 10, " s"),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
