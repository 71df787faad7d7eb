"""Runs read back from the files that `bench` and `compare --device` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archprof.language.reading import Unsafe, read_bytes
from archprof.problem import Mark, Problem, ProblemError

MOST_BYTES = 64 * 2**20
SHOWN = 5
HINT = "--load takes run files only; archprof bench NET -o run.json writes one"


def read_run(path: Path) -> dict[str, Any]:
    """A run as `bench` wrote it, or as it stands in what `compare --device` wrote.

    Raises ProblemError for what is no such file, OSError for one that cannot be read.
    """
    try:
        raw = read_bytes(path, MOST_BYTES)
    except FileNotFoundError:
        raise _refused(path, "there is no such file") from None
    except Unsafe as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise _refused(path, f"more than {MOST_BYTES // 2**20} MiB")
    try:
        data = json.loads(raw)
    except json.JSONDecodeError as error:
        raise ProblemError(
            [
                Problem(
                    Mark(str(path), error.lineno, error.colno),
                    "json",
                    f"no JSON: {error.msg}",
                    HINT,
                )
            ]
        ) from None
    # ValueError: an integer too long to be one
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _refused(path, f"no JSON: {error}") from None
    if isinstance(data, dict) and isinstance(data.get("run"), dict):  # beside the static comparison
        data = data["run"]
    if not (isinstance(data, dict) and "manifest" in data and "measurements" in data):
        raise _refused(
            path,
            "no run of archprof bench or compare --device: it holds no manifest and measurements",
        )
    from archprof.commands.measure.contract import bench_faults

    faults = bench_faults(data)
    if faults:
        shown = "; ".join(f"{where}: {what}" for where, what in faults[:SHOWN])
        raise _refused(
            path,
            "no whole run of archprof bench:"
            f" {shown}{f' and {len(faults) - SHOWN} more' if len(faults) > SHOWN else ''}",
        )
    run: dict[str, Any] = data
    return run


def _refused(path: Path, message: str) -> ProblemError:
    return ProblemError([Problem(Mark(str(path)), "run", message, HINT)])
