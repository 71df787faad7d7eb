"""Measure the sections of the GPU's report in order of worth, until the budget is spent."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import torch
from gpu_sections import FIRST, OPENED, USUAL, Section, rehearsed, sections

from archprof.commands.measure.device.kept_peaks import identity, peaks
from archprof.commands.measure.device.tables import device_data
from archprof.commands.measure.on_device.sensors import sensors
from archprof.commands.measure.on_device.torch_device import TorchFlags, applied, resolve
from archprof.commands.measure.planning.measurement_plan import Plan, plan
from archprof.commands.measure.planning.run_plan import carry_out
from archprof.commands.measure.running.workload import Case
from archprof.commands.measure.writing.run_file import new_run
from archprof.show.terminal import write_whole

Data = dict[str, Any]

SMI = "name,driver_version,power.limit,clocks.max.sm,clocks.max.mem,clocks.sm,temperature.gpu"
PEAK_SECONDS = {"float32": 20.0, "tf32": 20.0, "bfloat16": 12.0}
"""For the peaks of a dtype: 12 s left convolutions and the smallest op out but in bfloat16."""
GROUP = 2.5  # seconds that a network takes beside its time limit: building, search, memory
COMPILING = 18.0  # seconds more, where a network is compiled
OPENING = 7.0  # seconds for the layers of a network
START = 10.0  # seconds for a process to start on the device


class Job(NamedTuple):
    """Cases measured in turns, the file their rows go to, and about how long that takes."""

    file: str
    group: list[Case]
    seconds: float


class Recorder:
    """The files of a report as they fill, and the end of the time for them."""

    def __init__(self, output: Path, budget: float, known: Path | None = None):
        self.output, self.start, self.end = output, time.monotonic(), time.monotonic() + budget
        self.smi = smi()
        self.runs: dict[str, Data] = {}
        self.left: dict[str, list[str]] = {}
        self.doing: list[Job] = []
        self.told: dict[str, int] = {}
        self.known = {path.stem: _row_names(path) for path in known.glob("*.json")} if known else {}

    @property
    def remaining(self) -> float:
        """Return the seconds that are left."""
        return self.end - time.monotonic()

    def measure(self, parts: Sequence[Section], opened: bool) -> None:
        """Measure what is not there yet and fits into the time; with `opened` layers too.

        All is one plan, since each starts a process of its own on the device. Raises
        KeyboardInterrupt where the user ended it.
        """
        plans = [plan("bench", part.networks, part.options) for part in parts]
        jobs: dict[str, Job] = {}
        for part, chosen in zip(parts, plans, strict=True):
            for job in self._jobs(part, chosen):
                jobs.setdefault(job.file + _named(job.group[0]), job)
        waiting = list(jobs.values())
        spare = START + (2 * OPENING * len(OPENED) if opened else 0)
        while fitting := _fitting(waiting, self.remaining - spare):
            done = self._carry_out(plans[0], fitting, opened)
            ended = {id(job) for job in fitting[:done]}
            waiting = [job for job in waiting if id(job) not in ended]
            opened, spare = False, START
        for job in waiting:
            self.left.setdefault(job.file, []).extend(map(_named, job.group))
        for file in self.runs:
            self._write(file)

    def _jobs(self, part: Section, chosen: Plan) -> Iterator[Job]:
        """Yield what of a section was not measured yet."""
        run = self.runs.setdefault(part.file, new_run(chosen.manifest))
        run["manifest"]["specs"] |= chosen.manifest["specs"]
        known = {_row_name(row) for row in run["measurements"]} | self.known.get(part.file, set())
        for group in chosen.groups:
            for members in [[case] for case in group] if part.alone else [group]:
                if _named(members[0]) not in known:
                    yield Job(part.file, members, _seconds(members, part.options.time_limit))

    def _carry_out(self, chosen: Plan, jobs: list[Job], opened: bool) -> int:
        """Return how many jobs were measured before the time was over."""
        self.doing, self.told = list(jobs), dict.fromkeys(LISTS, 0)
        groups = [job.group for job in jobs]
        found = carry_out(chosen._replace(groups=groups), self._keep, _opened if opened else None)
        self._take(found)
        if not found["complete"] and self.remaining > START:
            raise KeyboardInterrupt
        return len(jobs) - len(self.doing)

    def _keep(self, found: Data) -> None:
        """Write what came, and end the run where the next job would not end in time."""
        self._take(found)
        if self.remaining < (self.doing[0].seconds if self.doing else 0):
            raise KeyboardInterrupt  # as the user does: what was measured is kept

    def _take(self, found: Data) -> None:
        """Add to the files what came since the last time: the rows of jobs, and layers."""
        new = {name: found[name][self.told[name] :] for name in LISTS}
        self.told = {name: len(found[name]) for name in LISTS}
        rows = new["measurements"]
        for row in rows:
            print(
                f"{time.monotonic() - self.start:6.1f} {_row_name(row)}: {_told(row)}", flush=True
            )
        if rows:
            job = self.doing.pop(0)
            for name in ("measurements", "memory"):
                self.runs[job.file][name] += new[name]
            self._write(job.file)
        for data in new["layers"]:
            self._open(data)

    def _open(self, data: Data) -> None:
        """Add a network's layers, with its row, to their own file."""
        networks = self.runs["networks"]
        run = self.runs.setdefault("layers", new_run(networks["manifest"]))
        run["layers"].append(data)
        fields = ("network", "batch", "dtype", "memory_format", "mode")
        run["measurements"] += [
            row
            for row in networks["measurements"]
            if all(row[field] == data[field] for field in fields)
        ]
        print(f"{time.monotonic() - self.start:6.1f} layers of {data['network']}", flush=True)
        self._write("layers")

    def _write(self, file: str) -> None:
        missing = self.left.get(file, [])
        run = self.runs[file] | {"complete": not missing}
        data = {"measured": today(), "left_out": missing, "smi": self.smi, "run": run}
        path = self.output / f"{file}.json"
        path.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


