"""Measuring a device's peaks: on a device on paper the numbers are known; on the processor the
parts really run.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from archprof.commands.measure.device import peaks as roofline
from archprof.commands.measure.device import probes, steady
from archprof.commands.measure.device.peaks import Measured, measure_peaks
from archprof.commands.measure.device.probes import Probe
from archprof.commands.measure.on_device.clock import CpuClock, CudaClock
from archprof.commands.measure.on_device.repeated_graph import repeated
from archprof.commands.measure.on_device.sensors import Sensors, State
from archprof.problem import ProblemError
from tests.commands.measure.fake_cuda import FakeCuda

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)
TRANSFERS = probes.TRANSFERS["cuda"]
ISSUE = 4.5e-6  # seconds that torch's host needs for one op


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "EDGES", {"cpu": (64, 128)})
    monkeypatch.setattr(probes, "CONVOLUTIONS", {"cpu": ((1, 16, 8),)})
    monkeypatch.setattr(probes, "TRANSFERS", {"cpu": range(12, 15)})
    monkeypatch.setattr(steady, "LEAST_WINDOW", 1e-4)
    monkeypatch.setattr(steady, "WARM_SECONDS", 1e-4)


@pytest.mark.usefixtures("small")
def test_peaks_in_no_time_at_all() -> None:
    """Every number is there, and every probe is said to be cut short."""
    found, unstable, cut, *_ = measure_peaks(CPU, "float32", CpuClock(), "here", seconds=0)
    assert len(found.transfers) == 3
    assert len(cut) == len(unstable) == 1 + 2 + 2 * 3 + 1
    assert set(cut) == set(unstable)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_on_the_processor(dtype: str) -> None:
    said: list[str] = []
    found, unstable, cut, notes, asked = measure_peaks(CPU, dtype, CpuClock(), "here", said.append)
    assert (cut, notes) == ([], [])  # there was no limit
    assert (found.device, found.dtype) == ("here", dtype)
    assert [size for size, _ in found.transfers] == [4096, 8192, 16384]
    # no processor comes near 1e15 FLOP/s or 1e13 B/s, and none is as slow as one operation in a
    # microsecond
    assert 1e6 < found.flops_per_s < 1e15
    assert [order for order, _ in found.convolutions] == ["contiguous", "channels_last"]
    assert all(1e6 < rate < 1e15 for _, rate in found.convolutions)
    assert 1e6 < found.copy_bytes_per_s < 1e13
    assert all(rate > 1e6 for _, rate in found.transfers)
    assert 1e-9 < found.launch_s < 1e-2
    assert found.graph_launch_s is None  # a processor has no graphs
    assert said == [
        "the smallest op",
        *(
            f"{what} of {size}"
            for size in ("4.00 KiB", "8.00 KiB", "16.0 KiB")
            for what in ("copies", "updates and sums")
        ),
        f"{dtype} products",
        f"{dtype} convolutions, contiguous",
        f"{dtype} convolutions, channels_last",
    ]
    assert set(unstable) <= set(said)
    assert asked == len(said)


@pytest.mark.usefixtures("small")
def test_where_memory_ends_the_sizes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    repeat = probes._repeated

    def little(size: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
        if size > 8192:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return repeat(size, dtype, device)

    monkeypatch.setattr(probes, "_repeated", little)
    found = measure_peaks(CPU, "float32", CpuClock(), "here").peaks
    assert [size for size, _ in found.transfers] == [4096, 8192]
    monkeypatch.setattr(probes, "TRANSFERS", {"cpu": range(20, 22)})
    with pytest.raises(ProblemError, match="here has no memory left to measure with"):
        measure_peaks(CPU, "float32", CpuClock(), "here")


# --- on paper ---


class Paper:
    """Probes on a device on paper: their kernels' seconds, or what they raise instead.

    Products take 1 ms for 1e12 FLOPs, and convolutions too, in channels_last half of it.
    """

    def __init__(self, cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch):
        self.cuda = cuda
        self.products: list[tuple[float, float | str]] = [(1e12, 1e-3)]
        self.contiguous: list[tuple[float, float | str]] = [(1e12, 1e-3)]
        self.channels_last: list[tuple[float, float | str]] = [(1e12, 5e-4)]
        self.copy: Callable[[int], float] = lambda moved: moved / 1e11
        self.smallest = 1.5e-6
        monkeypatch.setattr(probes, "products", lambda *_: self._probes(self.products))
        monkeypatch.setattr(
            probes, "convolutions", lambda device, dtype, order: self._probes(getattr(self, order))
        )
        monkeypatch.setattr(probes, "copies", lambda device, dtype, moved: self._transfer(moved))
        monkeypatch.setattr(probes, "others", lambda device, dtype, moved: self._transfer(moved))
        monkeypatch.setattr(probes, "smallest", lambda *_: self._probes([(1, self.smallest)]))
        monkeypatch.setattr(probes, "TRANSFERS", {"cuda": range(20, 21)})
        self.made: list[float] = []

    def _probes(self, entries: list[tuple[float, float | str]]) -> list[Probe]:
        return [Probe(work, partial(self._make, work, found)) for work, found in entries]

    def _transfer(self, moved: int) -> list[Probe]:
        return self._probes([(moved, self.copy(moved))])

    def _make(self, work: float, found: float | str) -> Callable[[], None]:
        self.made.append(work)
        if isinstance(found, str):
            raise RuntimeError(found)
        return self.cuda.kernel(found)

    def measured(self, seconds: float = 1e9, speaker: Sensors | None = None) -> Measured:
        cuda = self.cuda
        return measure_peaks(
            CUDA,
            "float32",
            CudaClock(cuda),
            "paper",
            seconds=seconds,
            speaker=speaker,
            cuda=cuda,
            now=lambda: cuda.host,
        )


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> Paper:
    monkeypatch.setattr(steady, "WARM_SECONDS", 1e-3)
    return Paper(FakeCuda(launch_seconds=ISSUE), monkeypatch)


def test_transfers_without_the_host(paper: Paper) -> None:
    """1 MiB that the device moves in half a microsecond is 2 TB/s, though the host issues a copy
    only every 4.5 us, which would be 0.23 TB/s.

    A graph of 1,000 copies, the most, takes 500 us and one launch: 4.5 us of the first replay alone
    are the host's, a thousandth of a window of 10 ms.
    """
    paper.copy = lambda moved: 5e-7
    found, unstable, cut, notes, _ = paper.measured()
    assert found.transfers[0] == (2**20, pytest.approx(2**20 / 5e-7, rel=2e-3))
    assert found.copy_bytes_per_s == pytest.approx(2**20 / 5e-7, rel=2e-3)
    assert (unstable, cut, notes) == ([], [], [])


def test_a_large_transfer_is_captured_five_times_at_least(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One copy of 20 ms is more than a window already; six of 2 ms are."""
    counts: list[int] = []

    def noted(run: Any, n: int, *others: Any) -> Any:
        counts.append(n)
        return repeated(run, n, *others)

    monkeypatch.setattr(roofline, "repeated", noted)
    monkeypatch.setattr(probes, "TRANSFERS", {"cuda": range(20, 23)})
    paper.copy = {2**20: 5e-6, 2**21: 2e-3, 2**22: 20e-3}.__getitem__
    found = paper.measured().peaks
    # the smallest op, and both the copies and the others of each size: 11 ms are 2,200 of 5 us, of
    # which a graph has 1,000, and six of 2 ms
    assert counts == [1000, 1000, 1000, 6, 6, 5, 5]
    assert dict(found.transfers)[2**22] == pytest.approx(2**22 / 20e-3, rel=1e-3)


