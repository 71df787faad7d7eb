"""What a step or an inference takes beside its tensors: an interval, with its basis.

Kernels' scratch, the allocator's rounding and fragmentation, libraries' workspaces and CUDA's
context follow from no rule of an op. They are said as the least and the most that was measured.
"""

from __future__ import annotations

from typing import NamedTuple

MIB = 2**20
WHOLE = 1000  # shares are in thousandths, so that bytes stay whole numbers


class Overhead(NamedTuple):
    """Bytes beside the tensors: fixed ones, and thousandths of what the tensors take.

    `low` and `high` are the two ends, each as (fixed bytes, thousandths). `basis`: where they come
    from, in words.
    """

    low: tuple[int, int]
    high: tuple[int, int]
    basis: str

    def least(self, tensors: int) -> int:
        """Return what tensors of so many bytes need at least, all things added."""
        return _with(self.low, tensors)

    def most(self, tensors: int) -> int:
        """Return what tensors of so many bytes need at most."""
        return _with(self.high, tensors)

    def sure_room(self, memory: int) -> int:
        """Return how many bytes of tensors fit into a memory for sure; below 0: none."""
        return _room(self.high, memory)

    def possible_room(self, memory: int) -> int:
        """Return how many bytes of tensors may fit into a memory at best; below 0: none."""
        return _room(self.low, memory)


def _with(end: tuple[int, int], tensors: int) -> int:
    fixed, share = end
    return fixed + tensors + -(-tensors * share // WHOLE)


def _room(end: tuple[int, int], memory: int) -> int:
    fixed, share = end
    return (memory - fixed) * WHOLE // (WHOLE + share)


CPU = Overhead(
    (0, 0),
    (0, 84),
    "scratch of kernels, by torch's profiler of ten networks on a CPU; without the process itself",
)
"""The most was 8.4 %, of LeNet-5; 1.6 % of ResNet-50, nothing of MobileNetV2 and Swin-T. A process
with torch takes some hundred MiB.
"""

CUDA = Overhead(
    (767 * MIB, 0),
    (914 * MIB, 120),
    "CUDA's context, workspaces, rounding and fragmentation, by twelve runs on an H200 and timm's"
    " batches on a 24 GB RTX 3090",
)
"""Contexts of 767 to 848 MiB, and workspaces of 64 to 66 MiB, which a process without large
products lacks: reports/gpu/memory.md. 12 %: with it no batch that did not run on the RTX 3090 is
said to fit for sure (tests/training/test_published_batches.py). With memory to spare the allocator
reserves up to 27 % more than is requested, and gives that up before it refuses. Other cards and
drivers differ.
"""

BY_DEVICE = {"cpu": CPU, "cuda": CUDA}


def verdict(overhead: Overhead, tensors: int, memory: int) -> str:
    """Return whether tensors fit: "fits", "may fit" or "does not fit"."""
    if overhead.most(tensors) <= memory:
        return "fits"
    if overhead.least(tensors) <= memory:
        return "may fit"
    return "does not fit"
