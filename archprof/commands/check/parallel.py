"""Check files in several processes; a file that kills its process stops no other."""

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
from archprof.commands.check.captured_source import CapturedSource
from archprof.commands.check.check_file import check
from archprof.commands.check.check_options import Options
from archprof.commands.check.check_run import Work
from archprof.commands.check.file_report import FileReport
from archprof.language.files import Source
from archprof.problem import Mark, Problem, Severity


def in_processes(work: Sequence[Work], options: Options, jobs: int) -> list[FileReport]:
    """Return the reports in order.

    Where a process dies, each file that it may have worked on is given a process of its own.
    """
    reports: dict[int, FileReport] = {}
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
    reports: dict[int, FileReport],
) -> bool:
    """Check these files until a process dies, and return whether one did."""
    with ProcessPoolExecutor(jobs, initializer=_begin) as pool:
        futures: dict[int, Future[FileReport]] = {}
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
            for child in multiprocessing.active_children():
                child.terminate()
            # waited for here: where Python itself ends the pool's thread at its exit, it may write
            # to a pipe that the thread has just closed
            pool.shutdown(cancel_futures=True)
            raise
    return False


def _begin() -> None:
    """Prepare a process: the parent handles Ctrl-C, other signals and its end end this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    """End this process when the parent ends, however that comes, SIGKILL too."""
    parent.join()
    os._exit(1)


def _killed(source: Source | CapturedSource) -> FileReport:
    problem = Problem(
        Mark(source.name),
        "limit",
        "the process that checked it was killed",
        "it may need more memory than there is",
    )
    nothing = frozenset[tuple[Mark, str]]()
    return FileReport(
        source.name,
        (Finding(problem, Severity.error),),
        (),
        (),
        (),
        (),
        nothing,
        nothing,
        frozenset(),
        False,
    )