def test_two_launches(paper: Paper) -> None:
    """What the host issues, and what the device needs from one kernel to the next."""
    found = paper.measured().peaks
    assert found.launch_s == pytest.approx(ISSUE, rel=2e-3)
    assert found.graph_launch_s == pytest.approx(1.5e-6, rel=5e-3)


def uncapturable(cuda: FakeCuda, attempts: list[float], work: float) -> list[Probe]:
    """Return a probe of 1 us that copies from the host, which no capture allows."""

    def make() -> Callable[[], None]:
        launch = cuda.kernel(1e-6)

        def run() -> None:
            if cuda.capturing:
                attempts.append(work)
            cuda.host_copy()
            launch()

        return run

    return [Probe(work, make)]


FAILED = (
    "a CUDA graph failed, and what came then has the host's time in it: CUDA error: operation"
    " failed due to a previous error during capture"
)


def test_a_capture_that_fails(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after it is measured all the same, as the host issues it; nothing more is
    captured, and the stream is what it was.
    """
    cuda, attempts = paper.cuda, list[float]()
    monkeypatch.setattr(
        probes, "copies", lambda device, dtype, moved: uncapturable(cuda, attempts, moved)
    )
    before = cuda.stream_now
    found, _, cut, notes, _ = paper.measured()
    assert attempts == [2**20]
    assert cuda.stream_now is before
    assert found.copy_bytes_per_s == pytest.approx(2**20 / ISSUE, rel=2e-3)
    assert found.launch_s == pytest.approx(ISSUE, rel=2e-3)
    # came before
    assert found.graph_launch_s == pytest.approx(1.5e-6, rel=5e-3)
    assert (cut, notes) == ([], [FAILED])


def test_an_op_that_cannot_be_captured(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the host issues is not what the device needs."""
    cuda = paper.cuda
    monkeypatch.setattr(probes, "smallest", lambda *_: uncapturable(cuda, [], 1))
    found, _, _, notes, _ = paper.measured()
    assert found.launch_s == pytest.approx(ISSUE, rel=2e-3)
    assert (found.graph_launch_s, notes) == (None, [FAILED])
    assert found.copy_bytes_per_s == pytest.approx(1e11, rel=1e-3)


def test_no_memory_for_the_smallest_op(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> Callable[[], None]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(probes, "smallest", lambda *_: [Probe(1, full)])
    with pytest.raises(ProblemError, match="paper has no memory left to measure with"):
        paper.measured()


def test_what_a_graph_reads_stays() -> None:
    """A graph has addresses: the operands must outlive the probe."""
    cuda = FakeCuda()

    class Operand:
        def __call__(self) -> None:
            cuda.launch(1e-6)

    operand = Operand()
    alive = weakref.ref(operand)
    graph = repeated(operand, 3, CUDA, cuda)
    del operand
    assert alive() is not None
    graph()
    cuda.synchronize()
    # the run before the capture, and three of the graph
    assert cuda.now == pytest.approx(4e-6)
    del graph
    assert alive() is None


def test_products_and_convolutions_are_two_ceilings(paper: Paper) -> None:
    """1e12 FLOPs in 1 ms, and in half of it by channels_last."""
    found = paper.measured().peaks
    assert found.flops_per_s == pytest.approx(1e15, rel=1e-3)
    assert found.convolutions == (
        ("contiguous", pytest.approx(1e15, rel=1e-3)),
        ("channels_last", pytest.approx(2e15, rel=1e-3)),
    )
    assert found.conv_flops_per_s == pytest.approx(2e15, rel=1e-3)


@pytest.mark.parametrize(
    "words",
    [
        "CUDA out of memory. Tried to allocate 2.00 GiB.",
        "FIND was unable to find an engine to execute this computation",
        "GET was unable to find an engine to execute this computation",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory",
    ],
)
def test_no_memory_for_a_size_ends_that_probe_only(paper: Paper, words: str) -> None:
    paper.products = [(1e12, 1e-3), (8e12, words), (9e12, 8e-3)]
    paper.contiguous = [(1e12, words)]
    found = paper.measured().peaks
    assert found.flops_per_s == pytest.approx(9e12 / 8e-3, rel=1e-3)
    assert [order for order, _ in found.convolutions] == ["channels_last"]


def test_a_device_without_convolutions(paper: Paper) -> None:
    words = "FIND was unable to find an engine to execute this computation"
    paper.contiguous = paper.channels_last = [(1e12, words)]
    found = paper.measured().peaks
    assert (found.convolutions, found.conv_flops_per_s) == ((), None)


def test_other_errors_are_not_swallowed(paper: Paper) -> None:
    paper.contiguous = [(1e12, "not implemented for 'Half'")]
    with pytest.raises(RuntimeError, match="not implemented"):
        paper.measured()


def test_what_would_take_too_long_is_not_tried(paper: Paper) -> None:
    """At 1e15 FLOP/s 5e13 take 50 ms and are tried, 7e13 would take 70 ms.

    They are tried as a product and as a convolution, which is set up before, and twice as the load
    of a state.
    """
    paper.products = [(1e12, 1e-3), (5e13, 5e-2), (7e13, 7e-2)]
    paper.contiguous = [(7e13, 7e-2), (5e13, 5e-2)]
    found = paper.measured().peaks
    assert 7e13 not in paper.made
    assert paper.made.count(5e13) == 5
    assert found.flops_per_s == pytest.approx(1e15, rel=1e-3)


class Told(Sensors):
    """Tells these states one after the other, and notes how much was then queued."""

    def __init__(self, cuda: FakeCuda, *states: State):
        self.cuda, self.states = cuda, iter(states)
        self.queued: list[int] = []
        self.at: list[float] = []

    def state(self) -> State:
        self.queued.append(len(self.cuda.queue))
        self.at.append(self.cuda.host)
        return next(self.states)


def test_the_state_is_that_under_load(paper: Paper) -> None:
    """Before the first state products run for a second and a half; at both there is work of a tenth
    of a second in the queue: 100 products of 1 ms.
    """
    speaker = Told(paper.cuda, {}, {"clock_mhz": 1980}, {"clock_mhz": 1755})
    notes = paper.measured(speaker=speaker).notes
    assert speaker.queued == [0, 100, 100]
    assert not paper.cuda.queue  # nothing is left behind
    assert 1.5 <= speaker.at[1] - speaker.at[0] < 1.6
    assert notes == ["the device was disturbed meanwhile: clock_mhz 1980 -> 1755"]


def test_the_lower_clock_under_load_is_that_of_the_peaks(paper: Paper) -> None:
    """1410 of 1980 MHz, whether before or after; 1 where the device does not say."""
    high, low = ({"clock_mhz": mhz, "max_clock_mhz": 1980} for mhz in (1980, 1410))
    for states in ((high, low), (low, high)):
        peaks = paper.measured(speaker=Told(paper.cuda, {}, *states)).peaks
        assert peaks.clock_share == 1410 / 1980
    assert paper.measured(speaker=Told(paper.cuda, {}, {}, {})).peaks.clock_share == 1


def test_a_short_time_is_not_spent_on_warming(paper: Paper) -> None:
    """A tenth of 2 s."""
    speaker = Told(paper.cuda, {}, {}, {})
    paper.measured(seconds=2, speaker=speaker)
    assert 0.2 <= speaker.at[1] - speaker.at[0] < 0.25


def test_a_state_without_memory_for_the_load(paper: Paper) -> None:
    paper.products = [(1e12, 1e-3), (8e12, "CUDA out of memory")]
    speaker = Told(paper.cuda, {}, {}, {})
    assert paper.measured(speaker=speaker).peaks.flops_per_s == pytest.approx(1e15, rel=1e-3)
    assert speaker.queued == [0, 0, 0]


# what an H200 reaches: products, 3x3 convolutions by format, and the seconds of cuDNN's search
H200 = {
    "float32": (51e12, 143e12, 133e12, 3.0),
    "tf32": (349e12, 390e12, 390e12, 2.0),
    "float16": (676e12, 711e12, 711e12, 1.0),
    "bfloat16": (676e12, 711e12, 711e12, 1.0),
}


def h200(paper: Paper, dtype: str, monkeypatch: pytest.MonkeyPatch, moving: float = 0.0) -> None:
    """Let the probes take what they take of an H200: a kernel moves 4.26 TB/s and needs 0.81 us
    besides, which makes 0.99 TB/s of 1 MiB; the driver moves 2.77 TB/s. By `moving` the clock does.
    """
    cuda = paper.cuda
    products, contiguous, channels_last, search = H200[dtype]
    paper.products = [(2 * n**3, 2 * n**3 / products) for n in probes.EDGES["cuda"]]
    paper.smallest = 1.23e-6
    searched: list[tuple[str, float]] = []

    def convolution(order: str, work: float, seconds: float) -> Probe:
        def run() -> None:
            if (order, work) not in searched:
                searched.append((order, work))
                cuda.launch(search)
            cuda.launch(seconds)

        return Probe(work, lambda: run)

    def convolutions(device: object, kind: object, order: str) -> list[Probe]:
        rate = contiguous if order == "contiguous" else channels_last
        works = [18 * n * c**2 * e**2 for n, c, e in probes.CONVOLUTIONS["cuda"]]
        return [convolution(order, work, work / rate) for work in works]

    def transfer(moved: int, rate: float) -> Probe:
        seconds = 0.81e-6 + moved / rate

        def run() -> None:
            # the clock goes up and down within a tenth of a second
            cuda.launch(lambda: seconds * (1 + moving * (10 * cuda.now % 1)))

        return Probe(moved, lambda: run)

    monkeypatch.setattr(probes, "convolutions", convolutions)
    monkeypatch.setattr(
        probes, "copies", lambda d, k, moved: [transfer(moved, 2.77e12), transfer(moved, 4.26e12)]
    )
    monkeypatch.setattr(
        probes, "others", lambda d, k, moved: [transfer(moved, 4.26e12), transfer(moved, 4.26e12)]
    )
    monkeypatch.setattr(probes, "TRANSFERS", {"cuda": TRANSFERS})


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "tf32", "bfloat16"])
def test_three_dtypes_take_less_than_a_minute(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in its third of 50 seconds, with nothing cut, nor left unstable for want of time where
    the searches take no more than 2 s each.

    By hand: the load of the two states 2 s, two searches of up to 3 s, then 32 transfers, 3
    products of at most 60 ms, 2 convolutions and 2 ops, of each 0.05 s to warm it and two rounds of
    seven windows of 10 ms: 39 * 0.19 = 7.4 s. That is 11.4 s with searches of 1 s, and 15.4 s with
    those of 3 s.
    """
    cuda = FakeCuda(launch_seconds=8e-6)
    paper = Paper(cuda, monkeypatch)
    h200(paper, dtype, monkeypatch)
    found, unstable, cut, _, asked = paper.measured(seconds=50 / 3)
    assert (cut, asked) == ([], 2 + 2 * 8 + 1 + 2)
    assert not unstable or dtype == "float32"
    assert cuda.host < 50 / 3 + 1
    assert found.flops_per_s == pytest.approx(H200[dtype][0], rel=1e-3)
    assert found.conv_flops_per_s == pytest.approx(H200[dtype][1], rel=1e-3)
    assert found.copy_bytes_per_s == pytest.approx(4.26e12, rel=5e-3)
    assert found.transfers[0] == (2**20, pytest.approx(0.99e12, rel=0.01))
    assert found.graph_launch_s == pytest.approx(1.23e-6, rel=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", H200)
def test_a_quarter_of_the_time_is_enough_for_an_unsteady_card(
    dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four dtypes in 50 s, on a card whose clock moves by a tenth: no rate is cut, though the
    transfers agree with none.
    """
    cuda = FakeCuda(launch_seconds=8e-6)
    paper = Paper(cuda, monkeypatch)
    h200(paper, dtype, monkeypatch, moving=0.1)
    _, unstable, cut, _, _ = paper.measured(seconds=50 / 4)
    assert cut == []
    assert len(unstable) >= 8
    assert cuda.host < 50 / 4 + 1
