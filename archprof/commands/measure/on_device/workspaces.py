"""What cuBLAS keeps on a CUDA device for every stream, made ahead of any network.

It takes these workspaces at its first product on a stream and keeps them (ATen's
CublasHandlePool.cpp). Made by a network's run they may come to lie in a large segment that the
search of cuDNN has left in the allocator's cache; that segment is then never given back, and what
is free in it holds the tensors of the networks that follow.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from archprof.commands.measure.on_device.cuda_bytes import CudaBytes

DTYPES = (torch.float32, torch.bfloat16, torch.float16)
EDGE = 64  # of the small matrices; a product of a single row may be left to another kernel


class Workspaces(NamedTuple):
    """The workspaces of a process: their bytes, and what is free in the segments they lie in.

    A network's tensors may lie `beside` them, which is then reserved for it as well. `requested` is
    None where the allocator does not count that.
    """

    requested: int | None
    beside: int


@cache
def side_stream(cuda: Any, device: torch.device) -> Any:
    """Return the stream on which this process warms up and captures, always the same.

    What libraries keep for a stream is then kept once. `cuda` is torch.cuda, or what behaves like
    it, here as below.
    """
    return cuda.Stream(device)


@cache
def made(cuda: Any, device: torch.device, train: bool = False) -> Workspaces:
    """Make the workspaces of this process, on its current stream and on the side stream.

    They are made once, before anything else lies on the device, and have segments of their own. A
    backward pass has further ones, for it runs in another thread. Raises torch.OutOfMemoryError
    where there is no room.
    """
    earlier = made(cuda, device) if train else Workspaces(0, 0)
    here, side = cuda.current_stream(device), side_stream(cuda, device)
    cuda.synchronize(device)
    cuda.empty_cache()
    start, reserved = CudaBytes.now(cuda, device), cuda.memory_reserved(device)
    multiply(device, train)
    side.wait_stream(here)
    with cuda.stream(side):
        multiply(device, train)
    here.wait_stream(side)
    cuda.synchronize(device)
    cuda.empty_cache()
    end = CudaBytes.now(cuda, device)
    grown = cuda.memory_reserved(device) - reserved
    beside = earlier.beside + max(0, grown - (end.allocated - start.allocated))
    if earlier.requested is None or start.requested is None or end.requested is None:
        return Workspaces(None, beside)
    return Workspaces(earlier.requested + end.requested - start.requested, beside)


def multiply(device: torch.device, train: bool) -> None:
    """Multiply small matrices in each dtype, by cuBLAS and by cuBLASLt, which adds a bias."""
    for dtype in DTYPES:
        try:
            with torch.inference_mode(False), torch.set_grad_enabled(train):
                _multiply(device, dtype, train)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError:  # a dtype that the device does not have
            continue


def _multiply(device: torch.device, dtype: torch.dtype, train: bool) -> None:
    first, second = (
        torch.ones(EDGE, EDGE, dtype=dtype, device=device, requires_grad=train) for _ in range(2)
    )
    bias = torch.ones(EDGE, dtype=dtype, device=device)
    result = torch.mm(first, second) + functional.linear(first, second, bias)
    if train:
        result.sum().backward()  # type: ignore[no-untyped-call]
