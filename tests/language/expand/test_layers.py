"""Layers share weights, and what their ops answer."""

from __future__ import annotations

import pytest

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.language.expand.graphs import CONV, faults, graph

# --- shared weights ---


def test_shared_weights_count_once() -> None:
    found = graph(
        f"layers:\n  a: {CONV}\n  b: {{op: conv2d, out: 4, kernel: 1, from: input, share: a}}\n"
        "  c: {op: conv2d, out: 4, kernel: 1, from: input, share: b}\n"
        "  d: {op: add, from: [a, b, c]}\n"
    )
    # 3*4 weights and 4 biases, once
    assert [node.params for node in found.nodes] == [16, 0, 0, 0]
    assert [node.shares for node in found.nodes] == [None, 0, 0, None]
    assert [node.facts.params for node in found.nodes] == [16, 16, 16, 0]


# --- the same ops and shapes share their facts ---


def test_facts_are_worked_out_once() -> None:
    found = graph(
        "blocks:\n  b: {layers: {c: {op: conv2d, out: 3, kernel: 1}}}\nlayers:\n  x: {block: b,"
        " repeat: 50}\n"
    )
    assert len({id(node.facts) for node in found.nodes}) == 1
    assert len({id(node.op) for node in found.nodes}) == 1


def test_equal_numbers_of_another_kind_are_other_settings() -> None:
    """1 is true to Python, and a list of one is a list of the other."""
    assert faults(
        "layers:\n  a: {op: conv2d, out: 3, kernel: [1, 1]}\n  b: {op: conv2d, out: 3, kernel: '[1,"
        " $index == 0]'}\n"
    ) == [
        "5:35 op `conv2d`: `kernel` is [1, True], expected a whole number of at least 1, or"
        " [height, width] (from `[1, $index == 0]`)"
    ]


def test_layers_that_say_the_same_share_their_op() -> None:
    graph = expand(
        next(
            networks(
                load_text(
                    "name: net\ninput: 3x8x8\nlayers: [{op: relu}, {op: tanh}, {op: relu}, {op:"
                    " relu, inplace: true}]\n"
                )
            )
        )
    )
    first, _, again, other = (node.op for node in graph.nodes)
    assert first is again
    assert first != other


def test_a_tensor_has_at_most_two_to_the_fiftieth_elements() -> None:
    """2^30*2^20, and one row more."""
    table = "layers:\n  a: {op: parameter, size: [1073741824, %d]}\n"
    assert faults(table % 2**20) == []
    assert faults(table % (2**20 + 1)) == [
        "4:3 `a` would give 1073741824x1048577: more than 2^50 elements"
    ]


@pytest.mark.parametrize(
    ("init", "value", "fault"),
    [
        ("$w", "0.5", ""),
        ("$w", "true", "the initial `weight` is true, expected a number or a scheme such as"),
        ("{normal: $w}", "0.5", ""),
        ("{normal: $w}", "fan_in", "the initial `weight`: `normal` of 'fan_in', expected a number"),
        ("{kaiming_normal: $w}", "fan_in", ""),
        ("{kaiming_normal: $w}", "0.5", "the initial `weight`: `kaiming_normal` of 0.5, expected"),
    ],
)
def test_how_a_weight_starts_is_checked_where_it_is_evaluated(
    init: str, value: str, fault: str
) -> None:
    found = faults(
        f"params: {{w: {value}}}\nlayers:\n"
        f"  a: {{op: conv2d, out: 4, kernel: 1, init: {{weight: {init}}}}}\n"
    )
    assert len(found) == bool(fault)
    assert all(one.startswith(f"5:44 {fault}") for one in found)
