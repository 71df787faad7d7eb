"""Whole processes from start to exit: archprof beside the imports of its libraries, torchinfo and fvcore. Run: python benchmarks/startup.py"""

from __future__ import annotations

import statistics
import sys

from measuring import MIB, holds, machine, processes, ratio

SUMMARY = ("-m", "archprof", "summary", "resnet152")
LIGHT = {
    "summary resnet152": SUMMARY,
    "imports": ("-c", "import typer, rich.table, yaml, pydantic"),
    "list": ("-m", "archprof", "list"),
    "explain resnet152 layer3.0.conv2": ("-m", "archprof", "explain", "resnet152", "layer3.0.conv2"),
}
HEAVY = {
    "summary resnet152": SUMMARY,
    "torchinfo": ("-c", "import torchinfo, resnet_by_hand as by_hand; torchinfo.summary(by_hand.resnet152(), (1, 3, 224, 224))"),
    "fvcore": ("-c", "import torch, fvcore.nn, resnet_by_hand as by_hand; print(fvcore.nn.FlopCountAnalysis(by_hand.resnet152().eval(), torch.zeros(1, 3, 224, 224)).total())"),
}


def main() -> int:
    """0 where every bound holds, else 1."""
    print(machine("archprof", "typer", "rich", "PyYAML", "pydantic", "torch", "torchinfo", "fvcore"))
    light, heavy = processes(LIGHT, rounds=21), processes(HEAVY, rounds=5)
    for name, runs in (light | {k: v for k, v in heavy.items() if k not in light}).items():
        print(f"{name}: {1000 * statistics.median(r.seconds for r in runs):.0f} ms, {statistics.median(r.peak_bytes for r in runs) / MIB:.0f} MiB, median of {len(runs)}")
    ours = [r.seconds for r in heavy["summary resnet152"]]
    kept = [
        holds("summary against the imports", ratio([r.seconds for r in light["summary resnet152"]], [r.seconds for r in light["imports"]]), 1.5),
        holds("summary faster than torchinfo", ratio([r.seconds for r in heavy["torchinfo"]], ours), 20, least=True),
        holds("summary faster than fvcore", ratio([r.seconds for r in heavy["fvcore"]], ours), 25, least=True),
        holds("peak memory of summary", max(r.peak_bytes for r in light["summary resnet152"]) / MIB, 80, " MiB"),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
