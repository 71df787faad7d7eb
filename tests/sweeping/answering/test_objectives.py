"""What is to be small and what large."""

from __future__ import annotations

import numpy as np
import pytest

from archprof.problem import ProblemError
from archprof.sweeping.answering.objectives import cost, objectives
from archprof.sweeping.space.bounds import Objective


def test_they_are_read() -> None:
    found = (Objective("macs", False), Objective("depths.0", True))
    assert objectives(" min macs,  max depths.0", ["depths.0"]) == found
    assert objectives(["min macs", "max depths.0"], ["depths.0"]) == found


def test_less_is_better() -> None:
    values = np.array([3, 2**60])
    assert cost(Objective("macs", False), values).tolist() == [3, 2**60]
    assert cost(Objective("macs", True), values).tolist() == [-3, -(2**60)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("macs", "'macs' is not an objective, expected min or max and a number's name"),
        ("", "'' is not an objective"),
        ("least macs", "'least macs' is not an objective"),
        ("min macs max params", "there is no number 'macs max params'"),
        ("min mac", "did you mean `macs`?"),
        ("min macs, max macs", "'macs' is an objective twice"),
        ("min peak_memory, max peak_inference_bytes", "'peak_inference_bytes' is an objective"),
        (",".join(f"min x{i}" for i in range(7)), "found 7 objectives, expected at most 6"),
        ([], "the space has no `front`"),
    ],
)
def test_what_is_none(text: str, said: str) -> None:
    with pytest.raises(ProblemError) as error:
        objectives(text, [f"x{i}" for i in range(7)])
    assert said in str(error.value)
