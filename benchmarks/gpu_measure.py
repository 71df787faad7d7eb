"""What `gpu_report.py measure` measures, in order of worth, until its budget is spent."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from archprof.commands.measure.measurement_options import MeasurementOptions
from archprof.commands.measure.measurement_plan import Plan, plan
from archprof.commands.measure.run_file import new_run
from archprof.commands.measure.run_plan import carry_out
from archprof.commands.measure.workload import Case

Data = dict[str, Any]

HEADLINE = ("resnet50", "convnext_t")
LECTURES = (
    *("alexnet", "zfnet", "vgg16", "googlenet", "inception_v3", "resnet18", "resnet50"),
    *("resnet101", "wide_resnet50_2", "resnext50_32x4d", "seresnet50", "densenet121"),
    *("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "nf_resnet50"),
    *("vit_b_16", "deit_small_patch16_224", "swin_t", "convnext_tiny", "convnextv2_tiny"),
)
"""From AlexNet to ConvNeXt V2, in the order of the lectures."""

OPENED = ("resnet50", "convnext_tiny", "mobilenet_v2", "efficientnet_b0", "vit_b_16")
"""Whose time is told by layer."""

REMEMBERED = ("resnet50", "convnext_tiny", "mobilenet_v2", "densenet121", "vit_b_16", "swin_t")
SMI = "name,driver_version,power.limit,clocks.max.sm,clocks.max.mem,clocks.sm,temperature.gpu"
GROUP = 1.2  # seconds that a network takes beside its time limit: building, search, memory
COMPILING = 25.0  # seconds more, where a network is compiled


class Section(NamedTuple):
    """A part of the report: its file, the networks, the conditions, and whether layers are timed.

    `alone` measures each network by itself; else all of a group take turns.
    """

    file: str
    networks: tuple[str, ...]
    options: MeasurementOptions
    layers: bool = False
    alone: bool = True


def sections(device: str, limit: float) -> list[Section]:
    """Return what is measured on the device, most worth first."""
    usual = MeasurementOptions(device, time_limit=limit)
    fast = usual._replace(dtype="bfloat16", memory_format="channels_last")
    graphs = fast._replace(mode="graph")
    headline = fast._replace(batch="1,32,256", time_limit=2 * limit)
    every = headline._replace(
        dtype="bfloat16,tf32,float32", memory_format="channels_last,contiguous"
    )
    return [
        Section("networks", LECTURES, graphs._replace(batch="1,64")),
        _turns(headline._replace(mode="graph")),
        Section("layers", OPENED, graphs._replace(batch="1,64"), layers=True),
        Section("networks", LECTURES, fast),
        _turns(headline),
        Section("memory", REMEMBERED, usual._replace(batch="64")),
        _turns(headline._replace(batch="32", mode="compile")),
        _turns(every._replace(mode="graph")),
        Section("memory", REMEMBERED, usual._replace(batch="16", train=True)),
        _turns(every),
        _turns(headline._replace(batch="1,256", mode="compile")),
    ]


def _turns(options: MeasurementOptions) -> Section:
    return Section("compare", HEADLINE, options, alone=False)


def rehearsed(limit: float) -> list[Section]:
    """Return the same on a CPU: small networks, and what a CPU has."""
    usual = MeasurementOptions("cpu", time_limit=limit, threads=1)
    small = ("lenet5", "lenet5_full")
    return [
        Section("networks", (*small, "mobilenet_v3_small"), usual._replace(batch="1,2")),
        Section("compare", small, usual._replace(batch="1,2"), alone=False),
        Section("layers", ("mobilenet_v3_small",), usual, layers=True),
        Section("compare", small, usual._replace(batch="2,4"), alone=False),
        Section("memory", ("lenet5", "resnet18"), usual),
        Section("memory", ("lenet5", "resnet18"), usual._replace(train=True)),
    ]


class Recorder:
    """The files of a report as they fill, and the end of the time for them."""

    def __init__(self, output: Path, budget: float):
        self.output, self.start, self.end = output, time.monotonic(), time.monotonic() + budget
        self.smi = smi()
        self.runs: dict[str, Data] = {}
        self.left: dict[str, list[str]] = {}

    @property
    def remaining(self) -> float:
        """Return the seconds that are left."""
        return self.end - time.monotonic()

    def measure(self, section: Section) -> None:
        """Measure what of a section is not there yet and fits into the time.

        Raises KeyboardInterrupt where the user ended it.
        """
        chosen = plan("bench", section.networks, section.options)
        run = self.runs.setdefault(section.file, new_run(chosen.manifest))
        run["manifest"]["specs"] |= chosen.manifest["specs"]
        known = {_row_name(row) for row in run["measurements"]}
        groups = [group for group in _groups(chosen, section) if _named(group[0]) not in known]
        while fitting := _fitting(groups, section, self.remaining):
            done = self._carry_out(chosen._replace(groups=fitting), section)
            groups = groups[done:]
        missing = self.left.setdefault(section.file, [])
        missing += [_named(case) for group in groups for case in group]
        self._write(section.file, self.runs[section.file])

    def _carry_out(self, chosen: Plan, section: Section) -> int:
        """Return how many groups were measured before the time was over."""
        before = self.runs[section.file]
        told = 0

        def keep(found: Data) -> None:
            nonlocal told
            for row in found["measurements"][told:]:
                print(f"{time.monotonic() - self.start:6.1f} {_row_name(row)}: {_told(row)}")
            told = len(found["measurements"])
            sys.stdout.flush()
            self._write(section.file, _together(before, found))
            if self.remaining < 0:
                raise KeyboardInterrupt  # as the user does: what was measured is kept

        found = carry_out(chosen, keep, _all if section.layers else None)
        self.runs[section.file] = _together(before, found)
        if not found["complete"] and self.remaining >= 0:
            raise KeyboardInterrupt
        return len(found["measurements"]) // len(chosen.groups[0])

    def _write(self, file: str, run: Data) -> None:
        missing = self.left.get(file, [])
        data = {"measured": today(), "left_out": missing, "smi": self.smi, "run": run}
        path = self.output / f"{file}.json"
        path.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


def measure(device: str, output: Path, budget: float, limit: float) -> int:
    """Write a file for each section as it is measured; return 1 where something was left out."""
    output.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(output, budget)
    _peaks(device, output)
    for section in rehearsed(limit) if device == "cpu" else sections(device, limit):
        recorder.measure(section)
    for file, missing in recorder.left.items():
        print(f"{file}: {len(missing)} left out {'; '.join(missing[:8])}")
    return 1 if any(recorder.left.values()) else 0


def _together(run: Data, found: Data) -> Data:
    """Return the run with what another found; its headline comes first."""
    lists = {name: run[name] + found[name] for name in ("measurements", "memory", "layers")}
    return run | lists | {"complete": found["complete"]}


def _groups(chosen: Plan, section: Section) -> list[list[Case]]:
    if section.alone:
        return [[case] for group in chosen.groups for case in group]
    return chosen.groups


def _fitting(groups: list[list[Case]], section: Section, remaining: float) -> list[list[Case]]:
    """Return the first groups that the time holds, by what a group takes at most."""
    fitting = []
    for group in groups:
        remaining -= _seconds(group, section)
        if remaining < 0:
            break
        fitting.append(group)
    return fitting


def _seconds(group: list[Case], section: Section) -> float:
    """Return about how long a group takes."""
    each = section.options.time_limit + GROUP
    if section.layers:
        each *= 2
    if group[0].mode == "compile":
        each += COMPILING
    return each * len(group)


def _all(groups: list[list[Case]]) -> list[Case]:
    return [case for group in groups for case in group]


def _named(case: Case) -> str:
    fields = (case.batch, case.dtype, case.memory_format, case.mode, case.train)
    return _name(case.graph.network.name, *fields)


def _row_name(row: Data) -> str:
    fields = ("network", "batch", "dtype", "memory_format", "mode", "train")
    return _name(*(row[field] for field in fields))


def _name(network: str, batch: int, dtype: str, memory_format: str, mode: str, train: bool) -> str:
    words = [network, f"b{batch}", dtype, memory_format, mode]
    return " ".join([*words, "training"] if train else words)


def _told(row: Data) -> str:
    if row["latency_ms"] is None:
        return f"{row['status']}: {row['message'][:200]}"
    return f"{row['status']} {row['latency_ms']:.4f} ms {row['warnings']}"


def today() -> str:
    """Return the date, in universal time."""
    return datetime.now(UTC).date().isoformat()


def smi() -> str | None:
    """Return what nvidia-smi says of the device, None where it is not there."""
    command = ["nvidia-smi", "--format=csv", f"--query-gpu={SMI}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _peaks(device: str, output: Path) -> None:
    """Measure the device's peaks as the command does, and keep its tables and its data."""
    words = [sys.executable, "-m", "archprof", "device", "--device", device]
    words += (
        ["--time-limit", "5", "--dtype", "float32", "--threads", "1"] if device == "cpu" else []
    )
    found: Data = {"measured": today(), "smi": smi()}
    done = _printed([*words, "--format", "json"])
    found["json"] = json.loads(done.stdout) if done.stdout else None
    found["errors"] = done.stderr[-2000:] if done.returncode else ""
    print(f"peaks: exit {done.returncode} {found['errors'][-300:]}", flush=True)
    # what is not kept would be measured once more for its tables
    if found["json"] and all(peaks["kept"] for peaks in found["json"]["peaks"]):
        found["md"] = _printed([*words, "--format", "md"]).stdout
    path = output / "device.json"
    path.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


def _printed(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
