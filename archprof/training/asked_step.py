"""A step as users ask for it: in their words, with a batch, and with parts that run again."""

from __future__ import annotations

from archprof.graph.graph import Graph
from archprof.problem import Mark, ProblemError
from archprof.training.training_conditions import (
    ALL_ALIKE,
    AUTO,
    TrainingStep,
    TrainingWords,
    training_step,
)


def asked_step(
    graph: Graph, words: TrainingWords, batch: int, room: int | None = None
) -> TrainingStep:
    """Return the step that the words describe, checkpoints included, with a batch.

    `room`: the bytes that tensors may take, which `--checkpoint auto` makes the step fit into.
    Raises ProblemError naming the option.
    """
    step = training_step(graph, words)
    conditions = step.conditions.replaced(batch=batch)
    if words.checkpoint == AUTO:
        from archprof.training.plans import auto_plan  # which few need

        if room is None:
            message = "there is no memory to plan for"
            hint = "--memory 24GiB, or a block's name or path instead of auto"
            raise ProblemError.of(Mark("--checkpoint"), "option", message, hint)
        plan = auto_plan(step.graph, conditions, room)
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
