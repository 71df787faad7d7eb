"""Rows of changes: folded by what they are, never losing a number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

import archprof
from archprof.analysis.analysis import analyze
from archprof.commands.diff.difference import Difference, Share, difference
from archprof.commands.diff.rows import MOST, Row, pattern, rows, text
from tests.commands.diff.test_matching import net
from tests.small import small_networks, whatever


def between(old: str, new: str) -> Difference:
    return difference(archprof.load(old).analyze(), archprof.load(new).analyze())


def told(found: list[Row]) -> list[tuple[str, str, str]]:
    return [(row.state, row.where, row.what) for row in found]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["conv1"], "conv1"),
        (["layer3.6", "layer3.7", "layer3.8"], "layer3.6-8"),
        (["layer3.6", "layer3.8"], "layer3.*"),
        (["layer1.0.conv2", "layer1.1.conv2", "layer2.0.conv2"], "layer*.*.conv2"),
        (["layer1.0.conv2", "layer2.0.conv2"], "layer*.0.conv2"),
        (["stem.conv", "body.0.conv"], "*.conv"),
        (["stem.conv", "body.0.relu"], "stem.conv … body.0.relu"),
        (["features.1 -> features.2", "features.3 -> features.5"], "features.* -> features.*"),
        (["a", "b"], "*"),
    ],
)
def test_paths_as_one(paths: list[str], expected: str) -> None:
    assert pattern(paths) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((3, 3), "3"),
        ((3, 1), "3x1"),
        (True, "true"),
        (None, "none"),
        ("nearest", "nearest"),
        (0.5, "0.5"),
        (((3, 8, 8),), "3x8x8"),
        (((3, 8, 8), (4, 8, 8)), "3x8x8 and 4x8x8"),
        (("a", "b"), "[a, b]"),
        (tuple("abcdef"), "[a, b, c, d and 2 more]"),
        ((1, 2, 3, 4), "1x2x3x4"),
        ((), "()"),
        ({"weight": 0}, "{'weight': 0}"),
    ],
)
def test_settings_as_a_spec_writes_them(value: object, expected: str) -> None:
    assert text(value) == expected


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
