"""Every unit of every layer: a size that no unit has is found, and what is not followed is
named.
"""

from __future__ import annotations

import pytest

from archprof.analysis.field import Field
from archprof.commands.verify import unit_witness
from archprof.commands.verify.oracle import verify
from archprof.commands.verify.unit_witness import receptive_fields
from archprof.commands.verify.verification import Check
from tests.small import graph_of

OVERLAPPING = {"pool": "op: adaptive_avg_pool2d, size: 7", "conv": "op: conv2d, out: 1, kernel: 3"}
UPSAMPLED = {
    "a": "op: conv2d, out: 1, kernel: 4, stride: 2, dilation: 2",
    "b": "op: conv2d, out: 1, kernel: 4, stride: 3, dilation: 2",
    "up": "op: interpolate, factor: 3",
    "c": "op: conv2d, out: 1, kernel: 2",
}


def test_the_widest_unit_of_every_layer() -> None:
    checks, notes = receptive_fields(graph_of(OVERLAPPING, (1, 8, 8)))
    # windows [i, i + 1] of 8 pixels; three of them, one pixel apart, span 4
    assert [(c.path, c.quantity, c.ours, c.theirs) for c in checks] == [
        ("pool", "field height", 2, 2),
        ("pool", "field width", 2, 2),
        ("conv", "field height", 4, 4),
        ("conv", "field width", 4, 4),
        ("", "receptive_field", (4, 4), (4, 4)),
    ]
    assert not notes


# 1 + 3*2 = 7, 7 + 3*2*2 = 19
@pytest.mark.parametrize(("layers", "side", "size"), [(OVERLAPPING, 8, 4), (UPSAMPLED, 21, 19)])
def test_a_phase_that_no_unit_has_is_found(
    monkeypatch: pytest.MonkeyPatch, layers: dict[str, str], side: int, size: int
) -> None:
    graph = graph_of(layers, (1, side, side))
    assert verify(graph).layers[""]["gradient", "receptive_field"] == Check(
        "gradient", "receptive_field", "", (size, size), (size, size)
    )
    monkeypatch.setattr(
        Field,
        "size",
        property(lambda field: 1 + max(last - first + 1 for first, last in field.phases)),
    )
    blamed = {(check.witness, check.path) for check in verify(graph).differing}
    assert ("unit by unit", list(layers)[-1]) in blamed
    assert ("unit by unit", "") in blamed


def test_what_is_not_followed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = {
        "a": "op: conv2d, out: 4, kernel: 3",
        "b": "op: conv2d, out: 4, kernel: 3",
        "c": "op: conv2d, out: 4, kernel: 3",
    }
    # one layer of 8 units, three reads each, along both axes
    monkeypatch.setattr(unit_witness, "MAX_READS", 2 * 3 * 8)
    checks, notes = receptive_fields(graph_of(layers, (1, 10, 10)))
    assert {check.path for check in checks} == {"a"}
    assert notes == [
        "receptive field: b and 1 more are not followed unit by unit, more than 48 reads"
    ]


def test_what_has_no_regular_answer_is_named() -> None:
    layers = {
        "a": "op: conv2d, out: 4, kernel: 3",
        "r": "op: roll, shifts: [1], dims: [1]",
        "b": "op: relu",
    }
    checks, notes = receptive_fields(graph_of(layers, (1, 10, 10)))
    assert {check.path for check in checks} == {"a", ""}
    assert notes == [
        "receptive field: r and 1 more are not known, what it reads has no regular answer"
    ]


def test_merges_and_tokens_are_followed() -> None:
    layers = {
        "a": "op: conv2d, out: 4, kernel: 5, padding: 2",
        "b": "op: conv2d, out: 4, kernel: 3, padding: 1, from: input",
        "sum": "op: add, from: [b, a]",
        "tokens": "op: flatten, start: 1",
        "turned": "op: permute, order: [1, 0]",
    }
    checks, _ = receptive_fields(graph_of(layers, (4, 9, 9)))
    assert {check.path: check.theirs for check in checks if check.quantity == "field height"} == {
        "a": 5,
        "b": 3,
        "sum": 5,
        "tokens": 5,
        "turned": 5,
    }


def test_what_lies_beyond_an_upsampling_is_not_there() -> None:
    """One pixel, doubled bilinearly, is two copies of it; three in a row see one pixel more on
    either side of the middle.
    """
    checks, _ = receptive_fields(
        graph_of({"up": "op: interpolate, factor: 2, mode: bilinear"}, (1, 1, 1))
    )
    assert [(check.ours, check.theirs) for check in checks] == [(1, 1), (1, 1), ((1, 1), (1, 1))]
