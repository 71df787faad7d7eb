"""Which parts of a network run again: the cheapest plan with which the most images fit."""

from __future__ import annotations

from typing import NamedTuple

from archprof.cli.ranges import refused
from archprof.commands.fit.fitting import Question
from archprof.commands.fit.subjects import TrainingSubject
from archprof.problem import ProblemError
from archprof.training.checkpoint_code import checkpointed_code
from archprof.training.overhead import BY_DEVICE
from archprof.training.plans import CheckpointPlan, auto_plan, plan_of
from archprof.training.search import BatchPeaks
from archprof.training.training_conditions import AUTO, TrainingStep, training_step

ROUNDS = 1  # of planning for a batch, and searching the largest batch with the plan


class Checkpoints(NamedTuple):
    """A plan, and the code that makes a model follow it; "" where a part is no module."""

    plan: CheckpointPlan
    code: str


def planned(question: Question) -> Question:
    """Return the question with the plan that `--checkpoint auto` finds, else as it is.

    Raises ProblemError where there is no memory to plan for.
    """
    words = question.words
    if words is None or words.checkpoint != AUTO:
        return question
    if question.memory is None:
        message = "there is no memory to plan for"
        raise refused("--checkpoint", message, "--memory 24GiB, or --checkpoint BLOCK")
    room = BY_DEVICE[question.device].sure_room(question.memory)
    step = training_step(question.graph, words)
    batch = question.batch or _most_images(step, room)
    plan = auto_plan(step.graph, step.conditions.replaced(batch=batch), room)
    return question.replaced(plan=plan.parts)


def _most_images(step: TrainingStep, room: int) -> int:
    """Return the most images that some plan lets fit, 1 at least.

    That plan has the least peak, which depends on the batch little: it is made for the largest
    batch without a plan, then for the largest with that plan, and so on while that grows.
    """
    plain = TrainingSubject(step.graph, step.conditions)
    batch = max(1, BatchPeaks(plain.lives).largest(room))
    for _ in range(ROUNDS):
        least = auto_plan(step.graph, step.conditions.replaced(batch=batch), 0)
        under = TrainingSubject(step.graph, step.conditions.replaced(checkpoints=least.parts))
        found = BatchPeaks(under.lives).largest(room)
        if found <= batch:
            break
        batch = found
    return batch


def checkpoints_of(subject: TrainingSubject, batch: int) -> Checkpoints:
    """Return what runs again in a step, and the code for it."""
    conditions = subject.conditions.replaced(batch=batch)
    plan = plan_of(subject.graph, conditions, conditions.checkpoints)
    try:
        code = checkpointed_code(subject.graph, plan)
    except ProblemError:
        code = ""
    return Checkpoints(plan, code)
