"""How far a step moves weights, and what clipping leaves of gradients."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from archprof.commands.lecture.running.updates import adaptively_clipped
from archprof.problem import ProblemError
from tests.commands.lecture.running.outcomes import outcome_of

NONE = "  none: {spec: {input: 3, layers: {l: {op: linear, out: 1}}}}"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("h*G/W", "equal"),  # ‖hG‖/‖W‖
        ("G/W", "proportional"),  # by h
        ("W/G", "inversely proportional"),
        ("W/(h*G)", "inversely proportional"),
        ("G*W", "different"),
        ("h*G", "different"),
        ("h*G/W + 1/1000000", "different"),
        ("0*G", "different"),
    ],
)
def test_moves(tmp_path: Path, formula: str, expected: str) -> None:
    assert outcome_of(NONE, tmp_path, run="moves", formula=formula) == expected


@pytest.mark.parametrize(
    ("rule", "formula", "expected"),
    [
        ("norm", "G*min(1, limit/norm)", "equal"),
        ("norm", "G*limit/max(limit, norm)", "equal"),
        ("norm", "limit*G/norm", "different"),  # what is smaller is left as it is
        ("norm", "min(G, limit)", "different"),  # by element
        ("norm", "G*min(1, norm/limit)", "different"),
        ("norm", "G", "different"),
        ("adaptive", "G*min(1, limit*weight/norm)", "equal"),
        ("adaptive", "G*min(1, limit*norm/weight)", "different"),
        ("adaptive", "G*min(1, limit/norm)", "different"),  # without the weights
    ],
)
def test_clips(tmp_path: Path, rule: str, formula: str, expected: str) -> None:
    assert outcome_of(NONE, tmp_path, run="clips", rule=rule, formula=formula) == expected


def test_units_are_clipped_apart() -> None:
    """Norms 5 and 13 of the gradient beside 1 and 10 of the weights: ratios 5 and 1.3. At 2 the
    first becomes 2/5 of itself; a unit of zeros counts as 0.001, and becomes 0.002/5 of itself.
    """
    weight = torch.tensor([[0.6, 0.8], [6.0, 8.0], [0.0, 0.0]])
    gradient = torch.tensor([[3.0, 4.0], [5.0, 12.0], [3.0, 4.0]])
    expected = torch.tensor([[1.2, 1.6], [5.0, 12.0], [0.0012, 0.0016]])
    assert torch.allclose(adaptively_clipped(weight, gradient, 2), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"run": "moves", "formula": "h*g/W"}, "the letter g stands for nothing"),
        (
            {"run": "clips", "rule": "norm", "formula": "G*limit*weight/norm"},
            "the letter weight stands for nothing",
        ),
        ({"run": "clips", "rule": "value", "formula": "G"}, "`rule` is 'value'"),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        outcome_of(NONE, tmp_path, **arguments)
