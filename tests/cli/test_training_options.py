"""Options of a training step: the size of a memory."""

from __future__ import annotations

import pytest

from archprof.cli.training_options import memory_bytes
from archprof.problem import ProblemError


@pytest.mark.parametrize(
    ("text", "expected"), [("24GiB", 24 * 2**30), ("80GB", 80 * 10**9), ("1048576", 2**20)]
)
def test_sizes(text: str, expected: int) -> None:
    assert memory_bytes(text) == expected


@pytest.mark.parametrize("text", ["", "0", "x", "-1GiB", "24 bananas", "9" * 100])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ProblemError) as error:
        memory_bytes(text)
    assert "--memory: error:" in str(error.value)
    assert "24GiB" in str(error.value)


@pytest.mark.parametrize("text", ["24", "1023 KiB"])
def test_a_unit_that_was_forgotten(text: str) -> None:
    with pytest.raises(ProblemError, match="is a memory of"):
        memory_bytes(text)
