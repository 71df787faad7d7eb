"""A step in parts: phases, and stretches of which the fullest moment stands for all."""

from __future__ import annotations

import pytest

from archprof.autograd.run import Birth, Phase
from archprof.training.stretches import PhasePart, Stretch, phase_parts, stretches


def births(*phases: tuple[Phase, list[int]]) -> list[Birth]:
    """Return births of phases, each with bytes that nothing else is counted with."""
    return [Birth(phase, "", "", (size,)) for phase, sizes in phases for size in sizes]


TWICE = births(
    ("start", [1]),
    ("forward", [2, 3, 5]),
    ("backward", [9, 4]),
    ("forward", [6]),
    ("backward", [7, 8, 8, 3]),
    ("end", [1]),
)


def test_a_phase_comes_again_where_gradients_are_added_up() -> None:
    assert phase_parts(TWICE) == [
        PhasePart("start", 0, 1),
        PhasePart("forward", 1, 4),
        PhasePart("backward", 4, 6),
        PhasePart("forward", 6, 7),
        PhasePart("backward", 7, 11),
        PhasePart("end", 11, 12),
    ]


def test_few_births_have_a_stretch_each() -> None:
    assert stretches(TWICE, 12) == [Stretch(place, place + 1, place) for place in range(12)]


def test_many_share_one_within_their_phase() -> None:
    """12 births in 11 stretches at most: 12 / (11 - 6 phases), rounded up, is 3 at a time."""
    assert stretches(TWICE, 11) == [
        Stretch(0, 1, 0),
        Stretch(1, 4, 3),  # 2, 3, 5
        Stretch(4, 6, 4),  # 9, 4
        Stretch(6, 7, 6),
        Stretch(7, 10, 8),  # 7, 8, 8: the first of both
        Stretch(10, 11, 10),
        Stretch(11, 12, 11),
    ]


@pytest.mark.parametrize("most", [10, 37, 400, 999])
def test_there_are_never_more_and_the_peak_is_not_lost(most: int) -> None:
    """Of 1,000 births whose sizes go through all remainders of 7919, a prime."""
    sizes = [place * 7919 % 1000 for place in range(1000)]
    found = stretches(
        births(("start", sizes[:1]), ("forward", sizes[1:300]), ("backward", sizes[300:])), most
    )
    assert len(found) <= most
    assert [each.start for each in found[1:]] == [each.stop for each in found[:-1]]
    assert (found[0].start, found[-1].stop) == (0, 1000)
    assert sizes.index(999) in {each.fullest for each in found}
