"""Whole processes from start to exit: archprof beside the imports of its libraries, torchinfo
and fvcore. Run: python benchmarks/startup.py
"""

from __future__ import annotations

import statistics
import sys

from measuring import MIB, Run, holds, machine, processes, ratio

BY_HAND = "from resnet_by_hand import resnet152"
LIGHT = {
    "summary resnet152": ("-m", "archprof", "summary", "resnet152"),
    "imports": ("-c", "import typer, rich.table, yaml, pydantic"),
    "list": ("-m", "archprof", "list"),
    "explain resnet152 layer3.0.conv2": (
        "-m",
        "archprof",
        "explain",
        "resnet152",
        "layer3.0.conv2",
    ),
}
HEAVY = {
    "summary resnet152": LIGHT["summary resnet152"],
    "torchinfo": (
        "-c",
        f"{BY_HAND}; import torchinfo; torchinfo.summary(resnet152(), (1, 3, 224, 224))",
    ),
    "fvcore": (
        "-c",
        (
            f"{BY_HAND}; import torch, fvcore.nn;"
            " print(fvcore.nn.FlopCountAnalysis(resnet152().eval(), torch.zeros(1, 3, 224,"
            " 224)).total())"
        ),
    ),
}


def main() -> int:
    """Return 0 where every bound holds, else 1."""
    print(
        machine("archprof", "typer", "rich", "PyYAML", "pydantic", "torch", "torchinfo", "fvcore")
    )
    light, heavy = processes(LIGHT, rounds=25), processes(HEAVY, rounds=5)
    for name, runs in (heavy | light).items():
        print(
            f"{name}: {1000 * statistics.median(seconds(runs)):.0f} ms, {peak(runs):.0f} MiB,"
            f" median of {len(runs)}"
        )
    summary, beside = light["summary resnet152"], heavy["summary resnet152"]
    kept = [
        holds(
            "summary against the imports", ratio(seconds(summary), seconds(light["imports"])), 1.5
        ),
        holds(
            "summary faster than torchinfo",
            ratio(seconds(heavy["torchinfo"]), seconds(beside)),
            20,
            least=True,
        ),
        holds(
            "summary faster than fvcore",
            ratio(seconds(heavy["fvcore"]), seconds(beside)),
            25,
            least=True,
        ),
        holds("peak memory of summary", peak(summary), 80, " MiB"),
    ]
    return 0 if all(kept) else 1


def seconds(runs: list[Run]) -> list[float]:
    """Wall time of each."""
    return [run.seconds for run in runs]


def peak(runs: list[Run]) -> float:
    """MiB at the most."""
    return max(run.peak_bytes for run in runs) / MIB


if __name__ == "__main__":
    sys.exit(main())
