"""The time limit: it rings, rings again where it was not heard, and leaves nothing behind."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time

import pytest

from archprof.checks.timing import TimeUp, within

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer here")


def busy(seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
    return "done"


def test_it_rings_and_is_gone() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeUp):
        within(0.02, lambda: busy(10))
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_it_does_not_ring_in_time() -> None:
    assert within(0.2, lambda: busy(0.01)) == "done"
    time.sleep(0.3)


def test_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: 1 / 0)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_it_rings_again_where_it_was_not_heard() -> None:
    heard = []

    def deaf() -> str:
        try:
            time.sleep(10)
        except TimeUp:
            heard.append(1)
        return busy(10)

    with pytest.raises(TimeUp):
        within(0.02, deaf)
    assert heard == [1]


def test_destructors_run_to_their_end() -> None:
    """What is raised in one is lost, so the time is up only behind it."""
    gone = []

    class Slow:
        def __del__(self) -> None:
            busy(0.1)
            gone.append(self.__class__)

    def work() -> None:
        Slow()
        busy(10)

    with pytest.raises(TimeUp):
        within(0.02, work)
    assert gone == [Slow]


def test_a_loss_is_reported_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The garbage collector drops what its callbacks raise, and reports it to `sys.unraisablehook`, which is slow where pytest has put its own."""
    reported: list[type[BaseException]] = []

    def report(lost: sys.UnraisableHookArgs) -> None:
        reported.append(lost.exc_type)
        busy(0.2)

    def slow(phase: str, about: object) -> None:
        busy(0.1)

    def work() -> None:
        gc.collect()
        busy(10)

    monkeypatch.setattr(sys, "unraisablehook", report)
    gc.callbacks.append(slow)
    try:
        with pytest.raises(TimeUp):
            within(0.02, work)
    finally:
        gc.callbacks.remove(slow)
    assert reported == []
    assert sys.unraisablehook is report


def test_what_else_is_lost_is_reported_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A destructor's own fault goes to whoever wants it, and the time is up only when that is done."""
    reported: list[str] = []

    def report(lost: sys.UnraisableHookArgs) -> None:
        busy(0.1)
        reported.append(str(lost.exc_value))

    class Faulty:
        def __del__(self) -> None:
            raise ValueError("a fault of its own")

    def work() -> None:
        Faulty()
        busy(10)

    monkeypatch.setattr(sys, "unraisablehook", report)
    with pytest.raises(TimeUp):
        within(0.02, work)
    assert reported == ["a fault of its own"]


def test_other_threads_have_none() -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(within(0.01, lambda: busy(0.05))))
    thread.start()
    thread.join()
    assert found == ["done"]
