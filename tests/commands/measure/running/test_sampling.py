"""When a measurement is over: warm-up, noise, throttling, turns and the time limit, on a clock
that is all paper.
"""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Callable, Container, Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.measure.judging.medians import interval
from archprof.commands.measure.on_device.clock import CpuClock, CudaClock, Turn
from archprof.commands.measure.on_device.sensors import Sensors, State
from archprof.commands.measure.running.sampled import Load, Sampled
from archprof.commands.measure.running.sampling import (
    CHUNK_RUNS,
    RECOVERY,
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
        CudaClock(cuda, now=cuda.perf_counter),
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
    assert (found.stopped, len(found.waits), found.unmet) == ("noise", 50, ())
    assert found.noise == pytest.approx(0, abs=1e-9)
    assert statistics.median(found.waits) == pytest.approx(STEADY)
    assert found.load.settled == pytest.approx(STEADY)


def test_slow_work_needs_ten_runs_though_seconds_are_enough() -> None:
    found = measured(0.3)
    assert (found.stopped, len(found.waits)) == ("noise", 10)
    assert found.load.windows == pytest.approx([0.3] * 3)


def test_on_a_processor_a_window_of_one_run_was_measured_already() -> None:
    found = sample(CpuClock(), [[lambda: time.sleep(0.1)]], StopRule(samples=2, limit=0.5))[0]
    assert found.load == Load()


@settings(max_examples=25)
@given(st.floats(1e-3, 1.0), st.floats(1.5, 10))
def test_time_grows_with_work(seconds: float, factor: float) -> None:
    times = [statistics.median(measured(s).waits) for s in (seconds, factor * seconds)]
    assert times[1] == pytest.approx(factor * times[0])


def test_noise_that_stays_is_settled_noise() -> None:
    """Uniform within 5 % has a standard deviation of 5 %/sqrt(3) = 2.9 %: above 0.5 %, but after
    so many runs as steady as it will be.
    """
    found = measured(noisy(0.05), BY_NOISE)
    assert (found.stopped, found.unmet) == ("settled", ())
    assert len(found.waits) > 64
    assert found.noise == pytest.approx(0.05 / 3**0.5, rel=0.2)


def test_noise_that_grows_is_not_settled() -> None:
    """Each run 2 % longer than the one before."""
    found = measured((STEADY * 1.02**i for i in itertools.count()), StopRule(limit=20))
    assert found.stopped == "limit"
    assert found.unmet == (UNSTEADY,)


def test_limit_says_what_was_not_met() -> None:
    found = measured(noisy(0.05, 0.4), StopRule(limit=2.0))
    assert len(found.waits) < 10
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
    assert 10 <= len(found.waits) <= 60
    assert found.noise is not None
    assert found.noise > DEFAULT.noise
    assert statistics.median(found.waits) == pytest.approx(0.05, rel=0.02)
    known = interval(found.waits)
    assert known is not None
    assert known.spread <= 0.01


def test_noise_that_hides_the_median_goes_on_to_the_limit() -> None:
    """Within 60 % the interval is 118 % / sqrt(n): 300 runs of 50 ms in 15 s know the median
    within 7 %, and their noise has not settled.
    """
    found = measured(noisy(0.6, 0.05))
    assert (found.stopped, found.unmet) == ("limit", (UNSTEADY,))
    spent = sum(found.waits) + sum(map(sum, found.parts))
    assert 15 <= spent < 15.4  # to the end of the turn in which the limit came


def test_a_drift_is_not_over_though_most_runs_agree() -> None:
    """After 11 runs of warm-up 36 take 3 % longer: three turns of ten, each with three stamped.

    Of 40 runs the 14th smallest to the 14th largest are all of these, but of the later half most
    are not. It is over when of the earlier half only half are: 30 of 60, whose median is 1.5 % off.
    """
    found = measured(
        itertools.chain(itertools.repeat(1.03 * STEADY, 11 + 36), itertools.repeat(STEADY)),
        StopRule(noise=0.0),
    )
    assert (found.warmup, found.stopped, len(found.waits)) == (11, "median", 120)


def test_several_networks_have_turns_enough_to_be_compared() -> None:
    """Two need 10 turns, of which the smallest and the largest ratio could be chance; one alone
    would be over after 5 turns of 0.1 s.
    """
    cuda = FakeCuda()
    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[cuda.kernel(STEADY)], [cuda.kernel(2 * STEADY)]],
        StopRule(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert [len(one.turns) for one in found] == [10, 10]
    assert [one.turns[0] for one in found] == pytest.approx([STEADY, 2 * STEADY])


def test_a_short_time_has_the_same_turns_of_fewer_runs() -> None:
    """Of half a second 25 ms are a turn, of 25 and of 5 runs; 20 ms are less than ten single runs
    of 5 ms.
    """
    cuda = FakeCuda()

    def measured(first: float, limit: float) -> list[Sampled]:
        return sample(
            CudaClock(cuda, now=cuda.perf_counter),
            [[cuda.kernel(first)], [cuda.kernel(5 * first)]],
            StopRule(seconds=0.2, limit=limit),
            now=lambda: cuda.now,
            pause=lambda _: None,
        )

    found = measured(1e-3, 0.5)
    assert [len(one.waits) / len(one.turns) for one in found] == [25, 5]
    assert [len(one.turns) >= 10 for one in found] == [True, True]
    assert [one.unmet for one in found] == [(), ()]
    (unmet, _) = (one.unmet for one in measured(5e-3, 0.02))
    assert "10 turns beside the other networks" in unmet


def test_cold_start_is_left_out() -> None:
    """Runs that get faster are warm-up: none of them counts."""
    found = measured(itertools.chain([3.0, 0.5, 0.1, 0.05], itertools.repeat(STEADY)))
    assert max(found.waits) == pytest.approx(STEADY)
    assert found.warmup >= 6


def test_two_runs_in_a_row_are_held_against_those_before_them() -> None:
    """After the first run 60, 60, 40 and 40 ms: the last two are faster than any before, so that
    it is not over; after one more of 40 it is, for a 40 lies before the last two.
    """
    found = measured(itertools.chain([1.0, 0.06, 0.06], itertools.repeat(0.04)))
    assert found.warmup == 6


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
        CudaClock(cuda, now=cuda.perf_counter),
        both,
        StopRule(limit=30),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert order[:2] == ["a", "b"]
    assert set(itertools.pairwise(order)) == {("a", "b"), ("b", "a")}
    medians = [statistics.median(one.waits) for one in found]
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
        CudaClock(cuda, now=cuda.perf_counter),
        [[run(0)], [run(1)]],
        StopRule(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert max(found[0].waits + found[1].waits) == pytest.approx(STEADY)


def test_a_network_that_is_done_keeps_its_turns() -> None:
    cuda = FakeCuda()
    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[cuda.kernel(STEADY)], [cuda.kernel(noisy(0.05))]],
        BY_NOISE,
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert [one.stopped for one in found] == ["noise", "settled"]
    assert len(found[0].waits) == len(found[1].waits)


class Hot(Sensors):
    """A device that slows itself down for heat in the turns of these numbers, from 1."""

    def __init__(self, turns: Container[int]) -> None:
        super().__init__()
        self.turns, self.turn = turns, 0

    def slowdown(self) -> list[str]:
        self.turn += 1
        return ["thermal slowdown"] if self.turn in self.turns else []


class Always:
    def __contains__(self, turn: object) -> bool:
        return True


def test_runs_of_a_device_that_slowed_itself_down_are_thrown_away() -> None:
    """For three turns, whose runs take twice as long."""
    cuda = FakeCuda()
    hot = Hot((2, 3, 4))
    pauses: list[float] = []

    def run() -> None:
        # the turn after n askings is the n+1st
        cuda.launch(2 * STEADY if hot.turn in (1, 2, 3) else STEADY)

    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[run]],
        StopRule(),
        sensors=hot,
        now=lambda: cuda.now,
        pause=pauses.append,
    )[0]
    assert max(found.waits) == pytest.approx(STEADY)
    assert (found.discarded, found.slowdowns) == (30, ("thermal slowdown",))
    assert [turn is None for turn in found.turns] == [
        False,
        True,
        True,
        True,
        *[False] * (len(found.turns) - 4),
    ]
    assert pauses == pytest.approx([RECOVERY, 1.5 * RECOVERY, 2.25 * RECOVERY])
    assert found.paused == pytest.approx(sum(pauses))


