"""Who owns memory, until when it is needed, and what that forbids."""

from __future__ import annotations

from archprof.graph.graph import Graph
from archprof.graph.order import last_uses, reachable, storages
from tests.small import graph_of, whatever

VIEWS = {
    "conv": "op: conv2d, out: 4, kernel: 1", "relu": "op: relu, inplace: true", "flat": "op: flatten, from: conv", "fc": "op: linear, out: 2",
    "same": "op: identity, from: input", "over": "op: relu, inplace: true, from: same", "gap": "op: adaptive_avg_pool2d, size: 1", "end": "op: flatten",
}


def said(layers: dict[str, str], output: str = "") -> list[str]:
    return [f"{problem.message} [{problem.rule}]" for problem in whatever(layers, (3, 8, 8), output).problems]


def views() -> Graph:
    layers = VIEWS | {"flat": "op: flatten, from: relu"}
    return graph_of(layers, (3, 8, 8), "[fc, end]")


def test_views_and_in_place_ops_live_in_the_memory_of_what_they_read() -> None:
    # conv: itself; relu and flat: conv's; fc: itself; same and over: the network's input; gap: itself; end: gap's
    assert storages(views().nodes) == [0, 0, 0, 3, -1, -1, 6, 6]


def test_last_uses() -> None:
    graph = views()
    # the input is last read by gap (6); conv's memory by fc (3), as flat; the outputs fc and end live to the end (8)
    assert last_uses(graph.nodes, range(len(graph.nodes)), graph.outputs) == {-1: 6, 0: 3, 3: 8, 6: 8}


def test_reachable() -> None:
    graph = views()
    assert reachable(graph.nodes, [3]) == {0, 1, 2, 3}
    assert reachable(graph.nodes, [7, -1]) == {4, 5, 6, 7}


def test_unused_layers() -> None:
    assert said({"a": "op: relu", "b": "op: relu, from: input", "c": "op: tanh, from: a", "d": "op: relu, from: b"}) == [
        "nothing uses the output of `a` [unused]", "nothing uses the output of `c` [unused]"]


def test_in_place_over_what_is_read_later() -> None:
    conv = "op: conv2d, out: 4, kernel: 1"
    assert said({"a": conv, "b": "op: relu, inplace: true", "c": "op: add, from: [b, a]"}) == [
        "`b` overwrites in place what `c` reads after it [in-place]"]
    # a view of it is no better, nor is one taken before
    assert said({"a": conv, "v": "op: identity", "b": "op: relu, inplace: true, from: a", "c": "op: add, from: [b, v]"}) == [
        "`b` overwrites in place what `c` reads after it [in-place]"]
    # the sum of a residual block, written over its first term, which nobody reads again
    assert said({"a": conv, "b": "op: conv2d, out: 4, kernel: 1", "c": "op: add, from: [b, a], inplace: true", "d": "op: relu, inplace: true"}) == []
    # the reader comes first
    assert said({"a": conv, "c": "op: tanh", "b": "op: relu, inplace: true, from: a", "d": "op: add, from: [b, c]"}) == []


def test_in_place_over_an_output() -> None:
    assert said({"a": "op: conv2d, out: 4, kernel: 1", "b": "op: relu, inplace: true"}, "[b, a]") == ["`b` overwrites in place the output `a` [in-place]"]
    assert said({"a": "op: relu, inplace: true"}, "[a, input]") == ["`a` overwrites in place the output `input` [in-place]"]
    assert said({"a": "op: conv2d, out: 4, kernel: 1", "b": "op: relu, inplace: true"}, "b") == []


def test_the_path_of_inference_has_no_auxiliary_heads() -> None:
    head = {"a": "op: conv2d, out: 3, kernel: 1", "h": "op: relu, aux: true"}
    assert said(head | {"b": "op: add, from: [a, h]"}) == ["`b` reads `h` of an auxiliary head [aux]"]
    assert said(head | {"b": "op: relu"}, "[b, h]") == ["the output `h` belongs to an auxiliary head [aux]"]
    shared = {"a": "op: relu", "h": "op: conv2d, out: 3, kernel: 1, aux: true", "b": "op: conv2d, out: 3, kernel: 1, share: h"}
    assert said(shared) == ["`b` shares the weights of `h`, an auxiliary head [aux]"]
    assert said(head | {"h2": "op: relu, aux: true, from: h", "b": "op: relu"}) == []


def test_in_place_over_weights() -> None:
    """torch refuses to train what overwrites a parameter, and a mask kept as a buffer would be another one the next time."""
    assert said({"p": "op: parameter, size: [3, 8, 8]", "r": "op: relu, inplace: true", "x": "op: add, from: [input, r]"}) == [
        "`r` overwrites in place the weights of `p` [in-place]"]
    windows = {"w": "op: reshape, size: [6, 4, 8]", "m": "op: window_mask, height: 4, width: 6, shift: 1, buffer: true"}
    assert said(windows | {"r": "op: relu, inplace: true"}) == ["`r` overwrites in place the weights of `m` [in-place]"]
    windows["m"] = "op: window_mask, height: 4, width: 6, shift: 1"
    assert said(windows | {"r": "op: relu, inplace: true"}) == []
