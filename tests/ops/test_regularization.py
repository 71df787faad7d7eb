"""Dropout and drop path: nothing in evaluation, a mask in training."""

from __future__ import annotations

import pytest

from archprof.analysis.memory import saved_for_backward
from archprof.ops.regularization import Dropout, DropPath
from tests.small import graph_of


@pytest.mark.parametrize(
    ("layer", "kept"),
    [
        ("dropout", 3 * 4 * 6 * 8),  # a mask per element of each sample
        ("dropout, p: 0", 0),
        ("dropout, p: 1", 1),  # the zero it multiplies with
        ("drop_path, p: 0.1", 3),  # a number per sample
        ("drop_path, p: 0", 0),
    ],
)
def test_masks(layer: str, kept: int) -> None:
    graph = graph_of(
        {
            "start": "op: parameter, size: [4, 6, 8]",
            "sum": "op: add, from: [input, start]",
            "x": f"op: {layer}",
        },
        (4, 6, 8),
    )
    assert saved_for_backward(graph, 3, 4)[2] == 4 * kept


@pytest.mark.parametrize("op", [Dropout(p=0.3), DropPath(p=0.3)])
def test_in_evaluation_the_input_passes(op: Dropout) -> None:
    assert op.storage(training=False) == "view"
    assert op.storage(training=True) == "new"
    assert type(op)(p=0).storage(training=True) == "view"


def test_a_probability_is_one() -> None:
    with pytest.raises(ValueError, match=r"`p` is 1\.5, expected a number from 0 to 1"):
        Dropout(p=1.5)
