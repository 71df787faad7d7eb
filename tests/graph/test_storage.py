"""Who owns which memory, and until when."""

from __future__ import annotations

from archprof.graph.storage import INPUT, WEIGHT, last_uses, samples_of, storages
from tests.small import graph_of


def test_views_in_place_ops_and_weights() -> None:
    graph = graph_of(
        {
            "c": "op: conv2d, out: 4, kernel: 1",
            "r": "op: relu, inplace: true",
            "d": "op: dropout",
            "p": "op: parameter, size: [4, 6, 8]",
            "x": "op: add, from: [d, p]",
            "s": "op: slice, stop: 2",
        },
        (4, 6, 8),
    )
    assert storages(graph, 2).owner == [0, 0, 0, WEIGHT, 4, 4]
    # dropout gives a tensor of its own
    assert storages(graph, 2, training=True).owner == [0, 0, 2, WEIGHT, 4, 4]
    assert samples_of(graph, 2) == [2, 2, 2, 1, 2, 2]  # a parameter is one for all samples
    assert samples_of(graph, 1) == [1] * 6


def test_what_a_copy_lays_out_anew_is_its_own() -> None:
    """Of conv a permuted view; that flattened is a copy; what is in place over the copy is the
    copy's.
    """
    layers = {
        "c": "op: conv2d, out: 4, kernel: 1",
        "t": "op: permute, order: [1, 2, 0]",
        "f": "op: flatten",
        "r": "op: relu, inplace: true",
    }
    graph = graph_of(layers, (4, 6, 8))
    assert storages(graph, 1).owner == storages(graph, 2).owner == [0, 0, 2, 2]


def test_of_the_input_itself() -> None:
    assert storages(graph_of({"f": "op: flatten", "r": "op: relu"}, (4, 6, 8)), 1).owner == [
        INPUT,
        1,
    ]


def test_last_uses_follow_the_memory_not_the_name() -> None:
    graph = graph_of(
        {
            "a": "op: conv2d, out: 4, kernel: 1",
            "i": "op: identity",
            "b": "op: conv2d, out: 4, kernel: 1",
            "x": "op: add, from: [b, i]",
        },
        (4, 6, 8),
    )
    owner = storages(graph, 1).owner
    # a's memory is read as i by the sum; the sum's own is the network's output: it lives to the
    # end, the number of nodes
    assert last_uses(graph, owner, graph.main, graph.outputs) == {INPUT: 0, 0: 3, 2: 3, 3: 4}
