"""The values that a term may have: its own, one that another claim states, and what is kept."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archprof.commands.lecture.claims.document import (
    Constant,
    Lecture,
    Quantity,
    Selection,
    Subject,
    without_marks,
)
from archprof.commands.lecture.claims.figures import parse_figure
from archprof.commands.lecture.deciding.explanation import SolverMove, SolverStep
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.space import KEPT, SearchSpace
from archprof.problem import Mark

HERE = Mark("test")
FIGURE = parse_figure("9K")
OWN = SolverStep((), Fraction(1), False, 0)


@pytest.fixture
def subjects() -> Subjects:
    return Subjects(Lecture(Path("test"), "test", "", "test", "", "", False, {}))


def layers(path: str) -> Quantity:
    """Return how many layers a path of AlexNet has: 1, which everybody counts alike."""
    return Quantity("layers", Subject("alexnet", HERE), Selection((path,)), HERE)


def test_a_number_is_what_it_is(subjects: Subjects) -> None:
    assert FIGURE is not None
    steps = SearchSpace(subjects, "network", 4).steps(Constant(FIGURE))
    assert steps == [SolverStep((), Fraction(9000), False, 0)]


def test_a_figure_that_is_stated_elsewhere_costs_nothing(subjects: Subjects) -> None:
    """It is a slip, and so not tried where slips are not."""
    assert FIGURE is not None
    stated = {without_marks(layers("conv1")): ("A-1", FIGURE)}
    move = SolverMove("with the 9K that {} states", 0, "stated", False, ("A-1",))
    space = SearchSpace(subjects, "network", 4, stated=stated)
    assert space.steps(layers("conv1")) == [SolverStep((move,), Fraction(9000), False, 0), OWN]
    assert space.steps(layers("conv2")) == [OWN]
    assert space._replace(slips=False).steps(layers("conv1")) == [OWN]


def test_the_latest_steps_are_kept(subjects: Subjects) -> None:
    space = SearchSpace(subjects, "network", 4)
    paths = [row.node.path for row in subjects.analysis(Subject("alexnet", HERE)).layers]
    for number, path in enumerate(paths[: KEPT + 1], 1):
        space.steps(layers(path))
        assert len(subjects.reached) == (number if number <= 16 else 1)
