"""Every CUDA path of archprof against other clocks, other counts and the data sheet.

Run on a machine with a CUDA device: python benchmarks/on_cuda.py --output DIR. It takes less than
eight minutes: parts that look at what is there, not at how long it takes, run side by side first,
each in a process of its own; the others follow one after the other, in order of worth, until the
budget is spent. `--only PART,PART` has some, one after the other; `--device cpu` rehearses it.
Lines are `ok`, `FAIL` (a number is wrong or a path is broken), `note` (a figure to read) or `skip`.
Exit 1 on any FAIL.
It is not called cuda.py: beside it the scripts here would import that in place of NVIDIA's `cuda`,
which torch asks for.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cuda_commands
import cuda_options
import cuda_steps
import cuda_times
import torch
from cuda_beside import side_by_side
from cuda_checks import WORDS, Checks


class Part(NamedTuple):
    """One part, how many seconds it takes at most on an H100 or H200, and whether beside others.

    They were measured on an H200, those of parts beside others beside them. Where a part runs the
    command, 15 to 20 s are the start of torch in two processes and cuDNN's search.
    """

    run: Callable[[Checks], None]
    seconds: float
    beside: bool = False


PARTS = {
    "autotune": Part(cuda_options.max_autotune, 120, beside=True),
    "captures": Part(cuda_commands.captures, 88, beside=True),
    "overhead": Part(cuda_options.reduce_overhead, 50, beside=True),
    "history": Part(cuda_options.history, 55, beside=True),
    "memory": Part(cuda_commands.memory, 70, beside=True),
    "steps": Part(cuda_steps.steps, 60, beside=True),
    "compile": Part(cuda_commands.compiled, 66, beside=True),
    "settings": Part(cuda_options.settings, 32, beside=True),
    "by_kernel": Part(cuda_options.by_kernel, 32, beside=True),
    "trace": Part(cuda_options.trace, 25, beside=True),
    "check": Part(cuda_commands.checked, 15, beside=True),
    "sustained": Part(cuda_options.sustained, 30, beside=True),
    "onnxruntime": Part(cuda_options.onnxruntime, 10, beside=True),
    "deterministic": Part(cuda_commands.deterministic, 30, beside=True),
    "optimizers": Part(cuda_options.optimizers, 15, beside=True),
    "autocast": Part(cuda_options.autocast, 8, beside=True),
    "captured": Part(cuda_commands.captured_networks, 60, beside=True),
    "float8": Part(cuda_options.eight_bits, 100, beside=True),
    "compare": Part(cuda_commands.compared, 50),
    "full": Part(cuda_commands.full, 42),
    "largest_batch": Part(cuda_options.largest_batch, 50),
    "training": Part(cuda_commands.training, 15),
    "load": Part(cuda_times.load, 6),
    "modules": Part(cuda_times.modules, 11),
    "clocks": Part(cuda_times.clocks, 41),
    "dtypes": Part(cuda_commands.dtypes, 11),
    "transfers": Part(cuda_options.transfers, 4),
    "layers": Part(cuda_times.layers, 54),
    "device": Part(cuda_times.device, 55),
}
"""The parts by name, most worth first among those that run alone."""

BUDGET = 475.0
"""Seconds of all: under eight minutes with the start of the script."""


def main() -> int:
    """Return 0 where nothing failed, 1 where something did, 2 for a part that is not there."""
    options = _options()
    chosen = options.only.split(",") if options.only else list(PARTS)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        print(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")
    options.output.mkdir(parents=True, exist_ok=True)
    # peaks and histories of this trial, apart from the user's
    os.environ.setdefault("XDG_CACHE_HOME", str(options.output / "cache"))
    checks = Checks(options.device, options.output, options.beside)
    if not options.only:
        beside = {name: part.seconds for name, part in PARTS.items() if part.beside}
        checks.lines += side_by_side(beside, checks)
        chosen = [name for name in chosen if name not in beside]
    for name in chosen:
        _carry_out(checks, name, options.budget)
        _write(checks)
    return _summary(checks)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N, or cpu for a rehearsal")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds for all parts")
    parser.add_argument("--only", default="", help="these parts, in this order, with commas")
    parser.add_argument("--beside", action="store_true", help="times are disturbed by others")
    parser.add_argument("--output", type=Path, default=Path("cuda"), help="a folder for files")
    return parser.parse_args()


def _carry_out(checks: Checks, name: str, budget: float) -> None:
    """Run a part where the budget still holds it; what it raises is a FAIL, and the next runs."""
    checks.part = name
    part = PARTS[name]
    if checks.passed + part.seconds > budget:
        checks.say("skip", f"{part.seconds:g} s do not fit into the budget")
        return
    before = checks.passed
    try:
        part.run(checks)
    except Exception as error:  # noqa: BLE001 - the next part may run all the same
        checks.say("FAIL", _raised(error))
    if checks.on_cuda:
        torch.cuda.empty_cache()
    checks.note(f"took {checks.passed - before:.1f} s")


def _raised(error: Exception) -> str:
    """Return an error in one line: its words, and the last places it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]
    words = " / ".join(str(error).strip().splitlines()[:4])[:WORDS]
    if isinstance(error, subprocess.TimeoutExpired) and error.stderr:
        words += str(error.stderr)[-WORDS:]
    return f"{type(error).__name__}: {words} at {' < '.join(places)}"


def _write(checks: Checks) -> None:
    found = {
        "device": str(checks.device),
        "name": torch.cuda.get_device_name(checks.device) if checks.on_cuda else "cpu",
        "torch": torch.__version__,
        "seconds": round(checks.passed, 1),
        "lines": checks.lines,
    }
    path = checks.output / "check.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _summary(checks: Checks) -> int:
    counts = {kind: _count(checks.lines, kind) for kind in ("ok", "FAIL", "skip", "note")}
    print(f"\n{', '.join(f'{n} {kind}' for kind, n in counts.items())}, {checks.passed:.0f} s")
    for line in checks.lines:
        if line["kind"] == "FAIL":
            print("FAIL", line["part"], line["text"][:240])
    return 1 if counts["FAIL"] else 0


def _count(lines: Sequence[dict[str, object]], kind: str) -> int:
    return sum(line["kind"] == kind for line in lines)


if __name__ == "__main__":
    sys.exit(main())
