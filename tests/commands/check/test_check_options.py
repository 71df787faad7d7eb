"""`--at`."""

from __future__ import annotations

import pytest

from archprof.commands.check.check_options import Conditions, parse_conditions
from archprof.problem import ProblemError


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("input=3x320x320,batch=8", Conditions((3, 320, 320), 8)),
        ("batch=8", Conditions(None, 8)),
        (" dtype = float16 , input = 3x1x1 ", Conditions((3, 1, 1), 1, "float16")),
    ],
)
def test_meant(text: str, meant: Conditions) -> None:
    assert parse_conditions(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "320",
        "input",
        "input=big",
        "input=3x0x3",
        "batch=0",
        "batch=-1",
        "batch=1.5",
        "batch=\u0663",
        "batch=" + "9" * 5000,
        "batch=1000001",
        "dtype=float8",
        "size=3",
        "batch=1,batch=2",
        "batch=1,,",
    ],
)
def test_mistakes(text: str) -> None:
    with pytest.raises(ProblemError, match=r"--at: error: "):
        parse_conditions(text)
