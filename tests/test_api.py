"""The library's front door: what `load` takes as an input."""

from __future__ import annotations

from typing import Any

import pytest

import archprof
from archprof.problem import ProblemError


@pytest.mark.parametrize("given", ["3x96x96", [3, 96, 96], (3, 96, 96)])
def test_an_input_in_every_form(given: Any) -> None:
    net = archprof.load("resnet18", input=given)
    assert net.graph.input == (3, 96, 96)
    # conv1 at 48x48: 7*7*3*64*48*48
    assert net.analyze().layers[0].macs == 7 * 7 * 3 * 64 * 48 * 48


def test_none_is_the_specs_own() -> None:
    assert archprof.load("resnet18").graph.input == (3, 224, 224)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "3x96xx96",
        "batch",
        [],
        [3, 0, 96],
        (3, "96", 96),
        [3, 96.0, 96],
        2.5,
        True,
        [1, 2, 3, 4, 5],
        {"c": 3},
        10**7,
    ],
)
def test_what_is_no_shape_is_a_problem(given: Any) -> None:
    with pytest.raises(ProblemError) as error:
        archprof.load("resnet18", input=given)
    (problem,) = error.value.problems
    assert problem.message.startswith("`input` is ")
    assert problem.message.endswith(", expected 1 to 4 whole numbers from 1 to 1,000,000")
    assert problem.hint
