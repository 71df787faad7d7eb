"""cuBLAS's workspaces are made once, ahead of any network and in segments of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch

import archprof
from archprof.commands.measure.on_device import workspaces
from archprof.commands.measure.on_device.sensors import Sensors
from archprof.commands.measure.on_device.torch_device import TorchFlags
from archprof.commands.measure.on_device.workspaces import Workspaces, made
from archprof.commands.measure.running import end_to_end, measurement
from archprof.commands.measure.running.end_to_end import Request, measure
from archprof.commands.measure.running.sampling import StopRule
from archprof.commands.measure.running.workload import Case, Workload
from tests.commands.measure.fake_cuda import BLOCK, FakeCuda

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)
MIB = 2**20
CUBLAS, CUBLASLT = 32 * MIB, MIB  # of each stream, as torch takes them on an H200


@dataclass(eq=False)
class Segment:
    """What the allocator took from the device at once, and how much of it is handed out, to work on
    one stream.
    """

    stream: str
    size: int
    used: int = 0


class Segments(FakeCuda):
    """An allocator that hands out parts of segments, and gives back only those that are free."""

    def __init__(self) -> None:
        super().__init__()
        self.segments: list[Segment] = []
        self.places: list[tuple[int, Segment]] = []
        self.streams: set[str] = set()

    def allocate(self, size: int) -> None:
        super().allocate(size)
        stream = self.stream_now.name
        large = [
            one for one in self.segments if one.stream == stream and one.size - one.used >= size
        ]
        found = min(large, key=lambda one: one.size - one.used, default=None)
        if found is None:
            found = Segment(stream, -(-size // BLOCK) * BLOCK)
            self.segments.append(found)
        found.used += size
        self.places.append((size, found))
        self._count()

    def free(self, size: int) -> None:
        super().free(size)
        place = next(place for place in reversed(self.places) if place[0] == size)
        self.places.remove(place)
        place[1].used -= size

    def empty_cache(self) -> None:
        super().empty_cache()
        self.segments = [one for one in self.segments if one.used]
        self._count()

    def reset_peak_memory_stats(self, device: Any = None) -> None:
        super().reset_peak_memory_stats()
        self.most_reserved = self.reserved

    def _count(self) -> None:
        self.reserved = sum(one.size for one in self.segments)
        self.most_reserved = max(self.most_reserved, self.reserved)

    def multiply(self, device: Any = None, train: bool = False) -> None:
        """Take a stream's workspaces with its first product, and those of another thread."""
        for thread in ("forward", "backward") if train else ("forward",):
            key = f"{self.stream_now.name} {thread}"
            if key not in self.streams:
                self.streams.add(key)
                self.allocate(CUBLAS)
                if thread == "forward":
                    self.allocate(CUBLASLT)


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Segments:
    cuda = Segments()
    monkeypatch.setattr(workspaces, "multiply", cuda.multiply)
    return cuda


def test_they_are_made_once_on_both_streams(cuda: Segments) -> None:
    """Of each stream 33 MiB, of which one lies in a segment of two."""
    assert made(cuda, CUDA) == Workspaces(2 * (CUBLAS + CUBLASLT), 2 * MIB)
    assert cuda.log == [
        "emptied",
        "side waits for default",
        "default waits for side",
        "emptied",
    ]
    assert made(cuda, CUDA) == Workspaces(2 * (CUBLAS + CUBLASLT), 2 * MIB)
    assert len(cuda.log) == 4
    assert cuda.streams == {"default forward", "side forward"}


def test_a_backward_pass_has_its_own(cuda: Segments) -> None:
    """Another thread's 32 MiB for each stream more, which fill their segments: beside them is what
    was beside the first.
    """
    assert made(cuda, CUDA, True) == Workspaces(4 * CUBLAS + 2 * CUBLASLT, 2 * MIB)


def test_nobody_counts_requests(cuda: Segments, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = cuda.memory_stats

    def stats(device: Any = None) -> dict[str, int]:
        return {name: n for name, n in honest().items() if "requested" not in name}

    monkeypatch.setattr(cuda, "memory_stats", stats)
    monkeypatch.setattr(workspaces, "multiply", lambda device, train: cuda.allocate(MIB))
    assert made(cuda, CUDA) == Workspaces(None, 2 * MIB)


@pytest.mark.parametrize("train", [False, True])
def test_products_of_every_kind(train: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A product and one with a bias, in three dtypes; with a backward pass in training."""
    seen: list[tuple[str, torch.dtype]] = []
    real_mm, real_linear = torch.mm, torch.nn.functional.linear

    def mm(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        seen.append(("mm", first.dtype))
        result = real_mm(first, second)
        if train:
            result.register_hook(lambda gradient: seen.append(("backward", gradient.dtype)))  # type: ignore[no-untyped-call]
        return result

    def linear(first: torch.Tensor, second: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        seen.append(("linear", first.dtype))
        return real_linear(first, second, bias)

    monkeypatch.setattr(torch, "mm", mm)
    monkeypatch.setattr(torch.nn.functional, "linear", linear)
    workspaces.multiply(CPU, train)
    kinds = ("mm", "linear", "backward") if train else ("mm", "linear")
    dtypes = (torch.float32, torch.bfloat16, torch.float16)
    assert seen == [(kind, dtype) for dtype in dtypes for kind in kinds]


def test_a_dtype_that_the_device_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = torch.mm, []

    def mm(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        if first.dtype is torch.bfloat16:
            raise RuntimeError("CUBLAS_STATUS_NOT_SUPPORTED")
        seen.append(first.dtype)
        return real(first, second)

    monkeypatch.setattr(torch, "mm", mm)
    workspaces.multiply(CPU, False)
    assert seen == [torch.float32, torch.float16]


def test_no_memory_for_them_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch, "mm", full)
    with pytest.raises(torch.OutOfMemoryError):
        workspaces.multiply(CPU, False)


def test_every_network_reserves_its_peak_at_least(
    cuda: Segments, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """cuDNN's search leaves 256 MiB in the cache of the first network's first run, and the product
    after it would take a workspace there: those 256 would stay, and the second network lie in them.

    The third is so small that it lies beside the workspaces.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(
        measurement.kept_peaks,
        "identity",
        lambda device, speaker: {"device": "paper", "type": "cuda"},
    )
    searched: list[bool] = []

    def prepare(case: Case, device: torch.device) -> Workload:
        module = archprof.load("tests/data/lenet.yaml").build()
        kernel, size = cuda.kernel(1e-3), case.batch * MIB

        def forward() -> None:
            if not searched:
                searched.append(True)
                cuda.allocate(256 * MIB)
                cuda.free(256 * MIB)
            cuda.multiply()
            cuda.allocate(size)
            kernel()
            cuda.free(size)

        return Workload((("forward", forward),), module, torch.empty(0))

    honest = end_to_end.sample
    monkeypatch.setattr(end_to_end, "prepare", prepare)
    monkeypatch.setattr(
        end_to_end, "sample", lambda *a, **options: honest(*a, **options, now=lambda: cuda.now)
    )
    lenet = Case(archprof.load("tests/data/lenet.yaml").graph)
    request = Request(
        CUDA,
        Sensors(),
        TorchFlags(),
        StopRule(seconds=0.05, limit=1.0),
        cuda=cuda,
        now=cuda.perf_counter,
    )
    for batch, new in ((100, 100), (200, 200), (1, 0)):
        (found,) = measure([lenet._replace(batch=batch)], request)
        assert found.reserved_bytes == (new + 2) * MIB
        assert found.memory is not None
        assert found.memory.workspace == 2 * (CUBLAS + CUBLASLT)
