"""Tapes as text: what is read is what was written."""

from __future__ import annotations

import json
import math

from hypothesis import given, settings

from archprof.capturing.tape import Operation, Tape, Tensor, TensorRef
from archprof.capturing.tape_reader import tape_of
from archprof.capturing.tape_writer import VERSION, tape_text
from tests.tapes import recorded, recorded_text, tapes


@settings(max_examples=40)
@given(tapes())
def test_text_and_tape_are_one(tape: Tape) -> None:
    text = tape_text(tape)
    read = tape_of(text.encode(), "net.tape.json")
    assert read == tape
    assert tape_text(read) == text


def test_a_captured_network_with_training_beside() -> None:
    text = recorded_text()
    read = tape_of(text.encode(), "net.tape.json")
    assert read.training is not None
    assert read == recorded()
    assert tape_text(read) == text


def test_dropout_is_on_the_tape_of_training_only() -> None:
    """nn.Dropout in evaluation runs no operator that matters, in training it makes a mask."""
    tape = recorded()
    assert tape.training is not None
    dropouts = [o for o in tape.training.operations if o.operator == "aten.dropout.default"]
    assert [o.arguments["train"] for o in dropouts] == [True]


def test_infinities_are_texts() -> None:
    numbers = [math.inf, -math.inf, 1.5]
    operation = Operation("aten.full.default", {"of": numbers, "v": TensorRef(0)}, (0,), -1, "f", 1)
    tape = Tape("n", "h", {}, (0,), (Tensor((1,), "float32", (1,), 0),), {}, (), (operation,))
    text = tape_text(tape)
    assert json.loads(text, parse_constant=lambda _: 1 / 0)["operations"][0][1]["of"] == [
        {"number": "inf"},
        {"number": "-inf"},
        1.5,
    ]
    assert tape_of(text.encode(), "f").operations[0] == operation


def test_the_lines_are_for_people_and_diff() -> None:
    """One line for each tensor, weight, module call and operation, of both tapes."""
    tape, text = recorded(), recorded_text()
    assert tape.training is not None
    lists = [
        len(part)
        for one in (tape, tape.training)
        for part in (one.tensors, one.weights, one.modules, one.operations)
    ]
    # two braces, nine lines of the head, an opening and a closing line for each of four lists
    assert len(text.splitlines()) == sum(lists) + 2 * (2 + 9 + 4 * 2)
    assert text.endswith("}\n")
    assert json.loads(text)["archprof_tape"] == VERSION
