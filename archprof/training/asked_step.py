"""The step of training that users ask for, from their words to its peak and its FLOPs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.training.step import Timeline, simulate
from archprof.training.step_arithmetic import StepArithmetic, arithmetic_of
from archprof.training.training_conditions import ALL_ALIKE, TrainingWords, training_step

if TYPE_CHECKING:
    from archprof.training.checkpoints import Plan

AUTO = "auto"  # the plan of checkpoints that `archprof fit` looks for


class AskedStep(Record):
    """A step of a network with so many images, in users' words, simulated when it is looked at."""

    graph: Graph
    words: TrainingWords
    batch: int = 1

    @cached_property
    def timeline(self) -> Timeline:
        """The step, simulated. Raises ProblemError naming the option that means nothing."""
        step = training_step(self.graph, self.words)
        conditions = step.conditions.replaced(
            batch=self.batch, checkpoints=_checkpoints(step.graph, self.words.checkpoint)
        )
        return simulate(step.graph, conditions)

    @property
    def peak_bytes(self) -> int:
        """The most bytes that are alive at once."""
        return self.timeline.peak.live

    @property
    def arithmetic(self) -> StepArithmetic:
        """The FLOPs of all passes, of which as many were simulated as differ."""
        passes = self.words.accumulate
        return arithmetic_of(self.timeline, min(passes, ALL_ALIKE), passes)

    @property
    def without_bytes(self) -> tuple[str, ...]:
        """The layers of which it is unknown what they keep: the peak is a lower bound."""
        return self.timeline.unknown

    @property
    def without_cost(self) -> tuple[str, ...]:
        """The layers whose arithmetic is unknown: the FLOPs are a lower bound."""
        costless = (node.path for node in self.graph.nodes if node.facts.cost is None)
        return tuple(dict.fromkeys((*self.timeline.unknown, *costless)))


def _checkpoints(graph: Graph, pattern: str) -> Plan:
    """Return the parts of a pattern of blocks or paths, none for none."""
    if not pattern:
        return ()
    if pattern == AUTO:
        message = "`auto` looks for a plan that fits into a memory, and none is given here"
        hint = "archprof fit NET --train --memory 24GiB --checkpoint auto; or a block, a path"
        raise ProblemError.of(Mark("--checkpoint"), "option", message, hint)
    from archprof.training.checkpoints import block_parts  # which only a checkpoint needs

    return block_parts(graph, pattern)
