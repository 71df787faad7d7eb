"""Layers written again."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.check.rules import repeated_layers
from tests.commands.check.checked import net, said

CONV = "{op: conv2d, out: 8, kernel: 3, padding: 1}"


def found(*layers: str, tail: str = "") -> list[tuple[int, str]]:
    return said(net(*layers, tail=tail), "repeated-layers")


def test_a_pattern_and_how_often() -> None:
    layers = [
        f"{name}{i}: {{op: {op}}}" for i in range(4) for name, op in (("a", "relu"), ("b", "gelu"))
    ]
    assert found("first: {op: tanh}", *layers, "last: {op: tanh}") == [
        (5, "these 2 layers stand 4 times in a row")
    ]
    assert found(*(f"a{i}: {{op: relu}}" for i in range(5))) == [
        (4, "this layer stands 5 times in a row")
    ]


@pytest.mark.parametrize(
    "layers",
    [
        [f"a{i}: {{op: conv2d, out: {8 * i}, kernel: 3}}" for i in range(1, 8)],
        [f"a{i}: {{op: relu}}" for i in range(4)],
        [
            f"{name}{i}: {{op: {op}}}"
            for i in range(2)
            for name, op in (("a", "relu"), ("b", "gelu"), ("c", "tanh"))
        ],
    ],
    ids=["settings differ", "four", "three twice"],
)
def test_too_little_to_tell(layers: list[str]) -> None:
    assert found(*layers) == []


def test_what_each_layer_reads_is_counted_from_it() -> None:
    """Residual steps: each adds what the step before gave; then the same, all adding the first."""
    steps = [
        line
        for i in range(1, 5)
        for line in (f"c{i}: {CONV}", f"s{i}: {{op: add, from: [c{i}, s{i - 1}]}}")
    ]
    assert [line for line, _ in found("s0: {op: conv2d, out: 8, kernel: 1}", *steps)] == [5]
    to_first = [
        line
        for i in range(1, 30)
        for line in (f"c{i}: {CONV}", f"s{i}: {{op: add, from: [c{i}, s0]}}")
    ]
    assert found("s0: {op: conv2d, out: 8, kernel: 1}", *to_first)  # the same name each time: alike


def test_a_layer_inside_another_is_read_from_there() -> None:
    layers = [
        line
        for i in range(4)
        for line in (
            f"g{i}: {{layers: {{c: {CONV}, r: {{op: relu}}}}}}",
            f"s{i}: {{op: add, from: [g{i}.c, g{i}.r]}}",
        )
    ]
    assert found(*layers) == [(4, "these 2 layers stand 4 times in a row")]


def test_a_repeat_hands_on_only_its_last_turn() -> None:
    """A U-Net's way down: every level is read again further on."""
    down = [
        line
        for i in range(4)
        for line in (f"keep{i}: {CONV}", f"down{i}: {{op: max_pool2d, kernel: 2}}")
    ]
    up = [f"up{i}: {{op: multiply, from: [keep{i}, keep{i}]}}" for i in (3, 2, 1, 0)]
    assert found(*down)
    assert found(*down, *up) == []
    assert found(*down, tail="output: [down3, keep1]") == []


def test_true_and_one_are_not_alike() -> None:
    body = "one: [{op: relu}, {op: gelu}, {op: relu}, {op: batch_norm2d, affine: %s}, {op: relu}]"
    text = net(body % "true", (body % "false").replace("one", "two"))
    assert said(text, "repeated-layers") == []


def test_long_files_take_no_time() -> None:
    start = time.process_time()
    found(*(f"a{i}: {{op: {('relu', 'gelu', 'tanh')[i * i % 3]}}}" for i in range(5000)))
    assert time.process_time() - start < 20


OPS = ("relu", "gelu", "tanh", "sigmoid", "silu", "hardswish", "relu6")


def group(name: str, *ops: str) -> str:
    """A group of layers without names, in one line."""
    return f"{name}: [{', '.join(f'{{op: {op}}}' for op in ops)}]"


@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [
        (OPS[:4], OPS[:4], 0),  # one fewer than are reported
        (OPS[:5], OPS[:5], 5),
        (OPS, OPS, 7),
        (OPS[:6], (*OPS[:5], "relu6"), 5),  # they part at the sixth
        (OPS[:6], OPS[:5], 5),  # the second ends
        (OPS[:5], OPS[:6], 5),  # the first ends
        (("relu6", *OPS[:5]), OPS[:5], 5),  # further down in the first
        (OPS[:5], ("relu6", *OPS[:5]), 5),  # further down in the second
    ],
)
def test_what_two_places_have_in_common(
    one: tuple[str, ...], two: tuple[str, ...], alike: int
) -> None:
    """Reported once, at its first layer in the second place: both are one line here, 4 and 5."""
    expected = [(5, f"these {alike} layers stand in line 4 already")] if alike else []
    assert found(group("one", *one), group("two", *two)) == expected


