"""Names of layers that are computed, in `from` and `output`."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.language.expand.graphs import faults, wiring

PATHS = (
    "params: {n: 3}\nlayers:\n  s: {op: sigmoid}\n"
    "  p: {op: relu, repeat: $n, parallel: true, name: 'p_{$index}'}\n"
)


def test_an_expression_in_braces_is_part_of_a_name() -> None:
    assert wiring(PATHS + "  t: {op: tanh, from: 'p.p_{$n - 2}'}\n  a: {op: add, from: [p, t]}\n")[
        "t"
    ] == ["p.p_1"]
    text = PATHS + "  a: {op: add, from: ['{\"s\"}', input, p]}\n"
    assert wiring(text)["a"][:2] == ["s", "input"]


def test_loops_name_a_layer_in_each_turn() -> None:
    every = PATHS + "  a: {op: add, from: 'p.p_{$j} for j in range($n)'}\n"
    assert wiring(every)["a"] == ["p.p_0", "p.p_1", "p.p_2"]
    some = PATHS + (
        "  a: {op: add, from: [input, 'p.p_{$j} for j in range($n) if $j != 1', s]}\n"
        "  b: {op: concat, from: [p, a]}\n"
    )
    assert wiring(some)["a"] == ["input", "p.p_0", "p.p_2", "s"]
    nested = (
        "layers:\n"
        + "".join(f"  p{i}{j}: {{op: relu, from: input}}\n" for i in range(2) for j in range(2))
        + "  a: {op: add, from: 'p{$i}{$j} for i in range(2) for j in range(2)'}\n"
    )
    assert wiring(nested)["a"] == ["p00", "p01", "p10", "p11"]


def test_a_layer_may_be_left_out_of_a_sum() -> None:
    text = (
        "params: {x: %s}\nlayers:\n  s: {op: sigmoid}\n  t: {op: tanh, from: input, when: $x}\n"
        "  a: {op: add, from: [s, 't if $x']}\n  r: {op: relu}\n"
    )
    assert wiring(text % "true")["a"] == ["s", "t"]
    # a sum of one is that one
    assert wiring(text % "false") == {"s": ["input"], "r": ["s"]}
    assert faults((text % 3).replace("when: $x", "when: true")) == [
        "7:26 the test of `t if $x` is 3, expected true or false"
    ]
    concat = (text % "false").replace("op: add", "op: concat")
    assert wiring(concat)["a"] == ["s"]


def test_a_block_computes_with_its_parameters_and_its_turn() -> None:
    text = (
        "blocks:\n  b:\n    params: {last: }\n    layers:\n"
        "      r: {op: relu, repeat: 3}\n"
        "      t: {op: tanh, from: 'r.{$last}'}\n"
        "      a: {op: add, from: 'r.{$j} for j in range($index, 3)'}\n"
        "      c: {op: concat, from: [t, a, r.2]}\n"
        "layers:\n  x: {block: b, repeat: 2, with: {last: $index + 1}}\n"
    )
    found = wiring(text)
    assert (found["x.0.t"], found["x.1.t"]) == (["x.0.r.1"], ["x.1.r.2"])
    assert (len(found["x.0.a"]), len(found["x.1.a"])) == (3, 2)


def test_each_turn_of_a_parallel_repeat_reads_its_own() -> None:
    text = PATHS + (
        "  q: {op: sigmoid, repeat: $n, parallel: true, from: 'p.p_{$n - 1 - $index}'}\n"
        "  m: {op: add, repeat: 2, parallel: true, from: 'q.{$j} for j in range($index + 2)'}\n"
        "  c: {op: concat}\n"
    )
    found = wiring(text)
    assert [found[f"q.{i}"] for i in range(3)] == [["p.p_2"], ["p.p_1"], ["p.p_0"]]
    assert [found[f"m.{i}"] for i in range(2)] == [["q.0", "q.1"], ["q.0", "q.1", "q.2"]]
    assert found["c"] == ["m.0", "m.1"]


def test_each_turn_knows_the_channels_of_its_own() -> None:
    text = (
        "name: net\ninput: 3x8x8\nlayers:\n"
        "  p: {op: conv2d, out: $index + 1, kernel: 1, repeat: 2, parallel: true}\n"
        "  q: {op: conv2d, out: 10 * $channels, kernel: 1, repeat: 2, parallel: true, from:"
        " 'p.{$index}'}\n  c: {op: concat}\n"
    )
    found = expand(next(networks(load_text(text))))
    assert not found.problems
    assert [node.output[0] for node in found.nodes] == [1, 2, 10, 20, 30]


def test_outputs_may_be_computed() -> None:
    text = "name: net\ninput: 3x8x8\n" + PATHS + "output: 'p.p_{$j} for j in range($n)'\n"
    found = expand(next(networks(load_text(text))))
    assert not found.problems
    assert [found.nodes[i].path for i in found.outputs] == ["p.p_0", "p.p_1", "p.p_2"]
    block = (
        "blocks:\n  b: {params: {i: }, layers: {r: {op: relu}, t: {op: tanh, repeat: 2}}, output:"
        " 't.{$i}'}\nlayers:\n  x: {block: b, with: {i: 0}}\n  y: {op: concat, from: [x, x.t.1]}\n"
    )
    assert wiring(block)["y"] == ["x.t.0", "x.t.1"]


def test_names_that_lead_nowhere() -> None:
    assert faults(PATHS + "  a: {op: add, from: 'p.p_{$j} for j in range(4)'}\n") == [
        "7:22 there is no `p_3` in `p`"
    ]
    assert faults(PATHS + "  a: {op: add, from: 'p.p_{$j} for j in range(0 * $n)'}\n") == [
        "7:22 `from` names no layer here: `p.p_{$j} for j in range(0 * $n)` comes to none"
    ]
    assert faults(PATHS + "  a: {op: tanh, from: 'p.p_{$n / 3}'}\n") == [
        "7:23 `$n / 3` in a name is 1.0, expected a whole number or a text"
    ]
    assert faults(PATHS + "  a: {op: tanh, from: 'p.{\"x y\"}'}\n") == [
        "7:23 'p.x y' is not the name of a layer"
    ]
