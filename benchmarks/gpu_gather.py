"""What was measured on a device, as files to keep: `python benchmarks/gpu_report.py gather`.

Paths, identities of a machine and lines of a log stay behind; figures that a later version measures
otherwise are withheld, and each file says which and why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Data = dict[str, Any]

KEY = ("network", "batch", "dtype", "memory_format", "mode")

WHOLE = ("compare", "layers", "memory")
"""Files that belong together: those of the last run that has rows."""
BY_MODE = {"networks": "graph", "eager": "eager"}
"""Files of rows that may come from several runs, and the mode of these."""

COMMAND = "python benchmarks/gpu_report.py measure --output DIR --budget"
Fault = tuple[str, tuple[str, ...], str]
FAULTS: list[Fault] = [
    (
        "2026-11-26T23:45",
        ("reserved_bytes",),
        "reserved memory: these rows count the blocks of the networks before; the present version"
        " does not, and was not run on the device again",
    ),
    (
        "2026-11-26T23:37",
        ("power_w", "joules_per_image"),
        "energy and power: the counter moves ten times a second and was read at any moment; from"
        " one step to the next is how the rows of networks.md were measured",
    ),
]
"""Fields that runs begun before a moment, in universal time, have wrong, and why."""
TOLD = re.compile(r": (measured latency_ms|built )|layers, kernels of|^took ")
"""What the notes of `on_cuda.py` have whose figures are kept."""
STEP = re.compile(r"^(\w+) (eager|graph) True measured +([\d.]+)")
"""A line of a log about a training step: network, mode, milliseconds."""


def gather(output: Path, folders: Sequence[Path]) -> int:
    """Write the files to keep of these folders, the latest run last.

    Raises ValueError where rows of one file come from different devices or software.
    """
    output.mkdir(parents=True, exist_ok=True)
    lines = [_checks(number, folder) for number, folder in enumerate(folders, 1)]
    _write(output / "checks.json", {"runs": [one for one in lines if one["lines"]]})
    devices = [path for folder in folders if (path := folder / "gpu" / "device.json").exists()]
    _write(output / "device.json", _device(_read(devices[-1])))
    for name in WHOLE:
        found = [one for one in _files(folders, [name]) if one["run"]["measurements"]]
        if found:
            _write(output / f"{name}.json", found[-1])
    for name, mode in BY_MODE.items():
        merged = _merged(list(_files(folders, list(BY_MODE))), mode)
        if merged:
            _write(output / f"{name}.json", merged)
    return 0


def _files(folders: Sequence[Path], names: Sequence[str]) -> Iterator[Data]:
    """Yield the files called so, those of the latest run last."""
    for folder in folders:
        for name in names:
            path = folder / "gpu" / f"{name}.json"
            if path.exists():
                yield _run(_read(path))


def _merged(files: Sequence[Data], mode: str) -> Data | None:
    """Return the rows of a mode of all files in one, the later of two that are the same."""
    having = [
        found for found in files if any(row["mode"] == mode for row in found["run"]["measurements"])
    ]
    if not having:
        return None
    run = having[-1]["run"]
    rows: dict[str, dict[Any, Data]] = {"measurements": {}, "memory": {}}
    for found in having:
        for name in ("device", "versions"):
            here, there = found["run"]["manifest"][name], run["manifest"][name]
            if here != there:
                raise ValueError(f"{mode}: found {here}, expected the {name} of all, {there}")
        for part, known in rows.items():
            for row in found["run"][part]:
                if row["mode"] == mode:
                    known[tuple(row[field] for field in KEY)] = row
    specs = {name: spec for one in having for name, spec in one["run"]["manifest"]["specs"].items()}
    merged = run | {part: list(known.values()) for part, known in rows.items()}
    merged["manifest"] = run["manifest"] | {"specs": specs}
    measured = {" ".join([f"{key[0]} b{key[1]}", *key[2:]]) for key in rows["measurements"]}
    left = [name for one in files for name in one["left_out"] if name.endswith(f" {mode}")]
    return having[-1] | {
        "run": merged,
        "measured": ", ".join(dict.fromkeys(one["measured"] for one in having)),
        "left_out": [name for name in dict.fromkeys(left) if name not in measured],
        "withheld": list(dict.fromkeys(why for one in having for why in one["withheld"])),
    }


def _checks(number: int, folder: Path) -> Data:
    """Return a run's checks, and its notes that have figures."""
    path, log = folder / "check.json", folder / "dbg.txt"
    if path.exists():
        found = _read(path)
        lines = [line for line in found["lines"] if _kept(line)]
        return {"run": number, "device": found["name"], "torch": found["torch"], "lines": lines}
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    steps = [STEP.match(line) for line in text.splitlines()]
    # as in the part "training" of `on_cuda.py`
    lines = [
        {
            "kind": "note",
            "part": "training",
            "text": f"{step[1]} b32 bfloat16 channels_last {step[2]} training: measured"
            f" latency_ms {float(step[3]):.4g}",
        }
        for step in steps
        if step
    ]
    device = _read(folder / "gpu" / "device.json")["json"]["device"]
    return {"run": number, "device": device["device"], "torch": device["torch"], "lines": lines}


def _kept(line: Data) -> bool:
    return line["kind"] != "note" or bool(TOLD.search(line["text"]))


def _device(found: Data) -> Data:
    """Return the peaks without the file that the tool kept them in."""
    for peaks in found["json"]["peaks"]:
        peaks["kept"] = None
    return found


def _run(found: Data) -> Data:
    """Return a run without what belongs to its machine, or was measured wrong then."""
    manifest, run = found["run"]["manifest"], found["run"]
    manifest["command"] = [*COMMAND.split(), manifest["command"][-1]]
    manifest["device"]["uuid"] = None
    withheld = []
    for until, fields, why in FAULTS:
        if manifest["date"] < until and run["measurements"]:
            withheld.append(why)
            for row in [*run["measurements"], *run["memory"]]:
                row |= {field: None for field in fields if field in row}
    return found | {"withheld": withheld}


def _read(path: Path) -> Data:
    data: Data = json.loads(path.read_text(encoding="utf-8"))
    return data


def _write(path: Path, data: Data) -> None:
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
    print(path)
