"""The step of training that users ask for, from their words to its timeline and its FLOPs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError
from archprof.training.step import Timeline, simulate
from archprof.training.step_arithmetic import StepArithmetic, arithmetic_of
from archprof.training.training_conditions import ALL_ALIKE, TrainingWords, training_step

if TYPE_CHECKING:
    from archprof.training.checkpoints import Plan

AUTO = "auto"  # the plan of checkpoints that `archprof fit` looks for


def asked_step(graph: Graph, words: TrainingWords, batch: int) -> Timeline:
    """Return a step of so many images, simulated. Raises ProblemError naming the option."""
    step = training_step(graph, words)
    conditions = step.conditions.replaced(
        batch=batch, checkpoints=_checkpoints(step.graph, words.checkpoint)
    )
    return simulate(step.graph, conditions)


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


def step_arithmetic(timeline: Timeline, words: TrainingWords) -> StepArithmetic:
    """Return the FLOPs of all passes of a step that was simulated by these words."""
    return arithmetic_of(timeline, min(words.accumulate, ALL_ALIKE), words.accumulate)
