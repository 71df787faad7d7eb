"""What `gpu_report.py measure` measures, in order of worth, until its budget is spent."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
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
    compared = {"networks": HEADLINE, "alone": False}
    every = usual._replace(
        batch="1,32,256", dtype="bfloat16,tf32,float32", memory_format="channels_last,contiguous"
    )
    return [
        Section("networks", LECTURES, fast._replace(batch="1,64", mode="graph")),
        Section("networks", LECTURES, fast._replace(batch="1")),
        Section("compare", options=every._replace(mode="graph"), **compared),
        Section("layers", OPENED, fast._replace(batch="1,64", mode="graph"), layers=True),
        Section("memory", REMEMBERED, usual._replace(batch="64")),
        Section("memory", REMEMBERED, usual._replace(batch="16", train=True)),
        Section("compare", options=every, **compared),
        Section("compare", options=fast._replace(batch="32", mode="compile"), **compared),
        Section("compare", options=fast._replace(batch="1,256", mode="compile"), **compared),
    ]


def rehearsed(limit: float) -> list[Section]:
    """Return the same on a CPU: small networks, and what a CPU has."""
    usual = MeasurementOptions("cpu", time_limit=limit, threads=1)
    return [
        Section("networks", ("lenet5", "mobilenet_v3_small"), usual._replace(batch="1,2")),
        Section("compare", ("lenet5", "lenet5_full"), usual._replace(batch="1,2"), alone=False),
        Section("layers", ("mobilenet_v3_small",), usual, layers=True),
        Section("memory", ("lenet5", "resnet18"), usual),
        Section("memory", ("lenet5", "resnet18"), usual._replace(train=True)),
    ]


def measure(device: str, output: Path, budget: float, limit: float) -> int:
    """Write a file for each section as it is measured; return 1 where something was left out."""
    end = time.monotonic() + budget
    output.mkdir(parents=True, exist_ok=True)
    _peaks(device, output)
    on_cpu = device == "cpu"
    runs: dict[str, Data] = {}
    left: dict[str, list[str]] = {}
    for section in rehearsed(limit) if on_cpu else sections(device, limit):
        chosen = plan("bench", section.networks, section.options)
        run = runs.setdefault(section.file, new_run(chosen.manifest))
        merge_manifest(run, chosen.manifest)
        missing = left.setdefault(section.file, [])
        for group in _groups(chosen, section):
            if time.monotonic() + _seconds(group, section) > end:
                missing += [_named(case) for case in group]
                continue
            _carry_out(chosen._replace(groups=[group]), section, run)
            _write(output, section.file, run, missing)
        _write(output, section.file, run, missing)
    return 1 if any(left.values()) else 0


def _groups(chosen: Plan, section: Section) -> Iterable[list[Case]]:
    if section.alone:
        return [[case] for group in chosen.groups for case in group]
    return chosen.groups


def _seconds(group: list[Case], section: Section) -> float:
    """Return about how long a group takes."""
    each = section.options.time_limit + GROUP
    if section.layers:
        each *= 2
    if group[0].mode == "compile":
        each += COMPILING
    return each * len(group)


def _carry_out(chosen: Plan, section: Section, run: Data) -> None:
    """Measure one group, and add its rows to the run.

    Raises KeyboardInterrupt where the user ended it.
    """
    pick: Callable[[list[list[Case]]], Iterable[Case]] | None = None
    if section.layers:
        pick = _all
    found = carry_out(chosen, lambda run: None, pick)
    for name in ("measurements", "memory", "layers"):
        run[name] += found[name]
    for row in found["measurements"]:
        print(f"{row['network']} b{row['batch']} {row['dtype']} {row['memory_format']}", end=" ")
        print(row["mode"], row["status"], row["latency_ms"], row["message"][:100], flush=True)
    if not found["complete"]:
        raise KeyboardInterrupt


def _all(groups: list[list[Case]]) -> list[Case]:
    return [case for group in groups for case in group]


def _named(case: Case) -> str:
    words = [case.graph.network.name, f"b{case.batch}", case.dtype, case.memory_format, case.mode]
    if case.train:
        words.append("training")
    return " ".join(words)


def merge_manifest(run: Data, other: Data) -> None:
    """Add the specs of another part to the run's manifest; all else is the same device's."""
    run["manifest"]["specs"] |= other["specs"]


def _write(output: Path, file: str, run: Data, missing: list[str]) -> None:
    run["complete"] = not missing
    found = {"measured": today(), "left_out": missing, "smi": _smi(), "run": run}
    path = output / f"{file}.json"
    path.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


def today() -> str:
    """Return the date, in universal time."""
    return datetime.now(UTC).date().isoformat()


def _smi() -> str | None:
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
    found: Data = {"measured": today(), "smi": _smi()}
    for style in ("json", "md"):
        command = [*words, "--format", style]
        done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
        found[style] = done.stdout
        found["errors"] = done.stderr[-2000:] if done.returncode else ""
    path = output / "device.json"
    path.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
