"""The device asked for and no other, what it lacks, and flags that are set, told and put back."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator

import pytest
import torch

from archprof.commands.measure.on_device.clock import CpuClock, CudaClock
from archprof.commands.measure.on_device.torch_device import (
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
    [
        ("tf32", "eager", "has no tf32"),
        ("float32", "graph", "mode graph is CUDA graphs"),
        ("float32", "reduce-overhead", "mode reduce-overhead is CUDA graphs"),
    ],
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
            "fill_uninitialized_memory": False,
            "matmul_tf32": tf32,
            "cudnn_tf32": tf32,
            # torch's defaults: https://docs.pytorch.org/docs/stable/backends.html
            "cudnn_enabled": True,
            "cudnn_benchmark_limit": 10 if torch.backends.cudnn.is_available() else None,
            "fp16_reduced_precision_reduction": True,
            "bf16_reduced_precision_reduction": True,
            "attention_backends": ["flash", "efficient", "cudnn", "math"],
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


def test_deterministic_fills_no_new_tensors() -> None:
    """torch's own default is to fill them, a kernel for each `empty`."""
    assert torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    with applied(CPU, TorchFlags(deterministic=True), "float32"):
        # NaN is what torch fills with
        emptied = [bool(torch.empty(1000).isnan().all()) for _ in range(3)]
        with torch.profiler.profile() as profile:
            torch.empty(1000)
    assert not all(emptied)
    assert "aten::fill_" not in {event.key for event in profile.key_averages()}
    assert torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]


@pytest.fixture
def precision() -> Iterator[None]:
    """Puts torch's newer flag of precision back to where nobody had set it."""
    if not hasattr(torch.backends, "fp32_precision"):
        pytest.skip("of torch 2.9 and later")
    before = _flags()
    yield
    torch.backends.fp32_precision = "none"
    torch.backends.cudnn.conv.fp32_precision = "none"
    torch.backends.cudnn.rnn.fp32_precision = "none"
    torch.backends.cuda.matmul.allow_tf32 = before["matmul_tf32"]
    torch.backends.cudnn.allow_tf32 = before["cudnn_tf32"]


@pytest.mark.parametrize("set_before", ["tf32", "ieee"])
@pytest.mark.parametrize("dtype", ["float32", "tf32"])
def test_the_newer_flag_of_precision_is_overruled_and_put_back(
    precision: None, set_before: str, dtype: str
) -> None:
    """`torch.backends.fp32_precision`, with which reading `allow_tf32` may raise RuntimeError."""
    torch.backends.fp32_precision = set_before
    torch.backends.cudnn.conv.fp32_precision = set_before
    torch.backends.cuda.matmul.fp32_precision = set_before
    with applied(CPU, TorchFlags(), dtype) as flags:
        found = (
            torch.backends.cuda.matmul.fp32_precision,
            torch.backends.cudnn.conv.fp32_precision,
        )
        assert found == (("tf32", "tf32") if dtype == "tf32" else ("ieee", "ieee"))
        assert (flags["matmul_tf32"], flags["cudnn_tf32"]) == (dtype == "tf32", dtype == "tf32")
    assert torch.backends.cuda.matmul.fp32_precision == set_before
    assert torch.backends.cudnn.conv.fp32_precision == set_before


def test_launches_that_the_host_waits_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_LAUNCH_BLOCKING", "1")
    message, hint = said("cuda", FakeCuda())
    assert message.startswith("CUDA_LAUNCH_BLOCKING is set")
    assert hint == "unset CUDA_LAUNCH_BLOCKING"
    assert resolve("cpu", FakeCuda()) == CPU
    monkeypatch.setenv("CUDA_LAUNCH_BLOCKING", "0")
    assert resolve("cuda", FakeCuda()) == CUDA


TOO_OLD = "CUDA initialization: The NVIDIA driver on your system is too old (found version 11040)"


def test_a_driver_that_is_too_old_is_said() -> None:
    class Old(NoDevice):
        def is_available(self) -> bool:
            warnings.warn(TOO_OLD, stacklevel=1)
            return False

    message, hint = said("cuda", Old())
    assert message == f"torch finds no CUDA device: {TOO_OLD}"
    assert hint.startswith("a newer driver")


def test_devices_that_the_environment_hides_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    message, hint = said("cuda", NoDevice())
    assert message == 'torch finds no CUDA device: CUDA_VISIBLE_DEVICES is "", which shows it none'
    assert hint.startswith("unset CUDA_VISIBLE_DEVICES")


class Built(Ampere):
    def get_arch_list(self) -> list[str]:
        return ["sm_90", "sm_100"]


@pytest.mark.parametrize(
    ("words", "says", "way_out"),
    [
        (
            "CUDA error: no kernel image is available for execution on the device\nmore",
            "has no kernels for Paper T4 (compute capability 8.0); it has sm_90, sm_100",
            "install a torch that is built for it",
        ),
        (
            "CUDA out of memory. Tried to allocate 2.00 MiB.\nmore",
            "cuda:0 has no memory left for a convolution of 3x3: CUDA out of memory. Tried",
            "which processes hold it",
        ),
        (
            "CUDA error: an illegal memory access was encountered\nmore",
            "cuda:0 computes nothing: CUDA error: an illegal memory access was encountered",
            "start again",
        ),
        ("no engine for this dtype", "cuda:0 computes no convolution in bfloat16: no", "float32"),
    ],
)
def test_why_a_device_computes_nothing(
    monkeypatch: pytest.MonkeyPatch, words: str, says: str, way_out: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr(torch, "ones", refuse)
    with pytest.raises(ProblemError) as error:
        check(CUDA, "bfloat16", cuda=Built())
    (problem,) = error.value.problems
    assert says in problem.message
    assert "more" not in problem.message
    assert way_out in problem.hint


def test_what_a_kernel_ends_with_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the device is told by the next synchronisation."""

    class Lost(Built):
        def synchronize(self, device: object = None) -> None:
            raise RuntimeError("CUDA error: uncorrectable ECC error encountered")

    monkeypatch.setattr(torch.nn.functional, "conv2d", lambda *_: None)
    monkeypatch.setattr(torch, "ones", lambda *_, **__: None)
    with pytest.raises(ProblemError, match="cuda:0 computes nothing: CUDA error: uncorrectable"):
        check(CUDA, "float32", cuda=Lost())


def test_rocm_has_no_tf32_and_bfloat16_by_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its compute capabilities are not NVIDIA's: what has 7.5 may well have bfloat16."""
    monkeypatch.setattr(torch.version, "hip", "7.1")
    monkeypatch.setattr(torch.nn.functional, "conv2d", lambda *_: None)
    monkeypatch.setattr(torch, "ones", lambda *_, **__: None)
    with pytest.raises(ProblemError, match="for ROCm, and tf32 is NVIDIA's"):
        check(CUDA, "tf32", cuda=FakeCuda())
    with pytest.raises(ProblemError, match="for ROCm, and float8 is another format there"):
        check(CUDA, "float8", cuda=FakeCuda())
    check(CUDA, "bfloat16", cuda=FakeCuda())


def test_work_is_done_on_the_device() -> None:
    """Events and graphs go to the current device, so that must be the one asked for."""
    cuda = Ampere()
    with applied(torch.device("cuda", 1), TorchFlags(), "float32", cuda):
        pass
    assert cuda.log == ["on cuda:1"]
