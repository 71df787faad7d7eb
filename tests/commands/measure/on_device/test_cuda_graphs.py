"""How the parts of a workload are captured as CUDA graphs, on paper."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import archprof
from archprof.commands.measure.on_device.clock import CudaClock
from archprof.commands.measure.on_device.cuda_graphs import WARM_CAPTURE, CaptureError, captured
from archprof.commands.measure.running.workload import TRAINING, Case, Workload
from tests.commands.measure.fake_cuda import FakeCuda, Stream

DEVICE = torch.device("cpu")


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(archprof.load("tests/data/lenet.yaml").graph, batch=2)


def paper(cuda: FakeCuda, *seconds: float) -> Workload:
    names = TRAINING if len(seconds) == 3 else ("forward",)
    return Workload(
        tuple((name, cuda.kernel(s)) for name, s in zip(names, seconds, strict=True)),
        None,
        torch.empty(0),
    )  # type: ignore[arg-type]


def test_capture_is_warmed_up_on_a_side_stream() -> None:
    """What is set up lazily must not happen under capture; the side stream waits for the work
    before it, and is waited for.
    """
    cuda = FakeCuda()
    captured(paper(cuda, 0.5), DEVICE, cuda)
    assert cuda.log == ["side waits for default", "set up on side", "default waits for side"]
    cuda.synchronize()
    assert cuda.now == pytest.approx(0.5 * WARM_CAPTURE)  # the capture itself runs nothing


def test_every_capture_is_on_one_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """For each stream cuBLAS keeps a workspace of its own, for ever."""
    cuda = FakeCuda()
    asked: list[object] = []
    used: list[object] = []
    new, graph = cuda.Stream, cuda.graph

    def stream(device: torch.device) -> Stream:
        asked.append(device)
        return new(device)

    def noted(*arguments: Any, **options: Any) -> Any:
        used.append(options["stream"])
        return graph(*arguments, **options)

    monkeypatch.setattr(cuda, "Stream", stream)
    monkeypatch.setattr(cuda, "graph", noted)
    for _ in range(2):
        captured(paper(cuda, 0.5), DEVICE, cuda)
    assert asked == [DEVICE]
    assert len(used) == 2
    assert used[0] is used[1]


def test_capture_without_warm_up_fails() -> None:
    cuda = FakeCuda()
    graph = cuda.CUDAGraph()
    with pytest.raises(RuntimeError, match="error during capture"), cuda.graph(graph):
        cuda.kernel(0.5)()


def test_replay_queues_what_was_captured() -> None:
    cuda = FakeCuda()
    workload = captured(paper(cuda, 0.5, 1.0, 0.25), DEVICE, cuda)
    assert [name for name, _ in workload.parts] == list(TRAINING)
    assert CudaClock(cuda).sections(workload.runs, 3) == [pytest.approx([0.5, 1.0, 0.25])] * 3


def test_graphs_of_a_step_share_their_memory() -> None:
    """The backward pass finds what the forward pass saved."""
    cuda = FakeCuda()
    workload = captured(paper(cuda, 0.5, 1.0, 0.25), DEVICE, cuda)
    assert {run.graph.pool for run in workload.runs} == {cuda.graph_pool_handle()}  # type: ignore[attr-defined]


def test_results_of_a_capture_are_held() -> None:
    """Else the pool would give their memory to the next graph."""
    cuda = FakeCuda()
    result = torch.ones(3)
    workload = captured(
        Workload((("forward", lambda: result),), None, torch.empty(0)), DEVICE, cuda
    )  # type: ignore[arg-type]
    assert workload.runs[0].results == (result,)  # type: ignore[attr-defined]


def test_a_graph_has_no_launch_gaps() -> None:
    """Eager, 20 kernels of 10 µs each wait 5 µs for their launch: 20*(10 + 5) µs; in a graph
    20*10 µs.
    """
    cuda = FakeCuda(launch_gap=5e-6)
    kernels = [cuda.kernel(10e-6) for _ in range(20)]

    def forward() -> None:
        for kernel in kernels:
            kernel()

    workload = Workload((("forward", forward),), None, torch.empty(0))  # type: ignore[arg-type]
    clock = CudaClock(cuda)
    assert clock.batched(workload.runs[0], 10) / 10 == pytest.approx(300e-6)
    assert clock.batched(captured(workload, DEVICE, cuda).runs[0], 10) / 10 == pytest.approx(200e-6)


def test_what_cannot_be_captured_says_why_and_leaves_the_stream() -> None:
    """The first cause, which torch's error at the end of the capture does not name."""
    cuda = FakeCuda()
    kernel = cuda.kernel(10e-6)

    def forward() -> None:
        kernel()
        cuda.host_copy()

    workload = Workload((("forward", forward),), None, torch.empty(0))  # type: ignore[arg-type]
    before = cuda.current_stream()
    with pytest.raises(CaptureError) as raised:
        captured(workload, DEVICE, cuda)
    assert str(raised.value) == (
        "cannot be captured as a CUDA graph: CUDA error: operation not permitted when stream is"
        " capturing"
    )
    assert cuda.current_stream() is before
