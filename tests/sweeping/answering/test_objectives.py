"""What is to be small and what large."""

from __future__ import annotations

import numpy as np
import pytest

from archprof.problem import ProblemError
from archprof.sweeping.answering.objectives import Objective, objectives, refuse_unknown


def test_they_are_read() -> None:
    found = (Objective("macs"), Objective("depths.0", largest=True))
    assert objectives(" min macs,  max depths.0") == found
    assert objectives(["min macs", "max depths.0"]) == found
    assert [str(one) for one in found] == ["min macs", "max depths.0"]


def test_less_is_better() -> None:
    values = np.array([3, 2**60])
    assert Objective("macs").cost(values).tolist() == [3, 2**60]
    assert Objective("macs", largest=True).cost(values).tolist() == [-3, -(2**60)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("macs", "'macs' is not an objective, expected min or max and a name"),
        ("", "'' is not an objective"),
        ("least macs", "'least macs' is not an objective"),
        ("min macs max params", "is not an objective"),
        ("min macs, max macs", "'macs' is an objective twice"),
        (",".join(f"min x{i}" for i in range(7)), "found 7 objectives, expected 1 to 6"),
    ],
)
def test_what_is_none(text: str, said: str) -> None:
    with pytest.raises(ProblemError) as error:
        objectives(text)
    assert said in str(error.value)


def test_an_unknown_name_has_a_hint() -> None:
    with pytest.raises(ProblemError) as error:
        refuse_unknown(objectives("min mac"), ["macs", "params"])
    assert "there is no number 'mac'" in str(error.value)
    assert "did you mean `macs`?" in str(error.value)
