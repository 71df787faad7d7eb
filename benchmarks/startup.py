"""Whole processes from start to exit, in processor time: archprof beside the interpreter, the
imports of its libraries, torchinfo and fvcore. Run: python benchmarks/startup.py

`--before FOLDER` runs another checkout in turn with this one, and prints the ratios of both.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from importlib.util import find_spec
from pathlib import Path

from measuring import HERE, MIB, Run, holds, machine, processes, ratio

BY_HAND = "from resnet_by_hand import resnet152"
COMMANDS = {
    "summary resnet152": 0.7,
    "summary alexnet": 0.7,
    "--version": 0.3,
    "list": 0.2,
    "explain resnet152 layer3.0.conv2": 1.0,
    "lecture --static": 1.0,
}
"""What is started, and at most how much of what it took before the commands started fast."""
COMPLETION = "completion"
INTERPRETER, LIBRARIES = "interpreter", "libraries"
ROUNDS, HEAVY_ROUNDS = 15, 5
SUMMARY = "summary resnet152"
HEAVY = {
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
FASTER = {"torchinfo": 40, "fvcore": 40}
"""How many times as long these take at least."""


def main() -> int:
    """Return 0 where every bound holds, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="another checkout, run in turn with this one")
    before = parser.parse_args().before
    heavy = {name: how for name, how in HEAVY.items() if find_spec(name)}
    print(machine("archprof", "typer", "PyYAML", *(["torch", *heavy] if heavy else [])))
    light = {
        INTERPRETER: ("-c", "pass"),
        LIBRARIES: ("-c", "import typer, yaml"),
        **commands(HERE.parent, ""),
        **(commands(before.resolve(), " before") if before else {}),
    }
    runs = processes(light, ROUNDS)
    for name in light:
        print(shown(name, runs))
    kept = [
        holds("summary against its libraries", against(runs, SUMMARY, LIBRARIES), 1.4),
        holds("--version against the interpreter", against(runs, "--version", INTERPRETER), 4),
        holds("list against its libraries", against(runs, "list", LIBRARIES), 1),
        holds("completion against its libraries", against(runs, COMPLETION, LIBRARIES), 2),
        holds("peak memory of summary", peak(runs[SUMMARY]), 80, " MiB"),
    ]
    if before:
        kept += [
            holds(f"{name} against before", against(runs, name, f"{name} before"), bound)
            for name, bound in COMMANDS.items()
        ]
    beside = processes({SUMMARY: light[SUMMARY], **heavy}, HEAVY_ROUNDS) if heavy else {}
    for name in HEAVY:
        if name in heavy:
            found = against(beside, name, SUMMARY)
            kept.append(holds(f"{name} against summary", found, FASTER[name], least=True))
        else:
            print(f"{name} is not installed, and not compared")
    return 0 if all(kept) else 1


def commands(checkout: Path, suffix: str) -> dict[str, tuple[str, ...]]:
    """Return what starts the commands of a checkout, as the installed script does."""
    begin = f"import sys; sys.path.insert(0, {str(checkout)!r})"
    start = "from archprof.cli.main import run; run()"
    found = {
        f"{name}{suffix}": ("-c", f"{begin}; sys.argv[1:] = {name.split()!r}; {start}")
        for name in COMMANDS
    }
    typed = {
        "_ARCHPROF_COMPLETE": "complete_bash",
        "COMP_WORDS": "archprof\nsummary\nalexnet_t",
        "COMP_CWORD": "2",
    }
    asked = f"import os; os.environ.update({typed!r})"
    return found | {f"{COMPLETION}{suffix}": ("-c", f"{begin}; {asked}; {start}")}


def shown(name: str, runs: dict[str, list[Run]]) -> str:
    """Return a line about a command: time, memory, and the ratios to what it begins with."""
    return (
        f"{name}: {1000 * statistics.median(busy(runs[name])):.0f} ms, {peak(runs[name]):.0f} MiB,"
        f" {against(runs, name, INTERPRETER):.1f} times the interpreter,"
        f" {against(runs, name, LIBRARIES):.2f} times the libraries"
    )


def against(runs: dict[str, list[Run]], name: str, other: str) -> float:
    """Return how many times the processor time of another a command takes, in the median round."""
    return ratio(busy(runs[name]), busy(runs[other]))


def busy(runs: list[Run]) -> list[float]:
    """Return the processor time of each in seconds."""
    return [run.busy for run in runs]


def peak(runs: list[Run]) -> float:
    """Return the most memory of any, in MiB."""
    return max(run.peak_bytes for run in runs) / MIB


if __name__ == "__main__":
    sys.exit(main())
