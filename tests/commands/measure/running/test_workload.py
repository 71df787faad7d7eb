"""A network as something to run, and what its parts do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import archprof
from archprof.commands.measure.on_device.clock import Run
from archprof.commands.measure.running import compiling
from archprof.commands.measure.running.workload import DTYPES, TRAINING, Case, prepare
from archprof.graph.freezing import freeze

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


@pytest.mark.parametrize("dtype", [name for name in DTYPES if name != "float8"])
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


# --- autocast, optimizers, what compiles ---


def kinds(module: torch.nn.Module, run: Callable[[], object]) -> dict[str, torch.dtype]:
    """The dtype of each layer's output in a run."""
    found: dict[str, torch.dtype] = {}

    def noting(name: str) -> Callable[..., None]:
        def note(layer: object, given: object, output: torch.Tensor) -> None:
            found[name] = output.dtype

        return note

    hooks = [layer.register_forward_hook(noting(name)) for name, layer in module.named_modules()]
    run()
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_autocast_multiplies_in_half_precision(case: Case, dtype: str, train: bool) -> None:
    """Weights, input and, in training, gradients stay float32."""
    case = case._replace(autocast=True, dtype=dtype, train=train)
    assert case.storage_dtype == "float32"
    workload = prepare(case, DEVICE)
    found = kinds(workload.module, workload.runs[0])
    assert found["conv1"] == DTYPES[dtype]
    assert workload.input.dtype == torch.float32
    assert {p.dtype for p in workload.module.parameters()} == {torch.float32}
    if train:
        workload.runs[1]()
        grads = {p.grad.dtype for p in workload.module.parameters() if p.grad is not None}
        assert grads == {torch.float32}


def test_without_autocast_nothing_is_cast(case: Case) -> None:
    workload = prepare(case, DEVICE)
    assert set(kinds(workload.module, workload.runs[0]).values()) == {torch.float32}


def scaled(case: Case, monkeypatch: pytest.MonkeyPatch) -> bool:
    seen: list[str] = []
    honest = torch.amp.GradScaler

    def scaler(device: str) -> torch.amp.GradScaler:
        seen.append(device)
        return honest(device)

    monkeypatch.setattr(torch.amp, "GradScaler", scaler)
    for run in prepare(case, DEVICE).runs:
        run()
    return seen == ["cpu"]


def test_only_float16_autocast_has_a_scaler(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case._replace(train=True, dtype="float16", autocast=True)
    assert scaled(case, monkeypatch)
    assert not scaled(case._replace(dtype="bfloat16"), monkeypatch)
    assert not scaled(case._replace(autocast=False), monkeypatch)


@pytest.mark.parametrize(("optimizer", "copies"), [("sgd", 0), ("momentum", 1), ("adamw", 2)])
def test_state_is_that_of_the_optimizer(case: Case, optimizer: str, copies: int) -> None:
    """lenet has 61,706 parameters in ten tensors; AdamW has a count for each tensor besides."""
    workload = prepare(case._replace(train=True, optimizer=optimizer), DEVICE)
    assert list(workload.state()) == []
    for run in workload.runs:
        run()
    counts = 10 if optimizer == "adamw" else 0
    assert sum(tensor.numel() for tensor in workload.state()) == copies * 61_706 + counts


def test_what_is_frozen_gets_no_gradient_and_no_state(case: Case) -> None:
    """lenet's last layer has 84 * 10 weights and 10 biases."""
    graph = freeze(case.graph, [node.path for node in case.graph.nodes if node.params][:-1])
    workload = prepare(case._replace(graph=graph, train=True, optimizer="momentum"), DEVICE)
    for run in workload.runs:
        run()
    graded = [p.numel() for p in workload.module.parameters() if p.grad is not None]
    assert sorted(graded) == [10, 840]
    assert sum(tensor.numel() for tensor in workload.state()) == 850


def test_outputs_that_nothing_trained_leads_to_are_left_out() -> None:
    """Of GoogLeNet one auxiliary head alone is trained."""
    graph = archprof.load("googlenet").graph
    paths = [node.path for node in graph.nodes if node.params and "aux1" not in node.path]
    workload = prepare(Case(freeze(graph, paths), batch=2, train=True), DEVICE)
    for run in workload.runs:
        run()
    graded = {n.split(".")[0] for n, p in workload.module.named_parameters() if p.grad is not None}
    assert graded == {"aux1"}


def test_what_compiles_has_run_once(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """All parts of it: the backward pass is compiled in its first run."""
    runs: list[list[Run]] = []

    def first_run(parts: list[Run], device: torch.device) -> float:
        runs.append(parts)
        return 12.5

    monkeypatch.setattr(compiling, "first_run", first_run)
    monkeypatch.setattr(torch, "compile", lambda module, **_: module)
    workload = prepare(case._replace(mode="compile", train=True), DEVICE)
    assert (workload.compile_s, len(runs[0])) == (12.5, 3)
    assert prepare(case, DEVICE).compile_s is None
    assert len(runs) == 1
