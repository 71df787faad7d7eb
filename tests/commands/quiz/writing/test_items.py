"""Exercises as items of a learning platform: numbers with their tolerance, texts, options."""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.quiz.making.making import quiz_of
from archprof.commands.quiz.making.quiz import Content, QuizRequest
from archprof.commands.quiz.questions.asking import question_sheet
from archprof.commands.quiz.writing.items import ItemField, field_of, items
from tests.small import graph_of

Answers = tuple[Content, ...]


@pytest.mark.parametrize(
    ("column", "answers", "slips", "field"),
    [
        # a window of 3x3 is written 3, an output is not; a vector is its length
        ("kernel", ((3, 3),), (), ItemField("q", 3)),
        ("kernel", ((3, 5),), (), ItemField("q", texts=("3x5",))),
        ("output", ((7, 7),), (), ItemField("q", texts=("7x7",))),
        ("output", ((10,),), (), ItemField("q", 10)),
        # 5 in 1000 of what is rounded, from 1000 on: 999 has all its digits
        ("macs", (999,), (), ItemField("q", 999)),
        ("macs", (1000,), (), ItemField("q", 1000, 5)),
        ("macs", (12_345,), (), ItemField("q", 12_345, 61)),  # 12345*5/1000 = 61.7
        ("padding", (1000,), (), ItemField("q", 1000)),
        # one less than to the next slip, on either side; what is as right, or no number, is none
        ("macs", (1000,), (("1003", "a"),), ItemField("q", 1000, 2, slips=(("1003", "a"),))),
        ("macs", (1000,), (("998", "a"),), ItemField("q", 1000, 1, slips=(("998", "a"),))),
        ("macs", (1000,), (("2000", "a"),), ItemField("q", 1000, 5, slips=(("2000", "a"),))),
        ("macs", (1000,), (("1000", "a"), ("?", "b")), ItemField("q", 1000, 5)),
        # several that are as right are texts, a shape with its channels first or last
        ("padding", (1, 2), (), ItemField("q", texts=("1", "2"))),
        ("padding", ((1, 1), (2, 2)), (), ItemField("q", texts=("1x1", "2x2"))),
        (
            "output",
            ((8, 5, 4),),
            (("5x4x8", "a"), ("8x5x5", "b")),
            ItemField(
                "q",
                texts=("8x5x4", "5x4x8", "8×5×4", "5×4×8", "8 x 5 x 4", "5 x 4 x 8"),
                slips=(("8x5x5", "b"),),
            ),
        ),
        (
            "op",
            ("conv2d",),
            (("linear", "a"),),
            ItemField("q", texts=("conv2d",), slips=(("linear", "a"),)),
        ),
    ],
)
def test_fields(
    column: str, answers: Answers, slips: tuple[tuple[str, str], ...], field: ItemField
) -> None:
    assert field_of("q", column, answers, slips) == field


# conv: 3x9x9 to 4x5x5 by floor((9 + 2 - 3)/2) + 1; (3*3*3 + 1)*4 = 112 parameters, 3*3*3*4*5*5 =
# 2700 MACs; the total has them alone
LAYERS = {"conv": "op: conv2d, out: 4, kernel: 3, stride: 2, padding: 1", "relu": "op: relu"}


def test_a_table_is_one_item() -> None:
    request = QuizRequest("net", 3, 1, ("params", "macs", "memory"))
    quiz = quiz_of(analyze(graph_of(LAYERS, (3, 9, 9)), count="macs"), request)
    (item,) = items(quiz)
    assert {field.name: field for field in item.fields} == FIELDS
    assert item.working == tuple(f"{name}: {text}" for name, text in WORKINGS.items())
    assert item.table is not None
    assert (item.title, item.table.title) == ("small: fill in the 3 blanks", "")
    assert [label for label, _ in item.table.notes] == ["counted"]


FIELDS = {
    "conv Params": ItemField("conv Params", 112, slips=(("108", "likely counted without biases"),)),
    # 13.5 of 2700 is 5 per mille; two for each MAC, and one for each bias added: 2*2700 + 4*5*5
    "conv MACs": ItemField(
        "conv MACs",
        2700,
        13,
        slips=(
            ("5400", "likely counted 2 per MAC"),
            ("5500", "likely counted FLOPs of all arithmetic"),
        ),
    ),
    "conv Memory": ItemField(
        "conv Memory",
        400,
        slips=tuple(
            (str(100 * size), f"likely counted {size} byte{'s' if size > 1 else ''} per element")
            for size in (1, 2, 8)
        ),
    ),
}
WORKINGS = {
    "conv Params": "(3*3*3 + 1)*4 = 112",
    "conv MACs": "3*3*3*4*5*5 = 2,700",
    "conv Memory": "4*5*5 * 4 bytes = 400",
}


def test_settings_have_other_ways() -> None:
    """Of a window of 3 at stride 2 over 9 pixels, padded by 1; with 2 it gives 6, with 0 4."""
    request = QuizRequest("net", 1, 1, ("padding",))
    quiz = quiz_of(analyze(graph_of(LAYERS, (3, 9, 9)), count="macs"), request)
    ((field,),) = (item.fields for item in items(quiz))
    assert (field.number, field.texts) == (None, ("1x1", "1"))


def test_an_op_has_its_names() -> None:
    request = QuizRequest("net", 1, 1, ("op",))
    quiz = quiz_of(analyze(graph_of(LAYERS, (3, 9, 9)), count="macs"), request)
    ((field,),) = (item.fields for item in items(quiz))
    assert field.texts == ("conv2d", "conv", "convolution")


def test_questions_are_items() -> None:
    layers = {f"fc{i}": f"op: linear, out: {n}, bias: false" for i, n in enumerate((40, 2, 50, 2))}
    request = QuizRequest("net", 0, 1, ("most",), questions=3)
    sheet = question_sheet(analyze(graph_of(layers, (10,)), count="macs"), request)
    found = items(sheet)
    assert [item.title for item in found] == ["1 most", "2 most", "3 most"]
    by_text = {item.text: item.fields[0] for item in found}
    # 10*40, 40*2, 2*50 and 50*2 MACs; most outputs has fc2
    macs = by_text["Which of these layers has the most MACs?"]
    assert (macs.right_option, len(macs.options)) == (0, 4)
    assert macs.slips == (("fc2", "likely that has most bytes of output"),)
    assert by_text["Which of these layers has the most bytes of output?"].right_option == 2


def test_a_question_with_several_answers() -> None:
    """A window of 5 at stride 4 over 16 pixels gives 4 with a padding of 1 and of 2."""
    layers = {"a": "op: conv2d, out: 2, kernel: 5, stride: 4, padding: 1"}
    request = QuizRequest("net", 0, 1, ("padding",), questions=1)
    (item,) = items(question_sheet(analyze(graph_of(layers, (3, 16, 16)), count="macs"), request))
    assert item.fields == (ItemField("1 padding", texts=("1", "2")),)
