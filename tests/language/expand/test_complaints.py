"""A fault is reported once, in its place."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.language.expand.graphs import faults


def test_a_fault_is_said_once_and_what_follows_it_is_silent() -> None:
    assert faults(
        "layers:\n  a: {op: conv2d, out: 8, kernel: 9}\n  b: {op: conv2d, out: $channels, kernel:"
        " 1, groups: $channels}\n  c: {op: add, from: [b, input]}\n"
    ) == ["4:3 `a` (conv2d) cannot take 3x8x8: a window of 9 does not fit into 8 + 2*0 = 8"]
    assert faults(
        "blocks:\n  b: {params: {w: $channels}, let: {v: $w * 2}, layers: {c: {op: conv2d, out: $v,"
        " kernel: 1}, d: {op: linear, out: $v, when: $v > 4}}}\nlayers:\n  a: {op: linear, out:"
        " 0.5}\n  x: {block: b, repeat: 3}\n"
    ) == ["6:24 op `linear`: `out` is 0.5, expected a whole number of at least 1"]


def test_faults_that_do_not_depend_on_each_other_are_all_said() -> None:
    assert faults(
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
    problems = faults(
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
    assert faults(
        "layers:\n  a: {op: max_pool2d, kernel: 2, repeat: 9}\n  b: {op: dropout, from: input, p:"
        " $index}\n  c: {op: dropout, p: $count - 1}\n"
    ) == ["4:3 `a.3` (max_pool2d) cannot take 3x1x1: a window of 2 does not fit into 1 + 2*0 = 1"]


def test_a_list_that_is_too_long_stands_in_its_place() -> None:
    """An expression and 10,000 numbers: the list has no text to be quoted."""
    text = "params: {{n: 1}}\nlet:\n  v: [$n{}]\nlayers:\n  a: {{op: relu, when: $v == 1}}\n"
    assert faults(text.format(", 0" * 10_000)) == ["5:6 a list of more than 10,000 items"]
    assert "10,000" not in "".join(faults(text.format(", 0" * 9_999)))


def test_the_way_to_a_fault_in_a_group_without_a_path() -> None:
    text = (
        "name: net\ninput: 3x8x8\nlayers:\n  turns: {flat: true, layers: {a: {op: conv2d, out: 8,"
        " kernel: 9}}}\n"
    )
    (problem,) = expand(next(networks(load_text(text, "net.yaml")))).problems
    assert problem.chain == ("a group (net.yaml:4)",)
