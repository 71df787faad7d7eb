"""Clocks: time is the device's own, grows with work, and is not to be had without synchronising."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.measure.on_device.clock import Clock, CpuClock, CudaClock
from tests.commands.measure.fake_cuda import FakeCuda

SECONDS = st.floats(1e-6, 1.0)


class Unsynchronised(CudaClock):
    """A clock with the mistake that every first benchmark makes."""

    def synchronize(self) -> None:
        pass


@given(st.lists(SECONDS, min_size=1, max_size=20))
def test_each_run_is_given_its_own_time(seconds: list[float]) -> None:
    cuda = FakeCuda()
    assert CudaClock(cuda).each(cuda.kernel(seconds), len(seconds)) == pytest.approx(
        seconds, rel=1e-6, abs=1e-12
    )


@given(SECONDS, st.integers(1, 50))
def test_batched_is_all_runs_together(seconds: float, n: int) -> None:
    cuda = FakeCuda()
    assert CudaClock(cuda).batched(cuda.kernel(seconds), n) == pytest.approx(n * seconds)


@given(SECONDS, st.integers(1, 20), st.floats(1.1, 10))
def test_time_grows_with_work(seconds: float, n: int, factor: float) -> None:
    cuda = FakeCuda()
    clock = CudaClock(cuda)
    assert clock.batched(cuda.kernel(factor * seconds), n) == pytest.approx(
        factor * clock.batched(cuda.kernel(seconds), n)
    )
    assert clock.batched(cuda.kernel(seconds), 2 * n) == pytest.approx(
        2 * clock.batched(cuda.kernel(seconds), n)
    )


@pytest.mark.parametrize(
    "timed",
    [
        lambda clock, run: clock.each(run, 3),
        lambda clock, run: clock.batched(run, 3),
        lambda clock, run: clock.sections([run, run], 3),
    ],
    ids=["each", "batched", "sections"],
)
def test_without_synchronising_there_is_no_time(timed) -> None:
    cuda = FakeCuda()
    timed(CudaClock(cuda), cuda.kernel(0.1))
    with pytest.raises(RuntimeError, match="not ready"):
        timed(Unsynchronised(cuda), cuda.kernel(0.1))


def test_runs_are_queued_and_waited_for_once() -> None:
    """Before, so that earlier work is nobody's, and after: 2.

    Queued: 5 kernels and 6 events between and around them.
    """
    cuda = FakeCuda()
    CudaClock(cuda).each(cuda.kernel(0.1), 5)
    assert (cuda.synchronisations, cuda.longest) == (2, 11)


def test_work_queued_earlier_is_nobodys() -> None:
    cuda = FakeCuda()
    cuda.launch(100.0)
    assert CudaClock(cuda).each(cuda.kernel(0.1), 2) == pytest.approx([0.1, 0.1])
    cuda.launch(100.0)
    assert CudaClock(cuda).batched(cuda.kernel(0.1), 2) == pytest.approx(0.2)


def test_what_comes_before_a_run_is_outside_its_window() -> None:
    cuda = FakeCuda()
    assert CudaClock(cuda).each(cuda.kernel(0.1), 3, before=cuda.kernel(7.0)) == pytest.approx(
        [0.1, 0.1, 0.1]
    )
    assert cuda.now == pytest.approx(3 * 7.1)


def test_sections_are_the_parts_of_a_run() -> None:
    cuda = FakeCuda()
    forward, backward, step = cuda.kernel(1.0), cuda.kernel(2.0), cuda.kernel(0.5)
    rounds = CudaClock(cuda).sections([forward, backward, step], 2, before=cuda.kernel(9.0))
    assert rounds == [pytest.approx([1.0, 2.0, 0.5])] * 2


def test_marks_stand_where_they_were_stamped() -> None:
    cuda = FakeCuda()
    clock = CudaClock(cuda)
    first = clock.stamp()
    cuda.launch(3.0)
    second = clock.stamp()
    with pytest.raises(RuntimeError, match="not ready"):
        clock.between(first, second)
    clock.synchronize()
    assert clock.between(first, second) == pytest.approx(3.0)


def test_a_turn_is_one_run_after_the_other() -> None:
    """Two kernels of 50 µs whose launches take 5 µs each, from idle: the device begins after 5 µs
    and ends after 105; by its own clock it works for 100, here after the first stamp. An eighth run
    more is stamped, as every fourth.
    """
    cuda = FakeCuda(launch_seconds=5e-6)
    clock = CudaClock(cuda, now=cuda.perf_counter)
    first, second = cuda.kernel(50e-6), cuda.kernel(50e-6)
    emptied: list[float] = []
    found = clock.turn([first, second], 8, before=lambda: emptied.append(cuda.now))
    assert found.waits == pytest.approx([105e-6] * 8)
    assert found.queueing == pytest.approx([10e-6] * 8)
    assert len(found.parts) == 2
    assert found.parts[0] == pytest.approx([55e-6, 50e-6])
    assert len(emptied) == 8 + 2


def test_a_turn_of_the_processor_is_its_sections() -> None:
    found = CpuClock().turn([lambda: time.sleep(0.01), lambda: None], 2)
    assert found.queueing == []
    assert [sum(parts) for parts in found.parts] == pytest.approx(found.waits)
    assert all(parts[0] >= 0.01 for parts in found.parts)


def test_meanwhile_is_while_the_device_works() -> None:
    cuda = FakeCuda()
    queued: list[int] = []
    CudaClock(cuda).batched(cuda.kernel(0.1), 3, lambda: queued.append(len(cuda.queue)))
    assert queued == [3 + 2]  # three runs between two events


def test_a_clock_is_called_as_torch_calls_its_device() -> None:
    assert (CpuClock().name, CudaClock(FakeCuda(), 3).name) == ("cpu", "cuda:3")


@pytest.mark.parametrize("clock", [CpuClock(), CudaClock(FakeCuda())], ids=lambda c: c.name)
def test_no_runs_have_no_time(clock: Clock) -> None:
    for timed in (clock.each, clock.batched, lambda run, n: clock.turn([run], n)):
        with pytest.raises(ValueError, match="found 0 runs"):
            timed(lambda: None, 0)


def test_the_processor_times_each_run_alone() -> None:
    """Sleeps last at least what they say; a loaded machine only makes them longer."""
    pauses = iter([0.001, 0.03, 0.001])
    times = CpuClock().each(lambda: time.sleep(next(pauses)), 3)
    assert times[1] >= 0.03
    assert min(times[0], times[2]) < times[1]
    assert CpuClock().batched(lambda: time.sleep(0.002), 5) >= 0.01
    assert CpuClock().each(lambda: None, 1, before=lambda: time.sleep(0.05))[0] < 0.05


# --- holding a device ---


def test_a_hold_is_as_long_as_asked_and_tells_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2 ms at 1 GHz are 2,000,000 cycles; the host's time alone decides whether it is over."""
    cuda = FakeCuda()
    cycles: list[int] = []
    sleep = cuda._sleep

    def counted(count: int) -> None:
        cycles.append(count)
        sleep(count)

    monkeypatch.setattr(cuda, "_sleep", counted)
    clock = CudaClock(cuda, 1)
    holding = clock.hold(0.002)
    assert cycles == [2_000_000]
    assert "on 1" in cuda.log  # the kernel goes to the current device's stream
    cuda.host += 0.0019
    assert holding()
    cuda.host += 0.0002
    assert not holding()


def test_a_device_that_does_not_tell_its_clock_is_held_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At 2 GHz, more than most have, so that the hold is rather too long: 1 ms is 2 ms here."""
    cuda = FakeCuda()
    monkeypatch.setattr(cuda, "get_device_properties", lambda device: object())
    clock = CudaClock(cuda)
    start = clock.stamp()
    clock.hold(0.001)
    end = clock.stamp()
    clock.synchronize()
    assert clock.between(start, end) == pytest.approx(0.002)


def test_on_the_processor_there_is_nothing_to_hold() -> None:
    assert CpuClock().hold(1.0)() is True
