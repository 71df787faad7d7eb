"""Which parts of a network run again: the cheapest plan with which the most images fit."""

from __future__ import annotations

from typing import NamedTuple

from archprof.allowance import share
from archprof.cli.ranges import refused
from archprof.commands.fit.fitting import Question
from archprof.commands.fit.subjects import TrainingSubject
from archprof.graph.graph import Graph
from archprof.problem import ProblemError
from archprof.training.checkpoint_code import checkpointed_code
from archprof.training.conditions import StepConditions
from archprof.training.overhead import BY_DEVICE
from archprof.training.plans import Again, CheckpointPlan, Planner
from archprof.training.search import BatchPeaks
from archprof.training.training_conditions import AUTO, TrainingWords, training_step

MORE = 4  # times the images without checkpoints: for about so many the parts are looked at
AS_MUCH = 3  # as other networks a planned one may take: each plan is one more step to simulate
ROUNDS = 3  # of planning for a batch, and searching the largest batch with the plan


class Checkpoints(NamedTuple):
    """A plan, and the code that makes a model follow it: "" where a part is no module, and where
    nothing runs again. `longest`: of AUTO the longest part that its plans keep or run again as a
    whole, of `layers` that the network has.
    """

    plan: CheckpointPlan
    code: str
    longest: Again | None = None
    layers: int = 0


def allow_plans(words: TrainingWords | None, networks: int) -> None:
    """Let the run take as long as plans for so many networks need, where any are looked for."""
    if words is not None and words.checkpoint == AUTO:
        share(AS_MUCH * networks)


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
    if question.batch is None:
        largest = _largest(step.graph, step.conditions, room)
        planner = Planner(step.graph, step.conditions.replaced(batch=largest * MORE))
        batch = _most_images(planner, largest, room)
    else:
        batch = question.batch
        planner = Planner(step.graph, step.conditions.replaced(batch=batch))
    plan = planner.cheapest(room, batch)
    return question.replaced(plan=plan.parts)


def _largest(graph: Graph, conditions: StepConditions, room: int) -> int:
    """Return the largest batch that fits, 1 at least."""
    subject = TrainingSubject(graph, conditions)
    return max(1, BatchPeaks(subject.lives).largest(room))


def _most_images(planner: Planner, batch: int, room: int) -> int:
    """Return the most images that some plan lets fit, 1 at least.

    That plan has the least peak, which depends on the batch little: it is made for the largest
    batch without a plan, then for the largest with that plan, and so on while that grows.
    """
    for _ in range(ROUNDS):
        least = planner.least(batch)
        conditions = planner.conditions.replaced(checkpoints=least.parts)
        found = _largest(planner.graph, conditions, room)
        if found <= batch:
            break
        batch = found
    return batch


def checkpoints_of(subject: TrainingSubject, batch: int, is_auto: bool) -> Checkpoints:
    """Return what runs again in a step, and the code for it."""
    planner = Planner(subject.graph, subject.conditions.replaced(batch=batch))
    plan = planner.plan(subject.conditions.checkpoints)
    found = Checkpoints(plan, _code(subject.graph, plan), layers=len(planner.flow.nodes))
    return found._replace(longest=planner.longest()) if is_auto else found


def _code(graph: Graph, plan: CheckpointPlan) -> str:
    if not plan.again:
        return ""
    try:
        return checkpointed_code(graph, plan)
    except ProblemError:
        return ""
