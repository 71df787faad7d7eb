"""Autocast's lists: torch's own, by its header for GPUs and by its kernels on the CPU."""

import re
from pathlib import Path

import pytest
import torch

from archprof.autograd.casting import LOWERED, RAISED

HEADER = Path(torch.__file__).parent / "include/ATen/autocast_mode.h"
LISTS = {
    "LOWERED": ["AT_FORALL_LOWER_PRECISION_FP"],
    "RAISED": ["AT_FORALL_FP32", "AT_FORALL_FP32_SET_OPT_DTYPE"],
}


TORCHVISIONS = {"deform_conv2d"}
"""Raised by torchvision itself: torchvision/csrc/ops/autocast/deform_conv2d_kernel.cpp."""


def listed(macro: str) -> set[str]:
    """Return the functions that a macro of torch's header applies to."""
    text = HEADER.read_text()
    if f"define {macro}(_)" not in text:
        pytest.skip("this version of torch has its lists elsewhere")
    body = text.split(f"define {macro}(_)")[1].split("#define")[0]
    return set(re.findall(r"_\(\s*(\w+)", body))


@pytest.mark.parametrize("which", LISTS)
def test_lists_of_a_gpu_are_torchs(which: str) -> None:
    known = set[str]().union(*(listed(macro) for macro in LISTS[which]))
    ours = LOWERED["cuda"] if which == "LOWERED" else RAISED["cuda"]
    assert ours - TORCHVISIONS <= known


@pytest.mark.parametrize("function", sorted(LOWERED["cuda"] | RAISED["cuda"]))
def test_no_function_is_in_both_lists(function: str) -> None:
    assert (function in LOWERED["cuda"]) != (function in RAISED["cuda"])


X, W = torch.randn(2, 3, 4, 4), torch.randn(5, 3, 1, 1)
RUNS = {
    "conv2d": lambda: torch.conv2d(X, W),
    "linear": lambda: torch.nn.functional.linear(X, torch.randn(5, 4)),
    "matmul": lambda: X @ X,
    "bmm": lambda: torch.bmm(X[0], X[0]),
    "prelu": lambda: torch.prelu(X, torch.randn(1)),
    "conv_transpose2d": lambda: torch.conv_transpose2d(X, W.transpose(0, 1)),
}


@pytest.mark.parametrize("function", RUNS)
def test_what_the_cpu_lowers_comes_out_narrow(function: str) -> None:
    assert function in LOWERED["cpu"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert RUNS[function]().dtype == torch.bfloat16


NARROW = torch.randn(2, 3, 4, 4, dtype=torch.bfloat16)
KEPT = {
    "softmax": lambda: NARROW.softmax(-1),
    "sum": lambda: NARROW.sum(-1),
    "layer_norm": lambda: torch.layer_norm(NARROW, [4]),
    "group_norm": lambda: torch.group_norm(NARROW, 3),
    "pow": lambda: NARROW.pow(2),
}
WIDENED = {
    "mse_loss": lambda: torch.nn.functional.mse_loss(NARROW, NARROW),
    "nll_loss": lambda: torch.nn.functional.nll_loss(NARROW[:, :, 0, 0], torch.zeros(2).long()),
    "avg_pool3d": lambda: torch.nn.functional.avg_pool3d(NARROW, 1),
    "log_softmax": lambda: torch.nn.functional.cross_entropy(
        NARROW[:, :, 0, 0], torch.zeros(2).long()
    ),
}


@pytest.mark.parametrize("function", KEPT)
def test_what_a_gpu_raises_and_the_cpu_does_not_stays_narrow_there(function: str) -> None:
    assert function in RAISED["cuda"]
    assert function not in RAISED["cpu"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert KEPT[function]().dtype == torch.bfloat16


@pytest.mark.parametrize("function", WIDENED)
def test_what_the_cpu_raises_comes_out_wide(function: str) -> None:
    assert function in RAISED["cpu"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert WIDENED[function]().dtype == torch.float32
