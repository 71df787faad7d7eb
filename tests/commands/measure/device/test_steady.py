"""The time of a run on a device on paper, whose numbers are known."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from archprof.commands.measure.device.steady import Rate, TimeShares, timed
from archprof.commands.measure.on_device.clock import CudaClock
from tests.commands.measure.fake_cuda import FakeCuda


def test_a_steady_kernel() -> None:
    cuda = FakeCuda()
    assert timed(CudaClock(cuda), cuda.kernel(0.001)) == Rate(pytest.approx(0.001), True)


def test_the_fastest_of_two_steady_levels() -> None:
    """Other work slows ours steadily for a round: that is not what the device reaches."""
    cuda = FakeCuda()

    def costs() -> Iterator[float]:
        # two alone, which are 0.008 s of 0.05 s of warm-up, the rest in windows twice as long each
        # time, and a round of seven windows of 0.01 s
        for _ in range(2 + (2 + 4 + 5) + 7 * 3):
            yield 0.004
        while True:
            yield 0.001

    found = timed(CudaClock(cuda), cuda.kernel(costs()))
    assert found == Rate(pytest.approx(0.001), True)


def test_noise_is_said() -> None:
    cuda = FakeCuda()
    levels = iter(range(10**6))
    found = timed(CudaClock(cuda), cuda.kernel(0.02 + 0.02 * (i * 7919 % 11) for i in levels))
    assert not found.stable


def test_a_round_of_long_runs_has_three_samples() -> None:
    """20 ms: two alone, one more that makes 0.05 s, and two rounds of three."""
    cuda = FakeCuda()
    found = timed(CudaClock(cuda), cuda.kernel(0.02))
    assert found == Rate(pytest.approx(0.02), True)
    assert cuda.now == pytest.approx((2 + 1 + 2 * 3) * 0.02)


def test_what_takes_long_is_not_repeated() -> None:
    cuda = FakeCuda()
    assert timed(CudaClock(cuda), cuda.kernel(5.0)) == Rate(pytest.approx(5.0), False)
    assert cuda.now == pytest.approx(10.0)


def test_a_window_follows_the_one_before() -> None:
    """A product of 2 µs for whose threads other work then has the processor: 1 ms.

    A window foreseen by the first run would be 2,000 times as long, and 42 of them 84 s; as it is
    one such window is the last.
    """
    cuda = FakeCuda()
    costs = itertools.chain(itertools.repeat(2e-6, 4000), itertools.repeat(1e-3))
    found = timed(CudaClock(cuda), cuda.kernel(costs))
    assert found == Rate(pytest.approx(1e-3), True)
    # one window of at most 2,000 slow runs, then six rounds of 10 ms
    assert cuda.now < 2000 * 1e-3 + 6 * 7 * 0.011


def test_a_probe_ends_with_its_time() -> None:
    """Noise that is never stable: after a tenth of a second it is over, and says so; the warm-up
    took half of it, and two windows of more than 30 ms the rest.
    """
    cuda = FakeCuda()
    noise = (0.004 * (1 + i * 7919 % 11) for i in range(10**6))
    found = timed(CudaClock(cuda), cuda.kernel(noise), 0.1, lambda: cuda.now)
    assert (found.stable, found.cut) == (False, True)
    assert 0.1 <= cuda.now <= 0.1 + 3 * 0.044  # and the windows that were under way
    late = timed(CudaClock(cuda), cuda.kernel(0.001), 0.1, lambda: cuda.now)
    assert late == Rate(pytest.approx(0.001), False, True)  # twice, that there is a number


def test_time_is_shared_out_evenly() -> None:
    """Of 10 s four probes have 2.5 s each.

    The first takes half a second and leaves 9.5 to three; one that overstays leaves less to the
    others.
    """
    now = 0.0
    shares = TimeShares(10, 4, lambda: now)
    assert shares.next() == pytest.approx(2.5)
    now = 0.5
    assert shares.next() == pytest.approx(0.5 + 9.5 / 3)
    now = 8.0
    assert shares.next() == pytest.approx(9.0)
    now = 11.0
    assert shares.next() <= now


def test_a_whole_round_is_no_cut() -> None:
    """Noise of 4 to 44 ms: a round of seven windows of at most 44 ms is over within 0.4 s, a second
    that agrees never comes; what was found is a number, though not a stable one.
    """
    cuda = FakeCuda()
    noise = (0.004 * (1 + i * 7919 % 11) for i in range(10**6))
    found = timed(CudaClock(cuda), cuda.kernel(noise), 0.5, lambda: cuda.now)
    assert (found.stable, found.cut) == (False, False)


def test_without_synchronising_there_is_no_time() -> None:
    class Unsynchronised(CudaClock):
        def synchronize(self) -> None:
            pass

    cuda = FakeCuda()
    with pytest.raises(RuntimeError, match="not ready"):
        timed(Unsynchronised(cuda), cuda.kernel(0.001))
