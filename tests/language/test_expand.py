"""A document becomes a flat graph: paths, names, repeats, splices, inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archprof import allowance
from archprof.allowance import Allowance
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find_shipped
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.language.override import override
from archprof.limits import Limits
from archprof.problem import ProblemError


def graph(text: str, folder: Path | None = None) -> Graph:
    """The graph of the first network of a spec; it must have no problems."""
    found = expand(
        next(networks(load_text("name: net\ninput: 3x8x8\n" + text, "net.yaml", folder)))
    )
    assert not found.problems, "\n".join(map(str, found.problems))
    return found


def paths(text: str) -> list[str]:
    return [node.path for node in graph(text).nodes]


def wiring(text: str) -> dict[str, list[str]]:
    """What each layer reads."""
    found = graph(text)
    return {
        node.path: [found.nodes[i].path if i >= 0 else "input" for i in node.inputs]
        for node in found.nodes
    }


def said(text: str) -> list[str]:
    """What is wrong, without hints."""
    try:
        problems = expand(
            next(networks(load_text("name: net\ninput: 3x8x8\n" + text, "net.yaml")))
        ).problems
    except ProblemError as error:
        problems = error.problems
    return [f"{p.mark.line}:{p.mark.column} {p.message}" for p in problems]


CONV = "{op: conv2d, out: 4, kernel: 1}"
TWO = "blocks:\n  two: {layers: {a: {op: relu}, b: {op: relu}}}\n"
LIST = (
    "blocks:\n  list: {params: {extra: true}, layers: [{op: relu}, {op: sigmoid, when: $extra},"
    " {op: tanh}]}\n"
)


# --- paths ---


def test_a_mapping_names_and_a_list_numbers() -> None:
    assert paths(
        "layers:\n  a: {op: relu}\n"
        "  b: [{op: relu}, [{op: relu}, {op: relu}], {layers: {c: {op: relu}}}]\n"
    ) == ["a", "b.0", "b.1.0", "b.1.1", "b.2.c"]
    assert paths("layers:\n- {op: relu}\n- {op: relu, name: last}\n- {op: relu}\n") == [
        "0",
        "last",
        "1",
    ]


def test_numbers_count_what_stands() -> None:
    """As nn.Sequential does: a layer that `when` drops takes no number."""
    assert paths(
        "params: {x: false}\nlayers:\n- {op: relu, when: $x}\n- {op: relu}\n- [{op: relu, when:"
        " $x}, {op: relu}]\n- {op: relu}\n"
    ) == ["0", "1.0", "2"]
    assert paths(
        LIST + "layers:\n  a: {block: list}\n  b: {block: list, with: {extra: false}}\n"
    ) == ["a.0", "a.1", "a.2", "b.0", "b.1"]


def test_a_repeat_in_a_mapping_numbers_its_turns() -> None:
    assert paths(
        TWO + "layers:\n  x: {block: two, repeat: 2}\n  y: {op: relu, repeat: 2}\n  z: {repeat: 2,"
        " layers: {c: {op: relu}}}\n"
    ) == ["x.0.a", "x.0.b", "x.1.a", "x.1.b", "y.0", "y.1", "z.0.c", "z.1.c"]


def test_a_repeat_in_a_list_numbers_on() -> None:
    assert paths(
        TWO
        + "layers:\n- {op: relu}\n- {block: two, repeat: 2}\n- {op: relu, repeat: 2}\n- {op: relu,"
        " repeat: 0}\n- {op: relu}\n"
    ) == ["0", "1.a", "1.b", "2.a", "2.b", "3", "4", "5"]


def test_names_of_repeats() -> None:
    assert paths(
        TWO + "layers:\n  x: {block: two, repeat: 2, name: 'layer{$index + 1}'}\n  y: {op: relu,"
        " repeat: 2, name: '{$count}_{$index}'}\n"
    ) == ["x.layer1.a", "x.layer1.b", "x.layer2.a", "x.layer2.b", "y.2_0", "y.2_1"]
    assert paths(
        TWO + "params: {t: [u, v]}\nlayers:\n- {op: relu}\n- {op: relu, repeat: 2, name:"
        " '{$t[$index]}'}\n- {op: relu}\n"
    ) == ["0", "u", "v", "1"]
    assert paths("params: {i: 3}\nlayers:\n- {op: relu, name: 'a{$i * 2}'}\n") == ["a6"]


def test_flat_repeats_are_named_in_the_parent() -> None:
    assert paths(
        TWO + "layers:\n  x: {block: two, flat: true, repeat: 2, name: 'cell_{$index}'}\n"
        "  y: {op: relu, flat: true, repeat: 2, name: 'y{$index}'}\n"
    ) == ["cell_0.a", "cell_0.b", "cell_1.a", "cell_1.b", "y0", "y1"]


def test_flat_splices_a_block_into_its_parent() -> None:
    assert paths(TWO + "layers:\n  x: {block: two, flat: true}\n  y: {op: relu}\n") == [
        "a",
        "b",
        "y",
    ]
    assert paths(
        TWO + "layers:\n  x: {layers: {w: {op: relu}, v: {block: two, flat: true}}}\n"
        "  y: {flat: true, layers: {c: {op: relu}}}\n"
    ) == ["x.w", "x.a", "x.b", "c"]


def test_flat_lists_number_on_in_their_parent() -> None:
    """VGG's `features`: a block of two layers, several times, numbered through."""
    assert paths(
        LIST
        + "layers:\n  features:\n  - {op: identity}\n  - {block: list, flat: true, repeat: 2, with:"
        " {extra: false}}\n  - {block: list, flat: true}\n  - {op: relu}\n"
    ) == [
        "features.0",
        "features.1",
        "features.2",
        "features.3",
        "features.4",
        "features.5",
        "features.6",
        "features.7",
        "features.8",
    ]
    assert paths(
        "layers:\n- {op: relu}\n- {flat: true, layers: [{op: relu}, {op: relu}]}\n- {op: relu}\n"
    ) == ["0", "1", "2", "3"]


