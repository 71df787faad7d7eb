"""What a run may use: time, memory, layers, edges and items.

Every loop over input spends from the one allowance that is open. The command line opens one for the
whole run, and some commands another for each file; a context variable hands it around, because what
loops (a list in an expression, a phase of a receptive field) is many calls away from what knows the
limits, and because it follows threads and tasks. Time and memory are looked at by an alarm ten
times a second where the system has one, and in the loops themselves where it has not.
"""

from __future__ import annotations

import _weakrefset
import os
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType, TracebackType

from archprof.limits import Limits, raising, usual
from archprof.problem import Mark, Problem, ProblemError

TICK = 0.1  # seconds between two looks at the clocks
AROUND = 0.1  # of one file: what a run over several may use around them
# how many times its seconds a run may take that mostly waits, for a pipe or other processes
WAITING = 10

_cpu = getattr(time, "thread_time", time.process_time)


class LimitReached(BaseException):
    """The time or the memory is used up.

    It is not an Exception, so that code which expects one of its own does not catch it.
    """

    def __init__(self, allowance: Allowance, problem: Problem):
        super().__init__(str(problem))
        self.allowance, self.problem = allowance, problem


_open: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


class Allowance:
    """The limits of one piece of work and what of them is used.

    It is entered with `with`, as often as the work has parts. Leaving it after its limit was
    reached raises ProblemError, with the place where that was.
    """

    def __init__(self, limits: Limits, what: str = "", parts: float = 1, alarm: bool = True):
        """Make an allowance for the file or command `what`, shared by `parts` files.

        Without `alarm` only `check` looks at the clocks.
        """
        self.limits, self.parts, self.alarm = limits, parts, alarm
        self.place = Mark(what)  # where the work is
        self.items = 0  # made by the expressions of the network at work
        self.outer: Allowance | None = None
        self.used = self.waited = 0.0  # seconds, of the times it was entered before
        self.grown = 0.0  # megabytes by which the process grew in those times
        # the clocks and the megabytes; None: it is not open, or paused
        self.started: tuple[float, float, float] | None = None
        self._alarm: _Alarm | None = None

    def __enter__(self) -> Allowance:
        self.outer = _open.get()
        self._go_on()
        self._token = _open.set(self)
        self._alarm = _Alarm() if self.alarm else None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._alarm:
            self._alarm.off()
        self._stop()
        _open.reset(self._token)
        if isinstance(error, LimitReached) and error.allowance is self:
            raise ProblemError([error.problem]) from None

    def _go_on(self) -> None:
        self.started = _cpu(), time.monotonic(), _megabytes()

    def _stop(self) -> None:
        if self.started:
            self.used += _cpu() - self.started[0]
            self.waited += time.monotonic() - self.started[1]
            self.grown += _megabytes() - self.started[2]
        self.started = None

    def check(self) -> None:
        """Raise LimitReached where the time or the memory is used up.

        That of an allowance around this one counts too.
        """
        if self.started:
            seconds, used = self.limits.seconds * self.parts, self.used + _cpu() - self.started[0]
            if used > seconds:
                self._reached(
                    f"not done after {seconds:g} seconds of the processor",
                    "seconds",
                    10 * self.limits.seconds,
                )
            waited = self.waited + time.monotonic() - self.started[1]
            if waited > WAITING * seconds:
                self._reached(
                    f"not done after {WAITING * seconds:g} seconds",
                    "seconds",
                    10 * self.limits.seconds,
                )
            grown = self.grown + _megabytes() - self.started[2]
            if grown > self.limits.megabytes * self.parts:
                self._reached(
                    f"needs more than {self.limits.megabytes * self.parts:g} MB of memory",
                    "megabytes",
                    4 * self.limits.megabytes,
                )
        if self.outer:
            self.outer.check()

    def _reached(self, message: str, name: str, more: float) -> None:
        raise LimitReached(
            self,
            Problem(
                self.place, "limit", message, f"a smaller file or network; {raising(name, more)}"
            ),
        )


class _Alarm:
    """The system's timer, ringing; only the main thread of a system that has one hears it."""

    def __init__(self) -> None:
        self.rings = (
            hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        )
        if self.rings:
            # known before it rings: an alarm of an allowance around this one may come at once
            self.before = signal.getsignal(signal.SIGALRM)
            signal.signal(signal.SIGALRM, self.ring)
            self.timer = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def ring(self, number: int, frame: FrameType | None) -> None:
        """Call the handler around this one too: it may be an interruption that was not heard."""
        if callable(self.before):
            self.before(number, frame)
        allowance = _open.get()
        if self.rings and allowance and not _raising_is_vain(frame):
            allowance.check()

    def off(self) -> None:
        """Stop ringing, and put back the handler and the timer from before."""
        if self.rings:
            # before anything is called: no signal is answered between here and the exception or the
            # return
            self.rings = False
            signal.setitimer(signal.ITIMER_REAL, *self.timer)
            signal.signal(signal.SIGALRM, self.before)


_CALLBACKS = {
    "<frozen importlib._bootstrap>": "cb",  # of a module's lock, when its import is done
    weakref.__file__: "remove",
    _weakrefset.__file__: "_remove",
}
"""Functions that Python calls when an object that is weakly referenced is gone, by their file."""


def _raising_is_vain(frame: FrameType | None) -> bool:
    """Return whether an object is being deleted: Python prints what is raised there and goes on.

    Or whether an allowance is being left, whose work is over: its alarm is not off yet.
    """
    while frame is not None:
        code = frame.f_code
        if code is Allowance.__exit__.__code__:
            return True
        if code.co_name == "__del__" or _CALLBACKS.get(code.co_filename) == code.co_name:
            return True
        frame = frame.f_back
    return False


def current() -> Allowance | None:
    """Return the allowance that is open, None for none."""
    return _open.get()


@contextmanager
def ensured() -> Iterator[Allowance]:
    """Yield the allowance that is open or, where the library is used without one, a new one."""
    found = _open.get()
    if found:
        yield found
        return
    with Allowance(usual(), alarm=False) as new:
        yield new


def limits() -> Limits:
    """Return the limits of the allowance that is open, or the usual ones."""
    found = _open.get()
    return found.limits if found else usual()


def check() -> None:
    """Raise LimitReached where the open allowance is used up: for loops over input."""
    found = _open.get()
    if found:
        found.check()


def share(parts: int) -> None:
    """Divide the run into `parts` files or networks.

    Each has the limits of one, and what is around them a tenth of that.
    """
    found = _open.get()
    if found:
        found.parts = max(found.parts, parts + AROUND)


@contextmanager
def paused() -> Iterator[None]:
    """Count no time and no memory: while the user types, or torch runs what was analysed."""
    found: list[Allowance] = []
    one = _open.get()
    while one:
        found.append(one)
        one = one.outer
    for one in found:
        one._stop()
    try:
        yield
    finally:
        for one in found:
            one._go_on()


def lift() -> None:
    """Count no time and no memory from here on, and let no alarm disturb.

    What is built and measured with torch takes what it takes.
    """
    one = _open.get()
    while one:
        one._stop()
        if one._alarm:
            one._alarm.off()
        one = one.outer


def _megabytes() -> float:
    """Return the size of this process in megabytes, 0 where the system does not say.

    Not by `getrusage`: a process begins there with the size of the one that started it.
    """
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            return int(file.read(100).split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0.0


_PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6 if hasattr(os, "sysconf") else 0.0