def test_a_device_that_never_recovers_gives_no_time() -> None:
    found = measured(STEADY, StopRule(limit=2), sensors=Hot(Always()))
    assert (found.waits, found.load.settled, found.stopped) == ((), None, "limit")
    assert found.discarded > 0
    kept = measured(STEADY, StopRule(limit=2), sensors=Hot(Always()), any_clock=True)
    assert (kept.discarded, kept.slowdowns) == (0, ())


def test_a_steady_clock_below_the_highest_is_no_reason() -> None:
    """A card at the limit of its power stays at half of its highest clock for good."""

    class Capped(Sensors):
        def state(self) -> State:
            return {"clock_mhz": 990, "max_clock_mhz": 1980, "throttling": ["power cap"]}

    found = measured(STEADY, StopRule(limit=2), sensors=Capped())
    assert (found.discarded, len(found.waits)) == (0, 50)
    assert found.load.state == {
        "clock_mhz": 990,
        "max_clock_mhz": 1980,
        "throttling": ["power cap"],
    }


def test_the_state_is_read_while_the_device_works() -> None:
    """An idle device has raised its clock again."""
    cuda = FakeCuda()

    class Clocked(Sensors):
        def state(self) -> State:
            return {"clock_mhz": 1400 if cuda.queue else 1980}

    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[cuda.kernel(STEADY)]],
        StopRule(),
        sensors=Clocked(),
        now=lambda: cuda.now,
    )[0]
    assert found.load.state == {"clock_mhz": 1400}


