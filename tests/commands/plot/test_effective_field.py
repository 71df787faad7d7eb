"""The effective field lies within the theoretical one, and most in its middle."""

from __future__ import annotations

import pytest

import archprof
from archprof.commands.plot.effective_field import effective_field
from archprof.draw.field import seen_by
from archprof.problem import ProblemError
from tests.draw.chains import chain

pytest.importorskip("torch")


def test_it_lies_within_the_theoretical_field() -> None:
    analysis = chain("a", "b", "c", layer="op: conv2d, out: 4, kernel: 3, padding: 1")
    found = effective_field(analysis, 1, (3, 4))
    sides = seen_by(analysis, 1, (3, 4))
    assert sides is not None
    for y, row in enumerate(found.rows):
        for x, share in enumerate(row):
            inside = sides.top <= y <= sides.bottom and sides.left <= x <= sides.right
            assert (share > 0) is inside
    assert max(map(max, found.rows)) == 1
    assert "of the gradient lies in " in found.note


def test_tokens_lie_row_by_row() -> None:
    """The unit in row 1 and column 2 of 3x4 patches of 2x2 pixels sees rows 2-3, columns 4-5."""
    from archprof.analysis.analysis import analyze
    from tests.small import graph_of

    layers = {"a": "op: conv2d, out: 4, kernel: 2, stride: 2", "b": "op: flatten, start: 1"}
    analysis = analyze(graph_of(layers, (3, 6, 8)))
    found = effective_field(analysis, 1, (1, 2))
    seen = {(y, x) for y, row in enumerate(found.rows) for x, share in enumerate(row) if share}
    assert seen == {(2, 4), (2, 5), (3, 4), (3, 5)}


def test_it_is_the_same_each_time() -> None:
    analysis = chain("a", layer="op: conv2d, out: 4, kernel: 3, padding: 1")
    assert effective_field(analysis, 0, (2, 2)) == effective_field(analysis, 0, (2, 2))


def test_more_in_the_middle_than_at_the_edge() -> None:
    """As the paper has it: of ResNet-18's third stage."""
    analysis = archprof.load("resnet18", input="3x96x96").analyze()
    paths = [node.path for node in analysis.graph.nodes]
    layer = paths.index("layer2.1.conv2")
    found = effective_field(analysis, layer, (6, 6))
    sides = seen_by(analysis, layer, (6, 6))
    assert sides is not None
    scale = 64 / 96
    middle = found.rows[int(52 * scale)][int(52 * scale)]
    edge = found.rows[int((sides.top + 1) * scale)][int(52 * scale)] if sides.top > 0 else 0.0
    assert middle > 10 * edge


def test_what_no_gradient_reaches() -> None:
    from archprof.analysis.analysis import analyze
    from tests.small import graph_of

    layers = {"a": "op: conv2d, out: 4, kernel: 1", "b": "op: dropout, p: 0.5"}
    analysis = analyze(graph_of(layers, (4, 6, 8)))
    assert effective_field(analysis, 1, (0, 0)).rows[0][0] == 1
    with pytest.raises(ProblemError, match=r"not computed|no gradient"):
        effective_field(archprof.load("googlenet", input="3x224x224").analyze(), AUX, (0, 0))


AUX = [node.path for node in archprof.load("googlenet").graph.nodes].index("aux1.conv.conv")
