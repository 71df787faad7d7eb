"""Rows of changes: folded by what they are, never losing a number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

import archprof
from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.diff.change_rows import MOST, ChangeRow, rows
from archprof.commands.diff.difference import Difference, Share, difference
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.problem import Mark
from tests.commands.diff.test_matching import net
from tests.small import small_networks, whatever


def between(old: str, new: str) -> Difference:
    return difference(archprof.load(old).analyze(), archprof.load(new).analyze())


def told(found: list[ChangeRow]) -> list[tuple[str, str, str]]:
    return [(row.state, row.where, row.what) for row in found]


def test_blocks_that_are_new_as_a_whole_are_one_row() -> None:
    first = rows(between("resnet50", "resnet101"))[0]
    assert (first.state, first.where, first.what, first.layers) == (
        "added",
        "layer3.6-22 ×17",
        "bottleneck, 10 layers",
        170,
    )
    assert (first.share.params, first.share.macs) == (
        44_549_160 - 25_557_032,
        7_801_405_440 - 4_089_184_256,
    )


def test_blocks_that_are_gone_as_a_whole_are_one_row() -> None:
    assert told(rows(between("resnet101", "resnet50")))[0] == (
        "removed",
        "layer3.6-22 ×17",
        "bottleneck, 10 layers",
    )


def test_a_line_that_acts_in_many_blocks_is_one_row() -> None:
    found = rows(between("resnet50", "wide_resnet50_2"))
    assert told(found)[:2] == [
        ("changed", "layer*.*.conv1 ×16", "out 64 -> 128, 128 -> 256, 256 -> 512 and 1 more"),
        ("changed", "layer*.*.conv2 ×16", "out 64 -> 128, 128 -> 256, 256 -> 512 and 1 more"),
    ]
    assert told(found)[-1] == ("affected", "32 layers", "shapes, fields or memory alone")


def test_layers_of_which_only_fields_change_are_counted() -> None:
    layers = ("act: {op: relu}", "head: {op: conv2d, out: 4, kernel: 1}")
    stem = "stem: {op: conv2d, out: 4, kernel: %d, padding: %d}"
    both = net(stem % (3, 1), *layers), net(stem % (5, 2), *layers)
    last = rows(difference(*map(analyze, both)))[-1]
    assert (last.state, last.where, last.what) == (
        "affected",
        "2 layers",
        "shapes, fields or memory alone",
    )
    alone = net(stem % (3, 1), layers[0]), net(stem % (5, 2), layers[0])
    last = rows(difference(*map(analyze, alone)))[-1]
    assert (last.state, last.where, last.what) == ("affected", "act", "relu: its field")


def test_full_is_layer_by_layer() -> None:
    found = between("resnet50", "wide_resnet50_2")
    assert [row.layers for row in rows(found, full=True)] == [1] * len(found.changes)


def test_more_than_can_be_read_is_one_row_with_the_rest() -> None:
    old = net(*(f"a{i}: {{op: conv2d, out: 4, kernel: 1}}" for i in range(40)))
    new = net(*(f"a{i}: {{op: conv2d, out: 4, kernel: 3, padding: 1}}" for i in range(40)))
    found = rows(difference(analyze(old), analyze(new)))
    assert len(found) == MOST["changed"]
    assert (found[-1].where, found[-1].what) == ("17 more", "17 layers")
    assert sum(row.share.params for row in found) == 40 * 8 * 4 * 4
    assert found[-1].share.params == 17 * 8 * 4 * 4


@pytest.mark.parametrize(("layers", "shown"), [(24, 24), (25, 24), (40, 24)])
def test_the_last_of_too_many_rows_is_for_all_others(layers: int, shown: int) -> None:
    def stack(kernel: str) -> Graph:
        return net(*(f"a{i}: {{op: conv2d, out: 4, {kernel}}}" for i in range(layers)))

    found = difference(analyze(stack("kernel: 1")), analyze(stack("kernel: 3, padding: 1")))
    assert len(rows(found, full=True)) == layers
    *first, last = rows(found)
    assert [row.where for row in first] == [f"a{i}" for i in range(shown - 1)]
    rest = layers - shown + 1
    if rest == 1:
        assert (last.where, last.what) == ("a23", "kernel 1 -> 3; padding 0 -> 1")
        return
    assert (last.state, last.where, last.what) == ("changed", f"{rest} more", f"{rest} layers")
    assert (last.field, last.mark, last.layers) == ("-", None, rest)
    assert last.share.params == rest * 8 * 4 * 4


STEM = "stem: {op: conv2d, out: 4, kernel: 1}"
NORMS = [f"n{i}: {{op: batch_norm2d}}" for i in range(30)]
"""Layers on lines of their own, of which each has a row."""


@pytest.mark.parametrize(
    ("state", "shown"), [("added", 12), ("removed", 12), ("affected", 8), ("renamed", 4)]
)
def test_how_many_rows_each_state_has(state: str, shown: int) -> None:
    """So many layers have a row each; of one more the last row is for two."""
    for layers in (shown, shown + 1):
        norms = NORMS[:layers]
        without, plain = net(STEM), net(STEM, *norms)
        pairs = {
            "added": (without, plain),
            "removed": (plain, without),
            "affected": (plain, net(STEM.replace("out: 4", "out: 5"), *norms)),
            "renamed": (plain, net(STEM, *(f"m{norm[1:]}" for norm in norms))),
        }
        found = rows(difference(*map(analyze, pairs[state])))
        of_state = [row.layers for row in found if row.state == state]
        assert of_state == [1] * (shown - 1) + [1 + layers - shown]


def blocks(unit: str, stem: str = "") -> Analysis:
    """Two of a block of these layers, behind a stem where there is one."""
    text = (
        f"name: net\ninput: 4x8x8\nblocks:\n  unit: {{layers: {{{unit}}}}}\nlayers:\n{stem}"
        "  body: {block: unit, repeat: 2}\n"
    )
    return analyze(expand(next(networks(load_text(text, "net.yaml")))))


def test_what_layers_of_one_row_receive_is_told_of_the_first() -> None:
    """Of 8 and 9 channels 16 and 18 are made, then 32 and 36: batch norms have 2 for each."""

    def wide(channels: int) -> Analysis:
        return blocks(
            "conv: {op: conv2d, out: $channels * 2, kernel: 1}, bn: {op: batch_norm2d}",
            f"  stem: {{op: conv2d, out: {channels}, kernel: 1}}\n",
        )

    found = rows(difference(wide(8), wide(9)))
    assert told(found) == [
        ("changed", "stem", "out 8 -> 9"),
        ("changed", "body.0-1.conv ×2", "out 16 -> 18, 32 -> 36"),
        ("affected", "body.0-1.bn ×2", "input 16x8x8 -> 18x8x8 and 1 more"),
    ]
    assert found[2].share.params == 2 * (2 + 4)


def test_a_layer_that_is_new_in_a_block_is_not_the_block() -> None:
    """It has its place, or the one it had."""
    plain = "conv: {op: conv2d, out: 4, kernel: 1}"
    old, new = blocks(plain), blocks(f"{plain}, drop: {{op: dropout}}")
    for found, state in ((difference(old, new), "added"), (difference(new, old), "removed")):
        (row,) = rows(found)
        assert (row.state, row.where, row.what, row.layers) == (
            state,
            "body.0-1.drop ×2",
            "dropout",
            2,
        )
        assert row.mark == Mark("net.yaml", 4, 58)


def test_another_input_is_a_row() -> None:
    stack = ("a: {op: conv2d, out: 4, kernel: 1}",)
    first = rows(difference(analyze(net(*stack)), analyze(net(*stack, size="4x8x16"))))[0]
    assert (first.state, first.where, first.what, first.share.peak) == (
        "affected",
        "input",
        "4x8x8 -> 4x8x16",
        4 * 8 * 8 * 4,
    )


@given(small_networks(), small_networks())
@settings(max_examples=40)
def test_no_number_is_lost(
    first: tuple[dict[str, str], tuple[int, ...], str],
    second: tuple[dict[str, str], tuple[int, ...], str],
) -> None:
    found = difference(analyze(whatever(*first)), analyze(whatever(*second)))
    for full in (False, True):
        assert Share.total([row.share for row in rows(found, full)]) == found.share
        assert sum(row.layers for row in rows(found, full)) == len(found.changes)
