"""torch.compile in its modes: what is called, how long the first run took, and its failures."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from archprof.commands.measure.on_device.clock import Run

MODES = ("compile", "reduce-overhead", "max-autotune")
REPLAYED = ("reduce-overhead", "max-autotune")
"""The modes that on a CUDA device replay CUDA graphs of torch's own."""

NO_TF32 = "TensorFloat32 tensor cores for float32 matrix multiplication available but not enabled"
"""What torch warns of where float32 was asked for, and is what is to be measured."""


def called(module: nn.Module, mode: str) -> Callable[[Tensor], Any]:
    """Return what runs the module in a mode: itself where the mode is none of `MODES`.

    Nothing is compiled before the first call.
    """
    if mode not in MODES:
        return module
    if mode == "compile":
        return torch.compile(module, dynamic=False)
    compiled = torch.compile(module, dynamic=False, mode=mode)

    def replayed(image: Tensor) -> Any:
        if image.is_cuda:
            # a run begins: the tensors of the last one may be overwritten
            torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]
        return compiled(image)

    return replayed


def first_run(
    runs: Sequence[Run],
    device: torch.device,
    cuda: Any = torch.cuda,
    now: Callable[[], float] = time.perf_counter,
) -> float:
    """Run the parts once and return the seconds until the device was done, compiling included.

    torch's caches on the disk shorten it where they hold the network from before. `cuda` is
    torch.cuda, or what behaves like it. Raises RuntimeError, its first line torch's reason, where
    something cannot be compiled.
    """
    begun = now()
    with _said():
        for run in runs:
            run()
    if device.type == "cuda":
        cuda.synchronize(device)
    return now() - begun


@contextmanager
def _said() -> Iterator[None]:
    """Leave out the warning of TF32, and let an error of the compiler begin with its reason."""
    from torch._dynamo.exc import TorchDynamoException

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", NO_TF32)
        try:
            yield
        except TorchDynamoException as error:
            raise RuntimeError(f"torch.compile: {_reason(error)}\n{error}") from error


def _reason(error: Exception) -> str:
    """Return the line of an error that says what is wrong: not the one that names the backend."""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith("backend=")]
    return said[0] if said else type(error).__name__
