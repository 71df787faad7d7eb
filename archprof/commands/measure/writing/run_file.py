"""Run files, which `bench` and `compare --device` write: how one begins, and reading one back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archprof.problem import Mark, ProblemError
from archprof.show.json_file import JsonFile

SCHEMA = 1
RUN = JsonFile("run", "a run file is what `archprof bench NET -o run.json` writes")


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
    data = RUN.read(path)
    if isinstance(data, dict) and isinstance(data.get("run"), dict):  # beside the static comparison
        data = data["run"]
    if not (isinstance(data, dict) and "manifest" in data and "measurements" in data):
        raise RUN.refused(
            path,
            "not a run of archprof bench or compare --device: it has no manifest and measurements",
        )
    from archprof.commands.measure.contract import bench_faults

    RUN.refuse_faults(path, "a whole run of archprof bench", bench_faults(data))
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
