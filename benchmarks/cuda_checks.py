"""What the parts of `on_cuda.py` share: the device, what runs on it, and the lines of it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import torch

import archprof
from archprof.commands.measure.contract import Measurement as Contract
from archprof.commands.measure.on_device.sensors import sensors
from archprof.commands.measure.on_device.torch_device import TorchFlags, applied, resolve
from archprof.commands.measure.running.end_to_end import Request, measure
from archprof.commands.measure.running.measurement import Measurement
from archprof.commands.measure.running.sampling import StopRule
from archprof.commands.measure.running.workload import Case, Workload, prepare

ROOT = Path(__file__).resolve().parent.parent
WORDS = 400  # of an error, in characters
PROGRESS = "archprof: measuring"  # how a line of progress begins
ALONE = 50  # requests, one at a time
REHEARSAL = 0.5  # the share by which times on a busy processor may differ
FIRST = 5  # of them, which warm up
PACED = 0.5  # the share of the device's time from which on the host's unrest is in a row's times
Row = dict[str, Any]


class Sizes(NamedTuple):
    """What is measured: two networks, a large batch, and how tensors are held."""

    big: str
    small: str
    batch: int
    dtype: str
    memory_format: str
    modes: tuple[str, ...]


ON_CUDA = Sizes("resnet50", "convnext_tiny", 64, "bfloat16", "channels_last", ("eager", "graph"))
REHEARSED = Sizes("resnet18", "mobilenet_v3_small", 2, "float32", "contiguous", ("eager",))


class Checks:
    """A device on trial: lines are `ok`, `FAIL`, `note` (a figure to read) or `skip`.

    With `beside`, other parts use it at the same time.
    """

    def __init__(self, device: str, output: Path, beside: bool = False):
        self.start = time.monotonic()
        self.beside = beside
        self.device, self.output = resolve(device), output
        self.on_cuda = self.device.type == "cuda"
        self.sizes = ON_CUDA if self.on_cuda else REHEARSED
        self.flags = TorchFlags() if self.on_cuda else TorchFlags(threads=1)
        self.sensors = sensors(self.device)
        self.part = ""
        self.lines: list[dict[str, Any]] = []

    @property
    def passed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.start

    def say(self, kind: str, text: str) -> None:
        at = round(self.passed, 1)
        self.lines.append({"kind": kind, "part": self.part, "text": text, "at": at})
        print(f"{at:6.1f} {kind:4} {self.part:13} {text}", flush=True)

    def note(self, text: str) -> None:
        self.say("note", text)

    def true(self, kept: bool, text: str) -> None:
        """Say whether something that must be true is."""
        self.say("ok" if kept else "FAIL", text)

    def within(self, what: str, found: float | None, wanted: float | None, bound: float) -> None:
        """Say whether two numbers agree; `bound` is the share by which they may differ."""
        if found is None or not wanted:
            self.say("FAIL", f"{what}: {found} against {wanted}: a number is missing")
            return
        off = found / wanted - 1
        text = f"{found:.5g} against {wanted:.5g} ({100 * off:+.1f} %, within {100 * bound:g} %)"
        self.true(abs(off) <= bound, f"{what}: {text}")

    def alike(self, what: str, found: float | None, wanted: float | None, bound: float) -> None:
        """Say whether two times agree; in a rehearsal, on a processor with other work, about."""
        self.within(what, found, wanted, bound if self.on_cuda else REHEARSAL)

    def contradicted(self, what: str, record: Row) -> None:
        """Say what archprof itself found unusable.

        It is not a fault beside other work, nor where queueing takes the host about as long as the
        device works: a host that shares its machine is never twice the same, and archprof says so,
        as it should.
        """
        host, device = record.get("host_ms"), record.get("device_ms")
        paced = bool(host and device and host > PACED * device)
        quiet = self.on_cuda and not self.beside and not paced
        for fault in record.get("contradictions", []):
            text = f"{what}: {fault['about']}: {fault['message']}"
            self.say("FAIL" if quiet else "note", text)

    def between(self, what: str, found: float | None, least: float, most: float) -> None:
        """Say whether a number lies where it must."""
        if found is None:
            self.say("FAIL", f"{what}: the number is missing")
            return
        self.true(least <= found <= most, f"{what}: {found:.4g}, from {least:g} to {most:g}")

    def case(self, name: str, batch: int = 1, mode: str = "eager", **other: Any) -> Case:
        """Return a network under the usual conditions, or under the `other` fields of a case."""
        graph = archprof.load(name).graph
        case = Case(graph, batch, self.sizes.dtype, self.sizes.memory_format, mode)
        return case._replace(**other)

    def bench(self, case: Case, limit: float = 2.0, **options: Any) -> Measurement:
        """Return the measurement of a case, said and held against the published shape."""
        request = Request(self.device, self.sensors, self.flags, StopRule(limit=limit), **options)
        (row,) = measure([case], request)
        self.tell(row.data())
        try:
            # what the command adds afterwards has a default
            Contract.model_validate(row.data())
        except ValueError as error:
            self.say("FAIL", f"the row breaks its contract: {str(error).splitlines()[1:3]}")
        return row

    def tell(self, row: Row, expected: Iterable[str] = ("measured",)) -> None:
        """Say a row's figures; FAIL where its status is not among those expected."""
        disturbed = self.beside and row["status"] == "throttled"
        kind = "note" if disturbed or row["status"] in expected else "FAIL"
        self.say(kind, f"{row_name(row)}: {row['status']} {row_figures(row)}")
        self.contradicted(row_name(row), row)

    def prepared(self, case: Case) -> Workload:
        """Return the network on the device, run often enough for cuDNN's search to be over."""
        workload = prepare(case, self.device)
        for _ in range(FIRST):
            for run in workload.runs:
                run()
        self.wait()
        return workload

    def applied(self, dtype: str | None = None, flags: TorchFlags | None = None) -> Any:
        """Return a context with torch's flags as the measurements set them."""
        return applied(self.device, flags or self.flags, dtype or self.sizes.dtype)

    def wait(self) -> None:
        """Wait for the device."""
        if self.on_cuda:
            torch.cuda.synchronize(self.device)

    def alone(self, run: Callable[[], object]) -> float:
        """Return the milliseconds from asking to done, one request at a time: the median."""
        times = []
        for _ in range(ALONE + FIRST):
            self.wait()
            start = time.perf_counter()
            run()
            self.wait()
            times.append(1e3 * (time.perf_counter() - start))
        return statistics.median(times[FIRST:])

    def queueing(self, run: Callable[[], object]) -> float:
        """Return the milliseconds that the host takes to queue a run: the median."""
        times = []
        for _ in range(ALONE):
            self.wait()
            start = time.perf_counter()
            run()
            times.append(1e3 * (time.perf_counter() - start))
        self.wait()
        return statistics.median(times)

    def command(
        self, *words: str, limit: float = 120, path: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run archprof as a user does, with `path` ahead of Python's own.

        Raises subprocess.TimeoutExpired after `limit` seconds.
        """
        if words[0] in ("bench", "compare", "device") and "--load" not in words:
            words = (*words, "--device", str(self.device))
            words = words if self.on_cuda else (*words, "--threads", "1")
        places = [str(place) for place in (path, ROOT) if place]
        places += filter(None, [os.environ.get("PYTHONPATH")])
        return subprocess.run(
            [sys.executable, "-m", "archprof", *words],
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(places)},
        )

    def run_of(self, *words: str, limit: float = 120, path: Path | None = None) -> Row:
        """Return the run that a command prints as JSON; one without rows, and a FAIL, for none."""
        done = self.command(*words, "--format", "json", limit=limit, path=path)
        try:
            data: Row = json.loads(done.stdout)
        except ValueError:
            self.say("FAIL", f"{' '.join(words)}: exit {done.returncode}: {last_words(done)}")
            return {"measurements": [], "memory": [], "layers": []}
        if done.returncode:
            self.note(f"{' '.join(words)}: exit {done.returncode} {last_words(done)}")
        found: Row = data.get("run", data)
        return found

    def usual(self) -> list[str]:
        """Return the options of the usual conditions."""
        return ["--dtype", self.sizes.dtype, "--memory-format", self.sizes.memory_format]


def row_name(row: Row) -> str:
    """Return the network and conditions of a row."""
    words = [row["network"], f"b{row['batch']}", row["dtype"], row["memory_format"], row["mode"]]
    if row["train"]:
        words.append("training")
    return " ".join(words)


FIGURES = (
    "latency_ms",
    "latency_p90_ms",
    "latency_max_ms",
    "batched_ms",
    "device_ms",
    "host_ms",
    "bound",
    "compile_s",
    "upload_ms",
    "download_ms",
    "noise",
    "runs",
    "discarded_runs",
    "stopped",
    "attained_share",
    "joules_per_image",
    "power_w",
    "clock_mhz",
    "clock_share",
)
MEMORY = ("predicted_peak_bytes", "peak_bytes", "requested_bytes", "reserved_bytes")


def row_figures(row: Row) -> str:
    """Return what a row has, and what it has to say."""
    words = [f"{name} {short(row[name])}" for name in FIGURES if row.get(name) is not None]
    words += [f"{name[:-6]} {row[name] / 2**20:.1f} MiB" for name in MEMORY if row.get(name)]
    words += [row["message"][:WORDS]] if row["message"] else []
    words += [f"warnings {list(row['warnings'])}"] if row["warnings"] else []
    return ", ".join(words)


def short(value: object) -> str:
    """Return a number with four digits, anything else as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def last_words(done: subprocess.CompletedProcess[str]) -> str:
    """Return the end of what a command wrote to standard error, in one line."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith(PROGRESS)]
    return " / ".join(lines[-6:])[-WORDS:]
