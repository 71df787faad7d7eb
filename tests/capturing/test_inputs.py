"""Inputs as they are written after --input."""

from __future__ import annotations

import pytest

from archprof.capturing.inputs import MAX_INPUTS, InputSpec, input_specs
from archprof.problem import ProblemError


@pytest.mark.parametrize(
    ("text", "name", "shape", "dtype"),
    [
        ("3x224x224", "", (3, 224, 224), ""),
        ("image=3x8x8", "image", (3, 8, 8), ""),
        (" image = 3x8x8", "image", (3, 8, 8), ""),
        ("input.1=3x8x8", "input.1", (3, 8, 8), ""),
        ("gpu_0/data_0=3x8x8", "gpu_0/data_0", (3, 8, 8), ""),
        ("ids=77:int64", "ids", (77,), "int64"),
        ("77:bool", "", (77,), "bool"),
        ("16x3x8x8", "", (16, 3, 8, 8), ""),
    ],
)
def test_an_input(text: str, name: str, shape: tuple[int, ...], dtype: str) -> None:
    assert input_specs([text]) == (InputSpec(name, shape, dtype),)


@pytest.mark.parametrize(
    "text",
    ["", "x", "3x", "-3x2x2", "3x0x2", "a b=3", "=3x2x2", "1=3", "a=b=3", "3x224x224x1x1", "\0=3"],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ProblemError) as error:
        input_specs([text])
    assert "without" not in str(error.value)
    assert "--input" in str(error.value)
    assert "NAME=3x224x224" in str(error.value)


def test_the_nearest_dtype_is_named() -> None:
    with pytest.raises(ProblemError, match="no dtype `int46`") as error:
        input_specs(["ids=77:int46"])
    assert "did you mean `int64`?" in str(error.value)


def test_inputs_are_bounded() -> None:
    assert len(input_specs(["3"] * MAX_INPUTS)) == MAX_INPUTS
    with pytest.raises(ProblemError, match=f"at most {MAX_INPUTS}"):
        input_specs(["3"] * (MAX_INPUTS + 1))
