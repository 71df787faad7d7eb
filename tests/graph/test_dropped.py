"""What is cut off where a layer is dropped. The messages are in tests/spec/malformed/dropped_*."""

from __future__ import annotations

import pytest

from archprof.graph import dropped
from archprof.graph.dropped import goes_on
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks

HEAD = "name: net\ninput: 3x8x8\n"


def graph(layers: str) -> Graph:
    found = expand(next(networks(load_text(HEAD + layers))))
    assert not found.problems, found.problems
    return found


def test_what_a_graph_notes_of_a_dropped_merge() -> None:
    found = graph(
        "layers:\n  a: {op: relu}\n  b: {op: relu, from: input}\n  group:\n    layers:\n      add:"
        " {op: add, from: [a, b, input], when: false}\n  cat: {op: concat, from: [group, b]}\n"
    )
    ((path, kept, lost),) = [(merge.path, merge.kept, merge.lost) for merge in found.dropped]
    assert (path, kept, lost) == ("group.add", 0, (1, 1))  # the group's `input` is what `b` gives


def test_of_one_source_nothing_is_lost_nor_of_one_that_is_dropped() -> None:
    assert graph("layers:\n  a: {op: relu}\n  b: {op: relu, when: false}\n").dropped == ()
    found = graph(
        "layers:\n  a: {op: relu}\n  b: {op: relu, from: input, when: false}\n  add: {op: add,"
        " from: [a, b], when: false}\n"
    )
    assert found.dropped == ()


def test_a_dropped_layer_has_no_names_inside() -> None:
    """Where `b` is dropped, `b.conv` is not the `conv` of the layer above that it passes on."""
    text = (
        HEAD
        + "layers:\n  a: {layers: {conv: {op: conv2d, out: 3, kernel: 1}}}\n  b: {layers: {conv:"
        " {op: conv2d, out: 3, kernel: 1}}, when: false}\n  c: {op: relu, from: b.conv}\n"
    )
    assert [problem.message for problem in expand(next(networks(load_text(text)))).problems] == [
        "there is no `conv` in `b`: its `when` drops `b`"
    ]


def test_what_goes_on() -> None:
    nodes = graph(
        "layers:\n  a: {op: relu}\n  b: {op: relu}\n  c: {op: relu, from: a}\n  add: {op: add,"
        " from: [b, c]}\n"
    ).nodes
    assert [goes_on(i, 1, nodes) for i in (-1, 0, 1, 2)] == [True, True, True, False]
    assert all(goes_on(i, 3, nodes) for i in (-1, 0, 1, 2, 3))
    assert not goes_on(0, -1, nodes)


def test_too_far_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = graph(
        "layers:\n  other: {op: relu}\n  a: {op: relu, repeat: 20, from: input}\n  add: {op: add,"
        " from: [other, a]}\n"
    ).nodes
    assert not goes_on(0, 20, nodes)
    monkeypatch.setattr(dropped, "MAX_SEARCHED", 10)
    assert goes_on(0, 20, nodes)


def test_the_case_that_showed_it() -> None:
    """sovrasov/flops-counter.pytorch#9's two forms in one spec: two halves side by side, or the
    one convolution.
    """
    text = (
        HEAD
        + "params: {split: %s}\nlayers:\n  conv1: {op: conv2d, out: 12, kernel: 3}\n  conv2: {op:"
        " conv2d, from: input, out: 12, kernel: 3}\n  cat: {op: concat, from: [conv1, conv2],"
        " when: $split}\n"
    )
    assert not expand(next(networks(load_text(text % "true")))).problems
    (problem,) = expand(next(networks(load_text(text % "false", "net.yaml")))).problems
    assert (
        str(problem)
        == """\
net.yaml:6:3: error: nothing uses the output of `conv2`: `cat` (line 7) is dropped by its `when` and passes on only `conv1`, the first of its `from` [unused]
      conv2: {op: conv2d, from: input, out: 12, kernel: 3}
      ^
  hint: name first in that `from` what is to go on, or drop this layer as well"""
    )
