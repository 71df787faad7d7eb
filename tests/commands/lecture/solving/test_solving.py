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
    assert answer["value"] == 61_470
    # it has no norms
    assert answer["reproduces"] == "without biases, also weights of conv and fc alone"
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
    assert data["order"] == "CxHxW"
    plane = solved_data(solver.size("conv1=55x55"))
    assert (plane["exact"], plane["order"]) == ([54, 54], "HxW")
    assert [answer["value"] for answer in plane["answers"]] == [[55, 55]] * 3


def test_a_shape_in_the_order_of_the_slides() -> None:
    """The same as with channels first, and said so; 3 channels last are 3 channels."""
    solver = Solver("alexnet", (3, 224, 224))
    first, last = (solved_data(solver.size(f"conv1={text}")) for text in ("96x55x55", "55x55x96"))
    assert last["order"] == "HxWxC"
    assert (last["exact"], last["answers"]) == (first["exact"], first["answers"])
    holds = solver.size("conv1=54x54x96")
    assert (holds.holds, holds.order, holds.shape) == (True, "HxWxC", (96, 54, 54))
    neither = solver.size("conv1=7x8x9")
    assert (neither.answered, neither.order) == (False, "CxHxW and HxWxC")
    # a flat output has no order
    assert (solver.size("fc6=4096").holds, solver.size("fc6=4096").order) == (True, "")


def test_height_and_width_have_one_cause() -> None:
    """Of 54x54 no padding gives 55x57."""
    solver = Solver("alexnet", (3, 224, 224))
    assert not solver.size("conv1=55x57").answered
    assert solver.size("conv1=54x54").holds


def test_what_is_not_a_figure() -> None:
    with pytest.raises(ProblemError, match="`3,8G` is not a figure"):
        Solver("alexnet").figure("macs", "3,8G")