def test_a_block_may_be_chosen_by_a_value() -> None:
    text = (
        TWO
        + LIST.removeprefix("blocks:\n")
        + "params: {b: two, act: relu}\nlayers:\n  x: {block: $b}\n  y: {op: $act}\n"
    )
    assert paths(text) == ["x.a", "x.b", "y"]
    assert paths(text.replace("b: two", "b: list")) == ["x.0", "x.1", "x.2", "y"]


# --- when, first, index ---


def test_what_is_dropped_passes_its_input_on() -> None:
    text = (
        "params: {x: %s}\nlayers:\n  a: {op: relu}\n  b: {op: sigmoid, when: $x, from: input}\n  c:"
        " {op: add, from: [a, b]}\n  d: {op: tanh, from: b}\n  e: {op: add, from: [c, d]}\n"
    )
    assert wiring(text % "true") == {
        "a": ["input"],
        "b": ["input"],
        "c": ["a", "b"],
        "d": ["b"],
        "e": ["c", "d"],
    }
    assert wiring(text % "false") == {
        "a": ["input"],
        "c": ["a", "input"],
        "d": ["input"],
        "e": ["c", "d"],
    }
    # the next layer reads what the dropped one would have read
    assert wiring("layers:\n  a: {op: relu}\n  b: {op: relu, when: false}\n  c: {op: relu}\n") == {
        "a": ["input"],
        "c": ["a"],
    }
    assert wiring("layers:\n  a: {op: relu}\n  b: {op: relu, repeat: 0}\n  c: {op: relu}\n") == {
        "a": ["input"],
        "c": ["a"],
    }
    assert wiring(
        TWO + "layers:\n  a: {op: relu}\n  b: {block: two, when: false, from: input}\n"
        "  c: {op: add, from: [a, b]}\n"
    ) == {"a": ["input"], "c": ["a", "input"]}


def test_when_may_ask_for_the_shape() -> None:
    text = (
        "blocks:\n  b: {params: {out: }, layers: {p: {op: conv2d, when: $channels != $out, out:"
        " $out, kernel: 1}, r: {op: relu}}}\nlayers:\n  x: {block: b, repeat: 2, with: {out: 4}}\n"
    )
    assert paths(text) == ["x.0.p", "x.0.r", "x.1.r"]
    assert paths(
        "layers:\n  p: {op: max_pool2d, kernel: 2, repeat: '2 if $shape[1] == 8 else 1'}\n"
        "  q: {op: max_pool2d, kernel: 2, when: '$shape[1] > 2'}\n"
    ) == ["p.0", "p.1"]


def test_first_differs_in_the_first_turn_only() -> None:
    found = graph(
        "blocks:\n  b: {params: {s: 1, out: 3}, layers: {c: {op: conv2d, out: $out, kernel: 2,"
        " stride: $s}}}\nlayers:\n  x: {block: b, repeat: 3, with: {out: 5}, first: {s: 2}}\n"
    )
    assert [node.output for node in found.nodes] == [(5, 4, 4), (5, 3, 3), (5, 2, 2)]


def test_index_and_count_are_the_innermost_repeats() -> None:
    found = graph(
        "blocks:\n  b: {layers: {d: {op: dropout, p: $index / $count}, e: {op: dropout, repeat: 2,"
        " p: $index / $count}, f: {op: dropout, p: $index / $count}}}\nlayers:\n  x: {block: b,"
        " repeat: 4}\n  y: {op: dropout, p: $index / $count}\n"
    )
    # 0/4 0/2 1/2 0/4, 1/4 0/2 1/2 1/4 …; outside of any repeat 0 of 1
    assert [getattr(node.op, "p", None) for node in found.nodes] == [
        0,
        0,
        0.5,
        0,
        0.25,
        0,
        0.5,
        0.25,
        0.5,
        0,
        0.5,
        0.5,
        0.75,
        0,
        0.5,
        0.75,
        0,
    ]


