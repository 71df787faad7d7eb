"""Which conditions cannot be measured together, said before anything runs, with a way out."""

from __future__ import annotations

from typing import NamedTuple

from archprof.cli.ranges import refused
from archprof.problem import ProblemError

HALVES = ("float16", "bfloat16")
OTHER_FLOAT8 = ("fp8", "float8_e4m3fn", "float8_e5m2", "e4m3", "e5m2")


class Choice(NamedTuple):
    """What was chosen for one row, by the names of the options; `device` is cpu or cuda."""

    device: str
    dtype: str = "float32"
    memory_format: str = "contiguous"
    mode: str = "eager"
    train: bool = False
    autocast: bool = False
    optimizer: str = "sgd"
    transfers: bool = False
    flush_cache: bool = False
    largest_batch: bool = False
    frozen: bool = False


def check(found: Choice) -> None:
    """Raise ProblemError where these conditions exclude each other."""
    if found.optimizer != "sgd" and not found.train:
        raise refused(
            "--optimizer", f"{found.optimizer} steps in training, and this is inference", "--train"
        )
    if found.frozen and not found.train:
        raise refused("--freeze", "an inference trains nothing", "--train, or leave it out")
    if found.transfers and found.device == "cpu":
        raise refused(
            "--transfers",
            "the CPU computes where its input lies: there is nothing to copy",
            "--device cuda, or leave it out",
        )
    if found.largest_batch and found.device == "cpu":
        raise refused(
            "--largest-batch",
            "on the CPU nothing refuses a batch: the system ends a process for which memory is"
            " missing",
            "--device cuda; of the CPU `archprof summary NET --batch 64` predicts the memory",
        )
    if found.mode == "onnxruntime":
        _onnx_runtime(found)
    if found.autocast:
        _autocast(found)
    if found.dtype == "float8":
        _float8(found)


def _onnx_runtime(found: Choice) -> None:
    if found.train:
        raise refused("--mode", "onnxruntime runs inference only", "--mode eager or compile")
    if found.autocast:
        raise refused(
            "--mode",
            "onnxruntime has no autocast: it runs the dtypes of the exported graph",
            "--dtype float16 without --autocast, or --mode compile",
        )
    if found.largest_batch:
        raise refused(
            "--largest-batch",
            "onnxruntime has an allocator of its own, whose lack of memory reads like any failure",
            "--mode eager, graph or compile",
        )
    if found.memory_format != "contiguous":
        raise refused(
            "--mode",
            f"onnxruntime chooses the order of its tensors itself, {found.memory_format} is lost"
            " in the export",
            "--memory-format contiguous",
        )
    if found.dtype == "bfloat16":
        raise refused(
            "--mode",
            "torch exports to ONNX's opset 18, whose Conv has no bfloat16",
            "--dtype float16, float32 or, on a CUDA device, tf32",
        )
    if found.flush_cache and found.device == "cuda":
        raise refused(
            "--flush-cache",
            "onnxruntime runs on a stream of its own, which would not wait for the flush",
            "leave out --flush-cache, or --mode eager",
        )


def _autocast(found: Choice) -> None:
    if found.dtype not in HALVES:
        raise refused(
            "--autocast",
            f"it computes in a dtype of half the size, and --dtype is {found.dtype}",
            "--dtype bfloat16 or float16, or leave it out",
        )
    if found.train and found.dtype == "float16" and found.mode == "graph":
        raise refused(
            "--autocast",
            "training in float16 has a GradScaler, which the host waits for in every step, and"
            " mode graph captures no waiting",
            "--dtype bfloat16, or --mode eager or compile",
        )


def _float8(found: Choice) -> None:
    if found.device == "cpu":
        raise refused(
            "--dtype",
            "the CPU has no arithmetic in float8: torch would compute in float32 and round",
            "--dtype float32 or bfloat16, or --device cuda",
        )
    if found.train:
        raise refused(
            "--dtype",
            "float8 is measured in inference: training in it has scales and a copy of the weights"
            " of its own, which differ from library to library",
            "--dtype bfloat16, or leave out --train",
        )
    if found.mode == "onnxruntime":
        raise refused(
            "--mode",
            "torch's products in float8 have no operator in the ONNX opset that it exports to",
            "--mode graph or compile",
        )


def other_float8(name: str) -> ProblemError:
    """Return the error for another name of float8."""
    if "e5m2" in name:
        return refused(
            "--dtype",
            f"there is no `{name}`: e5m2 is for gradients, inference has e4m3",
            "--dtype float8",
        )
    return refused("--dtype", f"there is no `{name}`: e4m3 is called float8 here", "--dtype float8")
