"""All benchmarks that need no GPU, each in a process of its own, and one table of their figures.

    python benchmarks/run.py                          # in about five minutes, with fewer rounds
    python benchmarks/run.py --full                   # every script as it is when run alone
    python benchmarks/run.py --only scaling --only forward
    python benchmarks/run.py --list

Exit code 1 where a figure does not keep its bound, or a script does not come to its end.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from measuring import FIGURES, HERE, SHORT
from tabulate import tabulate

SCRIPTS = (
    "startup",
    "checking",
    "scaling",
    "difference",
    "forward",
    "capturing",
    "layers",
    "timing",
    "hostile",
    "sweep_rates",
    "sweep_spaces",
    "sweep_engines",
)
HEAD = ("Benchmark", "What", "Figure", "Bound", "Kept")
LAST_LINES = 15  # of what a script printed that did not come to its end


class Row(NamedTuple):
    """A figure as the table shows it."""

    benchmark: str
    what: str
    figure: str
    bound: str
    kept: bool


def about(path: Path) -> str:
    """Return the first sentence of a script's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].partition(" Run: ")[0].split())


def row(benchmark: str, figure: dict[str, object]) -> Row:
    """Return the row of a figure that `measuring.holds` kept."""
    side, unit = "at least" if figure["least"] else "at most", figure["unit"]
    return Row(
        benchmark,
        str(figure["what"]),
        f"{figure['found']:.2f}{unit}",
        f"{side} {figure['bound']:g}{unit}",
        bool(figure["kept"]),
    )


def measured(name: str, full: bool, folder: Path = HERE) -> list[Row]:
    """Run a script and return its figures; one more, not kept, where it does not end as it should.

    What such a script printed last goes to standard error.
    """
    with tempfile.TemporaryDirectory() as temporary:
        figures = Path(temporary, "figures")
        variables = {FIGURES: str(figures)} if full else {FIGURES: str(figures), SHORT: "1"}
        done = subprocess.run(
            [sys.executable, str(folder / f"{name}.py")],
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        lines = figures.read_text(encoding="utf-8").splitlines() if figures.exists() else []
    rows = [row(name, json.loads(line)) for line in lines]
    expected = 0 if rows and all(found.kept for found in rows) else 1
    if not rows or done.returncode != expected:
        print("\n".join(done.stdout.splitlines()[-LAST_LINES:]), file=sys.stderr)
        rows.append(Row(name, "comes to its end", f"exit code {done.returncode}", "-", False))
    return rows


def busy_seconds() -> float:
    """Return the processor time of all scripts that have ended, on every core."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def table(rows: Sequence[Row]) -> str:
    """Return the figures of all benchmarks beside their bounds."""
    cells = [(*found[:-1], "yes" if found.kept else "NO") for found in rows]
    return tabulate(cells, headers=HEAD, disable_numparse=True)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; leaves with exit code 2 where they are wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--list", action="store_true", help="name the benchmarks and stop")
    parser.add_argument(
        "--only", action="append", choices=SCRIPTS, metavar="NAME", help="this one; repeatable"
    )
    parser.add_argument("--full", action="store_true", help="with all rounds")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where every figure keeps its bound, else 1."""
    options = parsed(arguments)
    if options.list:
        named = [(name, about(HERE / f"{name}.py")) for name in SCRIPTS]
        print(tabulate(named, tablefmt="plain", maxcolwidths=[None, 80]))
        return 0
    rows: list[Row] = []
    for name in options.only or SCRIPTS:
        start, busy = time.monotonic(), busy_seconds()
        rows += measured(name, options.full)
        took, of_processor = time.monotonic() - start, busy_seconds() - busy
        print(f"{name}: {took:.0f} s, {of_processor:.0f} s of the processor", file=sys.stderr)
    print(table(rows))
    return 0 if all(found.kept for found in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
