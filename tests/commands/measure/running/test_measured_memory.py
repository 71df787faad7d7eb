"""Measured memory against the prediction: layer by layer in inference, at the end of the forward
pass in training, and what the allocator adds.
"""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch

import archprof
from archprof.analysis.analysis import analyze
from archprof.commands.measure.on_device.cuda_bytes import CudaBytes
from archprof.commands.measure.running.measured_memory import NOWHERE, AliveBytes, measure, trace
from archprof.commands.measure.running.workload import Case, Workload, prepare
from archprof.graph.graph import Graph
from tests.commands.measure.fake_cuda import FakeCuda
from tests.small import graph_of

MAP = 4 * 6 * 8 * 4  # bytes of a 4x6x8 map in float32
CONV = 4 * (4 * 4 + 4)  # of the weights of a 1x1 convolution of 4 channels
BLOCK = {
    "a": "op: conv2d, out: 4, kernel: 1",
    "r": "op: relu",
    "p": "op: max_pool2d, kernel: 2, from: a",
    "s": "op: adaptive_avg_pool2d, size: 1, from: r",
    "x": "op: add, from: [p, s]",
}


def block() -> Graph:
    return graph_of(BLOCK, (4, 6, 8))


def test_inference_layer_by_layer() -> None:
    """a: the input and a. r: r besides. p: p of a quarter and its indices, twice that, besides.

    s: 4 means, a has gone. x: r has gone.
    """
    workload = prepare(Case(block()), "cpu")
    found = trace(workload.parts, workload.module, workload.input)
    base = CONV + MAP
    assert found.layers == {
        0: base + MAP,
        1: base + 2 * MAP,
        2: base + 2 * MAP + MAP // 4 + MAP // 2,
        3: base + MAP + MAP // 4 + 16,
        4: base + 2 * MAP // 4 + 16,
    }
    assert found.peak == AliveBytes(base + 2 * MAP + 3 * MAP // 4, 2, "forward")
    assert found.between == AliveBytes(base + 2 * MAP + MAP // 4, 2, "forward")


def test_only_what_lies_on_the_device_counts() -> None:
    """CUDA's attention has a seed and an offset of eight bytes each on the host, which a trace of
    the device's memory must not have. Here a copy of the four numbers is elsewhere.
    """

    class Module(torch.nn.Module):
        def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return image + 1, image.to("meta")

    module, image = torch.fx.symbolic_trace(Module()), torch.zeros(4)
    found = trace([("forward", lambda: module(image))], module, image)
    assert found.peak.bytes == 2 * 16


@pytest.mark.parametrize("batch", [1, 3])
def test_the_prediction_holds(batch: int) -> None:
    analysis = analyze(block(), batch=batch)
    workload = prepare(Case(block(), batch), "cpu")
    found = measure(workload.parts, workload.module, workload.input)
    assert found.traced.peak == AliveBytes(
        analysis.totals.peak_inference_bytes, analysis.peak.node, "forward"
    )
    assert (found.reserved, found.scratch >= 0) == (None, True)
    assert found.allocated == found.traced.peak.bytes + found.scratch


def test_training_holds_what_is_saved_and_the_gradients() -> None:
    """When the forward pass ends: weights, gradients of the step before, saved tensors (the
    input among them), and the output, which nobody saves.
    """
    analysis = analyze(block(), batch=2)
    workload = prepare(Case(block(), 2, train=True), "cpu")
    found = measure(workload.parts, workload.module, workload.input).traced
    assert found.forward == analysis.totals.training_bytes + 2 * MAP // 4
    assert found.peak.bytes >= found.forward
    assert set(found.layers) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(("optimizer", "copies"), [("momentum", 1), ("adamw", 2)])
def test_training_holds_the_state_of_the_optimizer(optimizer: str, copies: int) -> None:
    """Beside what plain SGD has at the same moment: so many tensors of each parameter's size, and
    for AdamW a count of steps, 4 bytes, for each parameter.
    """

    def measured(name: str) -> tuple[int, int]:
        workload = prepare(Case(block(), 2, train=True, optimizer=name), "cpu")
        found = measure(workload.parts, workload.module, workload.input, state=workload.state)
        return found.traced.forward, found.allocated

    def predicted(name: str) -> int:
        return analyze(block(), batch=2, optimizer=name).totals.training_bytes

    parameters = list(prepare(Case(block()), "cpu").module.parameters())
    states = copies * sum(4 * one.numel() for one in parameters)
    assert predicted(optimizer) - predicted("sgd") == states
    counts = 4 * len(parameters) if optimizer == "adamw" else 0
    (plain, least), (forward, allocated) = measured("sgd"), measured(optimizer)
    assert forward - plain == states + counts
    assert allocated - least >= states + counts


def test_the_part_and_layer_of_a_peak_in_the_backward_pass() -> None:
    """Small activations before a large matrix: its gradient, made while its layer goes back, is
    the most.
    """
    graph = graph_of(
        {
            "small": "op: linear, out: 4",
            "large": "op: linear, out: 4096",
            "end": "op: linear, out: 1",
        },
        (4,),
    )
    workload = prepare(Case(graph, 2, train=True), "cpu")
    # of the first step, which finds no gradients
    peak = trace(workload.parts, workload.module, workload.input).peak
    assert (peak.part, graph.nodes[peak.node].path) == ("backward", "large")


def test_inference_keeps_nothing_for_a_backward_pass() -> None:
    """Weights that want a gradient, as they are after training, change nothing."""
    workload = prepare(Case(block()), "cpu")
    usual = trace(workload.parts, workload.module, workload.input)
    workload.module.requires_grad_(True)
    assert trace(workload.parts, workload.module, workload.input) == usual


def test_nobody_is_at_work_between_layers() -> None:
    workload = prepare(Case(block()), "cpu")

    def beside() -> None:
        torch.zeros(1000 * MAP)

    found = trace(
        [("forward", workload.runs[0]), ("beside", beside)], workload.module, workload.input
    )
    assert (found.peak.node, found.peak.part) == (NOWHERE, "beside")


def test_the_module_is_left_as_it_was() -> None:
    workload = prepare(Case(block()), "cpu")
    before = workload.module(workload.input)
    with pytest.raises(ZeroDivisionError):
        trace([("forward", lambda: 1 / 0)], workload.module, workload.input)
    assert torch.equal(workload.module(workload.input), before)
    assert "forward" not in vars(workload.module)


@pytest.fixture
def on_paper() -> tuple[FakeCuda, Workload, CudaBytes]:
    """A device on which another network lies, and a network whose first run takes a workspace of 8
    MiB and keeps it, and whose every run takes 5 maps and 100 bytes.

    MAP is 768 bytes, so weights and input (80 + 768) fill blocks of 1024 and the run (3940) of
    4096.
    """
    cuda = FakeCuda()
    cuda.allocate(10**9 + 1)
    before = CudaBytes.now(cuda, torch.device("cpu"))
    workload = prepare(Case(block()), "cpu")
    cuda.allocate(CONV + MAP)

    def forward() -> None:
        if cuda.requested == 10**9 + 1 + CONV + MAP:
            cuda.allocate(2**23)
        cuda.allocate(5 * MAP + 100)
        workload.runs[0]()
        cuda.free(5 * MAP + 100)

    return cuda, workload._replace(parts=(("forward", forward),)), before


def test_on_cuda_the_allocator_is_asked_for_this_network_alone(
    on_paper: tuple[FakeCuda, Workload, CudaBytes],
) -> None:
    cuda, workload, before = on_paper
    found = measure(workload.parts, workload.module, workload.input, cuda, before)
    assert found.requested == CONV + MAP + 5 * MAP + 100
    assert found.rounding == (1024 - 848) + (4096 - 3940)
    assert found.allocated == found.requested + 332
    assert found.scratch == found.requested - found.traced.peak.bytes
    assert found.workspace == 2**23


def test_reserved_is_of_the_run_and_not_of_what_the_cache_still_has(
    on_paper: tuple[FakeCuda, Workload, CudaBytes],
) -> None:
    """10^9 bytes and 8 MiB, in blocks of 2 MiB: 477 for others with room for the network, 4."""
    cuda, workload, before = on_paper
    cuda.allocate(2**30)
    cuda.free(2**30)
    found = measure(workload.parts, workload.module, workload.input, cuda, before)
    assert found.reserved == (477 + 4) * 2**21


def test_a_network_measured_later_finds_the_workspace(
    on_paper: tuple[FakeCuda, Workload, CudaBytes],
) -> None:
    cuda, workload, before = on_paper
    measure(workload.parts, workload.module, workload.input, cuda, before)
    again = measure(workload.parts, workload.module, workload.input, cuda, before)
    assert (again.workspace, again.requested) == (0, CONV + MAP + 5 * MAP + 100)


def test_workspaces_made_ahead_are_added(
    on_paper: tuple[FakeCuda, Workload, CudaBytes],
) -> None:
    """33 MiB of cuBLAS's and the 8 of the first run."""
    cuda, workload, before = on_paper
    made = 33 * 2**20
    found = measure(workload.parts, workload.module, workload.input, cuda, before, made=made)
    assert found.workspace == 41 * 2**20


def test_an_allocator_that_counts_no_requests(
    on_paper: tuple[FakeCuda, Workload, CudaBytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rounding is then part of the scratch."""
    cuda, workload, _ = on_paper
    honest = cuda.memory_stats

    def stats(device: Any = None) -> dict[str, int]:
        return {name: n for name, n in honest().items() if "requested" not in name}

    monkeypatch.setattr(cuda, "memory_stats", stats)
    found = measure(workload.parts, workload.module, workload.input, cuda)
    assert (found.requested, found.rounding, found.workspace) == (None, None, None)
    assert found.allocated == CONV + MAP + 4096
    assert found.scratch == CONV + MAP + 4096 - found.traced.peak.bytes


@pytest.mark.parametrize("train", [False, True])
def test_nothing_of_a_measured_network_stays(train: bool) -> None:
    """Else its weights would lie where the next is measured, and its gradients would be added on
    the stream of its first run.
    """
    workload = prepare(Case(archprof.load("tests/data/lenet.yaml").graph, 2, train=train), "cpu")
    measure(workload.parts, workload.module, workload.input)
    parts = [weakref.ref(workload.module), weakref.ref(next(workload.module.parameters()))]
    del workload
    gc.collect()
    assert [part() for part in parts] == [None, None]