def test_energy_is_that_of_the_runs_back_to_back() -> None:
    """At 300 W a run of 10 ms takes 3 J.

    Windows of ten runs go on until half a second is over, and one more ends with the counter's
    second reading.
    """
    cuda = FakeCuda()

    class Counter(Sensors):
        def joules(self) -> float:
            return 300 * cuda.now

    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[cuda.kernel(STEADY)]],
        StopRule(),
        sensors=Counter(),
        now=lambda: cuda.now,
    )[0]
    assert (found.load.joules, found.load.watts) == (pytest.approx(3.0), pytest.approx(300))
    # ten runs in a window; the last follows the half second, and ends with the counter's reading
    assert len(found.load.windows) * 10 * STEADY == pytest.approx(0.5 + 0.1)
    assert measured(STEADY).load.joules is None


def test_sustained_load_goes_on_and_its_later_half_counts() -> None:
    """A device that is fast for 2 s and takes a half longer from then on, for 6 s and the window
    under way, and one more with the last reading of the sensors: windows of ten runs, of 0.15 s.
    """
    cuda = FakeCuda()
    started: list[float] = []

    class Marked(Sensors):
        def joules(self) -> None:
            started.append(cuda.now)

    def run() -> None:
        cuda.launch(lambda: 1.5 * STEADY if started and cuda.now - started[0] >= 2 else STEADY)

    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[run]],
        StopRule(sustained=6.0),
        sensors=Marked(),
        now=lambda: cuda.now,
    )[0]
    assert found.load.first == pytest.approx(STEADY)
    assert found.load.settled == pytest.approx(1.5 * STEADY)
    window = 10 * 1.5 * STEADY  # one more follows the 6 s, as above
    assert 10 * sum(found.load.windows) == pytest.approx(6.0 + window, abs=window)


def test_a_processor_is_loaded_too_where_that_is_asked() -> None:
    """Runs of 0.25 s, each longer than a turn, of which without a load nothing more is measured;
    for 2 s they are windows of one run: eight, and the last.
    """
    now = [0]

    class Paper(CpuClock):
        def stamp(self) -> int:
            return now[0]

    def run() -> None:
        now[0] += 250_000_000

    def load(rule: StopRule) -> Load:
        return sample(Paper(), [[run]], rule, now=lambda: now[0] / 1e9)[0].load

    assert load(StopRule()).windows == ()
    assert load(StopRule(sustained=2.0)).windows == pytest.approx((0.25,) * 9)


