"""A network as something to run: what its parts do, and how they are captured as CUDA graphs."""

from __future__ import annotations

import pytest
import torch

import archprof
from archprof.commands.measure.clock import CudaClock
from archprof.commands.measure.workload import (
    DTYPES,
    TRAINING,
    WARM_CAPTURE,
    CaptureError,
    Case,
    Workload,
    captured,
    prepare,
)
from tests.commands.measure.fake_cuda import FakeCuda

DEVICE = torch.device("cpu")


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(archprof.load("tests/data/lenet.yaml").graph, batch=2)


def test_inference_is_one_part_without_autograd(case: Case) -> None:
    workload = prepare(case, DEVICE)
    assert [name for name, _ in workload.parts] == ["forward"]
    output = workload.runs[0]()
    assert isinstance(output, torch.Tensor)
    assert (tuple(output.shape), output.is_inference(), workload.module.training) == (
        (2, 10),
        True,
        False,
    )


def test_input_is_random_and_the_same_again(case: Case) -> None:
    image = prepare(case, DEVICE).input
    assert image.std() > 0.5  # zeros draw less power and run faster
    assert torch.equal(image, prepare(case, DEVICE).input)


@pytest.mark.parametrize("dtype", DTYPES)
def test_everything_is_in_the_dtype(case: Case, dtype: str) -> None:
    """tf32 is float32 in memory."""
    workload = prepare(case._replace(dtype=dtype), DEVICE)
    output = workload.runs[0]()
    assert {tensor.dtype for tensor in (output, workload.input, *workload.module.parameters())} == {
        DTYPES[dtype]
    }  # type: ignore[attr-defined]


def test_memory_format_is_that_of_input_and_weights() -> None:
    case = Case(
        archprof.load("resnet18", input=(3, 32, 32)).graph, memory_format="channels_last", batch=2
    )
    workload = prepare(case, DEVICE)
    assert workload.input.is_contiguous(memory_format=torch.channels_last)
    assert workload.module.get_submodule("layer1.0.conv1").weight.is_contiguous(
        memory_format=torch.channels_last
    )  # type: ignore[union-attr, operator]


def test_training_goes_forward_back_and_one_step(case: Case) -> None:
    """After a step of SGD each weight is what it was less the rate times its gradient; the next
    run starts without old gradients.
    """
    workload = prepare(case._replace(train=True), DEVICE)
    assert tuple(name for name, _ in workload.parts) == TRAINING
    parameters = list(workload.module.parameters())
    forward, backward, step = workload.runs
    forward()
    assert all(p.grad is None for p in parameters)
    backward()
    first = [p.grad.clone() for p in parameters if p.grad is not None]
    assert len(first) == len(parameters)
    before = [p.detach().clone() for p in parameters]
    step()
    assert any(not torch.equal(a, b) for a, b in zip(before, parameters, strict=True))
    forward()
    backward()
    second = [p.grad for p in parameters if p.grad is not None]
    # not their sum
    assert all(
        torch.allclose(a, b, rtol=1e-2, atol=1e-4) for a, b in zip(first, second, strict=True)
    )


def test_training_reaches_the_auxiliary_heads() -> None:
    workload = prepare(
        Case(archprof.load("googlenet_bn", input=(3, 96, 96)).graph, batch=2, train=True), DEVICE
    )
    for run in workload.runs:
        run()
    assert all(p.grad is not None for p in workload.module.parameters())


# --- CUDA graphs, on paper ---


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
