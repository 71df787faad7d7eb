"""Which input or padding gives a layer the size that a lecture states."""

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import Lecture, Quantity, Selection, Subject
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.explanation import Explanation, SolverMove
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.layer_size import solve_size
from archprof.problem import Mark

HERE = Mark("test")


def conv1_at_224(name: str) -> Quantity:
    subject = Subject("alexnet", HERE, (3, 224, 224))
    return Quantity(name, subject, Selection(paths=("conv1",)), HERE)


def test_55_at_224_without_padding_is_227_or_padding_2() -> None:
    subjects = Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))
    term = conv1_at_224("height")
    assert evaluate(subjects, term) == 54  # floor((224 - 11)/4) + 1
    # (224 + 4 - 11)/4 + 1 = 55.25
    assert [str(a) for a in solve_size(subjects, term, Fraction(55))][:2] == [
        "at an input of 227x227",
        "with padding 2",
    ]
    whole = conv1_at_224("shape")
    for size, value in ((term, Fraction(55)), (whole, (96, 55, 55))):
        padded = [a for a in solve_size(subjects, size, value) if a.texts == ("with padding 2",)]
        move = SolverMove("with padding 2", 1, "slip", reading=False)
        assert padded == [Explanation((move,), value, 1)]


AT_227, AT_224 = "at an input of 227x227", "at an input of 224x224"


@pytest.mark.parametrize(
    ("layer", "quantity", "input", "stated", "found"),
    [
        # floor((224 + 2*P - 11)/4) + 1 is 54, 54, 55 and 55
        ("conv1", "height", (3, 224, 224), 55, [AT_227, "with padding 2", "with padding 3"]),
        ("conv1", "height", None, 54, [AT_224]),
        # the height is 54 already, and the width 55
        ("conv1", "width", (3, 224, 227), 54, [AT_224]),
        # 27 with the padding of 2 that it has, 23 and 29 with 0 and 3; windows of 5
        ("conv2", "shape", None, (256, 23, 23), ["with padding 0"]),
        ("conv2", "shape", None, (256, 29, 29), ["with padding 3"]),
        ("conv2", "shape", None, (256, 31, 31), []),
        # (54 - 3)/2 is 25.5, and 26.5 with padding 1
        (
            "pool1",
            "shape",
            (3, 224, 224),
            (96, 27, 27),
            [AT_227, "with padding 1", "rounded up, not down"],
        ),
    ],
)
def test_everything_that_gives_a_size(
    layer: str,
    quantity: str,
    input: tuple[int, ...] | None,
    stated: int | tuple[int, ...],
    found: list[str],
) -> None:
    subjects = Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))
    term = Quantity(quantity, Subject("alexnet", HERE, input), Selection((layer,)), HERE)
    value = stated if isinstance(stated, tuple) else Fraction(stated)
    answers = solve_size(subjects, term, value)
    assert [(str(one), one.cost, one.reading) for one in answers] == [
        (text, 1, False) for text in found
    ]
