"""A process that can be lost: a crash, a hang or a spoilt CUDA context in it ends nothing else.

It measures, or makes a part of a sweep.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any

from archprof.processes import safe_path

GRACE = 5.0  # seconds for a process to leave by itself

Task = Callable[..., Any]
"""A function of a module: it takes its arguments, and last what tells news to the caller."""


class WorkerLost(Exception):
    """The process ended, or gave no sign, before it answered; `status` is that of a row."""

    def __init__(self, status: str, message: str):
        super().__init__(message)
        self.status = status


class WorkerError(Exception):
    """What was raised in a process, as text: the error itself, or its traceback."""


class Worker:
    """A process that runs one task after the other, started when it is needed.

    `work` says in messages what it is for. Leaving the context ends it, at once where an error is
    on its way.
    """

    def __init__(self, work: str) -> None:
        self.work = work
        self.process: Any = None  # multiprocessing's, None where none runs
        self.connection: Connection | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(grace=GRACE if error is None else 0.0)

    def call(
        self,
        task: Task,
        arguments: tuple[Any, ...],
        heard: Callable[[Any], object] = lambda news: None,
        patience: float | None = None,
    ) -> Any:
        """Return what the task gives in the process; `heard` is called with its news meanwhile.

        Raises what the task raises, and WorkerLost where the process ended, or told nothing for
        `patience` seconds, None for ever; the next call then has a new process.
        """
        self.begin(task, arguments)
        return self.answer(heard, patience)

    def begin(self, task: Task, arguments: tuple[Any, ...]) -> Connection:
        """Let the process begin a task, and return the connection by which it will answer."""
        connection = self._started()
        with suppress(OSError):  # a process that is lost meanwhile gives no answer
            connection.send((task, arguments))
        return connection

    def answer(
        self,
        heard: Callable[[Any], object] = lambda news: None,
        patience: float | None = None,
    ) -> Any:
        """Return what the task gives that has begun, as `call` does."""
        kind, found = self._heard(patience)
        while kind == "news":
            heard(found)
            kind, found = self._heard(patience)
        if kind == "raised":
            error, text = found
            raise error from WorkerError(f"\n{text}")
        return found

    def _heard(self, patience: float | None) -> tuple[str, Any]:
        """Return what the process says next. Raises WorkerLost where it does not."""
        connection: Any = self.connection
        if not wait([connection, self.process.sentinel], patience):
            self.end()
            raise WorkerLost(
                "failed",
                f"the {self.work} process gave no sign for {patience:.0f} s and was ended",
            )
        try:
            kind, found = connection.recv()
        except (EOFError, OSError):
            raise self._lost() from None
        return kind, found

    def end(self, grace: float = 0.0) -> None:
        """End the process, by force where it does not leave by itself in so many seconds."""
        if self.connection is not None:
            self.connection.close()
        if self.process is not None:
            self.process.join(grace)
            self.process.kill()
            self.process.join()
            self.process.close()
        self.process = self.connection = None

    def _started(self) -> Connection:
        """Return the connection to the process, which is started where none runs."""
        if self.connection is not None and self.process.is_alive():
            return self.connection
        self.end()
        # a fork has no CUDA where the parent has used it
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs,), name=f"archprof {self.work}")
        with safe_path(), _without_interruption():
            process.start()
            self.process = process
        theirs.close()
        return self.connection

    def _lost(self) -> WorkerLost:
        """Return how the process ended, which has not answered."""
        self.process.join(GRACE)
        code = self.process.exitcode
        self.end()
        if code is not None and code < 0:
            name = _signal(-code)
            if name == "SIGKILL":
                return WorkerLost(
                    "out_of_memory",
                    f"the {self.work} process was killed (SIGKILL), as systems do where memory"
                    " ends",
                )
            return WorkerLost("failed", f"the {self.work} process ended by signal {-code} ({name})")
        return WorkerLost("failed", f"the {self.work} process ended with exit code {code}")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has no name
        return "unnamed"


@contextmanager
def _without_interruption() -> Iterator[None]:
    """Let Ctrl-C wait; a process that begins never hears it, and prints no traceback of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # multiprocessing's own helper, whose start would let signals through again
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the process ---


def serve(connection: Connection) -> None:
    """Run the tasks that come, until the caller leaves."""
    _begin()
    with suppress(EOFError, BrokenPipeError):
        while True:
            _answer(connection)


def _answer(connection: Connection) -> None:
    received = connection.recv_bytes()
    try:
        # from the parent alone: the pipe has no name that anybody else could open
        task, arguments = pickle.loads(received)
        found = task(*arguments, lambda news: connection.send(("news", news)))
        connection.send(("done", found))
    except Exception as error:  # noqa: BLE001 - the caller raises it again
        connection.send(("raised", (_portable(error), traceback.format_exc())))


def _portable(error: Exception) -> Exception:
    """Return the error, or another with its words where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - an error's own code decides how it is pickled
        return WorkerError(f"{type(error).__name__}: {error}")
    return error


def _begin() -> None:
    """Prepare the process: the parent handles Ctrl-C, other signals and its end end this one.

    Whatever torch or a compiler prints goes to standard error: standard output is the report's.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    with suppress(OSError):  # one of them is closed
        os.dup2(2, 1)
    # semaphores made under this method (tqdm's, by torch.fx) have no name that would be left over,
    # and complained about, where this process is killed
    with suppress(ValueError):  # Windows has no fork, and no names
        multiprocessing.set_start_method("fork", force=True)
    # torch's remark on the copy it makes, which the analysis counts
    warnings.filterwarnings("ignore", "Using padding='same' with even kernel")


def _follow(parent: Any) -> None:
    """End this process when the parent ends, however that comes, SIGKILL too."""
    parent.join()
    os._exit(1)
