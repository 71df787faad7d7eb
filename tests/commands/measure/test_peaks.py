"""Measuring a device's peaks: on a device on paper the numbers are known; on the processor the
parts really run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import torch

from archprof.commands.measure import peaks as roofline
from archprof.commands.measure.clock import CpuClock, CudaClock
from archprof.commands.measure.peaks import Rate, TimeShares, measure_peaks, timed
from archprof.problem import ProblemError
from tests.commands.measure.fake_cuda import FakeCuda

CPU = torch.device("cpu")


def test_a_steady_kernel() -> None:
    cuda = FakeCuda()
    assert timed(CudaClock(cuda), cuda.kernel(0.001)) == Rate(pytest.approx(0.001), True)


def test_the_fastest_of_two_steady_levels() -> None:
    """Other work slows ours steadily for a round: that is not what the device reaches."""
    cuda = FakeCuda()

    def costs() -> Iterator[float]:
        # two alone, 0.05 s of warm-up in windows twice as long each time, and a round of seven
        # windows of 0.01 s
        for _ in range(2 + (2 + 4 + 7) + 7 * 3):
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
    """Noise that is never stable: after a tenth of a second it is over, and says so."""
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


@pytest.mark.usefixtures("small")
def test_peaks_in_no_time_at_all() -> None:
    """Every number is there, and every probe is said to be cut short."""
    found, unstable, cut = measure_peaks(CPU, "float32", CpuClock(), "here", seconds=0)
    assert len(found.transfers) == 3
    assert len(cut) == len(unstable) == 2 + 2 * 3 + 1
    assert set(cut) == set(unstable)


def test_there_are_as_many_probes_as_are_foreseen() -> None:
    products = len(list(roofline._products(CPU, torch.float32)))
    convolutions = len(list(roofline._convolutions(CPU, torch.float32, 1e18)))
    sizes = len(roofline.TRANSFERS["cpu"])
    others = len(list(roofline._others(CPU, torch.float32, 4096)))
    assert roofline.probes(CPU) == products + convolutions + sizes * (1 + others) + 1


def test_without_synchronising_there_is_no_time() -> None:
    class Unsynchronised(CudaClock):
        def synchronize(self) -> None:
            pass

    cuda = FakeCuda()
    with pytest.raises(RuntimeError, match="not ready"):
        timed(Unsynchronised(cuda), cuda.kernel(0.001))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roofline, "EDGES", {"cpu": (64, 128)})
    monkeypatch.setattr(roofline, "CONVOLUTIONS", {"cpu": ((1, 16, 8),)})
    monkeypatch.setattr(roofline, "TRANSFERS", {"cpu": range(12, 15)})
    monkeypatch.setattr(roofline, "LEAST_WINDOW", 1e-4)
    monkeypatch.setattr(roofline, "WARM_SECONDS", 1e-4)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_on_the_processor(dtype: str) -> None:
    said: list[str] = []
    found, unstable, cut = measure_peaks(CPU, dtype, CpuClock(), "here", said.append)
    assert cut == []  # there was no limit
    assert (found.device, found.dtype) == ("here", dtype)
    assert [size for size, _ in found.transfers] == [4096, 8192, 16384]
    # no processor comes near 1e15 FLOP/s or 1e13 B/s, and none is as slow as one operation in a
    # microsecond
    assert 1e6 < found.flops_per_s < 1e15
    assert 1e6 < found.copy_bytes_per_s < 1e13
    assert all(rate > 1e6 for _, rate in found.transfers)
    assert 1e-9 < found.launch_s < 1e-2
    assert said == [
        f"{dtype} products",
        f"{dtype} convolutions",
        *(
            f"{what} of {size}"
            for size in ("4.00 KiB", "8.00 KiB", "16.0 KiB")
            for what in ("copies", "updates and sums")
        ),
        "the smallest op",
    ]
    assert set(unstable) <= set(said)


@pytest.mark.usefixtures("small")
def test_probes_do_what_they_count() -> None:
    """2n^3 FLOPs of a product; 18*N*C^2*H*W of a 3x3 convolution; half of the bytes read and
    half written, or all read.
    """
    assert [work for work, _ in roofline._products(CPU, torch.float32)] == [2 * 64**3, 2 * 128**3]
    assert [work for work, _ in roofline._convolutions(CPU, torch.float32, 1e9)] == [
        18 * 16**2 * 8**2
    ] * 2
    assert list(roofline._convolutions(CPU, torch.float32, 1e3)) == []  # more than was affordable
    ((moved, copy),) = roofline._copies(CPU, torch.float32, 4096)
    assert (moved, copy().untyped_storage().nbytes(), copy().numel() * 4) == (4096, 4096, 2048)
    (moved, update), (read, add) = roofline._others(CPU, torch.float32, 4096)
    assert (moved, update().numel() * 4, read, add()) == (4096, 2048, 4096, 0)


@pytest.mark.usefixtures("small")
def test_where_memory_ends_the_sizes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = torch.zeros

    def little(*size: int, **options: object) -> torch.Tensor:
        if isinstance(size[0], int) and size[0] > 2048:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return zeros(*size, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(torch, "zeros", little)
    found, _, _ = measure_peaks(CPU, "float32", CpuClock(), "here")
    assert [size for size, _ in found.transfers] == [4096, 8192]
    monkeypatch.setattr(roofline, "TRANSFERS", {"cpu": range(20, 22)})
    with pytest.raises(ProblemError, match="here has no memory left to measure with"):
        measure_peaks(CPU, "float32", CpuClock(), "here")
