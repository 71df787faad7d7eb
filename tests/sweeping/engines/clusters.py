"""Dask's scheduler and workers as programs of their own on this machine, over TCP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[3]
CONFIGURATION = ROOT / "docs" / "examples" / "sweeps" / "dask.yaml"
PATIENCE = 120.0  # seconds for a program to start, on a busy machine


class Cluster:
    """A scheduler in a folder; its programs end with the context of `cluster`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.programs: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = self._address()

    def worker(self, *options: str) -> None:
        """Start a worker, which joins when it can."""
        local = str(self.folder / "workers")
        usual = ("--nthreads", "1", "--nworkers", "1", "--local-directory", local)
        self._start("worker", "--host", "127.0.0.1", *usual, *options)

    def _address(self) -> str:
        """Return what the scheduler's file says, when all of it is written."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(FileNotFoundError, json.JSONDecodeError):
                found: str = json.loads(self.file.read_text(encoding="utf-8"))["address"]
                return found
            time.sleep(0.02)
        self.end()
        raise TimeoutError((self.folder / "log").read_text(encoding="utf-8"))

    def end(self) -> None:
        """Kill all programs, and the processes that they have started."""
        for program in self.programs:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        usual = ("--no-dashboard", "--scheduler-file", str(self.file))
        with (self.folder / "log").open("ab") as log:
            program = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *options, *usual],
                env=os.environ
                | {
                    "DASK_CONFIG": str(CONFIGURATION),
                    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
                    "PYTHONPATH": str(ROOT),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.programs.append(program)
        return program


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Yield a cluster with so many workers, all of which have joined."""
    started = Cluster(folder)
    try:
        for _ in range(workers):
            started.worker()
        if workers:
            joined(started.address, workers)
        yield started
    finally:
        started.end()


def joined(address: str, workers: int) -> None:
    """Wait until so many workers have joined a scheduler."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=PATIENCE)
