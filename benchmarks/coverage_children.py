"""Models measured in processes of their own, several at a time, none longer than it may take."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

Row = dict[str, Any]


class _Child(NamedTuple):
    """A running process, what it was given, where its row comes from, and when its time is up."""

    process: BaseProcess
    target: str
    rows: Connection
    until: float


def each_in_its_own_process(
    make: Callable[[str], Row], targets: Sequence[str], jobs: int, limit: float
) -> Iterator[Row]:
    """Yield each target's row as it is ready. A process that dies or takes longer than `limit`
    seconds gives a row that says so.
    """
    # forked, so that each begins with what has been imported
    context = multiprocessing.get_context("fork")
    waiting, running = list(reversed(targets)), list[_Child]()
    while waiting or running:
        while waiting and len(running) < jobs:
            target = waiting.pop()
            rows, given = context.Pipe(duplex=False)
            process = context.Process(target=_run, args=(make, target, given))
            process.start()
            given.close()
            running.append(_Child(process, target, rows, time.monotonic() + limit))
        soonest = min(child.until for child in running)
        wait([child.rows for child in running], max(0, soonest - time.monotonic()))
        for child in [c for c in running if c.rows.poll() or c.until <= time.monotonic()]:
            running.remove(child)
            yield _row(child, limit)


def _run(make: Callable[[str], Row], target: str, given: Connection) -> None:
    import torch

    torch.set_num_threads(1)
    logging.disable(logging.CRITICAL)  # torch.export logs the graph of what it could not follow
    given.send(make(target))
    given.close()


def _row(child: _Child, limit: float) -> Row:
    found: Row = {"target": child.target, "captured": False, "stage": "process", "place": ""}
    try:
        if child.rows.poll():
            found = child.rows.recv()
        else:
            found["why"] = f"not done in {limit:g} seconds"
            child.process.kill()
    except EOFError:
        child.process.join()
        found["why"] = f"its process ended with exit code {child.process.exitcode}"
    child.process.join()
    child.rows.close()
    return found
