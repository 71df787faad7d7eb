"""The time limit: it rings, rings again where it was not heard, and leaves nothing behind."""

from __future__ import annotations

import signal
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


def test_other_threads_have_none() -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(within(0.01, lambda: busy(0.05))))
    thread.start()
    thread.join()
    assert found == ["done"]
