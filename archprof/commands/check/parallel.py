"""Files checked by several processes; one that takes its process down is found out, and the
others are checked all the same.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from archprof.commands.check.base import Finding
from archprof.commands.check.checking import Options, Report, check
from archprof.commands.check.config import Config
from archprof.language.files import Source
from archprof.problem import Mark, Problem, Severity

Work = tuple[Source, Config]


def in_processes(work: Sequence[Work], options: Options, jobs: int) -> list[Report]:
    """The reports in order.

    Where a process dies, each file that it may have had is given a process of its own.
    """
    reports: dict[int, Report] = {}
    waiting = list(range(len(work)))
    while waiting:
        died = _round(waiting, work, options, jobs, reports)
        waiting = [i for i in waiting if i not in reports]
        if died:
            for i in waiting[: 2 * jobs + 1]:  # those at work, and those handed out ahead
                if _round([i], work, options, 1, reports):
                    reports[i] = _killed(work[i][0])
            waiting = [i for i in waiting if i not in reports]
    return [reports[i] for i in range(len(work))]


def _round(
    numbers: Sequence[int],
    work: Sequence[Work],
    options: Options,
    jobs: int,
    reports: dict[int, Report],
) -> bool:
    """Checks these files as far as it goes; whether a process died."""
    with ProcessPoolExecutor(jobs, initializer=_begin) as pool:
        futures: dict[int, Future[Report]] = {}
        try:
            for i in numbers:
                futures[i] = pool.submit(check, *work[i], options)
            for i, future in futures.items():
                reports[i] = future.result()
        except BrokenProcessPool:
            reports |= {
                i: f.result()
                for i, f in futures.items()
                if f.done() and not f.cancelled() and f.exception() is None
            }
            return True
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise
    return False


def _begin() -> None:
    """Ctrl-C is the parent's to answer; what ends this process ends it at once, and the end of
    the parent does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    """Waits for the end of the parent, however it comes, SIGKILL too."""
    parent.join()
    os._exit(1)


def _killed(source: Source) -> Report:
    problem = Problem(
        Mark(source.name),
        "limit",
        "the process that checked it was killed",
        "it may need more memory than there is",
    )
    nothing = frozenset[tuple[Mark, str]]()
    return Report(
        source.name,
        (Finding(problem, Severity.error),),
        (),
        (),
        (),
        nothing,
        nothing,
        frozenset(),
        False,
    )
