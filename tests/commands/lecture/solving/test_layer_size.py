"""Which input or padding gives a layer the size that a lecture states."""

from fractions import Fraction
from pathlib import Path

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
