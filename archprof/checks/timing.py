"""A time limit on what is at work in this process."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

AGAIN = 0.05  # seconds, after which it is raised again: what is raised while an object is being deleted goes nowhere

Result = TypeVar("Result")


class TimeUp(BaseException):
    """The time is over. No Exception: whoever expects one of its own must not take this for it."""


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """What `work` gives. Raises TimeUp in the midst of it when it takes longer.

    There is no limit where the system has no timer, and outside the main thread.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return work()
    armed = True
    report = sys.unraisablehook

    def ring(number: int, frame: FrameType | None) -> None:
        if armed and not _deaf(frame, lose):
            raise TimeUp

    def lose(lost: sys.UnraisableHookArgs) -> None:
        """Reports no TimeUp that a destructor, or what the garbage collector calls, let go: the timer raises the next one."""
        if lost.exc_type is not TimeUp:
            report(lost)

    before = signal.signal(signal.SIGALRM, ring)
    try:
        sys.unraisablehook = lose
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        return work()
    finally:
        armed = False  # before anything is called: no signal is answered between here and the exception or the return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = report


def _deaf(frame: FrameType | None, lose: Callable[..., None]) -> bool:
    """Whether what is raised at `frame` is lost for certain: in a destructor, or while another loss is reported."""
    while frame is not None:
        if frame.f_code is lose.__code__ or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False
