"""Why a network could not be measured: out of memory in everybody's words, and other failures."""

from __future__ import annotations

import pytest
import torch

import archprof
from archprof.commands.measure.on_device.cuda_graphs import CaptureError
from archprof.commands.measure.running.refusals import EARLIER, Room
from archprof.commands.measure.running.workload import Case
from tests.commands.measure.fake_cuda import STUCK, FakeCuda

CUDA = torch.device("cuda", 0)
CUDNN = RuntimeError("FIND was unable to find an engine to execute this computation")


@pytest.fixture
def cuda() -> FakeCuda:
    """80 GiB, of which 2 are taken."""
    cuda = FakeCuda(total=80 * 2**30)
    cuda.allocate(2 * 2**30)
    return cuda


def room(cuda: FakeCuda) -> Room:
    case = Case(archprof.load("tests/data/lenet.yaml").graph, batch=1)
    return Room.of([case, case], CUDA, cuda)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "out_of_memory"),
        (RuntimeError("CUDA driver error: out of memory"), "out_of_memory"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), "out_of_memory"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "failed"),
        (CUDNN, "failed"),
        (RuntimeError("GET was unable to find an engine to execute"), "failed"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR"), "failed"),
    ],
    ids=str,
)
def test_words(cuda: FakeCuda, error: Exception, status: str) -> None:
    assert room(cuda).judged(error).status == status


@pytest.mark.parametrize(
    "words",
    [
        "FIND was unable to find an engine to execute this computation",
        "GET was unable to find an engine to execute this computation",
        "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR",
        "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling cublasCreate",
    ],
)
def test_ambiguous_words_are_of_memory_where_the_allocator_had_none(
    cuda: FakeCuda, words: str
) -> None:
    before = room(cuda)
    cuda.ooms += 1
    assert before.judged(RuntimeError(words)).status == "out_of_memory"
    # of an earlier network
    assert room(cuda).judged(RuntimeError(words)).status == "failed"


def test_another_error_is_none_of_memory_though_the_allocator_once_had_none(
    cuda: FakeCuda,
) -> None:
    """torch gives its cache back and tries again."""
    before = room(cuda)
    cuda.ooms += 1
    assert before.judged(RuntimeError("CUDA error: misaligned address")).status == "failed"


def test_what_was_free_and_what_was_predicted_is_said(cuda: FakeCuda) -> None:
    """78 of 80 GiB, and twice one network's prediction."""
    peak = archprof.load("tests/data/lenet.yaml").analyze(1).totals.peak_inference_bytes
    found = room(cuda)
    assert (found.predicted, found.free, found.total) == (2 * peak, 78 * 2**30, 80 * 2**30)
    status, message, _ = found.judged(torch.OutOfMemoryError("CUDA out of memory.\nmore"))
    assert status == "out_of_memory"
    assert message.startswith("CUDA out of memory. (predicted ")
    assert message.endswith("; 78.0 GiB of 80.0 GiB were free)")


def test_on_the_cpu_nobody_tells_what_is_free() -> None:
    nothing = Room.of([], torch.device("cpu"), None)
    assert nothing.judged(MemoryError("no")) == ("out_of_memory", "no", False)
    assert nothing.judged(CUDNN) == ("failed", str(CUDNN), False)
    assert nothing.judged(ValueError()) == ("failed", "ValueError", False)


@pytest.mark.parametrize(
    "words", [STUCK, "Offset increment outside graph capture encountered unexpectedly."]
)
def test_what_follows_a_failed_capture_says_so(cuda: FakeCuda, words: str) -> None:
    assert room(cuda).judged(RuntimeError(words)) == ("failed", EARLIER, True)


def test_a_capture_without_room_is_out_of_memory_and_spoils_all_the_same(cuda: FakeCuda) -> None:
    error = CaptureError("cannot be captured as a CUDA graph: CUDA out of memory.")
    found = room(cuda).judged(error)
    assert (found.status, found.spoilt) == ("out_of_memory", True)
    assert not room(cuda).judged(MemoryError()).spoilt
