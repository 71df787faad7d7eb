"""Networks stage by stage, as a picture."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.analysis.analysis import Analysis
from archprof.commands.compare.comparison import stages
from archprof.commands.compare.comparison_data import named
from archprof.draw.canvas import Canvas
from archprof.draw.shapes import Picture
from archprof.draw.versus import StageCost, Stages, versus_picture

HEAD = "head"


def stage_picture(analyses: Sequence[Analysis], canvas: Canvas) -> Picture:
    """Return networks side by side, by how many times smaller than the input a stage is."""
    found = [(name, _stages(a)) for name, a in zip(named(analyses), analyses, strict=True)]
    labels = dict.fromkeys(label for _, own in found for label in own)
    order = sorted(labels, key=lambda label: (label == HEAD, len(label), label))
    return versus_picture(found, order, canvas)


def _stages(analysis: Analysis) -> Stages:
    return {
        HEAD if stage.factor is None else f"1/{stage.factor}": StageCost(
            stage.params, stage.macs, stage.complete
        )
        for stage in stages(analysis)
    }
