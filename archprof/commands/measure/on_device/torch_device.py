"""The requested device, and torch's flags on it: every flag that changes a time is set."""

from __future__ import annotations

import gc
import os
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch

from archprof.commands.measure.on_device.clock import Clock, CpuClock, CudaClock
from archprof.commands.measure.running import onnx_runtime
from archprof.commands.measure.running.workload import DTYPES
from archprof.problem import Mark, Problem, ProblemError

LEAST = {"tf32": (8, 0), "bfloat16": (8, 0), "float8": (8, 9)}
"""The compute capability whose matrix units have a dtype: Ampere's, and Ada's for float8."""

ROCM_LACKS = {
    "tf32": "is NVIDIA's: the flag may change nothing",
    "float8": "is another format there on most devices (e4m3fnuz)",
}
"""Why a dtype is not measured with ROCm."""


class TorchFlags(NamedTuple):
    """The flags to set; `threads` are torch's on the CPU, None for its own choice."""

    threads: int | None = None
    cudnn_benchmark: bool = True
    deterministic: bool = False


def resolve(text: str, cuda: Any = torch.cuda) -> torch.device:
    """Return the device called cpu, cuda or cuda:N; plain cuda is cuda:0.

    Raises ProblemError for another name, and where the device is not there. Here as below `cuda` is
    torch.cuda, or what behaves like it.
    """
    found = re.fullmatch(r"cpu|cuda(?::(\d{1,4}))?", text)
    if not found:
        raise _problem(f"`{text}` is not a device", "cpu, cuda or cuda:N")
    if text == "cpu":
        return torch.device("cpu")
    if os.environ.get("CUDA_LAUNCH_BLOCKING", "0") not in ("", "0"):
        raise _problem(
            "CUDA_LAUNCH_BLOCKING is set: the host waits for every kernel, and each time would"
            " have it in",
            "unset CUDA_LAUNCH_BLOCKING",
        )
    (count, warned), index = _count(cuda), int(found[1] or 0)
    built = torch.version.cuda or torch.version.hip
    if not count and not built and cuda is torch.cuda:
        raise _problem(
            f"torch {torch.__version__} is built without CUDA",
            "install a CUDA build (pytorch.org/get-started), or measure with --device cpu",
        )
    if not count:
        raise _none_found(warned)
    if index >= count:
        known = "cuda:0" if count == 1 else f"cuda:0 to cuda:{count - 1}"
        raise _problem(
            f"there is no cuda:{index}, torch finds {count} CUDA device{'s' if count > 1 else ''}",
            known,
        )
    return torch.device("cuda", index)


def _count(cuda: Any) -> tuple[int, str]:
    """Return how many devices torch finds, and what it warns of: of a driver that is too old."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        count = int(cuda.device_count()) if cuda.is_available() else 0
    return count, next((str(one.message).splitlines()[0] for one in said), "")


def _none_found(warned: str) -> ProblemError:
    """Return the error of a torch that finds no CUDA device, with the reason where one is known."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return _problem(
            f'torch finds no CUDA device: CUDA_VISIBLE_DEVICES is "{visible}", which shows it none',
            "unset CUDA_VISIBLE_DEVICES, or measure with --device cpu",
        )
    if warned:
        return _problem(
            f"torch finds no CUDA device: {warned}",
            "a newer driver, or a torch for this one (pytorch.org/get-started); or measure with"
            " --device cpu",
        )
    return _problem(
        "torch finds no CUDA device",
        "`nvidia-smi` tells whether the driver sees one; or measure with --device cpu",
    )


def clock(
    device: torch.device, cuda: Any = torch.cuda, now: Callable[[], float] = time.perf_counter
) -> Clock:
    """Return the device's clock; `now` is the host's, in seconds."""
    return CudaClock(cuda, device.index or 0, now) if device.type == "cuda" else CpuClock()


def check(device: torch.device, dtype: str, mode: str = "eager", cuda: Any = torch.cuda) -> None:
    """Raise ProblemError where the device lacks the dtype or the mode, or computes nothing."""
    if device.type == "cpu":
        _check_cpu(dtype, mode)
    else:
        _check_matrix_units(device, dtype, cuda)
    if mode == onnx_runtime.MODE:
        onnx_runtime.runtime(device)
    try:
        with torch.inference_mode():
            torch.nn.functional.conv2d(
                torch.ones(1, 1, 3, 3, dtype=DTYPES[dtype], device=device),
                torch.ones(1, 1, 3, 3, dtype=DTYPES[dtype], device=device),
            )
        if device.type == "cuda":
            cuda.synchronize(device)  # what a kernel ends with is said only here
    except RuntimeError as error:
        raise _useless(device, dtype, str(error), cuda) from None


def _check_matrix_units(device: torch.device, dtype: str, cuda: Any) -> None:
    if torch.version.hip:
        if dtype in ROCM_LACKS:
            raise _problem(
                f"this torch is built for ROCm, and {dtype} {ROCM_LACKS[dtype]}",
                "--dtype float32 or bfloat16",
            )
        return
    least = LEAST.get(dtype)
    capability = tuple(cuda.get_device_capability(device)) if least else ()
    if least and capability < least:
        raise _problem(
            f"{cuda.get_device_name(device)} (compute capability {_version(capability)}) has no"
            f" {dtype}, which needs {_version(least)}",
            "--dtype float32 or float16",
        )


def _version(capability: tuple[int, ...]) -> str:
    return ".".join(map(str, capability))


