"""The step of training that a page draws: simulated, and as data that its script reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archprof.analysis.analysis import Analysis
from archprof.analysis.counting import DTYPES
from archprof.autograd.run import KINDS
from archprof.commands.plot.step_plot import DEVICE, drawn_step
from archprof.draw.training_step import DrawnStep
from archprof.training.training_conditions import TrainingWords


def step_of(analysis: Analysis) -> DrawnStep:
    """Return the step of a network under the conditions of its analysis."""
    optimizer = f"{analysis.optimizer},ema" if analysis.ema else analysis.optimizer
    words = TrainingWords(optimizer, itemsize=DTYPES[analysis.dtype], device=DEVICE)
    return drawn_step(analysis.graph, words, analysis.batch, analysis.dtype)


def step_data(step: DrawnStep, place: Callable[[str], int]) -> dict[str, Any]:
    """Return the fullest moment of each place along the curve, column by column.

    `place`: where a text stands in the page's list of texts.
    """
    births = [step.timeline.births[stretch.fullest] for stretch in step.stretches()]
    return {
        "phase": [birth.phase for birth in births],
        "path": [place(birth.path) for birth in births],
        "kernel": [place(birth.kernel) for birth in births],
        "bytes": {kind: [birth.kinds[k] for birth in births] for k, kind in enumerate(KINDS)},
        "lower_bound": bool(step.timeline.unknown),
    }
