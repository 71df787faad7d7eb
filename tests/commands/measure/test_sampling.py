"""When a measurement is over: warm-up, noise, throttling, turns and the time limit, on a clock
that is all paper.
"""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.measure.clock import CudaClock
from archprof.commands.measure.medians import interval
from archprof.commands.measure.sampling import (
    CHUNK_RUNS,
    RECOVERY,
    THROTTLED,
    Sampled,
    Sampler,
    StopRule,
    sample,
)
from tests.commands.measure.fake_cuda import FakeCuda

STEADY = 0.01
DEFAULT = StopRule()
BY_NOISE = StopRule(limit=1000, median=0)  # whatever is known of the median: nvbench's rule alone
UNSTEADY = "noise under 0.5 % or settled, or the median known within 1 %"


def measured(
    seconds: float | Iterable[float], rule: StopRule = DEFAULT, **options: object
) -> Sampled:
    """One network whose runs take these seconds, by a wall clock that the device's time moves."""
    cuda = FakeCuda()
    return sample(
        CudaClock(cuda),
        [[cuda.kernel(seconds)]],
        rule,
        now=lambda: cuda.now,
        pause=lambda _: None,
        **options,
    )[0]  # type: ignore[arg-type]


def noisy(spread: float, mean: float = STEADY) -> Iterator[float]:
    source = random.Random(5)
    while True:
        yield mean * (1 + source.uniform(-spread, spread))


def test_steady_work_is_over_after_the_least_samples_and_seconds() -> None:
    """10 ms a run: 10 runs fill a turn of 0.1 s, and five turns the 0.5 s."""
    found = measured(STEADY)
    assert (found.stopped, len(found.rounds), found.unmet) == ("noise", 50, ())
    assert found.noise == pytest.approx(0, abs=1e-9)
    assert statistics.median(found.seconds) == pytest.approx(STEADY)
    assert found.batched == pytest.approx(STEADY)


def test_slow_work_needs_ten_runs_though_seconds_are_enough() -> None:
    found = measured(0.3)
    assert (found.stopped, len(found.rounds)) == ("noise", 10)
    # a turn is one run: what a window of one takes was measured already
    assert found.batched is None


@settings(max_examples=25)
@given(st.floats(1e-3, 1.0), st.floats(1.5, 10))
def test_time_grows_with_work(seconds: float, factor: float) -> None:
    times = [statistics.median(measured(s).seconds) for s in (seconds, factor * seconds)]
    assert times[1] == pytest.approx(factor * times[0])


def test_noise_that_stays_is_settled_noise() -> None:
    """Uniform within 5 % has a standard deviation of 5 %/sqrt(3) = 2.9 %: above 0.5 %, but after
    so many runs as steady as it will be.
    """
    found = measured(noisy(0.05), BY_NOISE)
    assert (found.stopped, found.unmet) == ("settled", ())
    assert len(found.rounds) > 64
    assert found.noise == pytest.approx(0.05 / 3**0.5, rel=0.2)


def test_noise_that_grows_is_not_settled() -> None:
    """Each run 2 % longer than the one before."""
    found = measured((STEADY * 1.02**i for i in itertools.count()), StopRule(limit=20))
    assert found.stopped == "limit"
    assert found.unmet == (UNSTEADY,)


def test_limit_says_what_was_not_met() -> None:
    found = measured(noisy(0.05, 0.4), StopRule(limit=1.0))
    assert len(found.rounds) < 10
    assert (found.stopped, found.unmet) == ("limit", ("10 runs", UNSTEADY))
    found = measured(noisy(0.05, 0.005), StopRule(limit=0.25, seconds=0.5))
    assert found.unmet == ("0.5 s of work", UNSTEADY)


def test_noisy_work_is_over_when_its_median_is_known() -> None:
    """50 ms a run, uniform within 2 %.

    The interval of the median has about the half width 1.96 * sqrt(1/4n) / density, and the density
    is 1/(4 %): 3.9 % / sqrt(n), 1 % from about 15 runs on, more where they lie unluckily. That is
    one to three seconds of the 15 it may take.
    """
    found = measured(noisy(0.02, 0.05))
    assert (found.stopped, found.unmet) == ("median", ())
    assert 10 <= len(found.rounds) <= 60
    assert found.noise is not None
    assert found.noise > DEFAULT.noise
    assert statistics.median(found.seconds) == pytest.approx(0.05, rel=0.02)
    known = interval(found.seconds)
    assert known is not None
    assert known.spread <= 0.01


