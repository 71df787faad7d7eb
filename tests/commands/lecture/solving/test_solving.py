"""The questions of `archprof solve`, from Python and as data."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.solving.solve_tables import solved_data
from archprof.commands.lecture.solving.solving import Solver
from archprof.problem import ProblemError


def test_a_figure_as_data() -> None:
    """lenet5_full has 61,706 parameters, 236 = 6 + 16 + 120 + 84 + 10 of them biases."""
    solved = Solver("lenet5_full").figure("params", "61,470")
    data = solved_data(solved)
    assert data["question"] == "params of lenet5_full: what is 61,470?"
    assert data["exact"] == 61_706
    [answer] = data["answers"]
    assert (answer["reproduces"], answer["value"]) == ("without biases", 61_470)
    assert answer["kind"] == "reading"
    assert 0 < answer["luck"] < 1 / 1000


def test_a_figure_that_holds() -> None:
    data = solved_data(Solver("lenet5_full").figure("params", "61,706"))
    assert data["answers"] == [{"reproduces": "exactly as asked", "value": 61_706, "kind": "holds"}]


def test_a_shape_as_data() -> None:
    """(224 - 11)/4 + 1 = 54.25, and (227 - 11)/4 + 1 = 55."""
    solver = Solver("alexnet", (3, 224, 224))
    data = solved_data(solver.size("conv1=96x55x55"))
    assert data["exact"] == [96, 54, 54]
    assert data["answers"][0] == {
        "reproduces": "at an input of 227x227",
        "value": [96, 55, 55],
        "kind": "likely slip",
    }
    data = solved_data(solver.size("conv1=55x55"))
    assert (data["exact"], data["answers"][0]["value"]) == (54, [55, 55])


def test_what_is_not_a_figure() -> None:
    with pytest.raises(ProblemError, match="`3,8G` is not a figure"):
        Solver("alexnet").figure("macs", "3,8G")
