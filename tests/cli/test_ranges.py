"""Lists and ranges on the command line, and what is no such thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.cli.ranges import inputs, names, numbers
from archprof.problem import ProblemError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", [1]),
        ("1,8,32", [1, 8, 32]),
        ("32,1,32", [32, 1]),
        ("1..256", [1, 2, 4, 8, 16, 32, 64, 128, 256]),
        ("3..20", [3, 6, 12]),
        ("160..320/32", [160, 192, 224, 256, 288, 320]),
        ("160..170/32", [160]),
        ("1..4,224 , 7", [1, 2, 4, 224, 7]),
        ("5..5", [5]),
        ("1..1000000", [2**i for i in range(20)]),
    ],
)
def test_numbers(text: str, found: list[int]) -> None:
    assert numbers(text, "--batch") == found


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(20, 100))
def test_a_range_by_steps_is_pythons(first: int, length: int, step: int) -> None:
    assert numbers(f"{first}..{first + length}/{step}", "--input") == list(
        range(first, first + length + 1, step)
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1,",
        "1..",
        "..8",
        "8..1",
        "0",
        "0..4",
        "-1",
        "1.5",
        "1e3",
        "1..8/0",
        "1..2000000",
        "99999999",
        "1...4",
        "1-8",
        "1_0",
        "1..1000/1",
        "3x224x224",
        "\x1b[31m",
        "1" * 10_000,
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ProblemError) as error:
        numbers(text, "--batch")
    (problem,) = error.value.problems
    assert (str(problem.mark), problem.rule) == ("--batch", "option")
    assert problem.hint
    assert "\x1b" not in str(problem)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3x224x224", [(3, 224, 224)]),
        ("3x224x224, 3x384x384", [(3, 224, 224), (3, 384, 384)]),
        ("160,224", [(160,), (224,)]),
        ("160..224/32", [(160,), (192,), (224,)]),
        ("3x8x8,64,3x8x8,64", [(3, 8, 8), (64,)]),
        ("300x448", [(300, 448)]),
    ],
)
def test_inputs(text: str, found: list[tuple[int, ...]]) -> None:
    assert inputs(text, "--input") == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "big",
        "3x",
        "3x0x8",
        "3x224x224,",
        "3x8x8..64",
        "-1",
        "0",
        "1..2000000",
        "1..1000/1",
        "x" * 10_000,
    ],
)
def test_what_is_no_input(text: str) -> None:
    with pytest.raises(ProblemError) as error:
        inputs(text, "--input")
    (problem,) = error.value.problems
    assert (str(problem.mark), problem.rule) == ("--input", "option")
    assert problem.hint


def test_names() -> None:
    assert names("tf32, float32,tf32", "--dtype", ("float32", "tf32")) == ["tf32", "float32"]
    with pytest.raises(ProblemError, match="did you mean `float32`"):
        names("tf32,flot32", "--dtype", ("float32", "tf32"))
    with pytest.raises(ProblemError, match="float32, tf32"):
        names("double", "--dtype", ("float32", "tf32"))