def test_arguments_are_worked_out_where_the_block_is_used() -> None:
    found = graph(
        "params: {w: 4}\nblocks:\n  inner: {params: {out: , more: $out + $w}, let: {all: $more +"
        " $channels}, layers: {c: {op: conv2d, out: $all, kernel: 1}}}\n  outer: {params: {out: },"
        " layers: {i: {block: inner, with: {out: $out * $channels}}}}\nlayers:\n  x: {block: outer,"
        " with: {out: $w + 1}}\n"
    )
    # out 5 * 3 channels = 15, more 15 + 4 = 19, all 19 + 3 = 22
    assert found.nodes[0].output == (22, 8, 8)


def test_values_of_the_file_may_use_those_before() -> None:
    text = (
        "params: {w: 4, twice: $w * 2}\nlet: {four: $twice * 2, sixteen: $four * 4}\nlayers:\n  x:"
        " {op: conv2d, out: $sixteen, kernel: 1}\n"
    )
    assert graph(text).nodes[0].output == (64, 8, 8)


# --- names ---


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
    assert said(
        "layers:\n  a: {op: relu}\n  g: {layers: {b: {op: relu}}}\n  c: {op: add, from: [g.a,"
        " g.input]}\n"
    ) == ["6:23 there is no `a` in `g`"]


def test_a_block_sees_its_inputs_only() -> None:
    assert said(
        "blocks:\n  b: {layers: {r: {op: relu, from: a}}}\nlayers:\n  a: {op: relu}\n  x: {block:"
        " b}\n"
    ) == ["4:36 there is no layer `a` here"]


def test_previous_and_input() -> None:
    assert wiring(
        "layers:\n  a: {op: relu}\n  b: {op: add, from: [previous, input]}\n  c: {op: relu, from:"
        " input}\n  d: {op: add, from: [previous, b]}\n"
    )["d"] == ["c", "b"]


# --- several inputs and outputs ---

CELL = (
    "blocks:\n  cell: {inputs: [x, prev], layers: {y: {op: relu, from: prev}, z: {op: add, from:"
    " [x, y]}}, output: [z, x]}\n"
)


def test_two_states_run_through_a_repeat() -> None:
    found = wiring(
        CELL
        + "layers:\n  a: {op: relu}\n  b: {op: relu}\n  c: {block: cell, from: [b, a], repeat: 3}\n"
        "  d: {op: relu}\n"
    )
    assert found == {
        "a": ["input"],
        "b": ["a"],
        "c.0.y": ["a"],
        "c.0.z": ["b", "c.0.y"],
        "c.1.y": ["b"],
        "c.1.z": ["c.0.z", "c.1.y"],
        "c.2.y": ["c.0.z"],
        "c.2.z": ["c.1.z", "c.2.y"],
        "d": ["c.2.z"],
    }


def test_a_block_that_takes_more_than_there_are() -> None:
    """One source counts with its outputs, several count one each."""
    three = CELL + "  three: {inputs: [x, y, z], layers: {sum: {op: add, from: [x, y, z]}}}\n"
    both = "layers:\n  a: {op: relu}\n  b: {block: cell, from: [a, input]}\n"
    assert said(three + both + "  c: {block: three}\n") == [
        "9:3 block `three` takes 3 inputs (x, y, z), found 2"
    ]
    assert said(three + both + "  c: {block: three, from: [a, b]}\n") == [
        "9:3 block `three` takes 3 inputs (x, y, z), found 2"
    ]
    assert said(three + both + "  c: {block: three, from: a}\n") == [
        "9:3 block `three` takes 3 inputs (x, y, z), found 1"
    ]


def test_the_outputs_of_one_block_are_the_inputs_of_the_next() -> None:
    found = wiring(
        CELL
        + "layers:\n  a: {op: relu}\n  b: {block: cell, from: [a, input]}\n  c: {block: cell}\n  d:"
        " {op: add}\n  e: {block: cell, from: [d, b]}\n"
    )
    assert found["c.y"] == ["a"]
    assert found["c.z"] == ["b.z", "c.y"]
    assert found["d"] == ["c.z", "b.z"]  # an op of several inputs takes them all
    assert found["e.y"] == ["b.z"]  # a name among others stands for its first output


def test_several_outputs_of_the_network() -> None:
    found = graph("layers:\n  a: {op: relu}\n  b: {op: relu}\noutput: [b, a]\n")
    assert [found.nodes[i].path for i in found.outputs] == ["b", "a"]
    assert [
        graph("layers:\n  a: {op: relu}\noutput: [input, a]\n").shape_of(i) for i in (-1, 0)
    ] == [(3, 8, 8), (3, 8, 8)]


def test_a_group_of_several_inputs() -> None:
    assert wiring(
        "layers:\n  a: {op: relu}\n  g: {from: [a, input], layers: {s: {op: add}, t: {op: add,"
        " from: [s, input]}}}\n"
    ) == {"a": ["input"], "g.s": ["a", "input"], "g.t": ["g.s", "a"]}


# --- auxiliary heads ---


