"""Layers are named in `from` and `output`."""

from __future__ import annotations

from tests.language.expand.graphs import LIST, TWO, faults, wiring


def test_dotted_names_reach_into_blocks_groups_and_lists() -> None:
    found = wiring(
        TWO
        + """
layers:
  x: {block: two, repeat: 2}
  g: {layers: {h: [{op: relu}, {op: relu}]}}
  n: {block: two, repeat: 2, name: 'cell_{$index}'}
  f: {block: two, flat: true}
  s: {op: concat, from: [x, x.0, x.0.a, x.1.b, g.h.0, g.h, n.cell_0.a, a, f]}
"""
    )
    assert found["s"] == [
        "x.1.b",
        "x.0.b",
        "x.0.a",
        "x.1.b",
        "g.h.0",
        "g.h.1",
        "n.cell_0.a",
        "a",
        "b",
    ]


def test_numbers_name_the_layers_of_a_list() -> None:
    found = wiring(
        "params: {x: false}\nlayers:\n- {op: relu, when: $x}\n- {op: relu, repeat: 3}\n- {op: relu,"
        " name: n}\n- [{op: relu}]\n- {op: concat, from: [0, 1, 2, n, 3, '3.0']}\n"
    )
    assert found["4"] == ["0", "1", "2", "n", "3.0", "3.0"]
    found = wiring(
        LIST
        + "layers:\n- {op: identity}\n- {block: list, flat: true, repeat: 2}\n- {op: concat, from:"
        " [0, 1, 3, 4, 6]}\n"
    )
    assert found["7"] == ["0", "1", "3", "4", "6"]


def test_a_group_sees_the_names_before_it_and_keeps_its_own() -> None:
    found = wiring(
        "layers:\n  a: {op: relu}\n  g: {layers: {b: {op: relu}, a: {op: add, from: [a, b,"
        " input]}}}\n  c: {op: add, from: [a, g.a, previous]}\n"
    )
    assert found["g.a"] == ["a", "g.b", "a"]  # `input` is the group's own
    assert found["c"] == ["a", "g.a", "g.a"]
    assert faults(
        "layers:\n  a: {op: relu}\n  g: {layers: {b: {op: relu}}}\n  c: {op: add, from: [g.a,"
        " g.input]}\n"
    ) == ["6:23 there is no `a` in `g`"]


def test_a_block_sees_its_inputs_only() -> None:
    assert faults(
        "blocks:\n  b: {layers: {r: {op: relu, from: a}}}\nlayers:\n  a: {op: relu}\n  x: {block:"
        " b}\n"
    ) == ["4:36 there is no layer `a` here"]


def test_previous_and_input() -> None:
    assert wiring(
        "layers:\n  a: {op: relu}\n  b: {op: add, from: [previous, input]}\n  c: {op: relu, from:"
        " input}\n  d: {op: add, from: [previous, b]}\n"
    )["d"] == ["c", "b"]
