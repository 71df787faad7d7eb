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
from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.layers.of_case import layer_times
from archprof.commands.measure.on_device import workspaces
from archprof.commands.measure.on_device.sensors import Sensors
from archprof.commands.measure.on_device.torch_device import TorchFlags
from archprof.commands.measure.running import end_to_end, measurement, sampling
from archprof.commands.measure.running.end_to_end import Request, measure
from archprof.commands.measure.running.measurement import Measurement, figures
from archprof.commands.measure.running.refusals import Refusal
from archprof.commands.measure.running.sampled import Load, Sampled
from archprof.commands.measure.running.sampling import StopRule
from archprof.commands.measure.running.workload import TRAINING, Case, Workload
from tests.commands.measure.fake_cuda import FakeCuda
from tests.commands.measure.float8_here import needs_float8

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
    runs = tuple(n / 1e3 for n in range(1, 12))
    found = figures(lenet, Sampled(runs, Load((0.005, 0.004)), 0.1, 3, 0, 0.0, "noise", ()), None)
    assert (
        found["latency_ms"],
        found["latency_p10_ms"],
        found["latency_p90_ms"],
        found["latency_max_ms"],
        found["burst_ms"],
        found["batched_ms"],
        found["batched_low_ms"],
        found["batched_high_ms"],
    ) == pytest.approx((6, 2, 10, 11, 5, 4, 4, 5))
    assert [(one.share, one.ms) for one in found["quantiles"]] == [
        (0.5, pytest.approx(6)),
        (0.9, pytest.approx(10)),
        (0.95, pytest.approx(10.5)),
        (0.99, pytest.approx(10.9)),
    ]
    assert found["images_per_s"] == pytest.approx(2 / 0.006)
    assert ("host_ms" in found, "bound" in found) == (False, False)
    alone = figures(lenet, Sampled((0.5,), Load(), None, 3, 0, 0.0, "limit", ("10 runs",)), None)
    assert (alone["latency_ms"], alone["noise"], alone["quantiles"]) == (500, None, ())
    assert "latency_p10_ms" not in alone


@pytest.mark.parametrize(
    ("queueing", "bound"), [(0.0046, "host"), (0.0044, "device"), (0.002, "device")]
)
def test_figures_of_a_device_that_queues(lenet: Case, queueing: float, bound: str) -> None:
    """A run takes 6 ms from the call to its end, 5 of the device, and 4 back to back; queueing for
    more than nine tenths of the 5 makes the host the bound. 40 W for 4 ms are 0.16 J for two.
    """
    load = Load((0.005, 0.004), {"clock_mhz": 1485, "max_clock_mhz": 1980}, 40.0)
    sampled = Sampled(
        (0.006,) * 3,
        load,
        0.1,
        3,
        0,
        0.0,
        "noise",
        (),
        queueing=(queueing,) * 3,
        parts=((0.005,),),
    )
    found = figures(lenet, sampled, Peaks("paper", "float32", 1e12, 1e11, ((1, 1e11),), 1e-6))
    assert (found["latency_ms"], found["device_ms"], found["batched_ms"]) == pytest.approx(
        (6, 5, 4)
    )
    assert found["host_ms"] == pytest.approx(1e3 * queueing)
    assert found["bound"] == bound
    assert found["images_per_s"] == pytest.approx(2 / 0.004)
    flops = measurement.analyzed(lenet).known_totals.flops
    assert found["attained_share"] == pytest.approx(flops / 0.004 / 1e12)
    assert (found["joules_per_image"], found["power_w"]) == (pytest.approx(0.08), 40.0)
    assert (found["clock_mhz"], found["clock_share"]) == (1485, pytest.approx(0.75))


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
    """Slows itself down in every second turn."""

    turns = 0

    def slowdown(self) -> list[str]:
        self.turns += 1
        return ["thermal slowdown"] if self.turns % 2 else []


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    cuda = FakeCuda(launch_gap=5e-6)
    monkeypatch.setattr(end_to_end, "prepare", Paper(cuda).prepare)
    monkeypatch.setattr(end_to_end, "sample", _by_paper_time(cuda))
    monkeypatch.setattr(workspaces, "multiply", lambda device, train: None)
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
        now=cuda.perf_counter,
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