def test_an_auxiliary_head_lies_beside_the_path() -> None:
    found = graph(
        "layers:\n  a: {op: relu}\n  head: {aux: true, layers: {f: {op: flatten}, l: {op: linear,"
        " out: 2}}}\n  b: {op: relu}\n"
    )
    assert [(node.path, node.aux) for node in found.nodes] == [
        ("a", False),
        ("head.f", True),
        ("head.l", True),
        ("b", False),
    ]
    assert [found.nodes[i].path for i in found.aux_outputs] == ["head.l"]
    assert [found.nodes[i].path for i in found.outputs] == ["b"]
    assert found.nodes[3].inputs == (0,)
    assert found.main == (0, 3)


def test_auxiliary_heads_inside_a_block_and_dropped_ones() -> None:
    text = (
        "blocks:\n  b: {params: {heads: true}, layers: {r: {op: relu}, h: {op: flatten, aux: true,"
        " when: $heads}}}\nlayers:\n  x: {block: b, repeat: 2%s}\n"
    )
    found = graph(text % "")
    assert [found.nodes[i].path for i in found.aux_outputs] == ["x.0.h", "x.1.h"]
    found = graph(text % ", with: {heads: false}")
    assert (found.aux_outputs, [node.path for node in found.nodes]) == ((), ["x.0.r", "x.1.r"])


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
    assert said(
        "layers:\n  a: {op: conv2d, out: 3, kernel: [1, 1]}\n  b: {op: conv2d, out: 3, kernel: '[1,"
        " $index == 0]'}\n"
    ) == [
        "5:35 op `conv2d`: `kernel` is [1, True], expected a whole number of at least 1, or"
        " [height, width] (from `[1, $index == 0]`)"
    ]


# --- faults ---


def test_a_fault_is_said_once_and_what_follows_it_is_silent() -> None:
    assert said(
        "layers:\n  a: {op: conv2d, out: 8, kernel: 9}\n  b: {op: conv2d, out: $channels, kernel:"
        " 1, groups: $channels}\n  c: {op: add, from: [b, input]}\n"
    ) == ["4:3 `a` (conv2d) cannot take 3x8x8: a window of 9 does not fit into 8 + 2*0 = 8"]
    assert said(
        "blocks:\n  b: {params: {w: $channels}, let: {v: $w * 2}, layers: {c: {op: conv2d, out: $v,"
        " kernel: 1}, d: {op: linear, out: $v, when: $v > 4}}}\nlayers:\n  a: {op: linear, out:"
        " 0.5}\n  x: {block: b, repeat: 3}\n"
    ) == ["6:24 op `linear`: `out` is 0.5, expected a whole number of at least 1"]


def test_faults_that_do_not_depend_on_each_other_are_all_said() -> None:
    assert said(
        "params: {z: 0}\nlet: {v: 1 / $z, w: $v + 1, u: 1 % $z}\nlayers:\n  a: {op: conv2d, out:"
        " $w, kernel: 1}\n  b: {op: relu, from: input, when: $z}\n  c: {op: linear, from: input,"
        " out: $z}\n"
    ) == [
        "4:10 `1 / $z`: 1 / 0 divides by zero",
        "4:32 `1 % $z`: 1 % 0 divides by zero",
        "7:36 `when` is 0, expected true or false",
        "8:37 op `linear`: `out` is 0, expected a whole number of at least 1 (from `$z`)",
    ]


def test_a_faulty_block_used_often_is_one_fault() -> None:
    problems = said(
        "blocks:\n  b: {params: {k: 9}, layers: {c: {op: conv2d, out: 3, kernel: $k}}}\nlayers:\n"
        + "".join(f"  x{i}: {{block: b, from: input}}\n" for i in range(200))
        + "  y: {op: linear, from: input, out: 2.5}\n".replace("2.5", "$index")
    )
    assert problems == [
        "4:32 `x0.c` (conv2d) cannot take 3x8x8: a window of 9 does not fit into 8 + 2*0 = 8",
        "206:37 op `linear`: `out` is 0, expected a whole number of at least 1 (from `$index`)",
    ]


def test_the_place_says_how_it_came_there() -> None:
    text = (
        "name: net\ninput: 3x8x8\nblocks:\n  b: {layers: {c: {op: conv2d, out: 3, kernel:"
        " 5}}}\nlayers:\n  x: [{block: b, repeat: 3}]\n"
    )
    (problem,) = expand(next(networks(load_text(text, "net.yaml")))).problems
    assert problem.message.startswith("`x.1.c` ")
    assert problem.chain == ("x (net.yaml:6)", "x.1 (block b, net.yaml:6)")
    assert problem.source_line == "  b: {layers: {c: {op: conv2d, out: 3, kernel: 5}}}"


def test_values_of_a_repeat_end_with_it() -> None:
    """Also where a turn fails: what follows counts from its own."""
    assert said(
        "layers:\n  a: {op: max_pool2d, kernel: 2, repeat: 9}\n  b: {op: dropout, from: input, p:"
        " $index}\n  c: {op: dropout, p: $count - 1}\n"
    ) == ["4:3 `a.3` (max_pool2d) cannot take 3x1x1: a window of 2 does not fit into 1 + 2*0 = 1"]


def test_a_network_in_a_network_takes_one_input() -> None:
    assert said("layers:\n  a: {op: relu}\n  net: {network: lenet5, from: [a, input]}\n") == [
        "5:3 network `lenet5` takes 1 input, found 2"
    ]


