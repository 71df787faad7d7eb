"""torch.compile's modes: what torch is asked for, the seconds of the first run, its failures."""

from __future__ import annotations

import warnings
from inspect import signature
from typing import Any

import pytest
import torch
from torch import nn
from torch._dynamo.exc import BackendCompilerFailed

from archprof.commands.measure.running.compiling import MODES, NO_TF32, called, first_run
from tests.commands.measure.fake_cuda import FakeCuda

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        ("compile", {"dynamic": False}),
        ("reduce-overhead", {"dynamic": False, "mode": "reduce-overhead"}),
        ("max-autotune", {"dynamic": False, "mode": "max-autotune"}),
    ],
)
def test_torch_is_asked_for_the_mode(
    monkeypatch: pytest.MonkeyPatch, mode: str, asked: dict[str, Any]
) -> None:
    found: list[dict[str, Any]] = []

    def compile(module: nn.Module, **given: Any) -> nn.Module:
        found.append(given)
        return module

    monkeypatch.setattr(torch, "compile", compile)
    run = called(nn.ReLU(), mode)
    assert run(torch.tensor([-1.0, 1.0])).tolist() == [0.0, 1.0]
    assert found == [asked]


@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_other_modes_compile_nothing(mode: str) -> None:
    module = nn.ReLU()
    assert called(module, mode) is module
    assert mode not in MODES


def test_a_replay_begins_with_a_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a device only: torch then knows that the tensors of the last run may be overwritten."""
    seen: list[str] = []
    monkeypatch.setattr(torch, "compile", lambda module, **_: lambda image: seen.append("run"))
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: seen.append("mark"))

    class OnDevice:
        is_cuda = True

    run = called(nn.ReLU(), "reduce-overhead")
    run(torch.ones(1))
    run(OnDevice())  # type: ignore[arg-type]
    assert seen == ["run", "mark", "run"]


def test_the_first_run_lasts_until_the_device_is_done() -> None:
    """The host compiles for 3 s in each of two parts, whose kernels take 0.5 s and 0.25 s: the
    second is queued at 6 s, done at 6.25 s.
    """
    cuda = FakeCuda()

    def part(seconds: float) -> Any:
        def run() -> None:
            cuda.host += 3.0
            cuda.launch(seconds)

        return run

    found = first_run([part(0.5), part(0.25)], CUDA, cuda, cuda.perf_counter)
    assert found == pytest.approx(6.25)
    assert cuda.synchronisations == 1


def test_the_cpu_is_waited_for_by_nobody() -> None:
    cuda = FakeCuda()
    first_run([lambda: None], CPU, cuda)
    assert cuda.synchronisations == 0


def test_only_the_warning_of_tf32_is_left_out() -> None:
    def run() -> None:
        warnings.warn(f"{NO_TF32}. Consider setting", stacklevel=1)
        warnings.warn("something else", stacklevel=1)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        first_run([run], CPU)
    assert [str(one.message) for one in seen] == ["something else"]


def test_the_warning_is_torchs_own() -> None:
    """Its words in the module that gives it."""
    from pathlib import Path

    source = Path(torch.__file__).parent / "_inductor" / "compile_fx.py"
    assert NO_TF32 in source.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("no compiler\nmore", "torch.compile: RuntimeError: no compiler"),
        (
            "CUDA out of memory. Tried to allocate 2.00 GiB.",
            "torch.compile: RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB.",
        ),
    ],
)
def test_a_failure_begins_with_torchs_reason(words: str, first: str) -> None:
    """torch's own first line is the name of the backend."""

    def inductor() -> None:
        """Stands for the backend, whose name torch puts first."""

    takes = signature(BackendCompilerFailed).parameters  # torch 2.6 takes no frame
    frame = {"first_useful_frame": None} if "first_useful_frame" in takes else {}

    def run() -> None:
        raise BackendCompilerFailed(inductor, RuntimeError(words), **frame)

    with pytest.raises(RuntimeError) as error:
        first_run([run], CPU)
    assert str(error.value).splitlines()[0] == first


def test_what_fails_in_the_run_itself_is_left_as_it_is() -> None:
    def run() -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(torch.OutOfMemoryError):
        first_run([run], CPU)
