"""What nobody needs, and what an in-place op may not overwrite."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.graph import order
from archprof.graph.graph import Graph
from archprof.graph.order import reachable
from tests.small import graph_of, whatever

VIEWS = {
    "conv": "op: conv2d, out: 4, kernel: 1",
    "relu": "op: relu, inplace: true",
    "flat": "op: flatten, from: conv",
    "fc": "op: linear, out: 2",
    "same": "op: identity, from: input",
    "over": "op: relu, inplace: true, from: same",
    "gap": "op: adaptive_avg_pool2d, size: 1",
    "end": "op: flatten",
}


def faults(layers: dict[str, str], output: str = "") -> list[str]:
    return [
        f"{problem.message} [{problem.rule}]"
        for problem in whatever(layers, (3, 8, 8), output).problems
    ]


def views() -> Graph:
    layers = VIEWS | {"flat": "op: flatten, from: relu"}
    return graph_of(layers, (3, 8, 8), "[fc, end]")


def test_reachable() -> None:
    graph = views()
    assert reachable(graph.nodes, [3]) == {0, 1, 2, 3}
    assert reachable(graph.nodes, [7, -1]) == {4, 5, 6, 7}


def test_unused_layers() -> None:
    assert faults(
        {
            "a": "op: relu",
            "b": "op: relu, from: input",
            "c": "op: tanh, from: a",
            "d": "op: relu, from: b",
        }
    ) == ["nothing uses the output of `a` [unused]", "nothing uses the output of `c` [unused]"]


@st.composite
def layered(draw: st.DrawFn) -> dict[str, str]:
    """Some layers, each of which reads one or two before it, and may write over them."""
    kinds = ["relu, inplace: true", "conv2d, out: 3, kernel: 1", "identity", "dropout", "relu"]
    before, layers = ["input"], dict[str, str]()
    for number in range(draw(st.integers(2, 7))):
        sources = draw(st.lists(st.sampled_from(before[-3:]), min_size=1, max_size=2))
        place = draw(st.sampled_from(["true", "false"]))
        op = f"add, inplace: {place}" if len(sources) > 1 else draw(st.sampled_from(kinds))
        layers[f"l{number}"] = f"op: {op}, from: [{', '.join(sources)}]"
        before.append(f"l{number}")
    return layers


@given(layered())
@settings(max_examples=150, deadline=None)
def test_memory_that_is_not_gone_through_is_read_by_nobody_else(layers: dict[str, str]) -> None:
    found = faults(layers)
    with patch.object(order, "_others_read", lambda graph: True):
        assert faults(layers) == found


def test_in_place_over_what_is_read_later() -> None:
    conv = "op: conv2d, out: 4, kernel: 1"
    assert faults({"a": conv, "b": "op: relu, inplace: true", "c": "op: add, from: [b, a]"}) == [
        "`b` overwrites in place what `c` reads after it [in-place]"
    ]
    # a view of it is no better, nor is one taken before
    assert faults(
        {
            "a": conv,
            "v": "op: identity",
            "b": "op: relu, inplace: true, from: a",
            "c": "op: add, from: [b, v]",
        }
    ) == ["`b` overwrites in place what `c` reads after it [in-place]"]
    # the sum of a residual block, written over its first term, which nobody reads again
    assert (
        faults(
            {
                "a": conv,
                "b": "op: conv2d, out: 4, kernel: 1",
                "c": "op: add, from: [b, a], inplace: true",
                "d": "op: relu, inplace: true",
            }
        )
        == []
    )
    # the reader comes first
    assert (
        faults(
            {
                "a": conv,
                "c": "op: tanh",
                "b": "op: relu, inplace: true, from: a",
                "d": "op: add, from: [b, c]",
            }
        )
        == []
    )


def test_in_place_over_an_output() -> None:
    assert faults(
        {"a": "op: conv2d, out: 4, kernel: 1", "b": "op: relu, inplace: true"}, "[b, a]"
    ) == ["`b` overwrites in place the output `a` [in-place]"]
    assert faults({"a": "op: relu, inplace: true"}, "[a, input]") == [
        "`a` overwrites in place the output `input` [in-place]"
    ]
    assert faults({"a": "op: conv2d, out: 4, kernel: 1", "b": "op: relu, inplace: true"}, "b") == []


def test_the_path_of_inference_has_no_auxiliary_heads() -> None:
    head = {"a": "op: conv2d, out: 3, kernel: 1", "h": "op: relu, aux: true"}
    assert faults(head | {"b": "op: add, from: [a, h]"}) == [
        "`b` reads `h` of an auxiliary head [aux]"
    ]
    assert faults(head | {"b": "op: relu"}, "[b, h]") == [
        "the output `h` belongs to an auxiliary head [aux]"
    ]
    shared = {
        "a": "op: relu",
        "h": "op: conv2d, out: 3, kernel: 1, aux: true",
        "b": "op: conv2d, out: 3, kernel: 1, share: h",
    }
    assert faults(shared) == ["`b` shares the weights of `h`, an auxiliary head [aux]"]
    assert faults(head | {"h2": "op: relu, aux: true, from: h", "b": "op: relu"}) == []


def test_in_place_over_weights() -> None:
    """torch refuses to train what overwrites a parameter, and a mask kept as a buffer would be
    another one the next time.
    """
    assert faults(
        {
            "p": "op: parameter, size: [3, 8, 8]",
            "r": "op: relu, inplace: true",
            "x": "op: add, from: [input, r]",
        }
    ) == ["`r` overwrites in place the weights of `p` [in-place]"]
    windows = {
        "w": "op: reshape, size: [6, 4, 8]",
        "m": "op: window_mask, height: 4, width: 6, shift: 1, buffer: true",
    }
    assert faults(windows | {"r": "op: relu, inplace: true"}) == [
        "`r` overwrites in place the weights of `m` [in-place]"
    ]
    windows["m"] = "op: window_mask, height: 4, width: 6, shift: 1"
    assert faults(windows | {"r": "op: relu, inplace: true"}) == []


def test_a_view_that_takes_a_copy_is_memory_of_its_own() -> None:
    """torch: y = conv(x); y.permute(0, 2, 3, 1).flatten(1) copies, as no strides lay out
    channels last in one row; in the old order it shares.
    """
    conv, pool = "op: conv2d, out: 4, kernel: 1", "op: adaptive_avg_pool2d, size: 1, from: conv"
    over = {"relu": "op: relu, inplace: true", "pool": pool}
    assert (
        faults(
            {"conv": conv, "turn": "op: permute, order: [1, 2, 0]", "flat": "op: flatten"} | over,
            "[relu, pool]",
        )
        == []
    )
    assert faults(
        {"conv": conv, "turn": "op: permute, order: [0, 1, 2]", "flat": "op: flatten"} | over,
        "[relu, pool]",
    ) == ["`relu` overwrites in place what `pool` reads after it [in-place]"]


def test_in_place_over_weights_names_them() -> None:
    layers = {
        "p": "op: parameter, size: [4, 6]",
        "i": "op: identity",
        "r": "op: relu, inplace: true",
        "sum": "op: linear, out: 2, from: r",
    }
    assert faults(layers, "[sum, i]") == ["`r` overwrites in place the weights of `p` [in-place]"]
