"""The step of training that a page draws: simulated, and as data that its script reads."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from archprof.analysis.analysis import Analysis
from archprof.autograd.run import KINDS
from archprof.draw.training_step import DrawnStep
from archprof.training.asked_step import in_words


def step_of(analysis: Analysis) -> DrawnStep:
    """Return the step of a network under the conditions of its analysis."""
    asked = analysis.asked_step
    said = in_words(asked.words, analysis.batch, analysis.dtype)
    return DrawnStep(analysis.graph, asked.timeline, said)


def step_data(step: DrawnStep, place: Callable[[str], int]) -> dict[str, Any]:
    """Return the fullest moment of each place along the curve, column by column.

    `place`: where a text stands in the page's list of texts. Bytes are the difference to the moment
    before, which packs better.
    """
    stretches = step.stretches()
    births = [step.timeline.births[stretch.fullest] for stretch in stretches]
    layers = {node.path: index for index, node in enumerate(step.graph.nodes)}
    return {
        "kernels": [stretch.stop - stretch.start for stretch in stretches],
        "phase": [birth.phase for birth in births],
        "layer": [layers.get(birth.path) for birth in births],
        "beside": [None if birth.path in layers else place(birth.path) for birth in births],
        "kernel": [place(birth.kernel) for birth in births],
        "changes": {
            kind: _changes([birth.kinds[k] for birth in births]) for k, kind in enumerate(KINDS)
        },
        "lower_bound": bool(step.timeline.unknown),
    }


def _changes(values: list[int]) -> list[int]:
    """Return each number as its difference to the one before, the first to 0."""
    return [value - before for before, value in pairwise([0, *values])]
