"""The turns of a parallel repeat take the same, and are joined at once."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.language.expand.graphs import TWO, faults, graph, paths, wiring

BRANCHES = "layers:\n  s: {op: sigmoid}\n  b: {op: relu, repeat: 3, parallel: true}\n"


def test_every_turn_takes_what_the_layer_takes() -> None:
    assert wiring(BRANCHES + "  a: {op: add}\n") == {
        "s": ["input"],
        "b.0": ["s"],
        "b.1": ["s"],
        "b.2": ["s"],
        "a": ["b.0", "b.1", "b.2"],
    }
    text = TWO + "layers:\n- {block: two, repeat: 2, parallel: true}\n- {op: concat}\n"
    assert wiring(text) == {
        "0.a": ["input"],
        "0.b": ["0.a"],
        "1.a": ["input"],
        "1.b": ["1.a"],
        "2": ["0.b", "1.b"],
    }
    group = "layers:\n  g: {repeat: 2, parallel: true, layers: [{op: relu}]}\n  a: {op: add}\n"
    assert wiring(group)["a"] == ["g.0.0", "g.1.0"]


def test_turns_are_joined_beside_other_layers_in_the_order_of_from() -> None:
    assert wiring(BRANCHES + "  a: {op: add, from: [s, b, input]}\n")["a"] == [
        "s",
        "b.0",
        "b.1",
        "b.2",
        "input",
    ]


def test_each_turn_has_its_number_and_its_name() -> None:
    found = graph(
        "layers:\n  b: {op: conv2d, out: $index + 1, kernel: 1, repeat: 3, parallel: true,"
        " name: 'b{$index}'}\n  c: {op: concat}\n"
    )
    assert [(node.path, node.output) for node in found.nodes] == [
        ("b.b0", (1, 8, 8)),
        ("b.b1", (2, 8, 8)),
        ("b.b2", (3, 8, 8)),
        ("c", (6, 8, 8)),
    ]


def test_one_turn_alone_can_be_named() -> None:
    assert wiring(BRANCHES + "  t: {op: tanh, from: b.1}\n  a: {op: add, from: [b, t]}\n")["t"] == [
        "b.1"
    ]


def test_a_sum_of_one_is_that_one_and_a_concat_of_one_is_a_layer() -> None:
    text = (
        "layers:\n  b: {op: relu, repeat: 1, parallel: true}\n  j: {op: %s, from: b}\n  t: {op:"
        " tanh}\n"
    )
    assert wiring(text % "add") == {"b.0": ["input"], "t": ["b.0"]}
    assert wiring(text % "concat") == {"b.0": ["input"], "j": ["b.0"], "t": ["j"]}


def test_none_at_all_pass_the_input_on() -> None:
    assert wiring(
        "layers:\n  b: {op: relu, repeat: 0, parallel: true}\n  s: {op: sigmoid}\n"
        "  a: {op: add, from: [b, s]}\n"
    ) == {"s": ["input"], "a": ["input", "s"]}


def test_a_block_passes_its_turns_on_and_takes_those_of_others() -> None:
    text = (
        "blocks:\n"
        "  many: {layers: {b: {op: relu, repeat: 2, parallel: true}}}\n"
        "  join: {layers: {t: {op: tanh, from: input.1}, a: {op: add, from: [input, t]}}}\n"
        "layers:\n  m: {block: many}\n  j: {block: join}\n"
    )
    assert wiring(text) == {
        "m.b.0": ["input"],
        "m.b.1": ["input"],
        "j.t": ["m.b.1"],
        "j.a": ["m.b.0", "m.b.1", "j.t"],
    }
    assert wiring(text.replace("{block: join}", "{layers: [{op: add}]}"))["j.0"] == [
        "m.b.0",
        "m.b.1",
    ]
    with_output = text.replace("parallel: true}}}", "parallel: true}}, output: b}")
    assert wiring(with_output) == wiring(text)


def test_a_block_of_several_inputs_takes_as_many_turns() -> None:
    text = (
        "blocks:\n  join: {inputs: [x, y], layers: {t: {op: tanh, from: y}, a: {op: add, from: [x,"
        " t]}}}\n" + BRANCHES + "  j: {block: join}\n"
    )
    assert wiring(text.replace("repeat: 3", "repeat: 2"))["j.t"] == ["b.1"]
    assert faults(text) == ["8:3 block `join` takes 2 inputs (x, y), found 3"]
    pair = text.replace("{block: join}", "{block: join, from: [b, s]}").replace("[x, t]", "x")
    assert wiring(pair.replace("from: x}", "from: [x, t]}"))["j.a"] == [
        "b.0",
        "b.1",
        "b.2",
        "j.t",
    ]


def test_turns_may_be_the_outputs_of_a_network() -> None:
    found = expand(
        next(networks(load_text("name: net\ninput: 3x8x8\n" + BRANCHES + "output: [b, s]\n")))
    )
    assert not found.problems
    assert [found.nodes[i].path for i in found.outputs] == ["b.0", "b.1", "b.2", "s"]


def test_turns_inside_turns_are_all_of_them() -> None:
    assert wiring(
        "blocks:\n  many: {layers: {b: {op: relu, repeat: 2, parallel: true}}}\n"
        "layers:\n  m: {block: many, repeat: 2, parallel: true}\n  a: {op: add}\n"
    )["a"] == ["m.0.b.0", "m.0.b.1", "m.1.b.0", "m.1.b.1"]


def test_a_dropped_layer_passes_all_turns_on() -> None:
    assert wiring(BRANCHES + "  d: {op: tanh, from: b, when: false}\n  a: {op: add}\n")["a"] == [
        "b.0",
        "b.1",
        "b.2",
    ]


def test_every_branch_of_a_head_beside_the_path_is_used() -> None:
    assert paths(BRANCHES.replace("parallel: true", "parallel: true, aux: true")) == [
        "s",
        "b.0",
        "b.1",
        "b.2",
    ]
