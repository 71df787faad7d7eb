"""What is alive while a network runs, by hand on small graphs, and held to the totals of all."""

from __future__ import annotations

import pytest

import archprof
from archprof.analysis.memory import Span, inference_walk
from tests.small import graph_of

MAP = 4 * 6 * 8 * 4  # bytes of a 4x6x8 map in float32
CONV = "op: conv2d, out: 4, kernel: 1"


def test_a_chain_in_inference() -> None:
    """The caller holds the input; what a layer reads is given back after it."""
    walk = inference_walk(graph_of({"a": CONV, "b": CONV, "c": CONV}, (4, 6, 8)), 1, 4)
    assert [moment.live for moment in walk.moments] == [2 * MAP, 3 * MAP, 3 * MAP]
    assert [moment.node for moment in walk.moments] == [0, 1, 2]
    assert set(walk.spans) == {
        Span(-1, 0, 2, MAP, False),
        Span(0, 0, 1, MAP, False),
        Span(1, 1, 2, MAP, False),
        Span(2, 2, 2, MAP, False),
    }
    assert [span.storage for span in walk.alive(1)] == [-1, 0, 1]


def test_a_shortcut_waits() -> None:
    """Nothing works on the stem's output while `b` runs, which reads that of `a`."""
    layers = {"stem": CONV, "a": CONV, "b": CONV, "x": "op: add, from: [b, stem]"}
    walk = inference_walk(graph_of(layers, (4, 6, 8)), 1, 4)
    assert {span.storage for span in walk.spans if span.kept} == {0}
    assert Span(0, 0, 3, MAP, True) in walk.spans


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "densenet121", "swin_t", "googlenet"])
@pytest.mark.parametrize("batch", [1, 3])
def test_the_walk_has_the_totals(name: str, batch: int) -> None:
    """The peak is weights and the most that is alive."""
    analysis = archprof.load(name).analyze(batch=batch)
    totals, walk = analysis.totals, analysis.alive
    most = max(moment.live + moment.inside for moment in walk.moments)
    assert most + totals.weight_bytes == totals.peak_inference_bytes
    for place in (0, len(walk.moments) // 2, len(walk.moments) - 1):
        assert sum(span.bytes for span in walk.alive(place)) == walk.moments[place].live
