"""Another input than the spec's own: heads that silently become others are found, and what stays
the same is not.
"""

from __future__ import annotations

from typing import Any

import pytest

import archprof
from archprof.analysis.analysis import analyze
from archprof.analysis.resized import Resized, resized
from archprof.commands.summary.explain_tables import working_table
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.language.override import override
from archprof.show.resized import layer_notes, resized_data, resized_notes

LENET_LIKE = """
name: small
input: 3x32x32
layers:
  c1: {op: conv2d, out: 6, kernel: 5}
  p1: {op: max_pool2d, kernel: 2}
  c2: {op: conv2d, out: 16, kernel: 5}
  p2: {op: max_pool2d, kernel: 2}
  flatten: {op: flatten}
  fc1: {op: linear, out: 100}
  fc2: {op: linear, out: 10}
"""


def graph(text: str, *size: int) -> Graph:
    (network,) = networks(load_text(text))
    return expand(override(network, {}, size or None))


def found(text: str, *size: int) -> Resized | None:
    return resized(graph(text, *size))


def test_a_head_that_follows_from_the_input() -> None:
    """At 32 pixels 16 channels of 5x5 reach the head, at 64 of 13x13: 100 (400 + 1) and 100
    (2704 + 1) parameters.
    """
    one = found(LENET_LIKE, 3, 64, 64)
    rest = 6 * (3 * 25 + 1) + 16 * (6 * 25 + 1) + 10 * 101
    assert one == Resized(
        (3, 32, 32), (3, 64, 64), rest + 40_100, rest + 270_500, (("fc1", 40_100, 270_500),), ()
    )


def test_the_first_layer_follows_from_the_channels() -> None:
    one = found(LENET_LIKE, 1, 32, 32)
    assert one is not None
    assert one.layers == (("c1", 6 * 76, 6 * 26),)


@pytest.mark.parametrize(
    ("name", "size", "layers", "params"),
    [
        (
            "alexnet",
            (3, 300, 300),
            [("fc6", 4096 * (256 * 6 * 6 + 1), 4096 * (256 * 8 * 8 + 1))],
            (62_378_344, 91_738_472),
        ),
        # its head comes after a global pooling
        ("resnet50", (3, 320, 320), [], (25_557_032, 25_557_032)),
    ],
)
def test_shipped_networks(
    name: str, size: tuple[int, ...], layers: list[Any], params: tuple[int, int]
) -> None:
    """AlexNet: 62.4 M at 227 pixels, 91.7 M at 300: (256 * 64 - 256 * 36) * 4096 = 29,360,128
    more.
    """
    one = resized(archprof.load(name, input=size).graph)
    assert one is not None
    assert (list(one.layers), (one.own_params, one.params)) == (layers, params)


def test_its_own_input_is_no_other() -> None:
    assert found(LENET_LIKE) is None
    assert found(LENET_LIKE, 3, 32, 32) is None


def test_statements_that_are_not_checked_are_named() -> None:
    """`shape:` and `expect:` hold for the spec's own input; at another they are left out without
    being wrong.
    """
    stated = LENET_LIKE.replace("kernel: 5}\n  p1", "kernel: 5, shape: 6x28x28}\n  p1")
    assert [
        one.unchecked
        for one in (
            found(text, 3, 64, 64) for text in (LENET_LIKE, stated, stated + "expect: {depth: 4}\n")
        )
        if one
    ] == [(), ("shape",), ("shape", "expect")]


def test_shared_weights_are_their_owners() -> None:
    """The second use of a layer is not a second change."""
    text = LENET_LIKE.replace(
        "  p1:",
        "  twin: {op: conv2d, out: 6, kernel: 5, from: input, share: c1}\n  sum: {op: add, from:"
        " [c1, twin]}\n  p1:",
        1,
    )
    one = found(text, 1, 32, 32)
    assert one is not None
    assert [layer.path for layer in one.layers] == ["c1"]


def test_a_spec_that_cannot_be_built_at_its_own_input() -> None:
    """At 3x4x4 a kernel of 5 does not fit: there is nothing to compare with."""
    assert found(LENET_LIKE.replace("3x32x32", "3x4x4"), 3, 64, 64) is None


def test_words() -> None:
    notes = resized_notes(
        resized_data(graph(LENET_LIKE + "expect: {depth: 4}\n", 3, 64, 64)), (3, 64, 64)
    )
    assert notes == [
        (
            "resized",
            (
                "at 3x64x64 fc1 has other weights than at 3x32x32: 44.0 K -> 274 K parameters; a"
                " torch module built for 3x32x32 would refuse this input"
            ),
        ),
        ("unchecked", "`expect:` of the spec, which are about 3x32x32"),
    ]
    # 33 - 4 = 29, halved 14; less 4, halved 5: as at 32
    assert resized_notes(resized_data(graph(LENET_LIKE, 3, 33, 33)), (3, 33, 33)) == []
    assert resized_notes(None, (3, 32, 32)) == []


def test_many_layers_are_not_all_named() -> None:
    data = {
        "own_input": [1],
        "own_params": 1,
        "params": 2,
        "layers": [{"path": f"l{i}", "own": 1, "given": 2} for i in range(5)],
        "unchecked": [],
    }
    assert resized_notes(data, [2])[0][1].startswith(
        "at 2 l0, l1 and 3 more layers have other weights than at 1: 1 -> 2 parameters"
    )


def test_the_working_of_a_layer_says_so_too() -> None:
    other = graph(LENET_LIKE, 3, 64, 64)
    assert layer_notes(other, "fc1") == [
        (
            "resized",
            (
                "270,500 parameters, 40,100 at the spec's own input 3x32x32: a torch module built"
                " for that would refuse this one"
            ),
        )
    ]
    assert layer_notes(other, "fc2") == layer_notes(graph(LENET_LIKE), "fc1") == []
    index = [node.path for node in other.nodes].index("fc1")
    assert working_table(analyze(other), index).notes[-1][0] == "resized"
