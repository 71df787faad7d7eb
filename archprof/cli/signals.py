"""Ctrl-C, SIGTERM and SIGHUP end the program in the same way.

Its work is interrupted, children and temporary files go, and the exit code names the signal.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

# seconds, after which an interruption that was not heard is repeated: imports in C and deletions
# swallow what is raised in them
AGAIN = 1.0
WORDS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}


class Signals:
    """The signals that have come.

    Signals that are ignored, as in a shell's background or under nohup, stay so.
    """

    def __init__(self) -> None:
        """Begin to listen."""
        self.number = 0  # of the latest signal, 0 for none
        self._raised = 0.0
        numbers = [getattr(signal, name) for name in WORDS if hasattr(signal, name)]
        self._numbers = [n for n in numbers if signal.getsignal(n) is not signal.SIG_IGN]
        for number in self._numbers:
            signal.signal(number, self._interrupt)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._repeat)
        sys.unraisablehook = _unheard

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self._raised = time.monotonic()
        # an allowance's alarm rings here too
        if hasattr(signal, "setitimer") and signal.getitimer(signal.ITIMER_REAL)[1] == 0:
            signal.setitimer(signal.ITIMER_REAL, AGAIN, AGAIN)
        raise KeyboardInterrupt

    def _repeat(self, number: int, frame: FrameType | None) -> None:
        if self.number and time.monotonic() - self._raised > AGAIN:
            self._raised = time.monotonic()
            raise KeyboardInterrupt

    def heard(self) -> int:
        """Print which signal has come, and return the exit code.

        By convention that is 128 and the number of the signal.
        """
        self.close()
        name = signal.Signals(self.number or signal.SIGINT).name
        print(WORDS[name], file=sys.stderr)
        return 128 + (self.number or signal.SIGINT)

    def close(self) -> None:
        """Stop listening: the work is over.

        A signal that comes now ends the process at once, without a word from what is being put
        away.
        """
        for number in self._numbers:
            signal.signal(number, lambda number, frame: os._exit(128 + number))
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)


def _unheard(what: sys.UnraisableHookArgs) -> None:
    """Print no traceback of an end that came while an object was deleted: it is repeated."""
    if issubclass(what.exc_type, Exception):
        sys.__unraisablehook__(what)
