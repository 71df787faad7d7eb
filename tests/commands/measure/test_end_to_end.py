"""Whole measurements: small networks on the CPU in earnest, and the CUDA branch on a device of
paper.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest
import torch

import archprof
from archprof.commands.measure import end_to_end, measurement, sampling
from archprof.commands.measure.end_to_end import Request, layer_times, measure
from archprof.commands.measure.measurement import Measurement, figures
from archprof.commands.measure.roofline import Peaks
from archprof.commands.measure.sampling import Sampled, StopRule
from archprof.commands.measure.sensors import Sensors
from archprof.commands.measure.torch_device import TorchFlags
from archprof.commands.measure.workload import TRAINING, Case, Workload
from tests.commands.measure.fake_cuda import FakeCuda

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)
# whatever the noise: a test waits for no quiet machine
QUICK = StopRule(samples=5, seconds=0.001, noise=100.0, limit=5.0)


@pytest.fixture(scope="module")
def lenet() -> Case:
    return Case(archprof.load("tests/data/lenet.yaml").graph, batch=2)


@pytest.fixture(autouse=True)
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor long turns: a hundredth of a second each."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sampling, "CHUNK", 0.01)
    monkeypatch.setattr(sampling, "WARM_SECONDS", 0.001)


def on_cpu(**options: Any) -> Request:
    return Request(CPU, Sensors(), TorchFlags(threads=1), QUICK, **options)


# --- the CPU ---


def test_inference(lenet: Case) -> None:
    (found,) = measure([lenet], on_cpu())
    assert (found.status, found.message, found.network, found.input, found.batch, found.tf32) == (
        "measured",
        "",
        "lenet",
        (1, 32, 32),
        2,
        False,
    )
    assert found.latency_ms is not None
    assert 0 < found.latency_p10_ms <= found.latency_ms <= found.latency_p90_ms  # type: ignore[operator]
    assert found.images_per_s == pytest.approx(2 / (found.latency_ms / 1e3))
    assert found.runs >= 5
    assert (found.forward_ms, found.attained_share, found.reserved_bytes) == (None, None, None)
    assert found.peak_bytes is not None
    assert found.peak_bytes >= found.predicted_peak_bytes


def test_training_is_the_sum_of_its_parts(lenet: Case) -> None:
    (found,) = measure([lenet._replace(train=True)], on_cpu())
    assert None not in (found.forward_ms, found.backward_ms, found.step_ms)
    parts = found.forward_ms + found.backward_ms + found.step_ms  # type: ignore[operator]
    # a sum of medians is about the median of the sums
    assert parts == pytest.approx(found.latency_ms, rel=0.5)
    assert (
        found.predicted_peak_bytes
        == archprof.load("tests/data/lenet.yaml").analyze(2).totals.training_bytes
    )


def test_more_work_takes_longer(lenet: Case) -> None:
    """256 times the images, with a wide margin for a busy machine."""
    few, many = (measure([lenet._replace(batch=batch)], on_cpu())[0] for batch in (1, 256))
    assert many.latency_ms > 4 * few.latency_ms  # type: ignore[operator]


def test_networks_are_measured_in_turns(lenet: Case) -> None:
    found = measure([lenet, lenet], on_cpu())
    assert [row.interleaved_with for row in found] == [("lenet",), ("lenet",)]


def test_cases_in_turns_share_their_dtype(lenet: Case) -> None:
    with pytest.raises(ValueError, match="share their dtype"):
        measure([lenet, lenet._replace(dtype="bfloat16")], on_cpu())


def test_flush_empties_the_cache_before_every_run(
    lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A buffer of twice the last cache, written over; it is outside the window."""
    flushed: list[int] = []

    def flusher(request: Request) -> Any:
        run = honest(request)
        assert run.__self__.numel() >= 2 * (end_to_end.last_cache_bytes() or 0)
        return lambda: (flushed.append(1), run())

    honest = end_to_end._flusher
    monkeypatch.setattr(end_to_end, "_flusher", flusher)
    (found,) = measure([lenet], on_cpu(flush=True))
    assert len(flushed) == found.runs
    assert found.batched_ms is not None


