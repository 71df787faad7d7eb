"""The engines of sweeps on the same shards: one process, two, and Dask's workers over TCP.

Run: python benchmarks/sweep_engines.py
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

import dask
import yaml
from distributed import LocalCluster
from measuring import HERE, fewer, holds, machine
from tabulate import tabulate

from archprof.record import Record
from archprof.sweeping.engines.dask_engine import Dask
from archprof.sweeping.engines.engine import Engine, InProcess, RowRange, run_shards
from archprof.sweeping.engines.processes_engine import Processes
from archprof.sweeping.running import SweepJob, identity_of, origin_of
from archprof.sweeping.space.library import read_space
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.storing.identity import Shard

SPACE, ROWS, SHARD = "resnet", 600_000, 25_000
MANY, CORES = 100_000_000, 100  # what is planned from the processor's time in Dask's worker
CONFIGURATION = HERE.parent / "docs" / "examples" / "sweeps" / "dask.yaml"
HEAD = ("Engine", "start s", "s", "CPU s in shards", "rows/s", "beside one process")


class TimedJob(Record):
    """A sweep whose shards write down how long their process computed for them."""

    job: SweepJob

    def make(self, shard: Shard) -> None:
        begin = time.process_time()
        self.job.make(shard)
        with (self.job.folder / "seconds").open("a", encoding="utf-8") as file:
            file.write(f"{time.process_time() - begin}\n")

    def missing(self) -> list[Shard]:
        return self.job.missing()


class Quiet:
    """Shows nothing."""

    def made(self, shard: RowRange) -> None:
        pass

    def note(self, text: str) -> None:
        pass


class Measured(NamedTuple):
    """Seconds until the engine was there, until all was made, and of the processors in shards; the
    bytes of the parts, and their hash.
    """

    start: float
    wall: float
    busy: float
    size: int
    digest: str


@contextmanager
def workers(count: int, settings: dict[str, object]) -> Iterator[Dask]:
    """Yield the engine of a cluster on this machine, with these settings."""
    with (
        dask.config.set(dask.config.merge(dask.config.config, settings)),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address=None,
        ) as cluster,
    ):
        cluster.wait_for_workers(count)
        yield Dask(cluster.scheduler_address)


def measured(started: AbstractContextManager[Engine]) -> Measured:
    """Make all shards in a new folder by the engine of a context."""
    begin = time.perf_counter()
    with started as engine, tempfile.TemporaryDirectory() as name:
        start = time.perf_counter()
        folder = Path(name)
        space = read_space(SPACE).sampled(Sample("random", fewer(ROWS), 7))
        job = TimedJob(SweepJob(folder, origin_of(space), identity_of(space, SHARD)))
        for _ in run_shards(job, job.missing(), engine, Quiet()):
            pass
        wall = time.perf_counter() - start
        busy = sum(map(float, (folder / "seconds").read_text(encoding="utf-8").split()))
        parts = b"".join(file.read_bytes() for file in sorted(folder.glob("*.parquet")))
        digest = hashlib.sha256(parts).hexdigest()
        return Measured(start - begin, wall, busy, len(parts), digest)


def main() -> int:
    """Return 0 where all make the same parts, and Dask's workers compute no longer for them."""
    print(machine("archprof", "numpy", "pyarrow", "distributed"))
    settings = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    found = {
        "one process": measured(nullcontext(InProcess())),
        "two processes": measured(nullcontext(Processes(2))),
        "Dask, one worker, as it comes": measured(workers(1, {})),
        "Dask, one worker, dask.yaml": measured(workers(1, settings)),
        "Dask, two workers, dask.yaml": measured(workers(2, settings)),
    }
    one = found["one process"]
    rows = fewer(ROWS)
    print(f"{SPACE}, {rows:,} rows at random in shards of {SHARD:,}:")
    print(
        tabulate(
            [
                (
                    name,
                    f"{m.start:.2f}",
                    f"{m.wall:.1f}",
                    f"{m.busy:.1f}",
                    f"{rows / m.wall:,.0f}",
                    f"{one.wall / m.wall:.2f}",
                )
                for name, m in found.items()
            ],
            HEAD,
        )
    )
    ours = found["Dask, one worker, dask.yaml"]
    hours = MANY * ours.busy / rows / 3600
    print(
        f"{MANY:,} rows: {hours:.1f} hours of a core, {3600 * hours / CORES:.0f} seconds of"
        f" {CORES}, {MANY * ours.size / rows / 2**30:.1f} GiB on the disk"
    )
    equal = sum(m.digest == one.digest for m in found.values())
    kept = [
        holds("sweeps that are equal to the byte", equal, len(found), "", least=True),
        holds("processor time in Dask's worker beside one process", ours.busy / one.busy, 2),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
