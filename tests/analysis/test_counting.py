"""Which layers' outputs a lecture adds up, and what each convention makes of a cost."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.analysis.counting import CONVENTIONS, DTYPES, OPTIMIZERS
from archprof.ops.base import Cost
from tests.small import graph_of

SIZE, ELEMENTS = (4, 6, 8), 4 * 6 * 8


@pytest.mark.parametrize(("layer", "elements"), [
    ("op: conv2d, out: 5, kernel: 1", 5 * 6 * 8),
    ("op: conv_transpose2d, out: 5, kernel: 2, stride: 2", 5 * 12 * 16),
    ("op: linear, out: 3", 4 * 6 * 3),
    ("op: max_pool2d, kernel: 2", 4 * 3 * 4),
    ("op: avg_pool2d, kernel: 2", 4 * 3 * 4),
    ("op: adaptive_avg_pool2d, size: 1", 4),
    ("op: batch_norm2d", 0),
    ("op: relu", 0),
    ("op: flatten", 0),
    ("op: add, from: [input, input]", 0),
])
def test_a_lecture_adds_up_conv_pool_and_fc(layer: str, elements: int) -> None:
    assert analyze(graph_of({"x": layer}, SIZE)).totals.lecture_outputs_bytes == 4 * elements


@pytest.mark.parametrize(("name", "counted"), [
    ("full", 30),
    ("macs", 10),
    ("torch", 2 * 10),
    ("fvcore", 7),
    ("timm", 7),
    ("lecture", 10 + 9),
])
def test_conventions(name: str, counted: int) -> None:
    assert CONVENTIONS[name].counted(Cost(10, 30, fvcore=7, lecture=9)) == counted


@pytest.mark.parametrize("name", ["fvcore", "timm"])
def test_what_fvcore_counts_as_nothing_is_not_unknown(name: str) -> None:
    assert CONVENTIONS[name].counted(Cost(10, 30, fvcore=0)) == 0
    assert CONVENTIONS[name].counted(Cost(10, 30)) == 10  # nothing of its own: the MACs


def test_sizes() -> None:
    assert DTYPES == {"float64": 64 // 8, "float32": 32 // 8, "float16": 16 // 8, "bfloat16": 16 // 8}
    assert OPTIMIZERS == {"sgd": 0, "momentum": 1, "adam": 1 + 1, "adamw": 1 + 1}  # the moments of Adam, two of them
