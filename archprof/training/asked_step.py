"""The step of training that users ask for, from their words to its peak and its FLOPs."""

from __future__ import annotations

from functools import cached_property

from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.training.step import Timeline, simulate
from archprof.training.step_arithmetic import StepArithmetic, arithmetic_of
from archprof.training.training_conditions import (
    ALL_ALIKE,
    AUTO,
    TrainingStep,
    TrainingWords,
    training_step,
)


class AskedStep(Record):
    """A step of a network with so many images, in users' words, simulated when it is looked at."""

    graph: Graph
    words: TrainingWords
    batch: int = 1

    @cached_property
    def timeline(self) -> Timeline:
        """The step, simulated. Raises ProblemError naming the option that means nothing."""
        step = asked_step(self.graph, self.words, self.batch)
        return simulate(step.graph, step.conditions)

    @property
    def peak_bytes(self) -> int:
        """The most bytes that are alive at once."""
        return self.timeline.peak_bytes

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


def asked_step(graph: Graph, words: TrainingWords, batch: int) -> TrainingStep:
    """Return the step that the words describe, checkpoints included, with a batch.

    Raises ProblemError naming the option.
    """
    step = training_step(graph, words)
    conditions = step.conditions.replaced(batch=batch)
    if words.checkpoint == AUTO:
        from archprof.training.plans import auto_plan  # which few need

        if words.room is None:
            message = "`auto` looks for a plan that fits into a memory, and none is given here"
            hint = "--memory 24GiB beside it; in a check, a max_training_memory; or a block, a path"
            raise ProblemError.of(Mark("--checkpoint"), "option", message, hint)
        plan = auto_plan(step.graph, conditions, words.room)
        conditions = conditions.replaced(checkpoints=plan.parts)
    return step.replaced(conditions=conditions)


def in_words(words: TrainingWords, batch: int, dtype: str) -> list[str]:
    """Return the conditions of a step in short, one by one."""
    said = [f"batch {batch:,}", dtype, words.optimizer]
    if words.amp:
        said.append(f"AMP {words.amp}")
    if words.freeze:
        said.append(f"frozen: {' '.join(words.freeze)}")
    if words.checkpoint:
        said.append(f"checkpointed: {words.checkpoint}")
    if words.accumulate > 1:
        drawn = f", {ALL_ALIKE} are followed" if words.accumulate > ALL_ALIKE else ""
        said.append(f"{words.accumulate:,} batches for an update{drawn}")
    return [*said, words.device]
