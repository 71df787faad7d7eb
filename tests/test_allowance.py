"""The allowance of a run: what it counts, where it says so, and that nothing of it is left
behind.
"""

from __future__ import annotations

import _weakrefset
import mmap
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from archprof import allowance
from archprof.allowance import Allowance, LimitReached, paused, share
from archprof.limits import Limits
from archprof.problem import Mark, ProblemError

ALARM = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer here")
BRIEF = Limits(seconds=0.02)


def busy(seconds: float) -> str:
    """Uses the processor so long, without a look at the allowance."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
    return "done"


def fresh(megabytes: int) -> mmap.mmap:
    """So much memory that the process did not have before: `malloc` may hand out what another
    test has freed.
    """
    memory = mmap.mmap(-1, megabytes * 1_000_000)
    memory.write(b"x" * 1_000_000 * megabytes)
    return memory


def ended(one: Allowance, work: Callable[[], object]) -> str:
    """The complaint about work that takes more than is allowed, "" where none comes."""
    try:
        with one:
            work()
    except ProblemError as error:
        return str(error)
    return ""


@ALARM
def test_time_ends_and_leaves_no_alarm() -> None:
    before = signal.getsignal(signal.SIGALRM)
    one = Allowance(BRIEF, "net.yaml")
    one.place = Mark("net.yaml", 7, 3)
    assert (
        ended(one, lambda: busy(20))
        == "net.yaml:7:3: error: not done after 0.02 seconds of the processor [limit]\n  hint: a"
        " smaller file or network; ARCHPROF_LIMITS=seconds=0.2 in the environment allows more"
    )
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert allowance.current() is None


@ALARM
def test_the_alarm_rings_again_where_it_was_not_heard() -> None:
    heard = []

    def deaf() -> None:
        try:
            busy(20)
        except LimitReached:
            heard.append(1)
        busy(20)

    assert ended(Allowance(BRIEF), deaf)
    assert heard == [1]


@ALARM
def test_a_limit_reached_while_an_object_is_deleted_is_raised_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a destructor raises, Python prints and drops: the alarm, ten times a second, rings
    three times in vain.
    """
    dropped, deleted = [], []
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)

    class Slow:
        def __del__(self) -> None:
            deleted.append(busy(0.3))

    def work() -> None:
        slow = Slow()
        del slow
        busy(20)

    assert "not done after 0.02 seconds" in ended(Allowance(BRIEF), work)
    assert deleted == ["done"]
    assert dropped == []


@ALARM
@pytest.mark.parametrize(
    ("file", "name", "raised"),
    [
        ("<frozen importlib._bootstrap>", "cb", False),
        (weakref.__file__, "remove", False),
        (_weakrefset.__file__, "_remove", False),
        (__file__, "remove", True),
        ("<frozen importlib._bootstrap>", "_find_and_load", True),
    ],
)
def test_nor_in_a_callback_of_a_weak_reference(file: str, name: str, raised: bool) -> None:
    """Of these functions, too, Python drops what they raise: the alarm waits until they are done.

    A function of the name and file is made here, and looks at the clock as the alarm does.
    """
    source = f"def {name}():\n    busy(0.3)\n    rung.append(1)\n"
    names: dict[str, Any] = {"busy": busy, "rung": []}
    exec(compile(source, file, "exec"), names)
    ended(Allowance(BRIEF), names[name])
    assert names["rung"] == ([] if raised else [1])


@ALARM
def test_a_timer_that_was_there_goes_on() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_REAL, 100)
    try:
        with Allowance(Limits()):
            pass
        assert 90 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), Allowance(Limits()):
        raise ZeroDivisionError


def test_loops_look_at_the_clock_where_no_alarm_rings() -> None:
    """On another thread, and where the system has no timer."""
    found: list[str] = []

    def work() -> None:
        try:
            with Allowance(BRIEF, "a"):
                while True:
                    allowance.check()
        except ProblemError as error:
            found.append(error.problems[0].rule)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert found == ["limit"]


def test_waiting_ends_too() -> None:
    """0.02 seconds of the processor, ten times as much by the clock."""

    def wait() -> None:
        time.sleep(0.25)
        allowance.check()

    assert "error: not done after 0.2 seconds [limit]" in ended(Allowance(BRIEF, "a"), wait)


def test_parts_add_up() -> None:
    """Entered twice, it has one limit for both; over two files it has twice the limit."""

    def work() -> None:
        busy(0.15)
        allowance.check()

    def double() -> None:
        share(2)
        busy(0.3)
        allowance.check()

    one = Allowance(Limits(seconds=0.2), alarm=False)
    assert not ended(one, work)
    assert ended(one, work)
    assert not ended(Allowance(Limits(seconds=0.2), alarm=False), double)


def test_the_limit_of_the_run_ends_what_has_its_own() -> None:
    def work() -> None:
        busy(0.1)
        allowance.check()

    def inside() -> None:
        assert not ended(Allowance(Limits(seconds=50), "inner", alarm=False), work)

    assert ended(Allowance(Limits(seconds=0.05), "of the run", alarm=False), inside).startswith(
        "of the run: error: "
    )


def test_memory() -> None:
    if allowance._megabytes() == 0:
        pytest.skip("this system does not tell")

    def work() -> None:
        kept = fresh(100)
        allowance.check()
        del kept

    assert "needs more than 50 MB of memory" in ended(
        Allowance(Limits(megabytes=50), alarm=False), work
    )


def test_pauses_do_not_count() -> None:
    with Allowance(Limits(seconds=0.2, megabytes=50), alarm=False):
        with paused():
            busy(0.3)
            kept = fresh(100)
        allowance.check()
        del kept


def test_what_others_take_meanwhile_does_not_count() -> None:
    """Of a file that is looked at twice, and of the files between: each has its own memory."""
    one = Allowance(Limits(megabytes=50), alarm=False)
    with one:
        allowance.check()
    kept = fresh(100)
    with one:
        allowance.check()
        del kept


def test_memory_of_all_times_adds_up() -> None:
    if allowance._megabytes() == 0:
        pytest.skip("this system does not tell")
    one, kept = Allowance(Limits(megabytes=150), alarm=False), []

    def work() -> None:
        kept.append(fresh(100))
        allowance.check()

    assert not ended(one, work)
    assert "needs more than 150 MB of memory" in ended(one, work)


def test_without_one_nothing_is_counted() -> None:
    allowance.check()
    share(3)
    assert allowance.current() is None


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarm")
def test_no_alarm_interrupts_the_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick may pass between the limit and the end of the alarm: the limit is told once."""
    off = allowance._Alarm.off

    def late(self: allowance._Alarm) -> None:
        self.ring(signal.SIGALRM, sys._getframe())
        off(self)

    monkeypatch.setattr(allowance._Alarm, "off", late)

    def work() -> None:
        with Allowance(Limits(seconds=0.01)):
            while True:
                pass

    with pytest.raises(ProblemError, match="not done"):
        work()
