"""Which sum a convolution is, and which sum a norm."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from archprof.commands.lecture.running.summing import _full_sum
from archprof.problem import ProblemError
from tests.commands.lecture.running.outcomes import outcome_of

NONE = "  none: {spec: {input: 3, layers: {l: {op: linear, out: 1}}}}"


@pytest.mark.parametrize(
    ("op", "kernel", "expected"),
    [
        ("conv2d", 3, "cross-correlation"),
        ("conv2d", 2, "cross-correlation"),
        # the gradient of a cross-correlation, and so a convolution
        ("conv_transpose2d", 3, "convolution"),
        ("conv2d", 1, "cross-correlation and convolution"),  # one weight is its own mirror image
    ],
)
def test_convolves(tmp_path: Path, op: str, kernel: int, expected: str) -> None:
    assert outcome_of(NONE, tmp_path, run="convolves", op=op, kernel=kernel) == expected


def test_the_sum_by_hand() -> None:
    """1 2 convolved with 1 10: 1*1, 2*1 + 1*10, 2*10; of two channels, both are added."""
    x = torch.tensor([[[[1.0, 2.0]], [[0.0, 100.0]]]]).transpose(2, 3)
    w = torch.zeros(1, 2, 2, 2)
    w[0, :, :, 0] = torch.tensor([1.0, 10.0])
    assert _full_sum(x, w)[0, 0, :, 0].tolist() == [1, 2 + 10 + 100, 20 + 1000]


@pytest.mark.parametrize(
    ("i", "j", "expected"),
    [
        (3, 5, "equal"),  # W is 3x5
        (5, 3, "outside"),  # the bounds swapped: there is no fourth row
        (3, 6, "outside"),
        (3, 4, "different"),
        (1, 1, "different"),
    ],
)
def test_frobenius(tmp_path: Path, i: int, j: int, expected: str) -> None:
    found = outcome_of(NONE, tmp_path, run="frobenius", rows=3, columns=5, i=i, j=j)
    assert found == expected


@pytest.mark.parametrize(
    ("op", "kernel", "message"),
    [("linear", 3, "`linear` is not a convolution"), ("conv2d", 8, "`kernel` is 8")],
)
def test_what_is_refused(tmp_path: Path, op: str, kernel: int, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        outcome_of(NONE, tmp_path, run="convolves", op=op, kernel=kernel)
