"""The engine of one machine: processes that make a shard after the other."""

from __future__ import annotations

import signal
import sys
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

from archprof.problem import ProblemError
from archprof.record import Record
from archprof.sweeping.engines.engine import AGAIN, Job, Note, RowRange, S, given_up, kept
from archprof.worker import GRACE, Worker, WorkerLost

LOSSES = 3
"""So many processes may end over one shard before it is given up."""


class Processes(Record):
    """So many processes of this machine.

    Which shard a process was at when it ended is known here, where an executor of
    `concurrent.futures` only reports that all are lost.
    """

    workers: int

    def made(self, job: Job[S], shards: Sequence[S], note: Note) -> Generator[S, None, None]:
        waiting, losses = deque(shards), Counter[S]()
        with _workers(min(self.workers, len(shards))) as idle:
            busy: dict[Any, tuple[Worker, S]] = {}  # by the connection that will answer
            while waiting or busy:
                while waiting and idle:
                    worker, shard = idle.pop(), waiting.popleft()
                    busy[worker.begin(_make, (job, shard))] = worker, shard
                for connection in wait(list(busy)):
                    worker, shard = busy.pop(connection)
                    idle.append(worker)
                    try:
                        worker.answer()
                    except WorkerLost as lost:
                        losses[shard] += 1
                        if losses[shard] == LOSSES:
                            raise _lost(shard, lost) from None
                        waiting.appendleft(shard)
                    else:
                        yield shard


@contextmanager
def _workers(count: int) -> Iterator[list[Worker]]:
    """Yield so many workers without a process yet; their processes end with the context."""
    workers = [Worker("sweeping") for _ in range(count)]
    try:
        yield list(workers)
    finally:
        for worker in workers:
            if worker.process is not None:
                worker.process.terminate()
        for worker in workers:
            worker.end(GRACE)


def _make(job: Job[S], shard: S, tell: Callable[[Any], object]) -> None:
    """Make a shard in a worker: what ends it removes its unfinished file first."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    kept(job).make(shard)


def _lost(shard: RowRange, lost: WorkerLost) -> ProblemError:
    why = f"{LOSSES} processes ended over it, the last so: {lost}"
    way = "see what it printed; a script of yours sweeps under `if __name__ == '__main__':`"
    if lost.status == "out_of_memory":
        way = "fewer --workers, each of which needs memory"
    return given_up("--workers", shard, why, f"{way}; {AGAIN}")
