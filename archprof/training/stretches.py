"""A step in parts: its phases, and stretches of neighbouring kernels where these are many."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from archprof.autograd.run import Birth, Phase


class PhasePart(NamedTuple):
    """Births that follow one another in a phase: from `start` until before `stop`."""

    phase: Phase
    start: int
    stop: int


class Stretch(NamedTuple):
    """Neighbouring births, from `start` until before `stop`, and the `fullest` of them: the first
    after which the most bytes are alive.
    """

    start: int
    stop: int
    fullest: int


def phase_parts(births: Sequence[Birth]) -> list[PhasePart]:
    """Return the phases of a step in order; where gradients are added up, a phase comes again."""
    found = []
    for phase, group in groupby(range(len(births)), key=lambda place: births[place].phase):
        places = list(group)
        found.append(PhasePart(phase, places[0], places[-1] + 1))
    return found


def stretches(births: Sequence[Birth], most: int) -> list[Stretch]:
    """Return a step in at most `most` stretches, each within a phase; one for each birth where
    there are no more.

    The peak is the fullest of its stretch, so that none is lost. `most` is larger than the number
    of phases.
    """
    parts = phase_parts(births)
    length = 1
    if len(births) > most:
        length = -(-len(births) // (most - len(parts)))
    return [
        _stretch(births, start, min(start + length, part.stop))
        for part in parts
        for start in range(part.start, part.stop, length)
    ]


def _stretch(births: Sequence[Birth], start: int, stop: int) -> Stretch:
    return Stretch(start, stop, max(range(start, stop), key=lambda place: births[place].live))
