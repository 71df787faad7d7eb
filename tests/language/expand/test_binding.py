"""What arrives at the inputs of a block."""

from __future__ import annotations

from tests.language.expand.graphs import faults, wiring

REST = (
    "blocks:\n  b:\n    inputs: [x, others...]\n    layers:\n"
    "      r: {op: relu, from: x}\n      c: {op: concat, from: [r, others]}\n"
    "layers:\n  p: {op: sigmoid}\n  q: {op: tanh}\n"
)


def test_the_last_input_takes_the_rest() -> None:
    assert wiring(REST + "  b: {block: b, from: [p, q, input]}\n")["b.c"] == ["b.r", "q", "input"]
    assert wiring(REST + "  b: {block: b, from: [p, q]}\n")["b.c"] == ["b.r", "q"]
    assert wiring(REST + "  b: {block: b, from: p}\n  a: {op: add, from: [b, q]}\n")["b.c"] == [
        "b.r"
    ]


def test_the_rest_may_be_the_turns_of_a_parallel_repeat() -> None:
    text = REST + "  t: {op: relu, repeat: 3, parallel: true}\n  b: {block: b, from: %s}\n"
    assert wiring(text % "[p, t]")["b.c"] == ["b.r", "t.0", "t.1", "t.2"]
    assert wiring(text % "t")["b.c"] == ["b.r", "t.1", "t.2"]


def test_the_rest_goes_by_number_and_on_to_others() -> None:
    text = (
        "blocks:\n"
        "  b: {inputs: [x, others...], layers: {r: {op: relu, from: others.1}, c: {op: add, from:"
        " [x, r]}}}\n"
        "  a: {inputs: [all...], layers: {b: {block: b, from: [all, all.0]}}}\n"
        "layers:\n  p: {op: sigmoid}\n  q: {op: tanh}\n  a: {block: a, from: [input, p, q]}\n"
    )
    assert wiring(text)["a.b.r"] == ["q"]
    assert wiring(text)["a.b.c"] == ["input", "a.b.r"]


def test_a_rest_of_none_is_no_source() -> None:
    only = REST.replace("c: {op: concat, from: [r, others]}", "c: {op: relu, from: others}")
    assert faults(only + "  b: {block: b, from: p}\n  a: {op: add, from: [b, q]}\n") == [
        "8:27 `from` names no layer here: `others` comes to none"
    ]


def test_too_few_for_the_inputs_before_the_rest() -> None:
    text = REST.replace("[x, others...]", "[x, y, z, others...]")
    assert faults(text + "  b: {block: b, from: [p, q]}\n") == [
        "12:3 block `b` takes at least 3 inputs (x, y, z, others...), found 2"
    ]
