"""Sequences: the parts of a split that exporters pass on one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capturing.onnx.models import model, node, numbers, operators, output_of, read

ROWS = {"x": [1, 6, 4]}


def test_the_parts_of_a_split_are_taken_one_by_one(tmp_path: Path) -> None:
    nodes = [
        node("SplitToSequence", "x sizes", "parts", axis=1),
        node("SequenceAt", "parts last", "b"),
        node("SequenceAt", "parts first", "a"),
        node("Concat", "a b", "y", axis=1),
    ]
    constants = [numbers("sizes", [1, 2, 3]), numbers("last", -1), numbers("first", 0)]
    tape = read(tmp_path, model(nodes, ROWS, weights=constants))
    assert operators(tape) == ["split_with_sizes", "cat"]
    assert output_of(tape) == (1, 1 + 3, 4)


@pytest.mark.parametrize(("size", "sizes"), [(4, [4, 2]), (3, [3, 3])])
def test_parts_of_one_size_and_a_rest(tmp_path: Path, size: int, sizes: list[int]) -> None:
    nodes = [
        node("SplitToSequence", "x size", "parts", axis=1),
        node("ConcatFromSequence", "parts", "y", axis=2),
    ]
    tape = read(tmp_path, model(nodes, {"x": [1, 6, 6]}, weights=[numbers("size", size)]))
    assert tape.operations[0].arguments["split_sizes"] == sizes


def test_single_rows(tmp_path: Path) -> None:
    """As torch's unbind is written; and back by a new dimension."""
    nodes = [
        node("SplitToSequence", "x", "rows", axis=1, keepdims=0),
        node("ConcatFromSequence", "rows", "y", axis=1, new_axis=1),
    ]
    tape = read(tmp_path, model(nodes, ROWS))
    assert operators(tape) == ["select"] * 6 + ["stack"]
    assert output_of(tape) == (1, 6, 4)


def test_a_sequence_that_is_put_together(tmp_path: Path) -> None:
    nodes = [
        node("SequenceConstruct", "x z", "both"),
        node("ConcatFromSequence", "both", "y", axis=-1),
    ]
    tape = read(tmp_path, model(nodes, {"x": [1, 2], "z": [1, 5]}))
    assert (operators(tape), output_of(tape)) == (["cat"], (1, 7))


@pytest.mark.parametrize("place", [7, -8])
def test_a_place_that_the_sequence_has_not_ends_the_network(tmp_path: Path, place: int) -> None:
    nodes = [
        node("SequenceConstruct", "x z", "both"),
        node("SequenceAt", "both place", "y"),
    ]
    made = model(nodes, {"x": [1, 2], "z": [1, 5]}, weights=[numbers("place", place)])
    assert read(tmp_path, made).stopped is not None
