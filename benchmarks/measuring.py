"""Processes timed in turn, their peak memory, and whether a measured figure keeps its bound."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
MIB = 2**20
SHORT = "ARCHPROF_BENCHMARK_SHORT"
"""Variable that asks for a third of the rounds, which `run.py` sets."""
FIGURES = "ARCHPROF_BENCHMARK_FIGURES"
"""Variable that names a file for the figures, one JSON object a line, which `run.py` reads."""


class Run(NamedTuple):
    """One process from start to exit; `busy` is its own processor time, whatever else runs."""

    seconds: float
    busy: float
    peak_bytes: int


def fewer(rounds: int) -> int:
    """Return how often to measure: a third of the rounds, at least one, in a short run."""
    return max(1, rounds // 3) if os.environ.get(SHORT) else rounds


def processes(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Run]]:
    """Run Python with each command's arguments, one after the other in every round.

    What slows the machine then slows them all. Raises RuntimeError where one fails. Bytecode is
    compiled in a round of its own, as it is in an installed package. A short run has fewer rounds.
    """
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as bytecode:
        environment = os.environ | {
            "PYTHONPYCACHEPREFIX": bytecode,
            "PYTHONPATH": str(HERE.parent),
            "COLUMNS": "120",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(fewer(rounds) + 1):
            for name, arguments in commands.items():
                run = _run([sys.executable, *arguments], environment)
                if number:
                    runs[name].append(run)
    return runs


def _run(command: list[str], environment: dict[str, str]) -> Run:
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=HERE
        )
        # of this child alone; it begins with the parent's memory, which is why this file imports
        # little
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{output.read().decode()}")
    return Run(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    )


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def holds(what: str, found: float, bound: float, unit: str = "x", least: bool = False) -> bool:
    """Print a figure beside its bound and return whether it keeps it.

    Also written to the file that FIGURES names, where it names one.
    """
    kept = found >= bound if least else found <= bound
    if os.environ.get(FIGURES):
        figure = {"what": what, "found": found, "bound": bound, "unit": unit, "least": least}
        with open(os.environ[FIGURES], "a", encoding="utf-8") as file:
            file.write(json.dumps(figure | {"kept": kept}) + "\n")
    print(
        f"{what}: {found:.2f}{unit}, {'at least' if least else 'at most'} {bound:g}{unit}:"
        f" {'holds' if kept else 'DOES NOT HOLD'}"
    )
    return kept


def machine(*packages: str) -> str:
    """Return the processor and the versions a measurement was made with."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(
            line.partition(":")[2].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration):
        name = platform.processor()
    return (
        f"{name or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" {', '.join(f'{p} {version(p)}' for p in packages)}"
    )