def test_a_name_that_torch_cannot_hold_is_told_with_the_way_to_it() -> None:
    text = (
        "name: net\ninput: 3x8x8\nblocks:\n  b: {layers: {train: {op: conv2d, out: 1, kernel:"
        " 1}}}\nlayers:\n  a: {block: b}\n"
    )
    (problem,) = expand(next(networks(load_text(text)))).problems
    assert (problem.mark.line, problem.chain) == (4, ("a (block b, <text>:6)",))
    assert (
        problem.message
        == "no layer can be called `train`: torch.nn.Module has an attribute of this name"
    )
    assert problem.hint == "choose another name, for instance `train_`"


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


def test_of_a_source_with_several_outputs_the_first_goes_on() -> None:
    text = """name: net
input: 3x8x8
blocks:
  two:
    layers: {a: {op: conv2d, out: 3, kernel: 1}, b: {op: relu}}
    output: [a, b]
  sum:
    inputs: [x, y]
    layers: {s: {op: add, from: [x, y]}}
layers:
  t: {block: two}
  r: {op: relu, from: t.b}
  u: {block: sum, from: [t, r]}
  v: {op: add, from: [u, t]}
"""
    graph = expand(next(networks(load_text(text))))
    assert [(node.path, node.inputs) for node in graph.nodes] == [
        ("t.a", (-1,)),
        ("t.b", (0,)),
        ("r", (1,)),
        ("u.s", (0, 2)),
        ("v", (3, 0)),
    ]


def test_a_repeated_block_of_two_inputs_has_the_channels_of_the_first() -> None:
    text = """name: net
input: 3x8x8
blocks:
  two:
    params: {out: 1}
    inputs: [x, y]
    layers: {c: {op: conv2d, from: x, out: $out, kernel: 1}, d: {op: conv2d, from: y, out: $out, kernel: 1}}
    output: [c, d]
layers:
  a: {op: conv2d, out: 4, kernel: 1}
  b: {op: conv2d, out: 5, kernel: 1, from: input}
  t: {block: two, from: [a, b], repeat: 2, with: {out: $channels + 1}}
  s: {op: add, from: [t.1.c, t.1.d]}
  u: {block: two, from: [b, s], with: {out: $channels * 2}}
  v: {op: add, from: [u.c, u.d]}
"""
    graph = expand(next(networks(load_text(text))))
    assert [(node.path, node.output[0]) for node in graph.nodes[2:]] == [
        ("t.0.c", 5),
        ("t.0.d", 5),
        ("t.1.c", 6),
        ("t.1.d", 6),
        ("s", 6),
        ("u.c", 10),
        ("u.d", 10),
        ("v", 10),
    ]


def test_outside_of_a_repeat_it_is_the_first_turn_of_one() -> None:
    text = (
        "name: net\ninput: 3x8x8\nblocks: {b: {params: {n: 0}, layers: [{op: conv2d, out: 20 *"
        " $count + $index, kernel: 1}]}}\nlayers:\n"
    )
    graph = expand(
        next(
            networks(
                load_text(
                    text
                    + "  a: {op: conv2d, out: 10 * $count + $index, kernel: 1}\n  b: {block: b}\n"
                )
            )
        )
    )
    assert [node.output[0] for node in graph.nodes] == [10, 20]


def test_a_block_does_not_see_the_values_of_the_one_that_uses_it() -> None:
    blocks = (
        "blocks:\n  outer: {params: {w: 4}, layers: [{block: inner}]}\n  inner: {layers: [{op:"
        " conv2d, out: $w, kernel: 1}]}\n"
    )
    assert said(blocks + "layers: [{block: outer}]\n") == ["5:38 `$w`: there is no value $w here"]


@pytest.fixture
def hundred_layers() -> Iterator[None]:
    """An allowance of 100 layers and 300 inputs."""
    with Allowance(Limits(layers=100, edges=300), alarm=False):
        yield


@pytest.mark.usefixtures("hundred_layers")
def test_limits_stop_at_once() -> None:
    assert said("params: {n: 101}\nlayers:\n  a: {op: relu, repeat: $n}\n") == [
        "5:3 the network has 101 layers, at most 100"
    ]
    assert said(
        "params: {n: 60}\nlayers:\n  a: {op: relu, repeat: $n}\n  b: {op: relu, repeat: $n}\n"
    ) == ["5:3 the network has 120 layers, at most 100"]
    assert not said(
        "params: {n: 50}\nlayers:\n  a: {op: relu, repeat: $n}\n  b: {op: relu, repeat: $n}\n"
    )
    # dropped layers count as well: they take time
    assert said(
        "params: {n: 90}\nblocks:\n  b: {layers: {r: {op: relu, when: false}, s: {op: relu, when:"
        " false}, t: {op: relu, when: false}}}\nlayers:\n  a: {block: b, repeat: $n}\n"
    ) == ["7:3 the network has more than 100 layers"]
    # blocks that multiply without a `repeat`
    blocks = "".join(
        f"  b{i}: {{layers: [{{block: b{i + 1}, when: $x}}, {{block: b{i + 1}, when: $x}}]}}\n"
        for i in range(20)
    )
    found = said(
        "params: {x: true}\nblocks:\n"
        + blocks
        + "  b20: {layers: [{op: relu}]}\nlayers:\n  a: {block: b0}\n"
    )
    assert found == ["27:3 the network has 1,048,576 layers, at most 100"]  # 2^20


