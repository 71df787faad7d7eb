"""Which parts of a network to run again in the backward pass, so that a step fits into memory.

A dynamic programme over the parts between cut points finds the plan that runs the fewest FLOPs
again, of those whose parts, each simulated by itself, stay below the budget. The whole step is then
simulated with the plan; what is over the budget lowers the programme's, and neighbouring plans are
tried as far as they are cheaper.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof.graph.graph import Graph
from archprof.record import Record
from archprof.training.checkpoints import Flow, Part, Plan, block_parts
from archprof.training.conditions import StepConditions
from archprof.training.intervals import Intervals
from archprof.training.step import simulate
from archprof.units import number_of, share, size

UNITS = 64  # parts that the programme plans for; of a longer chain neighbours are taken together
LONGEST = 10  # units of one checkpoint in the programme; the search behind it joins them further
GRAIN = 512  # of two states nearer than the budget divided by this, the cheaper one is kept
LOWERED = 12  # times that the programme's budget is lowered
TRIED = 160  # neighbouring plans that are simulated


class Again(NamedTuple):
    """A part that runs again: its first and its last layer, and how many it has."""

    first: str
    last: str
    layers: int

    def __str__(self) -> str:
        if self.layers == 1:
            return self.first
        return f"{self.first} to {self.last} ({self.layers} layers)"


class CheckpointPlan(Record):
    """A step with checkpoints, simulated as a whole.

    `parts` is what StepConditions.checkpoints takes. `peak`: the bytes of the step at its peak,
    `peak_without` those of the same step without checkpoints. `flops_again` and `macs_again`: what
    runs again in the backward pass of the whole batch; `flops` of one forward pass.
    """

    parts: Plan
    again: tuple[Again, ...]
    peak: int
    peak_without: int
    flops_again: int
    macs_again: int
    flops: int

    @property
    def sentence(self) -> str:
        """The plan in words."""
        if not self.again:
            return f"nothing runs again; the step's peak is {size(self.peak)}"
        parts = number_of(len(self.again), "part")
        runs = "runs" if len(self.again) == 1 else "run"
        return (
            f"{parts} {runs} again in the backward pass: {', '.join(map(str, self.again))}; the"
            f" step's peak is {size(self.peak)} instead of {size(self.peak_without)}, for"
            f" {share(self.flops_again, self.flops)} of the forward pass's FLOPs once more"
        )


