"""A time limit on what is at work in this process."""

from __future__ import annotations

import signal
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

    def ring(number: int, frame: FrameType | None) -> None:
        if armed:
            raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        return work()
    finally:
        armed = False  # before anything is called: no signal is answered between here and the exception or the return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