@pytest.mark.usefixtures("hundred_layers")
def test_exactly_the_limit_is_allowed() -> None:
    """A hundred layers, or two hundred that are built or dropped; of a group each turn is one
    more.
    """
    assert not said(
        "layers:\n"
        + "".join(f"  a{i}: {{op: relu}}\n" for i in range(100))
        + "  last: {op: relu, when: false}\n"
    )
    dropped = "layers:\n  kept: {op: relu}\n" + "".join(
        f"  a{i}: {{op: relu, when: false}}\n" for i in range(199)
    )
    assert not said(dropped)
    assert said(dropped + "  last: {op: relu, when: false}\n") == [
        "204:3 the network has more than 100 layers"
    ]
    group = "layers:\n  kept: {op: relu}\n  g:\n    repeat: %d\n"
    group += (
        "    layers: {a: {op: relu, when: false}, b: {op: relu, when: false}, c: {op: relu, when:"
        " false}}\n"
    )
    assert not said(group % 49)
    # 1 + 50*4: one too many, found when it is reached
    assert said(group % 50) == ["7:42 the network has more than 100 layers"]
    assert said(group % 51) == ["5:3 the network has more than 100 layers"]  # 51*4 is foreseen


def test_the_clock_is_looked_at_every_64_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each layer, and one for their `repeat`."""
    looks: list[int] = []
    monkeypatch.setattr(Allowance, "check", lambda self: looks.append(1))
    for layers, more in ((62, 0), (63, 1), (126, 1), (127, 2)):
        looks.clear()
        assert not said(f"layers:\n  a: {{op: relu, repeat: {layers}}}\n")
        assert len(looks) == more


def test_edges_are_counted_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum of 4 inputs in a group; 4 * 76 = 304, and inputs that are not named count as
    nothing.
    """
    with Allowance(Limits(edges=300), alarm=False):
        group = "layers: {a: {op: relu}, s: {op: add, from: [a, a, a, a]}}"
        with monkeypatch.context() as patch:
            patch.setattr(
                "archprof.language.expand.layers.Layers.add",
                lambda *_: pytest.fail("a layer was built"),
            )
            assert said(f"layers:\n  g: {{repeat: 76, {group}}}\n") == [
                "4:3 the network has 304 inputs of layers, at most 300"
            ]
        # 60 * (4 + 1) = 300 with those that are not named
        assert not said(f"layers:\n  g: {{repeat: 60, {group}}}\n")
        assert said(f"layers:\n  g: {{repeat: 61, {group}}}\n") == [
            "4:3 the network has more than 300 inputs of layers"
        ]
        # inside a block, by a value that only its use knows: two turns are built
        block = f"blocks:\n  b: {{params: {{n: 1}}, layers: {{g: {{repeat: $n, {group}}}}}}}\n"
        assert said(block + "layers:\n  a: {block: b, with: {n: 76}}\n") == [
            "4:32 the network has more than 300 inputs of layers"
        ]
        assert not said(block + "layers:\n  a: {block: b, with: {n: 60}}\n")
        # use by use of two turns each, of which nothing foresees the rest: 30 * 2 * 5 = 300
        uses = (
            block
            + "layers:\n"
            + "".join(f"  a{i}: {{block: b, with: {{n: 2}}}}\n" for i in range(30))
            + "  last: {op: identity}\n"
        )
        assert not said(uses)
        # `last` has one, the 301st
        assert said(uses + "  more: {block: b, with: {n: 1}}\n") == [
            "37:3 the network has more than 300 inputs of layers"
        ]
        assert not said(block + "layers:\n  a: {block: b, with: {n: 49}}\n")


@pytest.mark.usefixtures("hundred_layers")
def test_what_is_known_before_counts_no_more_than_there_is() -> None:
    """Conditions may drop layers, and values of a place are not known: none of these has 101
    layers.
    """
    assert not said(
        "params: {n: 101}\nblocks:\n  b: {layers: [{op: relu, repeat: $n}]}\nlayers: [{op: relu},"
        " {block: b, when: $n < 9}]\n"
    )
    assert not said(
        "params: {n: 51, x: false}\nlayers: [{op: relu, repeat: $n}, {op: relu, repeat: $n, when:"
        " $x}]\n"
    )
    assert not said(
        "params: {n: 51}\nlayers: [{op: relu, repeat: $n}, {op: relu, repeat: $n, when: '$channels"
        " > 3'}]\n"
    )
    assert not said(
        "layers: [{repeat: 40, layers: [{op: relu, repeat: '2 if $index < 20 else 1'}]}]\n"
    )


