"""Predictions of rows of a space."""

from pathlib import Path

import pytest

from archprof.problem import ProblemError
from archprof.sweeping.latency.model import Prediction
from archprof.sweeping.latency.predicting import undecided
from tests.sweeping.latency.models import predicted
from tests.sweeping.tiny_spaces import SPACE, tiny_space


def test_valid_rows_are_predicted_in_their_order(tmp_path: Path) -> None:
    space = tiny_space(tmp_path, SPACE + "where: $width > 1\n")
    # 12 points below each width: the first twelve are left out
    found = list(predicted(space, [15, 0, 12]))
    assert [one.variant.row for one in found] == [15, 12]
    deeper, flatter = (one.prediction for one in found)
    assert deeper is not None
    assert flatter is not None
    assert deeper.latency_ms > flatter.latency_ms
    # the ratios held back are 1.1, 1 and 0.9
    assert flatter.low_ms == pytest.approx(0.9 * flatter.latency_ms)
    assert flatter.high_ms == pytest.approx(1.1 * flatter.latency_ms)
    assert flatter.looked_up == 0.0


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ("batch: 2", "is of batch 1, found 2"),
        ("dtype: float16", "is of dtype float32, found float1"),
    ],
)
def test_a_space_under_other_conditions_is_refused(
    tmp_path: Path, conditions: str, message: str
) -> None:
    space = tiny_space(tmp_path, SPACE + f"conditions: {{{conditions}}}\n")
    with pytest.raises(ProblemError, match=message):
        list(predicted(space, [0]))


def test_how_many_of_the_fastest_cannot_be_ranked() -> None:
    rows = [Prediction(ms, 0.9 * ms, 1.1 * ms, 1.0) for ms in (10.0, 12.0, 12.5, 20.0)]
    # the fastest may take up to 11; from 10.8 on the second, from 11.25 on the third
    assert undecided(rows) == 2
    assert undecided(rows[:1]) == 1
    assert undecided([]) == 0
