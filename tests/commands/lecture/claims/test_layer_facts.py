"""Facts of one layer by the arithmetic of its settings."""

import pytest

from archprof.analysis.analysis import LayerAnalysis, analyze
from archprof.commands.lecture.claims.layer_facts import FACTS, filter_of, input_of
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


def test_facts_of_a_convolution() -> None:
    """Of two axes the first is meant, where nothing else is said."""
    conv = "op: conv2d, out: 8, kernel: [5, 3], stride: [3, 1], padding: [2, 1], groups: 2"
    analysis = analyze(graph_of({"conv": conv}, (4, 7, 6)))
    assert {name: fact(analysis.layers[0], analysis) for name, fact in FACTS.items()} == {
        "input_channels": 4,
        "input_height": 7,
        "input_width": 6,
        "kernel": 5,
        "kernel_height": 5,
        "kernel_width": 3,
        "stride": 3,
        "padding": 2,
        "dilation": 1,
        "groups": 2,
        "out": 8,
        "size": None,
        "p": None,
        "factor": None,
        "input_features": 6,
    }


@pytest.mark.parametrize(
    ("size", "layer", "facts"),
    [
        # the first axis is the channels, and a parameter takes nothing
        ((5,), "same", {"input_channels": 5, "input_features": 5}),
        ((2, 5), "same", {"input_channels": 2, "input_features": 5}),
        ((2, 5), "own", {"size": (2, 5)}),
    ],
)
def test_facts_of_what_takes_no_image(
    size: tuple[int, ...], layer: str, facts: dict[str, object]
) -> None:
    layers = {
        "own": f"op: parameter, size: {[*size]}",
        "same": "op: identity, from: input",
        "both": "op: add, from: [own, same]",
    }
    analysis = analyze(graph_of(layers, size))
    [row] = [row for row in analysis.layers if row.node.path == layer]
    found = {name: fact(row, analysis) for name, fact in FACTS.items()}
    assert {name: value for name, value in found.items() if value is not None} == facts
    assert input_of(row) == (None if layer == "own" else size)