def test_noise_that_hides_the_median_goes_on_to_the_limit() -> None:
    """Within 60 % the interval is 118 % / sqrt(n): 300 runs of 50 ms in 15 s know the median
    within 7 %, and their noise has not settled.
    """
    found = measured(noisy(0.6, 0.05))
    assert (found.stopped, found.unmet) == ("limit", (UNSTEADY,))
    assert 15 <= sum(found.seconds) < 15.3  # to the end of the turn in which the limit came


def test_a_drift_is_not_over_though_most_runs_agree() -> None:
    """After 11 runs of warm-up 36 take 3 % longer.

    Of 50 runs the 18th smallest to the 18th largest are all of these, but of the later half most
    are not. It is over when of the earlier half most are not either: 75 of 150, in turns of ten.
    """
    found = measured(
        itertools.chain(itertools.repeat(1.03 * STEADY, 11 + 36), itertools.repeat(STEADY)),
        StopRule(noise=0.0),
    )
    assert (found.warmup, found.stopped, len(found.rounds)) == (11, "median", 150)


def test_several_networks_have_turns_enough_to_be_compared() -> None:
    """Two need 10 turns, of which the smallest and the largest ratio could be chance; one alone
    would be over after 5 turns of 0.1 s.
    """
    cuda = FakeCuda()
    found = sample(
        CudaClock(cuda),
        [[cuda.kernel(STEADY)], [cuda.kernel(2 * STEADY)]],
        StopRule(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert [len(one.turns) for one in found] == [10, 10]
    assert [one.turns[0] for one in found] == pytest.approx([STEADY, 2 * STEADY])
    short = sample(
        CudaClock(cuda),
        [[cuda.kernel(STEADY)], [cuda.kernel(2 * STEADY)]],
        StopRule(limit=0.75),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert [one.unmet for one in short] == [("10 turns beside the other networks",)] * 2


def test_cold_start_is_left_out() -> None:
    """Runs that get faster are warm-up: none of them counts."""
    found = measured(itertools.chain([3.0, 0.5, 0.1, 0.05], itertools.repeat(STEADY)))
    assert max(found.seconds) == pytest.approx(STEADY)
    assert found.warmup >= 6


def test_warm_up_that_never_settles_is_said() -> None:
    """Each run is a tenth faster than the one before, from 2 s on: after 5 s of them it is
    enough.
    """
    found = measured((max(1e-3, 2.0 * 0.9**i) for i in itertools.count()), StopRule(limit=3))
    assert "a settled warm-up" in found.unmet


def test_networks_take_turns() -> None:
    """A B A B, so that both see the same drift: here the device slows down by a tenth with every
    second that passes.
    """
    cuda = FakeCuda()
    order: list[str] = []

    def drifting(name: str, seconds: float) -> Callable[[], None]:
        def run() -> None:
            if order[-1:] != [name]:
                order.append(name)
            cuda.launch(lambda: seconds * (1 + 0.1 * cuda.now))

        return run

    both = [[drifting("a", 0.02)], [drifting("b", 0.04)]]
    found = sample(
        CudaClock(cuda), both, StopRule(limit=30), now=lambda: cuda.now, pause=lambda _: None
    )
    assert order[:2] == ["a", "b"]
    assert set(itertools.pairwise(order)) == {("a", "b"), ("b", "a")}
    medians = [statistics.median(one.seconds) for one in found]
    assert medians[1] / medians[0] == pytest.approx(2, rel=0.1)


def test_the_run_after_another_network_is_not_counted() -> None:
    """It finds the other's weights in the caches: here such a run takes five times as long."""
    cuda = FakeCuda()
    last: list[int] = []

    def run(me: int) -> Callable[[], None]:
        def launch() -> None:
            cuda.launch(STEADY if last == [me] else 5 * STEADY)
            last[:] = [me]

        return launch

    found = sample(
        CudaClock(cuda),
        [[run(0)], [run(1)]],
        StopRule(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert max(found[0].seconds + found[1].seconds) == pytest.approx(STEADY)


def test_a_network_that_is_done_keeps_its_turns() -> None:
    cuda = FakeCuda()
    found = sample(
        CudaClock(cuda),
        [[cuda.kernel(STEADY)], [cuda.kernel(noisy(0.05))]],
        BY_NOISE,
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert [one.stopped for one in found] == ["noise", "settled"]
    assert len(found[0].rounds) == len(found[1].rounds)


def test_throttled_runs_are_thrown_away() -> None:
    """The clock falls to half for three turns, whose runs take twice as long."""
    cuda = FakeCuda()
    turn = {"n": 0}
    pauses: list[float] = []

    def speed() -> float:
        turn["n"] += 1
        return 0.5 if turn["n"] in (2, 3, 4) else 1.0

    def run() -> None:
        # the turn after n askings is the n+1st
        cuda.launch(2 * STEADY if turn["n"] in (1, 2, 3) else STEADY)

    found = sample(
        CudaClock(cuda), [[run]], StopRule(), speed=speed, now=lambda: cuda.now, pause=pauses.append
    )[0]
    assert max(found.seconds) == pytest.approx(STEADY)
    assert found.discarded == 30
    assert [turn is None for turn in found.turns] == [
        False,
        True,
        True,
        True,
        *[False] * (len(found.turns) - 4),
    ]
    assert pauses == pytest.approx([RECOVERY, 1.5 * RECOVERY, 2.25 * RECOVERY])
    assert found.paused == pytest.approx(sum(pauses))


def test_a_clock_that_never_recovers_gives_no_time() -> None:
    found = measured(STEADY, StopRule(limit=2), speed=lambda: THROTTLED - 0.01)
    assert (found.rounds, found.batched, found.stopped) == ((), None, "limit")
    assert found.discarded > 0
    assert measured(STEADY, StopRule(limit=2), speed=lambda: THROTTLED).discarded == 0


def test_what_comes_before_each_run_is_not_in_its_time() -> None:
    cuda = FakeCuda()
    emptied: list[int] = []
    empty = cuda.kernel(0.05)
    found = sample(
        CudaClock(cuda),
        [[cuda.kernel(STEADY)]],
        StopRule(),
        before=lambda: emptied.append(1) or empty(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )[0]
    assert len(emptied) == len(found.rounds)
    assert statistics.median(found.seconds) == pytest.approx(STEADY)
    assert found.batched == pytest.approx(STEADY)


def test_parts_are_kept_apart() -> None:
    cuda = FakeCuda()
    found = sample(
        CudaClock(cuda),
        [[cuda.kernel(0.01), cuda.kernel(0.02), cuda.kernel(0.001)]],
        StopRule(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )[0]
    assert all(parts == pytest.approx((0.01, 0.02, 0.001)) for parts in found.rounds)
    assert found.seconds == pytest.approx([0.031] * len(found.rounds))


def test_short_runs_are_queued_by_the_thousand_and_waited_for_once() -> None:
    """1000 runs of 10 µs and an event after each, and one before the first."""
    cuda = FakeCuda()
    sample(
        CudaClock(cuda),
        [[cuda.kernel(1e-5)]],
        StopRule(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert cuda.longest == 2 * CHUNK_RUNS + 1


def test_without_synchronising_nothing_is_measured() -> None:
    class Hasty(CudaClock):
        def synchronize(self) -> None:
            pass

    cuda = FakeCuda()
    with pytest.raises(RuntimeError, match="not ready"):
        sample(Hasty(cuda), [[cuda.kernel(STEADY)]], StopRule())


@given(st.lists(st.floats(1e-6, 10), min_size=2, max_size=50))
def test_noise_is_the_relative_standard_deviation(seconds: list[float]) -> None:
    sampler = Sampler(StopRule())
    sampler.add([[s] for s in seconds])
    assert sampler.noise == pytest.approx(
        statistics.stdev(seconds) / statistics.fmean(seconds), rel=1e-6, abs=1e-9
    )


def test_progress_is_told_after_every_turn() -> None:
    told: list[int] = []
    measured(STEADY, show=lambda samplers: told.append(len(samplers[0].rounds)))
    assert told == [10, 20, 30, 40, 50]
