"""The device asked for and no other, what it lacks, and flags that are set, told and put back."""

from __future__ import annotations

import os

import pytest
import torch

from archprof.commands.measure.clock import CpuClock, CudaClock
from archprof.commands.measure.torch_device import (
    TorchFlags,
    _flags,
    applied,
    check,
    clock,
    resolve,
)
from archprof.problem import ProblemError
from tests.commands.measure.fake_cuda import FakeCuda

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)


class NoDevice(FakeCuda):
    def is_available(self) -> bool:
        return False


class Ampere(FakeCuda):
    def get_device_capability(self, device: object = None) -> tuple[int, int]:
        return (8, 0)


def said(text: str, cuda: FakeCuda) -> tuple[str, str]:
    with pytest.raises(ProblemError) as error:
        resolve(text, cuda)
    (problem,) = error.value.problems
    return problem.message, problem.hint


@pytest.mark.parametrize(
    ("text", "device"),
    [("cpu", CPU), ("cuda", CUDA), ("cuda:0", CUDA), ("cuda:1", torch.device("cuda", 1))],
)
def test_device_is_the_one_named(text: str, device: torch.device) -> None:
    assert resolve(text, FakeCuda()) == device


@pytest.mark.parametrize(
    "text",
    [
        "gpu",
        "",
        "CUDA",
        "cuda:",
        "cuda:x",
        "cuda:-1",
        "cuda:1:2",
        "cpu:0",
        "mps",
        "cuda:99999999999999999999",
        "cuda \n",
    ],
)
def test_what_is_no_device_is_said(text: str) -> None:
    assert said(text, FakeCuda()) == (f"`{text}` is not a device", "cpu, cuda or cuda:N")


def test_a_wrong_index_is_said() -> None:
    assert said("cuda:2", FakeCuda()) == (
        "there is no cuda:2, torch finds 2 CUDA devices",
        "cuda:0 to cuda:1",
    )


@pytest.mark.parametrize("text", ["cuda", "cuda:1"])
def test_without_a_device_nothing_else_is_taken(text: str) -> None:
    message, hint = said(text, NoDevice())
    assert message == "torch finds no CUDA device"
    assert "--device cpu" in hint


@pytest.mark.skipif(torch.version.cuda is not None, reason="of a torch without CUDA")
def test_a_torch_without_cuda_is_said() -> None:
    with pytest.raises(ProblemError, match="is built without CUDA"):
        resolve("cuda")


def test_each_device_has_its_clock() -> None:
    assert isinstance(clock(CPU), CpuClock)
    found = clock(torch.device("cuda", 1), FakeCuda())
    assert isinstance(found, CudaClock)
    assert found.name == "cuda:1"


@pytest.mark.parametrize(
    ("dtype", "mode", "says"),
    [("tf32", "eager", "has no tf32"), ("float32", "graph", "CUDA graphs")],
)
def test_what_the_cpu_lacks(dtype: str, mode: str, says: str) -> None:
    with pytest.raises(ProblemError, match=says):
        check(CPU, dtype, mode)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_what_the_cpu_has(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    """A convolution of ones over 3x3 ones is tried: 9."""
    conv2d, found = torch.nn.functional.conv2d, []

    def computed(*tensors: torch.Tensor) -> torch.Tensor:
        found.append(conv2d(*tensors))
        return found[-1]

    monkeypatch.setattr(torch.nn.functional, "conv2d", computed)
    check(CPU, dtype)
    assert [(str(result.dtype), result.tolist()) for result in found] == [
        (f"torch.{dtype}", [[[[9.0]]]])
    ]


@pytest.mark.parametrize("dtype", ["tf32", "bfloat16"])
def test_what_an_old_device_lacks(dtype: str) -> None:
    with pytest.raises(ProblemError, match=rf"Paper T4 \(compute capability 7.5\) has no {dtype}"):
        check(CUDA, dtype, "graph", FakeCuda())


def test_a_convolution_that_torch_refuses_is_a_dtype_the_device_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("\"slow_conv2d_cpu\" not implemented for 'Half'\nmore")

    monkeypatch.setattr(torch.nn.functional, "conv2d", refuse)
    with pytest.raises(
        ProblemError, match=r"cpu computes no convolution in float16: .*not implemented for 'Half'"
    ):
        check(CPU, "float16")


@pytest.mark.parametrize(
    ("dtype", "tf32"), [("float32", False), ("tf32", True), ("bfloat16", False)]
)
def test_flags_are_set_told_and_put_back(dtype: str, tf32: bool) -> None:
    before = _flags()
    settings = TorchFlags(
        threads=1, cudnn_benchmark=not before["cudnn_benchmark"], deterministic=False
    )
    with applied(CPU, settings, dtype) as flags:
        assert flags == {
            "threads": 1,
            "cudnn_benchmark": settings.cudnn_benchmark,
            "cudnn_deterministic": False,
            "deterministic_algorithms": False,
            "matmul_tf32": tf32,
            "cudnn_tf32": tf32,
        }
        assert (
            torch.backends.cuda.matmul.allow_tf32,
            torch.backends.cudnn.allow_tf32,
            torch.get_num_threads(),
        ) == (tf32, tf32, 1)
    assert _flags() == before


def test_flags_are_put_back_when_something_fails() -> None:
    def interrupted() -> None:
        with applied(CPU, TorchFlags(threads=1, deterministic=True), "tf32"):
            assert torch.are_deterministic_algorithms_enabled()
            assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
            raise KeyboardInterrupt

    before = _flags()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert _flags() == before
    assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ


def test_work_is_done_on_the_device() -> None:
    """Events and graphs go to the current device, so that must be the one asked for."""
    cuda = Ampere()
    with applied(torch.device("cuda", 1), TorchFlags(), "float32", cuda):
        pass
    assert cuda.log == ["on cuda:1"]
