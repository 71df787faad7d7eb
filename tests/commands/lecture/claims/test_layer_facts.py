"""Facts of one layer by the arithmetic of its settings."""

import pytest

from archprof.analysis.analysis import LayerAnalysis, analyze
from archprof.commands.lecture.claims.layer_facts import filter_of, input_of
from tests.small import graph_of

LAYERS = {
    "conv": "op: conv2d, out: 8, kernel: [5, 3], padding: [2, 1]",
    "dw": "op: conv2d, out: 8, kernel: 3, padding: 1, groups: 8",
    "halves": "op: conv2d, out: 6, kernel: 1, groups: 2",
    "norm": "op: batch_norm2d",
    "pool": "op: max_pool2d, kernel: 2",
    "flatten": "op: flatten",
    "fc": "op: linear, out: 10",
}


@pytest.fixture(scope="module")
def rows() -> dict[str, LayerAnalysis]:
    return {row.node.path: row for row in analyze(graph_of(LAYERS, (4, 6, 6))).layers}


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("conv", (5, 3, 4, 8)),
        ("dw", (3, 3, 1, 8)),
        ("halves", (1, 1, 4, 6)),  # each of its filters reads half of 8 channels
        ("norm", None),
        ("pool", (2, 2)),
        ("flatten", None),
        ("fc", (6 * 3 * 3, 10)),
    ],
)
def test_filters(rows: dict[str, LayerAnalysis], layer: str, shape: tuple[int, ...] | None) -> None:
    assert filter_of(rows[layer]) == shape


def test_inputs(rows: dict[str, LayerAnalysis]) -> None:
    assert input_of(rows["conv"]) == (4, 6, 6)
    assert input_of(rows["pool"]) == (6, 6, 6)
    assert input_of(rows["fc"]) == (54,)
