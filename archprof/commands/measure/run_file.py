"""Run files, which `bench` and `compare --device` write: how one begins, and reading one back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archprof.language.reading import Unsafe, read_bytes
from archprof.problem import Mark, Problem, ProblemError

SCHEMA = 1
MOST_BYTES = 64 * 2**20
SHOWN = 5  # faults that are listed
HINT = "a run file is what `archprof bench NET -o run.json` writes"


def new_run(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a run before its first measurement; `archprof schema bench` prints its JSON Schema.

    `memory` gets `memory_tables.memory_data`, `layers` gets `layers_data.layers_data`.
    """
    return {
        "schema": SCHEMA,
        "manifest": manifest,
        "complete": False,
        "measurements": [],
        "memory": [],
        "layers": [],
    }


def read_run(path: Path) -> dict[str, Any]:
    """Return the run in a file of `bench`, or in one of `compare --device`.

    Raises ProblemError for a file that is none of these, OSError for one that cannot be read.
    """
    try:
        raw = read_bytes(path, MOST_BYTES)
    except FileNotFoundError:
        raise _refused(path, "there is no such file") from None
    except Unsafe as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise _refused(path, f"more than {MOST_BYTES // 2**20} MiB")
    data = _json(raw, path)
    if isinstance(data, dict) and isinstance(data.get("run"), dict):  # beside the static comparison
        data = data["run"]
    if not (isinstance(data, dict) and "manifest" in data and "measurements" in data):
        raise _refused(
            path,
            "not a run of archprof bench or compare --device: it has no manifest and measurements",
        )
    from archprof.commands.measure.contract import bench_faults

    faults = bench_faults(data)
    if faults:
        listed = "; ".join(f"{where}: {what}" for where, what in faults[:SHOWN])
        more = f" and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise _refused(path, f"not a whole run of archprof bench: {listed}{more}")
    run: dict[str, Any] = data
    return run


def timed_layers(path: Path, network: str) -> dict[str, Any]:
    """Return what a run file has of the times of a network's layers, an entry of its `layers`.

    Raises ProblemError where it has none of this network.
    """
    timed = read_run(path)["layers"]
    for entry in timed:
        if entry["network"] == network:
            found: dict[str, Any] = entry
            return found
    others = ", ".join(entry["network"] for entry in timed)
    has = f"it has those of {others}" if others else "it has none of any network"
    message = f"no times of the layers of `{network}`: {has}"
    raise ProblemError.of(Mark(str(path)), "run", message, "archprof bench NET --by layer -o RUN")


def _json(raw: bytes, path: Path) -> Any:
    """Return the data of a JSON text. Raises ProblemError."""
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        mark = Mark(str(path), error.lineno, error.colno)
        raise ProblemError([Problem(mark, "json", f"not JSON: {error.msg}", HINT)]) from None
    # ValueError: an integer with too many digits to be converted
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _refused(path, f"not JSON: {error}") from None


def _refused(path: Path, message: str) -> ProblemError:
    return ProblemError([Problem(Mark(str(path)), "run", message, HINT)])