def test_large_networks_are_refused_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """ResNet-50 with 100,000 bottleneck blocks of at least 9 layers (three convolutions, norms
    and ReLUs).
    """
    monkeypatch.setattr(
        "archprof.language.expand.layers.Layers.add", lambda *_: pytest.fail("a layer was built")
    )
    (problem,) = expand(override(find_shipped("resnet50"), {"depths": [25_000] * 4})).problems
    assert problem.rule == "limit"
    found = re.fullmatch(r"the network has ([\d,]+) layers, at most 120,000", problem.message)
    assert found
    least = found[1].replace(",", "")
    assert int(least) >= 900_000
    assert (
        problem.hint
        == f"lower a `repeat`; most of them stand here; ARCHPROF_LIMITS=layers={least} in the"
        " environment allows more"
    )


def test_items_of_all_expressions_together_are_bounded() -> None:
    """2,000,000 items are 200 lists of 9,999; 30,000 of them would be 10 GB."""
    lets = "".join(f"  b{i}: range($n)\n" for i in range(1000))
    start = allowance._megabytes()
    assert said(f"params: {{n: 9999}}\nlet:\n{lets}layers: [{{op: relu}}]\n") == [
        "205:9 the expressions of this network make more than 2,000,000 items of lists and"
        " characters of texts"
    ]
    assert allowance._megabytes() - start < 200


@pytest.mark.parametrize("grown", ["$b + []", "$b[:]", "[$b, $b][0] + []", "range($n)"])
def test_every_list_and_text_counts(grown: str) -> None:
    with Allowance(Limits(items=1000), alarm=False):
        lets = "".join(f"  c{i}: '{grown}'\n" for i in range(20))
        (message,) = said(
            f"params: {{n: 400}}\nlet:\n  b: range($n)\n{lets}layers: [{{op: relu}}]\n"
        )
        assert "more than 1,000 items" in message
        text = "".join(f"  t{i + 1}: $t{i} + $t{i}\n" for i in range(12))
        (message,) = said(f"let:\n  t0: \"'ab' + 'c'\"\n{text}layers: [{{op: relu}}]\n")
        assert "more than 1,000 items" in message


def test_each_network_has_its_own_items() -> None:
    with Allowance(Limits(items=1000), alarm=False):
        for _ in range(5):
            assert not said("params: {n: 400}\nlet: {b: range($n)}\nlayers: [{op: relu}]\n")


# --- blocks of other files ---


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    (tmp_path / "parts.yaml").write_text(
        "name: parts\nuse: deeper.yaml\nparams: {ratio: 2}\nlet: {twice: $ratio * 2}\nblocks:\n "
        " wide: {params: {out: 1}, layers: {c: {op: conv2d, out: $out * $twice + $index, kernel:"
        " 1}, d: {block: deep}, e: {block: own}}}\n  own: {layers: {r: {op: relu}}}\n"
    )
    (tmp_path / "deeper.yaml").write_text(
        "name: deeper\nblocks:\n  deep: {layers: {s: {op: sigmoid}}}\n"
    )
    return tmp_path


def test_a_used_block_sees_its_own_file(parts: Path) -> None:
    text = (
        "use: parts.yaml\nparams: {ratio: 100}\nblocks:\n  deep: {layers: {t: {op:"
        " tanh}}}\nlayers:\n  x: {block: wide, with: {out: $ratio}}\n  y: {block: deep}\n  z:"
        " {block: wide, repeat: 2, with: {out: 2}}\n"
    )
    found = graph(text, parts)
    assert [node.path for node in found.nodes] == [
        "x.c",
        "x.d.s",
        "x.e.r",
        "y.t",
        "z.0.c",
        "z.0.d.s",
        "z.0.e.r",
        "z.1.c",
        "z.1.d.s",
        "z.1.e.r",
    ]
    # 100 * (2 * 2) + 0; then 2 * 4 + 0 and 2 * 4 + 1
    assert [node.output[0] for node in found.nodes if node.kind == "conv2d"] == [400, 8, 9]


def test_a_fault_in_a_used_block_shows_its_own_line(parts: Path) -> None:
    text = (
        "name: net\ninput: 3x8x8\nuse: parts.yaml\nlayers:\n  x: {block: wide, with: {out: 0.1}}\n"
    )
    (problem,) = expand(next(networks(load_text(text, "net.yaml", parts)))).problems
    assert (problem.mark.file, problem.mark.line) == ("parts.yaml", 6)
    assert problem.source_line.startswith("  wide: ")
    assert problem.chain == ("x (block wide, net.yaml:5)",)


