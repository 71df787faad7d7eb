"""The sample of a sweep as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.problem import ProblemError
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.wanted_sample import with_sample
from tests.sweeping.tiny import SPACE, tiny


@pytest.mark.parametrize(
    ("text", "seed", "expected"),
    [
        (None, None, Sample()),
        ("all", None, Sample()),
        (50, 7, Sample("random", 50, 7)),
        ("50", None, Sample("random", 50, 0)),
        ("0.05K", 1, Sample("random", 50, 1)),
        ("random:50", 1, Sample("random", 50, 1)),
        ("sobol:32", 1, Sample("sobol", 32, 1)),
    ],
)
def test_samples(
    tmp_path: Path, text: str | int | None, seed: int | None, expected: Sample
) -> None:
    assert with_sample(tiny(tmp_path), text, seed).sample == expected


def test_a_seed_alone_is_for_the_own_sample(tmp_path: Path) -> None:
    space = tiny(tmp_path, SPACE + "sample: {random: 20, seed: 3}\n")
    assert with_sample(space, None, 5).sample == Sample("random", 20, 5)
    assert with_sample(space, 30, None).sample == Sample("random", 30, 3)


@pytest.mark.parametrize(
    ("text", "seed", "said"),
    [
        ("many", None, "'many' is not a sample"),
        ("", None, "'' is not a sample"),
        ("-5", None, "is not a sample"),
        ("0", None, "is not a sample"),
        ("1.5", None, "is not a sample"),
        ("9999T", None, "is not a sample"),
        ("halton:50", None, "is not a sample"),
        ("1M", None, "the grid has 96 points, found a sample of 1,000,000"),
        (None, 3, "a grid has no seed"),
        ("all", 3, "a grid has no seed"),
    ],
)
def test_what_is_none(tmp_path: Path, text: str | None, seed: int | None, said: str) -> None:
    with pytest.raises(ProblemError) as error:
        with_sample(tiny(tmp_path), text, seed)
    assert said in str(error.value)