def test_what_would_not_fit_is_a_row_and_not_tried(
    lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An allocator that promises more than there is would have the process killed."""
    monkeypatch.setattr(end_to_end, "available_bytes", lambda: 3 * 2**30)
    monkeypatch.setattr(end_to_end, "prepare", lambda case, device: pytest.fail("it was tried"))
    (found,) = measure([lenet._replace(batch=100_000)], on_cpu())
    assert (found.status, found.latency_ms) == ("out_of_memory", None)
    assert (
        found.message
        == f"predicted to need {found.predicted_peak_bytes / 2**30:.1f} GiB, 3.0 GiB are free"
    )


def test_what_fits_only_alone_is_measured_alone(
    lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    predicted = archprof.load("tests/data/lenet.yaml").analyze(2).totals.peak_inference_bytes
    monkeypatch.setattr(end_to_end, "available_bytes", lambda: 2 * predicted - 1)
    found = measure([lenet, lenet], on_cpu())
    assert [(row.status, row.interleaved_with) for row in found] == [("measured", ())] * 2


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
            "out_of_memory",
        ),
        (
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory:"
                " you tried"
            ),
            "out_of_memory",
        ),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "out_of_memory"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED\nmore"), "failed"),
        (ValueError("Expected more than 1 value per channel when training"), "failed"),
    ],
)
def test_what_cannot_run_is_a_row_and_the_others_go_on(
    lenet: Case, monkeypatch: pytest.MonkeyPatch, error: Exception, status: str
) -> None:
    big = lenet._replace(batch=3)
    honest = end_to_end.prepare

    def prepare(case: Case, device: torch.device) -> Workload:
        if case is big:
            raise error
        return honest(case, device)

    monkeypatch.setattr(end_to_end, "prepare", prepare)
    found = measure([lenet, big], on_cpu())
    assert [row.status for row in found] == ["measured", status]
    assert (found[1].message, found[1].latency_ms) == (
        next(iter(str(error).splitlines()), "MemoryError"),
        None,
    )
    assert found[0].interleaved_with == ()  # it was measured alone, and says so


def test_a_bug_is_no_row(lenet: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(end_to_end, "prepare", lambda case, device: [][0])
    with pytest.raises(IndexError):
        measure([lenet], on_cpu())


def test_attained_share_is_of_the_kept_peak(lenet: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """FLOPs over seconds over the peak; without a record none, and nothing is measured to get
    one.
    """
    asked: list[Any] = []
    monkeypatch.setattr(
        measurement.kept_peaks, "measure_peaks", lambda *arguments: asked.append(arguments)
    )
    assert measure([lenet], on_cpu())[0].attained_share is None
    peak = Peaks("paper", "float32", 1e12, 1e11, ((1, 1e11),), 1e-6)
    monkeypatch.setattr(
        measurement.kept_peaks,
        "peaks",
        lambda *arguments, **options: types.SimpleNamespace(peaks=peak),
    )
    (found,) = measure([lenet], on_cpu())
    assert found.attained_share == pytest.approx(found.flops / (found.latency_ms / 1e3) / 1e12)  # type: ignore[operator]
    assert measure([lenet._replace(train=True)], on_cpu())[0].attained_share is None
    assert asked == []


def test_layers_are_held_against_the_whole(lenet: Case) -> None:
    times, peaks, warnings = layer_times(lenet, on_cpu())
    assert [layer.path for layer in times.layers] == [node.path for node in lenet.graph.nodes]
    assert times.whole == pytest.approx(times.total - times.stamping + times.rest)
    assert (peaks, warnings) == (None, ())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a C++ compiler")
def test_compiled(lenet: Case) -> None:
    (found,) = measure([lenet._replace(mode="compile")], on_cpu())
    assert found.compile_s is not None
    assert found.compile_s > 0
    assert (found.status, found.peak_bytes) == ("measured", None)


def test_figures_follow_from_the_runs(lenet: Case) -> None:
    """Of 1 to 11 ms the median is 6, and linear interpolation puts the tenths at 2 and 10."""
    found = figures(
        lenet,
        Sampled(tuple((n / 1e3,) for n in range(1, 12)), 0.004, 0.1, 3, 0, 0.0, "noise", ()),
        None,
    )
    assert (
        found["latency_ms"],
        found["latency_p10_ms"],
        found["latency_p90_ms"],
        found["batched_ms"],
    ) == pytest.approx((6, 2, 10, 4))
    assert found["images_per_s"] == pytest.approx(2 / 0.006)
    alone = figures(lenet, Sampled(((0.5,),), None, None, 3, 0, 0.0, "limit", ("10 runs",)), None)
    assert (alone["latency_ms"], alone["latency_p10_ms"], alone["noise"]) == (500, None, None)


# --- CUDA, on paper ---


class Paper:
    """Networks by batch: a run takes 10 µs an image in 20 kernels, holds 1 MiB of weights and 1
    MiB an image.
    """

    def __init__(self, cuda: FakeCuda, memory: int = 64) -> None:
        self.cuda, self.memory = cuda, memory * 2**20

    def prepare(self, case: Case, device: torch.device) -> Workload:
        self.allocate(2**20)
        kernels = [self.cuda.kernel(case.batch * 10e-6 / 20) for _ in range(20)]

        def forward() -> None:
            self.allocate(case.batch * 2**20)
            for kernel in kernels:
                kernel()
            self.cuda.free(case.batch * 2**20)

        names = TRAINING if case.train else ("forward",)
        module = archprof.load("tests/data/lenet.yaml").build()
        return Workload(tuple((name, forward) for name in names), module, torch.empty(0))

    def allocate(self, size: int) -> None:
        if self.cuda.held + size > self.memory:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        self.cuda.allocate(size)


class Throttling(Sensors):
    """A clock under its share in every second turn."""

    turns = 0

    def speed(self) -> float:
        self.turns += 1
        return 0.7 if self.turns % 2 else 1.0


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    cuda = FakeCuda(launch_gap=5e-6)
    monkeypatch.setattr(end_to_end, "prepare", Paper(cuda).prepare)
    monkeypatch.setattr(end_to_end, "sample", _by_paper_time(cuda))
    monkeypatch.setattr(
        measurement.kept_peaks,
        "identity",
        lambda device, speaker: {"device": "paper", "type": "cuda"},
    )
    return cuda


def _by_paper_time(cuda: FakeCuda) -> Any:
    honest = end_to_end.sample
    return lambda *arguments, **options: honest(
        *arguments, **options, now=lambda: cuda.now, pause=lambda _: None
    )


def on_paper(cuda: FakeCuda, sensors: Sensors | None = None, **options: Any) -> Request:
    return Request(
        CUDA,
        sensors or Sensors(),
        TorchFlags(),
        StopRule(seconds=0.05, limit=1.0),
        cuda=cuda,
        **options,
    )


def test_eager_and_graph_differ_by_the_launches(paper: FakeCuda, lenet: Case) -> None:
    """20 kernels of 2*10/20 = 1 µs: with 5 µs of launch each 120 µs, replayed 20 µs."""
    eager, graph = (
        measure([lenet._replace(mode=mode)], on_paper(paper))[0] for mode in ("eager", "graph")
    )
    assert (eager.status, graph.status) == ("measured", "measured")
    assert (eager.latency_ms, graph.latency_ms) == (pytest.approx(0.120), pytest.approx(0.020))
    assert graph.batched_ms == pytest.approx(0.020)
    assert graph.images_per_s == pytest.approx(2 / 20e-6)


def test_training_through_graphs_keeps_its_parts(paper: FakeCuda, lenet: Case) -> None:
    (found,) = measure([lenet._replace(mode="graph", train=True)], on_paper(paper))
    assert (found.forward_ms, found.backward_ms, found.step_ms) == pytest.approx(
        (0.020, 0.020, 0.020)
    )
    assert found.latency_ms == pytest.approx(0.060)


def test_memory_is_the_allocators(paper: FakeCuda, lenet: Case) -> None:
    """5 images' megabytes of a run beside what lies there already, and beside the weights and
    the input of the real module; reserved are blocks of 2 MiB, 1 MiB of weights and 5 in 3 blocks,
    besides the 4 of others.
    """
    paper.allocate(8 * 2**20)
    (found,) = measure([lenet._replace(batch=5)], on_paper(paper))
    weights = sum(
        t.untyped_storage().nbytes()
        for t in archprof.load("tests/data/lenet.yaml").build().state_dict().values()
    )
    assert found.peak_bytes == weights + 5 * 2**20
    assert found.reserved_bytes == 3 * 2**21


def test_compiled_memory_is_the_allocators(paper: FakeCuda, lenet: Case) -> None:
    (found,) = measure([lenet._replace(batch=5, mode="compile")], on_paper(paper))
    weights = sum(
        t.untyped_storage().nbytes()
        for t in archprof.load("tests/data/lenet.yaml").build().state_dict().values()
    )
    assert (found.peak_bytes, found.memory) == (weights + 5 * 2**20, None)


@pytest.mark.parametrize("mode", ["reduce-overhead", "max-autotune"])
def test_memory_of_torchs_own_graphs_is_reserved(paper: FakeCuda, lenet: Case, mode: str) -> None:
    """A replay allocates nothing, which would look like no memory at all."""
    (found,) = measure([lenet._replace(batch=5, mode=mode)], on_paper(paper))
    assert (found.status, found.peak_bytes) == ("measured", None)
    assert found.reserved_bytes is not None


def test_onnx_runtimes_memory_is_not_torchs(
    paper: FakeCuda, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, therefore, and not what torch's allocator has meanwhile; as long as it took."""
    honest = end_to_end.prepare
    monkeypatch.setattr(
        end_to_end,
        "prepare",
        lambda case, device: honest(case, device)._replace(compile_s=3.5),
    )
    (found,) = measure([lenet._replace(mode="onnxruntime")], on_paper(paper))
    assert (found.status, found.compile_s) == ("measured", 3.5)
    assert (found.peak_bytes, found.reserved_bytes, found.memory) == (None, None, None)


def test_autocast_predicts_no_memory(lenet: Case) -> None:
    """Measured it is, under a condition of its own."""
    (found,) = measure([lenet._replace(autocast=True, dtype="bfloat16")], on_cpu())
    assert (found.status, found.autocast, found.optimizer) == ("measured", True, None)
    assert (found.predicted_peak_bytes, found.memory) == (None, None)
    assert found.peak_bytes is not None


def test_a_compiler_that_fails_is_a_row(
    paper: FakeCuda, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(case: Case, device: torch.device) -> Workload:
        raise RuntimeError("torch.compile: InvalidCxxCompiler: no g++\nmore")

    monkeypatch.setattr(end_to_end, "prepare", prepare)
    (found,) = measure([lenet._replace(mode="compile")], on_paper(paper))
    assert (found.status, found.message) == (
        "failed",
        "torch.compile: InvalidCxxCompiler: no g++",
    )


def test_out_of_memory_at_one_batch_leaves_the_others(paper: FakeCuda, lenet: Case) -> None:
    """64 MiB hold 32 images and not 128.

    The paper's weights are never given back: each run takes one of the 64.
    """
    rows = [
        measure([lenet._replace(batch=batch)], on_paper(paper))[0] for batch in (8, 32, 128, 16)
    ]
    assert [row.status for row in rows] == ["measured", "measured", "out_of_memory", "measured"]
    assert rows[2].message == "CUDA out of memory."
    assert paper.log.count("emptied") >= 4


def test_throttled_runs_are_said(paper: FakeCuda, lenet: Case) -> None:
    (found,) = measure([lenet], on_paper(paper, Throttling()))
    assert found.status == "measured"
    assert found.discarded_runs > 0
    assert found.paused_ms > 0
    (kept,) = measure([lenet], on_paper(paper, Throttling(), any_clock=True))
    assert kept.discarded_runs == 0


def test_a_clock_that_never_recovers_is_no_latency(paper: FakeCuda, lenet: Case) -> None:
    class Slow(Sensors):
        def speed(self) -> float:
            return 0.5

    (found,) = measure([lenet], on_paper(paper, Slow()))
    assert (found.status, found.latency_ms, found.images_per_s) == ("throttled", None, None)
    assert "--any-clock" in found.message


def test_states_before_and_after_are_kept(paper: FakeCuda, lenet: Case) -> None:
    class Warming(Sensors):
        temperature = 30

        def state(self) -> dict[str, Any]:
            self.temperature += 20
            return {"temperature_c": self.temperature}

    (found,) = measure([lenet], on_paper(paper, Warming()))
    assert found.before is not None
    assert found.after == {"temperature_c": found.before["temperature_c"] + 20}
    assert found.warnings == (
        f"temperature_c {found.before['temperature_c']} -> {found.after['temperature_c']}",
    )


def test_without_synchronisation_nothing_is_measured(
    paper: FakeCuda, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fake's events then have no time, as CUDA's: the row fails rather than show the time of
    queueing.
    """
    monkeypatch.setattr(end_to_end.clock(CUDA, paper).__class__, "synchronize", lambda self: None)
    (found,) = measure([lenet], on_paper(paper))
    assert (found.status, found.latency_ms) == ("failed", None)
    assert "not ready" in found.message


def test_data_is_the_row_without_the_trace(lenet: Case) -> None:
    row = Measurement(
        "net", (3, 8, 8), 1, "float32", "contiguous", "eager", False, 1, 2, 3, unmet=("10 runs",)
    )
    assert row.data()["input"] == [3, 8, 8]
    assert row.data()["unmet"] == ["10 runs"]
    assert "memory" not in row.data()
