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

from gpu_roofs import peaks_of

import archprof
from archprof.commands.measure.device.tables import peaks_data
from archprof.commands.measure.judging.roofline import attained
from archprof.commands.measure.layers.data import roof_data
from archprof.commands.measure.measurement_options import MODES

Data = dict[str, Any]

KEY = ("network", "batch", "dtype", "memory_format", "mode")

WHOLE = ("layers", "memory")
"""Files that belong together: those of the last run that has rows."""
ALONE = ("networks", "eager", "layers")
"""Files that have rows of networks measured alone."""
MERGED = {
    "networks": (ALONE, ("graph",)),
    "eager": (ALONE, ("eager",)),
    "compare": (("compare",), MODES),
    "float8": (("float8",), MODES),
    "captured": (("captured",), MODES),
}
"""Files of rows that may come from several runs: in which files these are, and in which modes."""

COMMAND = "python benchmarks/gpu_report.py measure --output DIR --budget"
Fault = tuple[str, tuple[str, ...], str]
FAULTS: list[Fault] = [
    (
        "2026-11-26T23:45",
        ("reserved_bytes",),
        "reserved memory of the rows of 2026-11-26: they count the blocks of the networks before,"
        " which the present version does not",
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
CAPPED = re.compile(r"^at its power cap: .* at (\d+) MHz, (\d+) % of the highest$")
"""A note on peaks that were measured before they had their clock as a number."""
FOLDER = re.compile(r"/\S+/")  # where a machine had its files


def gather(output: Path, folders: Sequence[Path]) -> int:
    """Write the files to keep of these folders, the latest run last.

    Raises ValueError where rows of one file come from different devices or software.
    """
    output.mkdir(parents=True, exist_ok=True)
    found = [one for folder in folders if (one := _checks(folder))["lines"]]
    runs = [one | {"run": number} for number, one in enumerate(found, 1)]
    _write(output / "checks.json", {"runs": runs})
    devices = [path for folder in folders if (path := folder / "gpu" / "device.json").exists()]
    device = _device(_read(devices[-1]))
    _write(output / "device.json", device)
    for name in WHOLE:
        files = [one for one in _files(folders, [name]) if one["run"]["measurements"]]
        if files:
            whole = _layers(files[-1], device) if name == "layers" else files[-1]
            _write(output / f"{name}.json", whole)
    for name, (files_of, modes) in MERGED.items():
        merged = _merged(list(_files(folders, files_of)), modes)
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


def _merged(files: Sequence[Data], modes: Sequence[str]) -> Data | None:
    """Return the rows of these modes of all files in one, the later of two that are the same."""
    having = [
        found
        for found in files
        if any(row["mode"] in modes for row in found["run"]["measurements"])
    ]
    if not having:
        return None
    run = having[-1]["run"]
    rows: dict[str, dict[Any, Data]] = {"measurements": {}, "memory": {}}
    for found in having:
        for name in ("device", "versions"):
            here, there = found["run"]["manifest"][name], run["manifest"][name]
            if here != there:
                raise ValueError(f"{modes[0]}: found {here}, expected the {name} of all, {there}")
        for part, known in rows.items():
            for row in found["run"][part]:
                if row["mode"] in modes:
                    known[tuple(row[field] for field in KEY)] = row
    specs = {name: spec for one in having for name, spec in one["run"]["manifest"]["specs"].items()}
    merged = run | {part: list(known.values()) for part, known in rows.items()} | {"layers": []}
    merged["manifest"] = run["manifest"] | {"specs": specs}
    measured = {" ".join([f"{key[0]} b{key[1]}", *key[2:]]) for key in rows["measurements"]}
    left = [name for one in files for name in one["left_out"] if name.split()[-1] in modes]
    return having[-1] | {
        "run": merged,
        "measured": ", ".join(dict.fromkeys(one["measured"] for one in having)),
        "left_out": [name for name in dict.fromkeys(left) if name not in measured],
        "withheld": list(dict.fromkeys(why for one in having for why in one["withheld"])),
    }


def _checks(folder: Path) -> Data:
    """Return a run's checks, and its notes that have figures."""
    path = folder / "check.json"
    if not path.exists():
        return {"lines": []}
    found = _read(path)
    lines = [
        line | {"text": FOLDER.sub("", line["text"])} for line in found["lines"] if _kept(line)
    ]
    return {"device": found["name"], "torch": found["torch"], "lines": lines}


def _kept(line: Data) -> bool:
    return line["kind"] != "note" or bool(TOLD.search(line["text"]))


def _device(found: Data) -> Data:
    """Return the peaks without the file that the tool kept them in."""
    for peaks in found["json"]["peaks"]:
        peaks["kept"] = None
        peaks.setdefault("clock_share", _clock_share(peaks["notes"]))
    return found


def _clock_share(notes: Sequence[str]) -> float:
    """Return the share of the highest clock that the notes on peaks say, 1 where they say none."""
    said = [match for note in notes if (match := CAPPED.match(note))]
    return int(said[0][2]) / 100 if said else 1.0


def _layers(found: Data, device: Data) -> Data:
    """Return the layers under the rooflines of these peaks, to four digits.

    What was measured of them is their time; the rest follows from it as in the tool.
    """
    peaks = {one["dtype"]: peaks_of(one) for one in device["json"]["peaks"]}
    for network in found["run"]["layers"]:
        analysis = archprof.load(network["network"]).analyze(network["batch"], network["dtype"])
        places = {row.node.path: index for index, row in enumerate(analysis.layers)}
        times = [
            (places[one["path"]], 1e-3 * one["kernel_ms"])
            for one in network["layers"]
            if one["kernel_ms"] is not None
        ]
        under = attained(analysis, times, peaks[network["dtype"]], on_device=True)
        roofs = {analysis.layers[one.node].node.path: roof_data(one) for one in under}
        for layer in network["layers"]:
            layer |= roofs.get(layer["path"], {}) | {"kernels": _kernels(layer["kernels"])}
            layer |= {name: _short(value) for name, value in layer.items()}
        network["peaks"] = peaks_data(peaks[network["dtype"]])
    return found


def _kernels(kernels: Sequence[Data]) -> list[Data]:
    """Return the kernels of a layer as those with tensor cores, without, and of no known use."""
    found = []
    for use in (True, False, None):
        some = [kernel for kernel in kernels if kernel["tensor_cores"] is use]
        if some:
            together = {name: sum(one[name] for one in some) for name in ("launches", "time_us")}
            together["time_us"] = _short(together["time_us"])
            found.append({"name": f"{len(some)} kernels", **together, "tensor_cores": use})
    return found


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


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
