"""Entries are dropped, repeated, or lie beside the path."""

from __future__ import annotations

from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from tests.language.expand.graphs import TWO, graph, paths, wiring

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
