"""Which layers of two networks are marked as different."""

from __future__ import annotations

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.diff.difference import difference
from archprof.commands.diff.marks import marks
from tests.small import graph_of


def analysed(**layers: str) -> Analysis:
    return analyze(graph_of(layers, (3, 8, 8)))


def test_changed_added_and_removed_layers() -> None:
    """conv has other channels; relu is gone; pool is new. bn, which only receives another shape,
    is not marked.
    """
    old = analysed(conv="op: conv2d, out: 4, kernel: 3", bn="op: batch_norm2d", relu="op: relu")
    new = analysed(
        conv="op: conv2d, out: 8, kernel: 3",
        bn="op: batch_norm2d",
        pool="op: max_pool2d, kernel: 2",
    )
    assert marks(difference(old, new)) == [
        {"changed": [0], "only": [2]},
        {"changed": [0], "only": [2]},
    ]


def test_the_same_network_has_no_marks() -> None:
    same = analysed(conv="op: conv2d, out: 4, kernel: 3")
    assert marks(difference(same, same)) == [{"changed": [], "only": []}] * 2