def test_reserved_is_each_networks_own(
    paper: FakeCuda, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first: 1 MiB of weights and 200 of a run in 101 blocks of 2 MiB. The second finds the
    cache of the first given back: its 1 and 10 beside the first's 1 are 6 blocks, less one.
    """
    monkeypatch.setattr(end_to_end, "prepare", Paper(paper, 1024).prepare)
    found = measure([lenet._replace(batch=200), lenet._replace(batch=10)], on_paper(paper))
    assert [row.reserved_bytes for row in found] == [101 * 2**21, 5 * 2**21]


def test_a_graph_reserves_what_it_holds(
    paper: FakeCuda, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A captured run keeps its pool of 4 MiB; what eager runs took, 20 MiB, has been given back."""
    module = archprof.load("tests/data/lenet.yaml").build()
    kernel = paper.kernel(10e-6)

    def forward() -> None:
        kernel()
        paper.allocate(4 * 2**20)
        if not paper.capturing:
            paper.allocate(16 * 2**20)
            paper.free(20 * 2**20)

    def prepare(case: Case, device: torch.device) -> Workload:
        return Workload((("forward", forward),), module, torch.empty(0))

    monkeypatch.setattr(end_to_end, "prepare", prepare)
    (eager,) = measure([lenet], on_paper(paper))
    (graph,) = measure([lenet._replace(mode="graph")], on_paper(paper))
    assert (eager.reserved_bytes, graph.reserved_bytes) == (20 * 2**20, 4 * 2**20)


def test_compiled_training_holds_the_gradients(
    paper: FakeCuda, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights, the gradients of the step before, and 5 MiB of activations."""
    module = archprof.load("tests/data/lenet.yaml").build()
    weights = sum(p.untyped_storage().nbytes() for p in module.parameters())
    blocks = -(-weights // 512) * 512
    kernel = paper.kernel(10e-6)

    def forward() -> None:
        kernel()
        paper.allocate(5 * 2**20)

    def backward() -> None:
        for p in module.parameters():
            if p.grad is None:
                p.grad = torch.zeros_like(p)
        if paper.requested == weights + 5 * 2**20:
            paper.allocate(weights)
        paper.free(5 * 2**20)

    def prepare(case: Case, device: torch.device) -> Workload:
        paper.allocate(weights)
        runs = (forward, backward, kernel)
        return Workload(tuple(zip(TRAINING, runs, strict=True)), module, torch.empty(0))

    monkeypatch.setattr(end_to_end, "prepare", prepare)
    (found,) = measure([lenet._replace(mode="compile", train=True)], on_paper(paper))
    assert found.requested_bytes == 2 * weights + 5 * 2**20
    assert found.peak_bytes == 2 * blocks + 5 * 2**20


def test_context_is_what_the_process_uses_beyond_its_allocator(
    paper: FakeCuda, lenet: Case
) -> None:
    """Of 900 MiB in use 300 were before it came, and 4 are the allocator's: 1 MiB of weights, and
    2 of a run.
    """

    class Used(Sensors):
        bytes = 900 * 2**20

        def used_bytes(self) -> int:
            return self.bytes

    (found,) = measure([lenet], on_paper(paper, Used(), idle_bytes=300 * 2**20))
    assert found.context_bytes == (900 - 300 - 4) * 2**20
    # another process has left meanwhile
    (found,) = measure([lenet], on_paper(paper, Used(), idle_bytes=900 * 2**20))
    assert found.context_bytes is None
    (found,) = measure([lenet], on_paper(paper, Used()))
    assert found.context_bytes is None
    (found,) = measure([lenet], on_paper(paper, idle_bytes=300 * 2**20))
    assert found.context_bytes is None


def test_a_failed_capture_is_a_row_and_what_follows_says_why(
    paper: FakeCuda, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = end_to_end.prepare
    bad = lenet._replace(mode="graph", batch=3)

    def prepare(case: Case, device: torch.device) -> Workload:
        workload = honest(case, device)
        if case is not bad:
            return workload
        runs = [*workload.runs, paper.host_copy]
        return workload._replace(parts=tuple((str(i), run) for i, run in enumerate(runs)))

    monkeypatch.setattr(end_to_end, "prepare", prepare)
    good = lenet._replace(mode="graph")
    assert measure([good], on_paper(paper))[0].status == "measured"
    before = paper.current_stream()
    (found,) = measure([bad], on_paper(paper))
    assert (found.status, found.latency_ms) == ("failed", None)
    assert found.message == (
        "cannot be captured as a CUDA graph: CUDA error: operation not permitted when stream is"
        " capturing"
    )
    assert paper.current_stream() is before
    (after,) = measure([lenet], on_paper(paper))
    assert (after.status, after.message) == (
        "failed",
        "a CUDA graph capture failed earlier in this process",
    )


def test_the_process_of_a_failed_capture_is_spoilt(
    paper: FakeCuda, lenet: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(case: Case, device: torch.device) -> Workload:
        if case.mode == "eager":
            raise RuntimeError("no kernel image")
        module = archprof.load("tests/data/lenet.yaml").build()
        return Workload((("forward", paper.host_copy),), module, torch.empty(0))

    monkeypatch.setattr(end_to_end, "prepare", prepare)

    def spoilt(case: Case) -> bool:
        found = end_to_end.attempt_here([case], on_paper(paper), lambda cases, samplers: None)
        assert isinstance(found, Refusal)
        return found.spoilt

    assert not spoilt(lenet)
    assert spoilt(lenet._replace(mode="graph"))


@pytest.mark.parametrize("mode", ["reduce-overhead", "max-autotune"])
def test_of_pools_only_what_is_reserved_is_known(paper: FakeCuda, lenet: Case, mode: str) -> None:
    """1 MiB of weights and 5 of a run are three blocks of 2 MiB."""
    (found,) = measure([lenet._replace(batch=5, mode=mode)], on_paper(paper))
    assert (found.peak_bytes, found.requested_bytes, found.memory) == (None, None, None)
    assert found.reserved_bytes == 3 * 2**21


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


@needs_float8
def test_float8_is_measured_with_its_share_and_without_a_prediction(tmp_path: Path) -> None:
    """Of 768 x 32 and 32 x 10 MACs the first are in float8."""
    path = tmp_path / "mlp.yaml"
    layers = "[{op: flatten}, {op: linear, out: 32}, {op: linear, out: 10}]"
    path.write_text(f"name: mlp\ninput: 3x16x16\nlayers: {layers}\n", encoding="utf-8")
    case = Case(archprof.load(path).graph, batch=2, dtype="float8")
    (found,) = measure([case], on_cpu())
    assert (found.status, found.dtype, found.message) == ("measured", "float8", "")
    assert found.float8_share == pytest.approx(768 * 32 / (768 * 32 + 32 * 10))
    assert (found.predicted_peak_bytes, found.memory, found.attained_share) == (None, None, None)


def test_without_layers_for_float8_the_row_says_so(lenet: Case) -> None:
    (found,) = measure([lenet._replace(dtype="float8")], on_cpu())
    assert found.status == "failed"
    assert "multiples of 16, and this network has none" in found.message


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
    # 2^40 bytes, less the blocks of three weights
    assert rows[2].message.startswith("CUDA out of memory. (predicted ")
    assert rows[2].message.endswith(" of 1.00 TiB were free)")
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
        def slowdown(self) -> list[str]:
            return ["power brake"]

    (found,) = measure([lenet], on_paper(paper, Slow()))
    assert (found.status, found.latency_ms, found.images_per_s) == ("throttled", None, None)
    assert "(power brake)" in found.message
    assert "--any-clock" in found.message


def test_states_before_and_after_are_kept(paper: FakeCuda, lenet: Case) -> None:
    class Clocked(Sensors):
        """After the boost of an idle device 1980 MHz, under load 1600, and at its power cap."""

        def state(self) -> dict[str, Any]:
            if not paper.queue:
                return {"clock_mhz": 1980, "throttling": []}
            return {"clock_mhz": 1600, "max_clock_mhz": 2000, "throttling": ["power cap"]}

        def others(self) -> list[str]:
            return [f"process {number}" for number in range(5)]

    (found,) = measure([lenet], on_paper(paper, Clocked()))
    idle = {"clock_mhz": 1980, "throttling": []}
    assert (found.before, found.after) == (idle, idle)
    assert (found.clock_mhz, found.clock_share) == (1600, pytest.approx(0.8))
    assert found.warnings == (
        "clock_mhz 1980 -> 1600",
        "power cap: the device keeps its clock at 1600 MHz, 80 % of the highest",
        "other work on the device: process 0, process 1, process 2",
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