def test_a_wait_has_the_launches_and_the_end_that_a_pipeline_hides() -> None:
    """Twenty kernels of 5 µs, launched in 2 µs each by a host that takes 10 µs to synchronise.

    Alone: the last is launched after 40 µs, but the device, which begins 2 µs after the call, works
    until 2 + 20 * 5 = 102 µs; with the synchronisation 112 µs. Back to back the launches and the
    synchronisation are hidden: 100 µs.
    """
    cuda = FakeCuda(launch_seconds=2e-6, wait_seconds=10e-6)
    kernels = [cuda.kernel(5e-6) for _ in range(20)]

    def run() -> None:
        for kernel in kernels:
            kernel()

    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[run]],
        StopRule(),
        now=cuda.perf_counter,
    )[0]
    assert statistics.median(found.waits) == pytest.approx(112e-6)
    assert statistics.median(found.queueing) == pytest.approx(40e-6)
    assert found.load.settled == pytest.approx(100e-6, rel=1e-3)


def test_a_processor_has_no_queue() -> None:
    """And its sensors are not asked meanwhile: what others had of it is known of the whole."""

    class Silent(Sensors):
        def state(self) -> State:
            pytest.fail("it was asked")

    rule = StopRule(seconds=0.001, limit=0.2)
    found = sample(CpuClock(), [[lambda: None]], rule, sensors=Silent())[0]
    assert found.queueing == ()
    assert len(found.waits) == len(found.parts) >= 10


def test_what_comes_before_each_run_is_not_in_its_time() -> None:
    cuda = FakeCuda()
    emptied: list[int] = []
    empty = cuda.kernel(0.05)
    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[cuda.kernel(STEADY)]],
        StopRule(),
        before=lambda: emptied.append(1) or empty(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )[0]
    assert len(emptied) == len(found.waits) + len(found.parts)
    assert statistics.median(found.waits) == pytest.approx(STEADY)
    assert found.load.settled == pytest.approx(STEADY)


def test_parts_are_kept_apart() -> None:
    cuda = FakeCuda()
    found = sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[cuda.kernel(0.01), cuda.kernel(0.02), cuda.kernel(0.001)]],
        StopRule(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )[0]
    assert all(parts == pytest.approx((0.01, 0.02, 0.001)) for parts in found.parts)
    assert found.waits == pytest.approx([0.031] * len(found.waits))


def test_short_runs_back_to_back_are_queued_by_the_thousand_and_waited_for_once() -> None:
    """1000 runs of 10 µs, between two events."""
    cuda = FakeCuda()
    sample(
        CudaClock(cuda, now=cuda.perf_counter),
        [[cuda.kernel(1e-5)]],
        StopRule(),
        now=lambda: cuda.now,
        pause=lambda _: None,
    )
    assert cuda.longest == CHUNK_RUNS + 2


def test_without_synchronising_nothing_is_measured() -> None:
    class Hasty(CudaClock):
        def synchronize(self) -> None:
            pass

    cuda = FakeCuda()
    with pytest.raises(RuntimeError, match="not ready"):
        sample(Hasty(cuda, now=cuda.perf_counter), [[cuda.kernel(STEADY)]], StopRule())


@given(st.lists(st.floats(1e-6, 10), min_size=2, max_size=50))
def test_noise_is_the_relative_standard_deviation(seconds: list[float]) -> None:
    sampler = Sampler(StopRule())
    sampler.add(Turn(seconds, [], [[s] for s in seconds]))
    assert sampler.noise == pytest.approx(
        statistics.stdev(seconds) / statistics.fmean(seconds), rel=1e-6, abs=1e-9
    )


def test_progress_is_told_after_every_turn() -> None:
    told: list[int] = []
    measured(STEADY, show=lambda samplers: told.append(len(samplers[0].waits)))
    assert told == [10, 20, 30, 40, 50]