LISTS = ("measurements", "memory", "layers")


def measure(
    device: str, output: Path, budget: float, limit: float, known: Path | None = None
) -> int:
    """Write the files as they are measured; return 1 where something was left out.

    What a folder of `known` files has is not measured again, nor are layers then.
    """
    output.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(output, budget, known)
    first, *others = ("float32",) if device == "cpu" else ("bfloat16", "tf32", "float32")
    _peaks(device, output, [first])
    parts = rehearsed(limit) if device == "cpu" else sections(device, limit)
    recorder.measure(parts[:FIRST], opened=known is None)
    recorder.measure(parts[FIRST:USUAL], opened=False)
    if others and recorder.remaining > 2 * sum(PEAK_SECONDS[dtype] for dtype in others):
        _peaks(device, output, [first, *others])
    recorder.measure(parts[USUAL:], opened=False)
    for file, missing in recorder.left.items():
        print(f"{file}: {len(missing)} left out {'; '.join(missing[:8])}")
    return 1 if any(recorder.left.values()) else 0


def _fitting(jobs: Sequence[Job], remaining: float) -> list[Job]:
    """Return the jobs that the time holds, the first ones first."""
    fitting = []
    for job in jobs:
        if job.seconds <= remaining:
            fitting.append(job)
            remaining -= job.seconds
    return fitting


def _seconds(group: list[Case], limit: float) -> float:
    each = limit + GROUP
    if group[0].mode == "compile":
        each += COMPILING
    return each * len(group)


def _opened(groups: list[list[Case]]) -> list[Case]:
    """Return the networks whose layers are timed, among those measured alone."""
    alone = [group[0] for group in groups if len(group) == 1]
    return [case for case in alone if case.graph.network.name in OPENED]


def _named(case: Case) -> str:
    fields = (case.batch, case.dtype, case.memory_format, case.mode, case.train)
    return _name(case.graph.network.name, *fields)


def _row_names(path: Path) -> set[str]:
    """Return the names of the rows in a file, none in one of another kind."""
    run = json.loads(path.read_text(encoding="utf-8")).get("run", {})
    return {_row_name(row) for row in run.get("measurements", [])}


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


def _peaks(device: str, output: Path, dtypes: Sequence[str]) -> None:
    """Measure the device's peaks as the command does, in this process, and keep its data.

    Those that are kept already are read.
    """
    where = resolve(device)
    speaker = sensors(where)
    kept = []
    with applied(where, TorchFlags(1 if device == "cpu" else None), "float32"):
        for dtype in dtypes:
            seconds = 5.0 if where.type == "cpu" else PEAK_SECONDS[dtype]
            kept.append(peaks(where, dtype, write_whole, speaker=speaker, seconds=seconds))
            print(f"peaks of {dtype}: {kept[-1].notes}", flush=True)
        key = identity(where, speaker)
    if where.type == "cuda":
        torch.cuda.empty_cache()
    found = {"measured": today(), "smi": smi(), "json": device_data(key, kept)}
    path = output / "device.json"
    path.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
