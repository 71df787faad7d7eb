"""Dropout in both forms, and the weights of units that are killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.problem import ProblemError
from tests.commands.lecture.running.outcomes import outcome_of

NETWORKS = """
  inverted: {spec: {input: 16x4x4, layers: {d: {op: dropout, p: 0.2}}}}
  original: {spec: {input: 16x4x4, layers: {d: {op: dropout, p: 0.2},
    keep: {op: scale_by, factor: 0.8}}}}
  huge: {spec: {input: 3x9000x9000, layers: {d: {op: dropout}}}}
  mlp: {spec: {input: 12, layers: {fc1: {op: linear, out: 20}, relu: {op: relu},
    drop: {op: dropout}, fc2: {op: linear, out: 20}, relu2: {op: relu},
    fc3: {op: linear, out: 4}}}}
  images: {spec: {input: 3x6x6, layers: {c1: {op: conv2d, out: 5, kernel: 3}, relu: {op: relu},
    c2: {op: conv2d, out: 4, kernel: 3}}}}
  dead: {spec: {input: 3, layers: {fc1: {op: linear, out: 4}, none: {op: scale_by, factor: 0},
    fc2: {op: linear, out: 4}}}}
  frozen: {spec: {input: 3, layers: {fc1: {op: linear, out: 4, frozen: true},
    fc2: {op: linear, out: 4, frozen: true}}}}
"""


@pytest.mark.parametrize(
    ("network", "mode", "measure", "expected", "within"),
    [
        # 1 of 5 is dropped; 1,000,000 ones: the standard error of the share is
        # sqrt(0.2*0.8)/1000 = 0.0004, of the mean 0.0005 and 0.0004
        ("inverted", "training", "zeros", 0.2, 0.002),
        ("inverted", "training", "mean", 1, 0.0025),
        ("inverted", "training", "largest", 1 / 0.8, 1e-9),
        ("inverted", "evaluation", "zeros", 0, 0),
        ("inverted", "evaluation", "mean", 1, 0),
        ("original", "training", "zeros", 0.2, 0.002),
        ("original", "training", "mean", 0.8, 0.002),
        ("original", "training", "largest", 1, 1e-9),
        ("original", "evaluation", "mean", 0.8, 1e-9),
        ("original", "evaluation", "zeros", 0, 0),
    ],
)
def test_ones(
    tmp_path: Path, network: str, mode: str, measure: str, expected: float, within: float
) -> None:
    found = outcome_of(NETWORKS, tmp_path, run="ones", network=network, mode=mode, measure=measure)
    assert float(found) == pytest.approx(expected, rel=0, abs=within)


@pytest.mark.parametrize(
    ("network", "layer", "weights", "expected"),
    [
        ("mlp", "drop", "fc1", "not updated"),
        ("mlp", "relu", "fc1", "not updated"),
        ("mlp", "drop", "fc2", "not updated"),
        ("mlp", "drop", "fc3", "updated"),  # 20 columns too, of other units
        ("mlp", "relu2", "fc2", "not updated"),
        ("images", "relu", "c1", "not updated"),
        ("images", "relu", "c2", "not updated"),
    ],
)
def test_killed(tmp_path: Path, network: str, layer: str, weights: str, expected: str) -> None:
    found = outcome_of(
        NETWORKS, tmp_path, run="killed", network=network, layer=layer, weights=weights
    )
    assert found == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"run": "ones", "network": "huge", "mode": "training", "measure": "mean"}, "huge needs"),
        ({"run": "ones", "network": "mlp", "mode": "off", "measure": "mean"}, "`mode` is 'off'"),
        ({"run": "killed", "network": "mlp", "layer": "drip", "weights": "fc1"}, "no layer `drip`"),
        (
            {"run": "killed", "network": "mlp", "layer": "drop", "weights": "relu"},
            "`relu` has no matrix of weights",
        ),
        (
            {"run": "killed", "network": "mlp", "layer": "fc3", "weights": "fc1"},
            "`fc1` has 20 units where `fc3` has 4",
        ),
        (
            {"run": "killed", "network": "dead", "layer": "fc1", "weights": "fc1"},
            "no gradient reaches `fc1`",
        ),
        (
            {"run": "killed", "network": "frozen", "layer": "fc1", "weights": "fc2"},
            "no gradient reaches `fc2`",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ProblemError) as error:
        outcome_of(NETWORKS, tmp_path, **arguments)
    (problem,) = error.value.problems
    assert message in problem.message
    assert problem.mark.line
