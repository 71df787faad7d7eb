"""What is taken beside the tensors, against what was measured."""

import json
from pathlib import Path

import pytest

from archprof.training.overhead import CPU, CUDA, Overhead, verdict

GPU = Path(__file__).parents[2] / "reports" / "gpu" / "data" / "memory.json"
TWELVE_PERCENT = Overhead((10, 0), (20, 120), "")


def test_every_run_on_the_gpu_lies_in_the_interval() -> None:
    """The context with and without the libraries' workspaces, and the allocator's rounding."""
    rows = json.loads(GPU.read_text(encoding="utf-8"))["run"]["memory"]
    assert len(rows) == 12
    for row in rows:
        tensors = row["requested_bytes"]
        without = tensors + row["context_bytes"]
        everything = row["allocated_bytes"] + row["context_bytes"] + row["workspace_bytes"]
        assert without >= CUDA.least(tensors), row["network"]
        assert everything <= CUDA.most(tensors), row["network"]


def test_ends() -> None:
    """10 bytes at least; 20 and 12 % at most, of 100 bytes 12, of 101 bytes 12.12, rounded up."""
    assert (TWELVE_PERCENT.least(100), TWELVE_PERCENT.most(100)) == (110, 132)
    assert TWELVE_PERCENT.most(101) == 20 + 101 + 13
    assert CPU.least(1_000) == 1_000
    assert CPU.most(1_000) == 1_084


@pytest.mark.parametrize("memory", [0, 10, 19, 20, 21, 500, 12_345])
def test_what_fills_the_room_fits_and_a_byte_more_does_not(memory: int) -> None:
    sure, possible = TWELVE_PERCENT.sure_room(memory), TWELVE_PERCENT.possible_room(memory)
    assert TWELVE_PERCENT.most(sure) <= memory < TWELVE_PERCENT.most(sure + 1)
    assert TWELVE_PERCENT.least(possible) <= memory < TWELVE_PERCENT.least(possible + 1)


def test_verdicts() -> None:
    """100 bytes of tensors take 110 to 132."""
    assert verdict(TWELVE_PERCENT, 100, 132) == "fits"
    assert verdict(TWELVE_PERCENT, 100, 131) == "may fit"
    assert verdict(TWELVE_PERCENT, 100, 110) == "may fit"
    assert verdict(TWELVE_PERCENT, 100, 109) == "does not fit"