def _check_cpu(dtype: str, mode: str) -> None:
    if dtype == "float8":
        raise _problem("the CPU has no arithmetic in float8", "--dtype float32 or bfloat16")
    if dtype == "tf32":
        raise _problem("the CPU has no tf32", "tf32 is a mode of CUDA devices; --dtype float32")
    if mode in ("graph", "reduce-overhead"):
        raise _problem(
            f"mode {mode} is CUDA graphs, which the CPU has not",
            "--mode eager or compile, or --device cuda",
        )


def _useless(device: torch.device, dtype: str, said: str, cuda: Any) -> ProblemError:
    """Return the error of a device that could not compute a small convolution, by torch's words."""
    line = next(iter(said.strip().splitlines()), "no reason was given")
    if "no kernel image" in said:
        major, minor = cuda.get_device_capability(device)
        return _problem(
            f"torch {torch.__version__} has no kernels for {cuda.get_device_name(device)} (compute"
            f" capability {major}.{minor}); it has {', '.join(cuda.get_arch_list()) or 'none'}",
            "install a torch that is built for it (pytorch.org/get-started)",
        )
    if "out of memory" in said or "ALLOC_FAILED" in said:
        return _problem(
            f"{device} has no memory left for a convolution of 3x3: {line}",
            "`nvidia-smi` shows which processes hold it; end them, or take another device",
        )
    if "CUDA error" in said or "HIP error" in said:
        return _problem(
            f"{device} computes nothing: {line}",
            "an error stays until its process ends: start again; `nvidia-smi` tells whether the"
            " device itself is lost or taken",
        )
    return _problem(f"{device} computes no convolution in {dtype}: {line}", "--dtype float32")


@contextmanager
def applied(
    device: torch.device, settings: TorchFlags, dtype: str, cuda: Any = torch.cuda
) -> Iterator[dict[str, Any]]:
    """Set every flag, yield the flags as torch then has them, and restore the old ones."""
    cudnn, filling = torch.backends.cudnn, _filling()
    before = _flags()
    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    tf32 = dtype == "tf32"
    try:
        if settings.threads is not None:
            torch.set_num_threads(settings.threads)
        cudnn.benchmark, cudnn.deterministic = settings.cudnn_benchmark, settings.deterministic
        if settings.deterministic:
            # without it cuBLAS is not deterministic and torch refuses
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(settings.deterministic)
        # torch would fill every new tensor with NaN, a kernel for each, to show who reads it
        filling.fill_uninitialized_memory = False
        _set_tf32(tf32, tf32)
        with cuda.device(device if device.type == "cuda" else -1):  # -1: none
            yield _flags()
    finally:
        torch.set_num_threads(before["threads"])
        cudnn.benchmark, cudnn.deterministic = (
            before["cudnn_benchmark"],
            before["cudnn_deterministic"],
        )
        torch.use_deterministic_algorithms(before["deterministic_algorithms"])
        filling.fill_uninitialized_memory = before["fill_uninitialized_memory"]
        _set_tf32(before["matmul_tf32"], before["cudnn_tf32"])
        if workspace is None:
            os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)


def _flags() -> dict[str, Any]:
    """Return torch's flags that change a time, whether archprof sets them or not."""
    cuda: Any = torch.backends.cuda
    cudnn = torch.backends.cudnn
    products, convolutions = _tf32()
    attention = {
        "flash": cuda.flash_sdp_enabled(),
        "efficient": cuda.mem_efficient_sdp_enabled(),
        "cudnn": cuda.cudnn_sdp_enabled(),
        "math": cuda.math_sdp_enabled(),
    }
    return {
        "threads": torch.get_num_threads(),
        "cudnn_benchmark": cudnn.benchmark,
        "cudnn_deterministic": cudnn.deterministic,
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "fill_uninitialized_memory": _filling().fill_uninitialized_memory,
        "matmul_tf32": products,
        "cudnn_tf32": convolutions,
        "cudnn_enabled": cudnn.enabled,
        "cudnn_benchmark_limit": cudnn.benchmark_limit,
        "fp16_reduced_precision_reduction": cuda.matmul.allow_fp16_reduced_precision_reduction,
        "bf16_reduced_precision_reduction": cuda.matmul.allow_bf16_reduced_precision_reduction,
        "attention_backends": [name for name, enabled in attention.items() if enabled],
    }


def _filling() -> Any:
    """Return what holds the flag that fills new tensors."""
    return torch.utils.deterministic


def _tf32() -> tuple[bool, bool]:
    """Return whether products and convolutions have TF32, by whichever of torch's flags was set.

    torch 2.9 and later has a second one, `fp32_precision`, and refuses to read the first where
    the second contradicts it.
    """
    matmul: Any = torch.backends.cuda.matmul
    cudnn: Any = torch.backends.cudnn
    try:
        return matmul.allow_tf32, cudnn.allow_tf32
    except RuntimeError:
        return matmul.fp32_precision == "tf32", cudnn.conv.fp32_precision == "tf32"


def _set_tf32(products: bool, convolutions: bool) -> None:
    matmul: Any = torch.backends.cuda.matmul
    cudnn: Any = torch.backends.cudnn
    matmul.allow_tf32, cudnn.allow_tf32 = products, convolutions
    if _tf32() == (products, convolutions):
        return
    # somebody has set `fp32_precision` above, which what is below it follows until it is set too
    matmul.fp32_precision = _precision(products)
    cudnn.conv.fp32_precision = cudnn.rnn.fp32_precision = _precision(convolutions)


def _precision(tf32: bool) -> str:
    return "tf32" if tf32 else "ieee"


def _problem(message: str, hint: str) -> ProblemError:
    return ProblemError([Problem(Mark("device"), "device", message, hint)])


@contextmanager
def without_garbage() -> Iterator[None]:
    """Collect no garbage within a window."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
