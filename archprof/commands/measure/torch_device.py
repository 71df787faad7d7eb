"""The requested device, and torch's flags on it: every flag that changes a time is set."""

from __future__ import annotations

import os
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch

from archprof.commands.measure.clock import Clock, CpuClock, CudaClock
from archprof.commands.measure.workload import DTYPES
from archprof.problem import Mark, Problem, ProblemError

LEAST_TF32 = (8, 0)  # compute capability of Ampere, whose matrix units have TF32 and bfloat16


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
    index, count = int(found[1] or 0), _count(cuda)
    if not count and torch.version.cuda is None and cuda is torch.cuda:
        raise _problem(
            f"torch {torch.__version__} is built without CUDA",
            "install a CUDA build (pytorch.org/get-started), or measure with --device cpu",
        )
    if not count:
        raise _problem(
            "torch finds no CUDA device",
            "`nvidia-smi` tells whether the driver sees one; or measure with --device cpu",
        )
    if index >= count:
        known = "cuda:0" if count == 1 else f"cuda:0 to cuda:{count - 1}"
        raise _problem(
            f"there is no cuda:{index}, torch finds {count} CUDA device{'s' if count > 1 else ''}",
            known,
        )
    return torch.device("cuda", index)


def _count(cuda: Any) -> int:
    # a driver too old for this torch warns, and counts as no device
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return int(cuda.device_count()) if cuda.is_available() else 0


def clock(
    device: torch.device, cuda: Any = torch.cuda, now: Callable[[], float] = time.perf_counter
) -> Clock:
    """Return the device's clock; `now` is the host's, in seconds."""
    return CudaClock(cuda, device.index or 0, now) if device.type == "cuda" else CpuClock()


def check(device: torch.device, dtype: str, mode: str = "eager", cuda: Any = torch.cuda) -> None:
    """Raise ProblemError where the device lacks the dtype or the mode."""
    if device.type == "cpu":
        if dtype == "tf32":
            raise _problem("the CPU has no tf32", "tf32 is a mode of CUDA devices; --dtype float32")
        if mode == "graph":
            raise _problem(
                "mode graph is CUDA graphs, which the CPU has not",
                "--mode eager or compile, or --device cuda",
            )
    elif dtype in ("tf32", "bfloat16"):
        capability = tuple(cuda.get_device_capability(device))
        if capability < LEAST_TF32:
            raise _problem(
                f"{cuda.get_device_name(device)} (compute capability"
                f" {capability[0]}.{capability[1]}) has no {dtype}, which needs 8.0",
                "--dtype float32 or float16",
            )
    try:
        with torch.inference_mode():
            torch.nn.functional.conv2d(
                torch.ones(1, 1, 3, 3, dtype=DTYPES[dtype], device=device),
                torch.ones(1, 1, 3, 3, dtype=DTYPES[dtype], device=device),
            )
    except RuntimeError as error:
        raise _problem(
            f"{device} computes no convolution in {dtype}: {str(error).splitlines()[0]}",
            "--dtype float32",
        ) from None


@contextmanager
def applied(
    device: torch.device, settings: TorchFlags, dtype: str, cuda: Any = torch.cuda
) -> Iterator[dict[str, Any]]:
    """Set every flag, yield the flags as torch then has them, and restore the old ones."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
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
        matmul.allow_tf32 = cudnn.allow_tf32 = tf32
        with cuda.device(device if device.type == "cuda" else -1):  # -1: none
            yield _flags()
    finally:
        torch.set_num_threads(before["threads"])
        cudnn.benchmark, cudnn.deterministic = (
            before["cudnn_benchmark"],
            before["cudnn_deterministic"],
        )
        torch.use_deterministic_algorithms(before["deterministic_algorithms"])
        matmul.allow_tf32, cudnn.allow_tf32 = before["matmul_tf32"], before["cudnn_tf32"]
        if workspace is None:
            os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)


def _flags() -> dict[str, Any]:
    return {
        "threads": torch.get_num_threads(),
        "cudnn_benchmark": torch.backends.cudnn.benchmark,
        "cudnn_deterministic": torch.backends.cudnn.deterministic,
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "matmul_tf32": torch.backends.cuda.matmul.allow_tf32,
        "cudnn_tf32": torch.backends.cudnn.allow_tf32,
    }


def _problem(message: str, hint: str) -> ProblemError:
    return ProblemError([Problem(Mark("device"), "device", message, hint)])
