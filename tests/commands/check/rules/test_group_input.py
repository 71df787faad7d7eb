"""`from: input` at the first layer of a group."""

from __future__ import annotations

import pytest

from tests.commands.check.checked import net, said, whole

STEM = "stem: {op: conv2d, out: 3, kernel: 1}"


def test_the_whole_message() -> None:
    assert (
        whole(net(STEM, "branch: [{op: relu, from: input}, {op: relu}]"), "group-input")
        == """\
net.yaml:5:12: warning: `from: input` at the first layer of group `branch` is the group's input, \
which it reads anyway [group-input]
      branch: [{op: relu, from: input}, {op: relu}]
               ^
  hint: for the input of what is around, give it to the group: {from: input, layers: [...]}"""
    )


def test_a_group_without_a_name() -> None:
    ((line, message),) = said(
        "name: net\ninput: 3x8x8\nlayers:\n- {op: relu}\n- layers: [{op: tanh, from: input}]\n",
        "group-input",
    )
    assert (line, message) == (
        5,
        (
            "`from: input` at the first layer of this group is the group's input, which it reads"
            " anyway"
        ),
    )


@pytest.mark.parametrize(
    ("layers", "lines"),
    [
        ([STEM, "branch: [[{op: relu, from: input}]]"], [5]),  # a group in a group
        ([STEM, "branch: {layers: {relu: {op: relu, from: [input]}}}"], [5]),
        ([STEM, "branch: {flat: true, layers: {relu: {op: relu, from: input}}}"], [5]),
        # the group begins with the body: it is the same input
        (["branch: [{op: relu, from: input}]", STEM], []),
        # the group says what it reads
        ([STEM, "branch: {from: input, layers: [{op: relu, from: input}]}"], []),
        # a residual inside the group
        ([STEM, "branch: {layers: {relu: {op: relu}, add: {op: add, from: [relu, input]}}}"], []),
        ([STEM, "branch: {layers: {add: {op: add, from: [input, input]}}}"], []),
        ([STEM, "branch: {op: relu, from: input}"], []),
    ],
    ids=["nested", "named", "flat", "first", "stated", "residual", "doubled", "no group"],
)
def test_where_it_misleads(layers: list[str], lines: list[int]) -> None:
    assert [line for line, _ in said(net(*layers), "group-input")] == lines


def test_inside_a_block() -> None:
    """The trap as it was met: a branch of a block that should begin where the block does."""
    text = (
        "name: net\ninput: 3x8x8\nblocks:\n  unit:\n    layers:\n      scale: {op: conv2d, out: 3,"
        " kernel: 1}\n      conv_kxk:\n      - {op: conv2d, from: input, out: 3, kernel: 3,"
        " padding: 1}\n      add: {op: add, from: [scale, conv_kxk]}\nlayers: [{block: unit}]\n"
    )
    assert [line for line, _ in said(text, "group-input")] == [8]
