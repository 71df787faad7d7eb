"""Limits: the environment raises them, a configuration only lowers."""

from __future__ import annotations

import pytest

from archprof.limits import Limits, usual
from archprof.problem import ProblemError


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", Limits()),
        ("seconds=60", Limits(seconds=60)),
        ("megabytes=0.5", Limits(megabytes=0.5)),
        (" layers = 1_000_000 , items=5,", Limits(layers=1_000_000, items=5)),
        ("seconds=1e3", Limits(seconds=1000)),
    ],
)
def test_the_environment_raises_limits(
    monkeypatch: pytest.MonkeyPatch, given: str, expected: Limits
) -> None:
    monkeypatch.setenv("ARCHPROF_LIMITS", given)
    assert usual() == expected


@pytest.mark.parametrize(
    "given",
    [
        "layers",
        "layers=",
        "layers=-1",
        "layers=0",
        "layers=nan",
        "seconds=inf",
        "second=3",
        "layers=many",
        "=3",
    ],
)
def test_what_is_no_limit(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("ARCHPROF_LIMITS", given)
    with pytest.raises(
        ProblemError,
        match=r"(?s)expected NAME=NUMBER .*there are seconds, megabytes, layers, edges, items",
    ):
        usual()


def test_a_configuration_only_lowers() -> None:
    assert Limits(layers=100).lowered(layers=1000, seconds=1, edges=None) == Limits(
        layers=100, seconds=1
    )
