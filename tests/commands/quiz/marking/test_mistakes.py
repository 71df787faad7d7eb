"""What a wrong answer comes from: slips on top of carried mistakes, and the axes that are wrong.

VGG-16 up to features.10: a convolution of 3x3 with padding 1 keeps the size, each pool halves it:
224, 112 after features.4, 56 after features.9.
"""

from __future__ import annotations

import pytest

from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import Cell, Quiz, QuizRequest
from archprof.commands.quiz.marking.grading import Graded, grade
from archprof.commands.quiz.marking.mistakes import working
from archprof.commands.quiz.marking.scheme import CARRIED, RIGHT, WRONG
from archprof.commands.quiz.writing.marks_tables import marks_table
from tests.commands.quiz.marking.test_grading import at, key, mark


@pytest.fixture(scope="module")
def vgg() -> Quiz:
    made = make(QuizRequest("vgg16", 5, 1, ("output",), first="features.5", last="features.12"))
    labels = [made.rows[row].label for row, _ in made.blanks]
    assert labels == ["features.5", "features.7", "features.9", "features.10", "features.12"]
    return made


def answered(quiz: Quiz, **shapes: str) -> Graded:
    """The key with other outputs: f9="128x55x55"."""
    changed: dict[Cell, str] = {
        at(quiz, label.replace("f", "features."), "output"): text for label, text in shapes.items()
    }
    return grade(quiz, key(quiz) | changed)


def test_a_slip_on_top_of_a_carried_mistake(vgg: Quiz) -> None:
    """The pool's (112 - 2)/2 is 55, and features.10 without padding 55 - 3 + 1 = 53."""
    graded = answered(vgg, f9="128x55x55", f10="256x53x53", f12="256x53x53")
    assert mark(graded, "features.9", "Output").why.startswith("likely without the + 1; ")
    second = mark(graded, "features.10", "Output")
    assert (second.word, second.origin) == (WRONG, "features.10 Output")
    assert second.why == (
        "likely with padding 0, from your 128x55x55; floor((56 + 2*1 - 3)/1) + 1 = 56"
    )
    assert second.slip == "with padding 0"
    assert mark(graded, "features.12", "Output").word == CARRIED


def test_the_same_slip_in_every_row(vgg: Quiz) -> None:
    """112 - 2 = 110, 110 - 2 = 108, 108/2 = 54, 54 - 2 = 52, 52 - 2 = 50."""
    graded = answered(
        vgg,
        f5="128x110x110",
        f7="128x108x108",
        f9="128x54x54",
        f10="256x52x52",
        f12="256x50x50",
    )
    slips = [m.slip for m in graded.marks]
    assert slips == ["with padding 0", "with padding 0", "", "with padding 0", "with padding 0"]
    assert [m.word for m in graded.marks].count(CARRIED) == 1
    notes = dict(marks_table(graded).notes)
    assert notes["repeated"] == "with padding 0, in 4 answers"
    assert notes["mistakes"].startswith("4 entered: ")


def test_a_slip_in_one_row_is_not_repeated(vgg: Quiz) -> None:
    graded = answered(vgg, f9="128x55x55", f10="256x53x53", f12="256x53x53")
    assert "repeated" not in dict(marks_table(graded).notes)


def test_wrong_channels_on_a_carried_size(vgg: Quiz) -> None:
    """The size follows from the student's own 55x55, so that only the channels are wrong."""
    graded = answered(vgg, f9="128x55x55", f10="128x55x55", f12="256x55x55")
    assert mark(graded, "features.10", "Output").why == (
        "likely with the channels of its input, from your 128x55x55; channels = out = 256"
    )


@pytest.mark.parametrize(
    ("label", "answer", "why"),
    [
        ("f10", "64x56x56", "channels = out = 256"),
        ("f9", "64x56x56", "channels = C = 128"),
        ("f10", "112x112", "the channels are missing; channels = out = 256, {size}"),
        ("f10", "56x56", "the channels are missing; channels = out = 256"),
        ("f10", "256x41x41", "{size}"),
        ("f10", "256x41x56", "{size}"),
        ("f10", "77", "no shape such as 96x55x55; {size}"),
        ("f10", "abc", "no shape such as 96x55x55; {size}"),
    ],
)
def test_the_working_of_what_is_wrong(vgg: Quiz, label: str, answer: str, why: str) -> None:
    found = mark(answered(vgg, **{label: answer}), label.replace("f", "features."), "Output")
    assert found.word == WRONG
    assert found.why == why.format(size="floor((56 + 2*1 - 3)/1) + 1 = 56")


def test_a_norm_has_the_channels_of_its_input() -> None:
    made = make(QuizRequest("alexnet", 3, 1, ("output",), last="norm1"))
    graded = grade(made, key(made) | {at(made, "norm1", "output"): "64x27x27"})
    assert mark(graded, "norm1", "Output").why == "channels = its input's = 96"


def test_a_key_shows_the_size_alone(vgg: Quiz) -> None:
    assert working(vgg, at(vgg, "features.10", "output")) == "floor((56 + 2*1 - 3)/1) + 1 = 56"
    assert {m.word for m in grade(vgg, key(vgg)).marks} == {RIGHT}
