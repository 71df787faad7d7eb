"""What was measured on a device, as files to keep: `python benchmarks/gpu_report.py gather`.

Paths, identities of a machine and lines of a log stay behind; figures that a later version measures
otherwise are withheld, and each file says which and why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Data = dict[str, Any]

RUN_FILES = ("networks", "compare", "layers", "memory")
COMMAND = "python benchmarks/gpu_report.py measure --output DIR --budget"
RESERVED = (
    "reserved memory: these rows count the blocks of the networks before; the present version"
    " does not, and was not run on the card again"
)
ENERGY = (
    "energy and power: the counter moves ten times a second and was read at any moment; from one"
    " step to the next is how the rows of networks.md were measured"
)
TOLD = re.compile(r": (measured latency_ms|built )|layers, kernels of|^took ")
"""What the notes of `on_cuda.py` have whose figures are kept."""
STEP = re.compile(r"^(\w+) (eager|graph) True measured +([\d.]+)")
"""A line of a log about a training step: network, mode, milliseconds."""


def gather(output: Path, folders: Sequence[Path]) -> int:
    """Write the files to keep of these folders, the last of which is the whole measurement.

    The networks of an earlier one go to a file of their own.
    """
    output.mkdir(parents=True, exist_ok=True)
    lines = [_checks(number, folder) for number, folder in enumerate(folders, 1)]
    _write(output / "checks.json", {"runs": [one for one in lines if one["lines"]]})
    *earlier, last = folders
    _write(output / "device.json", _device(_read(last / "gpu" / "device.json")))
    for name in RUN_FILES:
        path = last / "gpu" / f"{name}.json"
        if path.exists() and _read(path)["run"]["measurements"]:
            _write(output / f"{name}.json", _run(_read(path), [RESERVED]))
    for folder in earlier:
        path = folder / "gpu" / "networks.json"
        if path.exists():
            found = _run(_read(path), [RESERVED, ENERGY])
            # what the last run measured is not missing
            found["left_out"] = [name for name in found["left_out"] if name.endswith(" eager")]
            _write(output / "eager.json", found)
    return 0


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


def _run(found: Data, withheld: Sequence[str]) -> Data:
    """Return a run without what belongs to its machine, or cannot be relied on."""
    manifest, run = found["run"]["manifest"], found["run"]
    budget = manifest["command"][-1]
    manifest["command"] = [*COMMAND.split(), budget]
    manifest["device"]["uuid"] = None
    for row in [*run["measurements"], *run["memory"]]:
        row["reserved_bytes"] = None
    if ENERGY in withheld:
        for row in run["measurements"]:
            row["power_w"] = row["joules_per_image"] = None
    return found | {"withheld": list(withheld)}


def _read(path: Path) -> Data:
    data: Data = json.loads(path.read_text(encoding="utf-8"))
    return data


def _write(path: Path, data: Data) -> None:
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
    print(path)