# --- whole networks as layers ---


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two shipped networks, the second a family with initial values of its own."""
    (tmp_path / "small.yaml").write_text(
        "name: small\ninput: 3x8x8\nlayers:\n  conv: {op: conv2d, out: 4, kernel: 3, shape:"
        " 4x6x6}\n  head: {op: relu, aux: true}\n"
    )
    (tmp_path / "family.yaml").write_text(
        "name: fam\ninput: 4x6x6\nparams: {depth: , std: 0.5}\ninit: {conv2d: {weight: {normal:"
        " $std}}}\nlayers:\n- {op: conv2d, out: $depth, kernel: 1, repeat: $depth}\nvariants:\n "
        " fam2: {depth: 2}\n  fam3: {depth: 3, std: 0.25}\n"
    )
    monkeypatch.setattr("archprof.language.find.specs_folder", lambda: tmp_path)


@pytest.mark.usefixtures("shelf")
def test_a_whole_network_as_a_layer() -> None:
    found = graph(
        "init: {conv2d: {bias: 0}}\nparams: {n: fam3}\nlayers:\n  a: {network: small}\n  b:"
        " {network: fam2}\n  c: {network: $n}\n  d: {op: conv2d, out: 1, kernel: 1}\n"
    )
    assert [(node.path, node.output, node.init) for node in found.nodes] == [
        ("a.conv", (4, 6, 6), None),
        ("a.head", (4, 6, 6), None),
        ("b.0", (2, 6, 6), {"weight": {"normal": 0.5}}),
        ("b.1", (2, 6, 6), {"weight": {"normal": 0.5}}),
        ("c.0", (3, 6, 6), {"weight": {"normal": 0.25}}),
        ("c.1", (3, 6, 6), {"weight": {"normal": 0.25}}),
        ("c.2", (3, 6, 6), {"weight": {"normal": 0.25}}),
        ("d", (1, 6, 6), {"bias": 0}),
    ]
    assert [found.nodes[i].path for i in found.aux_outputs] == ["a.head"]
    assert [
        node.path
        for node in graph(
            "layers:\n- {network: small}\n- {network: fam2, flat: true}\n- {op: relu}\n"
        ).nodes
    ] == ["0.conv", "0.head", "1", "2", "3"]


def test_the_arithmetic_of_a_stated_shape_is_of_the_axes_that_differ() -> None:
    """(8 - 3)/2 + 1 = 3.5: the remainder is told where height or width differ."""
    layer = "a: {op: conv2d, out: 4, kernel: 3, stride: 2, shape: %s}"
    hints = {
        shape: [
            p.hint
            for p in expand(
                next(networks(load_text(f"name: net\ninput: 3x8x8\nlayers:\n  {layer % shape}\n")))
            ).problems
        ]
        for shape in ("5x3x3", "4x4x4", "4x3")
    }
    assert hints == {
        "5x3x3": ["from 3x8x8: channels = out = 4"],
        "4x4x4": ["from 3x8x8: (8 - 3)/2 + 1 = 3.5 -> 3"],
        "4x3": ["from 3x8x8"],
    }


@pytest.mark.usefixtures("shelf")
def test_a_networks_own_shapes_hold_at_its_own_input() -> None:
    assert not said("layers:\n  p: {op: pad, sides: [1, 1, 1, 1]}\n  a: {network: small}\n")
    assert said(
        "layers:\n  g: [{network: small}]\n  p: {op: max_pool2d, kernel: 5}\n  a: {network:"
        " small}\n  b: {op: conv2d, out: 1, kernel: 1, shape: 1x1x1, from: input}\n"
    ) == [
        "7:45 `b` gives 1x8x8, the spec says 1x1x1",
        "4:3 `a.conv` (conv2d) cannot take 4x1x1: a window of 3 does not fit into 1 + 2*0 = 1",
    ]


@pytest.mark.usefixtures("shelf")
def test_networks_that_are_none() -> None:
    assert said(
        "params: {n: 3}\nlayers:\n  a: {network: smal}\n  b: {network: fam, from: input}\n  c:"
        " {network: $n, from: input}\n"
    ) == [
        "5:16 there is no network called `smal`",
        "6:16 there is no network called `fam`",
        "7:16 there is no network called `3`",
    ]


def test_a_layer_holds_no_layers() -> None:
    """Two modules of torch at one path: the one would be counted as part of the other."""
    first = "layers:\n- {op: relu}\n- {layers: [{op: layer_norm2d}], repeat: 1, name: '{$index}'}\n"
    assert said(first) == ["5:13 `0` is a layer, so that `0.0` cannot stand inside it"]
    second = (
        "layers:\n- {layers: [{op: layer_norm2d}], repeat: 1, name: '{$index + 1}'}\n- {op:"
        " relu}\n- {op: relu}\n"
    )
    assert said(second) == ["6:3 `1` is a layer, so that `1.0` cannot stand inside it"]
    assert said(second.replace("- {op: relu}\n- {op: relu}\n", "- {op: relu}\n")) == []


# --- how deep blocks may nest ---


@pytest.mark.parametrize(
    ("deepest", "problems"),
    [
        (50, []),  # b0 is in no other block, b50 in 50
        # b51 would be in 51; it is used in b50, in line 4 + 50
        (51, ["54:18 blocks nested deeper than 50 levels"]),
    ],
)
def test_blocks_nest_fifty_levels(deepest: int, problems: list[str]) -> None:
    blocks = (
        "".join(f"  b{i}: {{layers: [{{block: b{i + 1}}}]}}\n" for i in range(deepest))
        + f"  b{deepest}: {{layers: {{r: {{op: relu}}}}}}\n"
    )
    assert said("blocks:\n" + blocks + "layers:\n  x: {block: b0}\n") == problems