def test_what_two_places_of_one_body_have_in_common() -> None:
    """Five layers in lines 4 to 8, another in line 9, and the five again from line 10."""
    first = [f"a{i}: {{op: {op}}}" for i, op in enumerate(OPS[:5])]
    again = [f"b{i}: {{op: {op}}}" for i, op in enumerate(OPS[:5])]
    assert found(*first, "between: {op: max_pool2d, kernel: 2}", *again) == [
        (10, "these 5 layers stand in line 4 already")
    ]
    # what follows itself is a repetition, and no copy besides
    assert found(*first, *again) == [(4, "these 5 layers stand 2 times in a row")]


# --- sequences ---


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        ([1] * 5, [(0, 1, 5)]),  # a repeat spares four lines
        ([1] * 4, []),
        ([1, 2] * 3, [(0, 2, 3)]),
        ([1, 2] * 2, []),
        ([1, 2, 3, 4] * 2, [(0, 4, 2)]),
        ([1, 2, 3] * 2, []),
        ([*range(16)] * 2, [(0, 16, 2)]),  # the longest pattern
        ([*range(17)] * 2, []),
        ([9, *[1] * 5, 8], [(1, 1, 5)]),
        ([*[1] * 5, *[2] * 6], [(0, 1, 5), (5, 1, 6)]),
        ([1, 2, 1, 2, 1, 2, 1], [(0, 2, 3)]),  # what is left over is not a turn
        ([], []),
    ],
)
def test_patterns_that_follow_themselves(
    kinds: list[int], found: list[tuple[int, int, int]]
) -> None:
    assert list(repeated_layers._repetitions(kinds)) == found


@given(st.lists(st.integers(0, 2), max_size=24))
def test_patterns_by_trying_each(kinds: list[int]) -> None:
    """From the left the shortest pattern whose copies spare four lines, with all of its copies."""
    expected = []
    start = 0
    while start < len(kinds):
        for period in range(1, 17):
            times = 1
            pattern = kinds[start : start + period]
            while kinds[start : start + period * (times + 1)] == pattern * (times + 1):
                times += 1
            if len(pattern) == period and period * (times - 1) >= 4:
                expected.append((start, period, times))
                start += period * times
                break
        else:
            start += 1
    assert list(repeated_layers._repetitions(kinds)) == expected


@pytest.mark.parametrize(
    ("start", "others", "at", "length"),
    [
        (0, [1, 2, 3, 4, 5], 0, 5),
        (0, [1, 2, 3, 9, 5], 0, 3),
        (2, [9, 3, 4, 5, 6], 1, 3),  # the first sequence ends
        (0, [9, 9, 1, 2], 2, 2),  # the second one ends
        (0, [9, 1, 2], 0, 0),
    ],
)
def test_how_long_two_places_are_alike(start: int, others: list[int], at: int, length: int) -> None:
    assert repeated_layers._alike([1, 2, 3, 4, 5], start, others, at) == length


def test_in_one_sequence_the_first_ends_where_the_second_begins() -> None:
    kinds = [7] * 9
    assert repeated_layers._alike(kinds, 3, kinds, 0) == 3
    assert repeated_layers._alike(kinds, 3, list(kinds), 0) == 6


def test_a_computed_name_may_be_any_of_them() -> None:
    """A layer behind a repeat could no longer name one of its inner turns by what it computes."""
    layers = [f"a{i}: {{op: relu}}" for i in range(6)]
    assert found(*layers, "last: {op: tanh}") == [(4, "this layer stands 6 times in a row")]
    assert found(*layers, "last: {op: add, from: 'a{$i} for i in range(3)'}") == []


def test_computed_names_are_part_of_what_a_layer_states() -> None:
    same = [f"a{i}: {{op: relu, from: 'input.{{$index}}'}}" for i in range(6)]
    other = [f"a{i}: {{op: relu, from: 'input.{{{i}}}'}}" for i in range(6)]
    assert len(found(*same)) == 1
    assert found(*other) == []


def test_side_by_side_is_another_layer() -> None:
    """Alike but for `parallel` they would be eight of one, not two four times over."""
    repeat = "{{op: relu, repeat: 1, parallel: {}}}".format
    mixed = [f"a{i}: {repeat('true' if i % 2 else 'false')}" for i in range(8)]
    assert found(*mixed) == [(4, "these 2 layers stand 4 times in a row")]


def test_the_last_of_a_repetition_does_not_begin_another_sequence() -> None:
    """No line is in two of them: the fifth relu is in the first, and four layers are too few."""
    others = ("gelu", "tanh", "sigmoid", "silu")
    assert found(group("one", "relu", *others), group("two", *["relu"] * 5, *others)) == [
        (5, "this layer stands 5 times in a row")
    ]
    assert len(found(group("one", "relu", *others), group("two", "relu", "relu", *others))) == 1
