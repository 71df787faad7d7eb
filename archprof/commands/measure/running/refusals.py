"""Why a network could not be measured: out of memory, in whose words ever, or another failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from archprof import units
from archprof.commands.measure.on_device.cuda_graphs import CaptureError
from archprof.commands.measure.running.measurement import predicted_bytes
from archprof.commands.measure.running.workload import Case

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "ALLOC_FAILED")
"""Words in the errors of torch, of CUDA's driver, cuDNN and cuBLAS."""

MAYBE = (
    "unable to find an engine",
    "CUDNN_STATUS_INTERNAL_ERROR",
    "CUBLAS_STATUS_INTERNAL_ERROR",
    "CUBLAS_STATUS_NOT_INITIALIZED",
)
"""Words for several causes, one of which is that there is no memory.

cuDNN's search for the fastest algorithm drops each that finds none, and ends without any.
"""

CAPTURING = ("captures_underway", "Offset increment outside graph capture")
"""Words of torch's allocator and of its random numbers after a capture that failed."""

EARLIER = "a CUDA graph capture failed earlier in this process"


class Refusal(NamedTuple):
    """Why cases could not be measured together: the status of their rows, and more in words.

    `spoilt`: whether the process can no longer be relied on.
    """

    status: str
    message: str
    spoilt: bool = False


class Room(NamedTuple):
    """The memory there was before a measurement, by which its failure is judged.

    `free` and `total` are of the device, `predicted` is what the networks need, all in bytes; None
    on the CPU. `ooms` is how often the allocator had raised for lack of memory.
    """

    free: int | None = None
    total: int | None = None
    predicted: int = 0
    ooms: int = 0
    cuda: Any = None
    device: torch.device | None = None

    @classmethod
    def of(cls, cases: Sequence[Case], device: torch.device, cuda: Any) -> Room:
        """Return the room for the cases now; `cuda` is torch.cuda, or what behaves like it."""
        if device.type != "cuda":
            return cls()
        free, total = cuda.mem_get_info(device)
        predicted = sum(predicted_bytes(case) for case in cases)
        return cls(free, total, predicted, _ooms(cuda, device), cuda, device)

    def judged(self, error: Exception) -> Refusal:
        """Return what the error means that a measurement raised."""
        message = next(iter(str(error).strip().splitlines()), type(error).__name__)
        spoilt = isinstance(error, CaptureError)
        if any(words in message for words in CAPTURING):
            return Refusal("failed", EARLIER, spoilt=True)
        if not self._is_lack_of_memory(error):
            return Refusal("failed", message, spoilt)
        if self.free is not None and self.total is not None:
            message += (
                f" (predicted {units.size(self.predicted)}; {units.size(self.free)} of"
                f" {units.size(self.total)} were free)"
            )
        return Refusal("out_of_memory", message, spoilt)

    def _is_lack_of_memory(self, error: Exception) -> bool:
        if isinstance(error, MemoryError | torch.OutOfMemoryError):
            return True
        if any(words in str(error) for words in OUT_OF_MEMORY):
            return True
        if not any(words in str(error) for words in MAYBE) or self.device is None:
            return False
        return _ooms(self.cuda, self.device) > self.ooms


def _ooms(cuda: Any, device: torch.device) -> int:
    return int(cuda.memory_stats(device).get("num_ooms", 0))
