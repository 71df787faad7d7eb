"""Rows of spaces to variants, against each row worked out by itself with plain numbers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.column import Column, taken
from archprof.problem import ProblemError
from archprof.sweeping.space.reader import parse_space
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.space.space import Space


def space(text: str, network: str = "resnet50") -> Space:
    return parse_space(f"name: s\nnetwork: {network}\n{text}", Path("s.yaml"), "s.yaml")


def by_row(of: Space, rows: list[int]) -> list[Any]:
    """Settings and input of each row, or the message of why it has none; as plain numbers."""
    found: list[Any] = [None] * len(rows)
    for batch in of.variants(np.array(rows, np.int64)):
        for place, position in enumerate(batch.positions.tolist()):
            assert found[position] is None
            if batch.variants is None:
                found[position] = batch.fault[1]
            else:
                at = np.array([place])
                values = taken(list(batch.variants.values.values()), at)
                shape = taken(batch.variants.input, at)
                found[position] = dict(zip(batch.variants.values, values, strict=True)), shape
    return found


def test_own_parameters_go_to_the_network() -> None:
    found = by_row(space("space: {groups: 1..2, base_width: {choice: [64, 32]}}"), [0, 1, 2, 3])
    assert found == [
        ({"groups": groups, "base_width": width}, None) for groups in (1, 2) for width in (64, 32)
    ]


def test_what_is_set_is_taken_before_a_parameter_of_the_same_name() -> None:
    found = by_row(space("space: {groups: 1..2}\nset: {groups: 2 * $groups}"), [0, 1])
    assert found == [({"groups": 2}, None), ({"groups": 4}, None)]


def test_an_input_of_one_number_is_square_and_has_the_networks_channels() -> None:
    found = by_row(space("space: {input: {range: 64..96, step: 32}}"), [0, 1])
    assert found == [({}, (3, 64, 64)), ({}, (3, 96, 96))]


def test_an_input_of_several_numbers() -> None:
    found = by_row(space("space: {input: [3, 64..65, 96..97]}"), [1, 2])
    assert found == [({}, (3, 64, 97)), ({}, (3, 65, 96))]


def test_an_input_that_is_no_shape_leaves_its_rows_out() -> None:
    """The first is a shape, so that the file is not refused as a whole."""
    found = by_row(space("space: {n: 0..2}\nset: {input: '64 * (2 - $n)'}"), [0, 1, 2])
    why = "`input` is not a shape of whole numbers from 1 to 1,000,000"
    assert found == [({}, (3, 128, 128)), ({}, (3, 64, 64)), why]
    found = by_row(space("space: {n: 1..2}\nset: {input: 10 ** (6 * $n)}"), [0, 1])
    assert found == [({}, (3, 10**6, 10**6)), why]


def test_derived_values_and_conditions() -> None:
    of = space(
        "space: {w: 1..3, groups: 1..2}\nlet: {wide: 16 * $w}\n"
        "set: {base_width: $wide + $groups}\nwhere: [$wide < 48, $w != 1]"
    )
    assert by_row(of, list(range(6))) == [
        *["`$w != 1` is false"] * 2,
        *[({"groups": groups, "base_width": 32 + groups}, None) for groups in (1, 2)],
        *["`$wide < 48` is false"] * 2,
    ]


def test_conditions_without_derived_values_come_first() -> None:
    """So that a derived value need not exist where its own condition is false."""
    of = space("space: {w: 0..2}\nlet: {x: 64 // $w}\nset: {base_width: $x}\nwhere: $w > 0")
    found = by_row(of, [0, 1, 2])
    assert found == [
        "`$w > 0` is false",
        ({"base_width": 64}, None),
        ({"base_width": 32}, None),
    ]


def test_an_expression_without_a_value_leaves_its_rows_out() -> None:
    of = space("space: {w: 0..2}\nset: {base_width: 64 // $w}")
    found = by_row(of, [2, 0, 1])
    assert found == [
        ({"base_width": 32}, None),
        "`64 // $w` has no value",
        ({"base_width": 64}, None),
    ]


def test_a_value_of_another_kind_leaves_its_rows_out() -> None:
    """The first is of the right kind, so that the file is not refused as a whole."""
    of = space("space: {w: 1..3}\nset: {base_width: 64 // $w if $w != 2 else 64 / $w}")
    why = "`base_width` is of another kind than resnet50 takes"
    assert by_row(of, [0, 1, 2]) == [({"base_width": 64}, None), why, ({"base_width": 21}, None)]


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        ("-1..2", [-1, 0, 1, 2]),
        ("{range: 0..1, step: 0.25}", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("{range: 1.0..3.0, step: 1}", [1.0, 2.0, 3.0]),
        ("{range: 1_000..3_000, step: 1_000}", [1000, 2000, 3000]),
        ("{choice: [1, 0.5]}", [1.0, 0.5]),
        ("{choice: [3, 1]}", [3, 1]),
    ],
)
def test_numbers_are_whole_or_floats_as_they_are_written(entry: str, values: list[float]) -> None:
    of = space(f"space: {{x: {entry}}}\nset: {{width: 1.0 + $x * $x}}", "mobilenet_v2")
    [batch] = of.variants(np.arange(len(values)))
    found = batch.columns["x"].tolist()
    assert [(type(one), one) for one in found] == [(type(one), one) for one in values]
    assert (of.axes[0].first, type(of.axes[0].first)) == (values[0], type(values[0]))


def test_whole_numbers_and_floats_are_batches_of_their_own() -> None:
    """A parameter that takes any number gets 1 as written, and not 1.0."""
    of = space("space: {n: 1..4}\nset: {width: 1 if $n < 3 else 0.5 * $n}", "mobilenet_v2")
    assert len(of.variants(np.arange(4))) == 2
    widths = [row[0]["width"] for row in by_row(of, [0, 1, 2, 3])]
    assert [(type(width), width) for width in widths] == [
        (int, 1),
        (int, 1),
        (float, 1.5),
        (float, 2.0),
    ]


def test_the_largest_grid_has_2_to_the_63_points() -> None:
    text = "space: {{x: {{each: {n}, choice: [1, 2]}}}}\nset: {{groups: 'len($x)'}}"
    most = space(text.format(n=63))
    assert most.sample == Sample()
    [batch] = most.variants(np.array([0, 2**63 - 1]))
    assert [one.tolist() for one in batch.columns.values()] == [[1, 2]] * 63
    assert space(text.format(n=64)).sample == Sample("random", 10_000)


def test_numbers_too_large_for_a_column_are_tried_by_themselves() -> None:
    """2**61 * 2 has 63 bits, one more than a number may have; 2 * 2 has no fault."""
    of = space(f"space: {{w: {{choice: [2, {2**53}]}}}}\nset: {{base_width: $w * $w * 2048 // $w}}")
    assert by_row(of, [0, 1]) == [
        ({"base_width": 4096}, None),
        "`$w * $w * 2048 // $w` has no value",
    ]


def test_texts_truth_values_and_lists_are_batches_of_their_own() -> None:
    of = space(
        "space: {se: {choice: [false, true]}, groups: 1..3, shortcut: {choice: [A, B]},"
        " depths: {choice: [[1, 1, 1, 1], [3, 4, 6, 3]]}}"
    )
    batches = of.variants(np.arange(24))
    assert [len(batch.positions) for batch in batches] == [6] * 4
    for batch in batches:
        assert batch.variants is not None
        assert type(batch.variants.values["se"]) is bool
        assert type(batch.variants.values["groups"]) is Column
    lists = {tuple(batch.columns["depths"].tolist()) for batch in batches}
    assert lists == {("[1, 1, 1, 1]", "[3, 4, 6, 3]") * 3}
    assert all(
        type(batch.variants.values["depths"][0]) is Column for batch in batches if batch.variants
    )


EACH = (
    "space: {stages: [1..2, 1..2], kernels: {each: 4, choice: [3, 5], when: '$index % 2 <"
    " $stages[$index // 2]'}}\nset: {base_width: 'sum($kernels)'}"
)


def test_no_rows_are_no_variants() -> None:
    assert space(EACH).variants(np.array([], np.int64)) == []


@pytest.mark.parametrize("row", [-1, 64])
def test_a_row_that_the_sample_does_not_have(row: int) -> None:
    with pytest.raises(IndexError, match="beyond the 64"):
        space(EACH).variants(np.array([3, row]))


def test_a_grid_has_each_variant_once() -> None:
    """Of 2 stages of 1 or 2 blocks with 2 kernels: (2 + 4) * (2 + 4) variants of 4 * 16 rows."""
    of = space(EACH)
    batches = of.variants(np.arange(64))
    kept = [batch for batch in batches if batch.variants]
    assert sum(len(batch.positions) for batch in kept) == 36
    rows = {
        row
        for batch in kept
        for row in zip(*(c.tolist() for c in batch.columns.values()), strict=True)
    }
    assert len(rows) == 36
    [again] = [batch for batch in batches if not batch.variants]
    assert again.fault == ("repeat", "another row of the grid is this variant")


def test_a_random_point_has_first_values_where_when_is_false() -> None:
    of = space(EACH).sampled(Sample("random", 64, 1))
    [batch] = of.variants(np.arange(64))
    columns = batch.columns
    assert (columns["kernels.1"][columns["stages.0"] == 1] == 3).all()
    assert (columns["kernels.1"][columns["stages.0"] == 2] == 5).any()
    assert not of.distinct


@pytest.mark.parametrize(
    ("sample", "distinct"),
    [(Sample(), True), (Sample("random", 6), True), (Sample("sobol", 6), False)],
)
def test_which_samples_have_no_repeats(sample: Sample, distinct: bool) -> None:
    of = space("space: {groups: 1..2, base_width: 1..3}").sampled(sample)
    assert of.distinct is distinct
    assert of.count == 6


def test_a_continuous_range_has_no_size() -> None:
    of = space("space: {width: 0.5..2.0}", "mobilenet_v2")
    assert (of.size(), of.count, of.sample) == (None, 10_000, Sample("random", 10_000))
    with pytest.raises(ProblemError, match="--sample: error: `width` is a continuous range"):
        of.sampled(Sample())


MIXED = (
    "space: {depths: [1..3, 2, 1..3, 1..2], w: {range: 8..64, step: 8}, f: 0.5..4.0,"
    " se: {choice: [true, false]}}\n"
    "let: {wide: 'make_divisible($w * $f, 8)', half: '$wide // 2 if $se else $wide'}\n"
    "set: {base_width: $half, input: '32 * max($depths)'}\n"
    "where: [sum($depths) < 9, 'sqrt($w - 8) * $f > 3']"
)


@cache
def mixed(method: str) -> tuple[Space, list[Any]]:
    """A space with everything, and its rows together."""
    of = space(MIXED).sampled(Sample(method, 200, 5))
    return of, by_row(of, list(range(200)))


@pytest.mark.parametrize("method", ["random", "sobol"])
@given(rows=st.lists(st.integers(0, 199), max_size=12))
def test_a_row_is_the_same_among_others(method: str, rows: list[int]) -> None:
    of, whole = mixed(method)
    assert by_row(of, rows) == [whole[row] for row in rows]
    assert by_row(of, rows[:1]) == [whole[row] for row in rows[:1]]


def test_columns_are_the_values_of_the_parameters() -> None:
    of = space(MIXED).sampled(Sample("random", 50, 5))
    assert of.columns == ("depths.0", "depths.1", "depths.2", "depths.3", "w", "f", "se")
    for batch in of.variants(np.arange(50)):
        assert tuple(batch.columns) == of.columns
        assert [one.dtype.kind for one in batch.columns.values()] == list("iiiiifb")
        assert (batch.columns["depths.1"] == 2).all()
        assert {len(one) for one in batch.columns.values()} == {len(batch.positions)}


def test_a_hash_is_of_the_texts_and_the_sample() -> None:
    one = space("space: {groups: 1..2}")
    assert one.hash == space("space: {groups: 1..2}").hash
    others = [
        space("space: {groups: 1..3}"),
        space("space: {groups: 1..2}", "resnet18"),
        one.sampled(Sample("random", 2)),
        one.sampled(Sample("random", 2, 1)),
    ]
    assert len({one.hash, *(other.hash for other in others)}) == 5
