"""What a search is asked for: words become objectives and limits, or are refused."""

from pathlib import Path
from typing import Any

import pytest

from archprof.problem import ProblemError
from archprof.sweeping.searching.asked_search import asked_search
from archprof.sweeping.space.bounds import Objective
from tests.sweeping.tiny_spaces import SPACE, tiny_space


def test_words_are_read(tmp_path: Path) -> None:
    space = tiny_space(tmp_path)
    found = asked_search(space, "tpe", 9, 3, "min macs, max width", ["params < 90", "blocks > 1"])
    assert found.front == (Objective("macs", False), Objective("width", True))
    assert [one.text for one in found.filters] == ["params < 90", "blocks > 1"]
    assert (found.sampler, found.trials, found.seed, found.outside) == ("tpe", 9, 3, False)


def test_the_front_is_the_spaces_where_none_is_given(tmp_path: Path) -> None:
    space = tiny_space(tmp_path, SPACE + "front: [min params, max blocks]\n")
    assert [str(one) for one in asked_search(space, "tpe", 9).front] == ["min params", "max blocks"]


def test_an_objective_of_ones_own_is_wanted_large_or_as_given(tmp_path: Path) -> None:
    space = tiny_space(tmp_path)
    own = asked_search(space, "tpe", 9, outside=True)
    assert (own.front, own.outside) == ((Objective("objective", True),), True)
    both = asked_search(space, "tpe", 9, 0, ["min macs", "min objective"], outside=True)
    assert both.front[1] == Objective("objective", False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sampler": "nsga"}, "there is no sampler 'nsga'"),
        ({"trials": 0}, "found 0 trials, expected 1 to 1,000,000"),
        ({"trials": 10**9}, "found 1,000,000,000 trials"),
        ({"front": ()}, "a search needs something to be small or large"),
        ({"front": "min objective"}, "there is no number 'objective'"),
        ({"front": "min nothing"}, "there is no number 'nothing'"),
        ({"where": ["nothing > 3"]}, "there is no column 'nothing'"),
        ({"where": ["why == 'shape'"]}, "there is no column 'why'"),
        ({"outside": True}, "there is an objective of your own"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    words = {"sampler": "nsga2", "trials": 9, "front": "min macs"} | given
    with pytest.raises(ProblemError) as refused:
        asked_search(tiny_space(tmp_path), **words)
    assert message in str(refused.value)
