"""Merges that `when` drops: what is cut off, and what goes on all the same."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import net, said, whole

NARROW = "narrow: {op: conv2d, out: 8, kernel: 1}"
WIDE = "wide: {op: conv2d, from: input, out: 8, kernel: 3, padding: 1}"
JOIN = "join: {op: concat, from: [relu, wide]}"


def test_the_whole_message() -> None:
    text = net(
        NARROW, WIDE, "add: {op: add, from: [narrow, wide], when: false}", "relu: {op: relu}", JOIN
    )
    assert (
        whole(text, "dropped-merge")
        == """\
net.yaml:6:3: warning: `add` is dropped by its `when` and passes on `narrow` alone: `wide` is cut \
off here [dropped-merge]
      add: {op: add, from: [narrow, wide], when: false}
      ^
  hint: name first in its `from` what is to go on"""
    )


def test_a_repeat_of_none_and_an_entry_without_a_name() -> None:
    """In a list the dropped one is called by its place in the file; it has no number."""
    text = (
        "name: net\ninput: 3x8x8\nlayers:\n- {op: conv2d, out: 3, kernel: 1}\n- {op: relu, from:"
        " input}\n- {op: add, from: [0, 1], repeat: 0}\n- {op: add, from: [previous, 1]}\n"
    )
    assert [message for _, message in said(text, "dropped-merge")] == [
        "a layer is dropped by a `repeat` of 0 and passes on `0` alone: `1` is cut off here"
    ]


@pytest.mark.parametrize(
    ("layers", "lines"),
    [
        # a residual: the input is in `conv`
        (
            [
                "conv: {op: conv2d, out: 3, kernel: 1}",
                "add: {op: add, from: [conv, input], when: false}",
            ],
            [],
        ),
        (
            [
                "relu: {op: relu}",
                "conv: {op: conv2d, out: 3, kernel: 1}",
                "add: {op: add, from: [conv, relu], when: false}",
            ],
            [],
        ),
        (
            [
                "relu: {op: relu}",
                "conv: {op: conv2d, out: 3, kernel: 1}",
                "add: {op: add, from: [relu, conv], when: false}",
                "cat: {op: concat, from: [add, conv]}",
            ],
            [6],
        ),  # the order alone decides
        (
            [
                "conv: {op: conv2d, out: 3, kernel: 1}",
                "add: {op: add, from: [input, conv], when: false}",
                "cat: {op: concat, from: [add, conv]}",
            ],
            [5],
        ),
        (
            [
                NARROW,
                "down: {op: conv2d, from: input, out: 8, kernel: 1, when: false}",
                "add: {op: add, from: [narrow, down], when: false}",
            ],
            [],
        ),
        (
            [
                NARROW,
                WIDE,
                "add: {op: add, from: [narrow, wide], when: true}",
                JOIN.replace("relu", "add"),
            ],
            [],
        ),
    ],
    ids=["residual", "of a layer", "the other way round", "input first", "dropped too", "stands"],
)
def test_what_goes_on_through_the_first(layers: list[str], lines: list[int]) -> None:
    assert [line for line, _ in said(net(*layers), "dropped-merge")] == lines


def test_a_block_of_several_inputs() -> None:
    text = (
        "name: net\ninput: 3x8x8\nblocks: {two: {inputs: [a, b], layers: {add: {op: add, from: [a,"
        " b]}}}}\nlayers:\n  one: {op: relu}\n  other: {op: gelu, from: input}\n  cell: {block:"
        " two, from: [one, other], when: false}\n  add: {op: add, from: [cell, other]}\n"
    )
    assert [line for line, _ in said(text, "dropped-merge")] == [7]


def test_told_once_for_all_variants() -> None:
    text = net(
        NARROW,
        WIDE,
        "add: {op: add, from: [narrow, wide], when: $both}",
        "relu: {op: relu}",
        JOIN,
        head="input: 3x32x32\nparams: {both: false}",
        tail="variants: {other: {}, wide_too: {both: true}}",
    )
    ((line, message),) = said(text, "dropped-merge")
    assert (line, message.endswith("(in net, and 1 more like it)")) == (7, True)
