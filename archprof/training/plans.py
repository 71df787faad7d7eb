"""Which parts of a network to run again in the backward pass, so that a step fits into memory.

A dynamic programme over the parts between cut points finds the plan that runs the fewest FLOPs
again, of those that stay below the budget when each part is simulated by itself. The whole step is
then simulated with that plan; bytes that are over the budget lower the programme's.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from archprof.graph.graph import Graph
from archprof.record import Record
from archprof.training.checkpoints import Flow, Part, Plan, block_parts
from archprof.training.conditions import StepConditions
from archprof.training.intervals import Intervals
from archprof.training.plan_search import Choice, Programme
from archprof.training.step import Timeline, simulate
from archprof.units import number_of, share, size

LOWERED = 12  # times at most that the programme's budget is lowered
HALVED = 10  # times that the room for the least peak is halved


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

    `parts` is what StepConditions.checkpoints takes, `again` those that run again. `peak`: the
    bytes of the step at its peak, `peak_without` those of the same step without checkpoints.
    `flops_again`, `macs_again`: what runs again in the step's backward passes, a
    multiply-accumulate being two FLOPs; `flops`: those of its forward passes.
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
        """The plan in words: which layers run again, and its effect."""
        if not self.again:
            return f"nothing runs again; {self.effect}"
        runs = "runs" if len(self.again) == 1 else "run"
        return (
            f"{number_of(len(self.again), 'part')} {runs} again in the backward pass:"
            f" {', '.join(map(str, self.again))}; {self.effect}"
        )

    @property
    def effect(self) -> str:
        """What the plan saves and costs, in words."""
        if not self.again:
            return f"the step's peak is {size(self.peak)}"
        return (
            f"the step's peak is {size(self.peak)} instead of {size(self.peak_without)}, for"
            f" {share(self.flops_again, self.flops)} of the forward pass's FLOPs once more"
        )


def block_plan(
    graph: Graph, pattern: str, conditions: StepConditions | None = None
) -> CheckpointPlan:
    """Return the plan in which each use of a block is one checkpoint: see `block_parts`.

    Raises ProblemError where nothing is called so, and where one is not a safe part.
    """
    parts = block_parts(graph, pattern)
    return Planner(graph, conditions or StepConditions()).plan(parts)


def auto_plan(graph: Graph, conditions: StepConditions, budget: int) -> CheckpointPlan:
    """Return the plan of the fewest FLOPs again whose step has a peak of `budget` bytes at most.

    Where none is found, the one with the least peak that was found: compare its `peak`. Of a
    captured network only modules run again, of which several may follow one another.
    """
    return Planner(graph, conditions).cheapest(budget)


class Planner:
    """A step, and what plans make of it.

    The parts are simulated by themselves once, with the batch of the conditions. A plan for
    another batch is looked for with these, the budget in proportion, and the whole step is then
    simulated with that batch.
    """

    def __init__(self, graph: Graph, conditions: StepConditions) -> None:
        self.graph, self.conditions = graph, conditions.replaced(checkpoints=())
        self.flow = Flow(graph)
        self._without: dict[int, Timeline] = {}

    @cached_property
    def intervals(self) -> Intervals:
        without = self.without(self.conditions.batch)
        return Intervals(self.flow, self.conditions, self.flow.chain(), without)

    @cached_property
    def programme(self) -> Programme:
        return Programme(self.intervals)

    def without(self, batch: int) -> Timeline:
        """Return the step without checkpoints."""
        if batch not in self._without:
            conditions = self.conditions.replaced(batch=batch)
            self._without[batch] = simulate(self.graph, conditions)
        return self._without[batch]

    def plan(self, parts: Plan, batch: int | None = None) -> CheckpointPlan:
        """Return a plan, its step simulated as a whole."""
        batch = batch or self.conditions.batch
        step = without = self.without(batch)
        if any(again for _, again in parts):
            step = simulate(self.graph, self.conditions.replaced(batch=batch, checkpoints=parts))
        return CheckpointPlan(
            parts=parts,
            again=tuple(self._named(part) for part, again in parts if again),
            peak=step.peak.live,
            peak_without=without.peak.live,
            flops_again=2 * step.recomputed.macs + step.recomputed.flops,
            macs_again=step.recomputed.macs,
            flops=2 * step.forward.macs + step.forward.flops,
        )

    def longest(self) -> Again:
        """Return the longest part between cut points, which is kept or runs again as a whole."""
        return self._named(max((part for part, _ in self.flow.chain()), key=len))

    def _named(self, part: Part) -> Again:
        nodes = self.flow.nodes
        return Again(nodes[part[0]].path, nodes[part[-1]].path, len(part))

    def cheapest(self, budget: int, batch: int | None = None) -> CheckpointPlan:
        """Return the plan of the fewest FLOPs again whose step has a peak of `budget` bytes at
        most; where none is found, the one with the least peak that was found.
        """
        batch = batch or self.conditions.batch
        if self.without(batch).peak.live <= budget:
            return self.plan((), batch)
        static = self.intervals.static
        limit = static + (budget - static) * self.conditions.batch // batch
        for _ in range(LOWERED):
            choice = self.programme.cheapest(limit)
            if choice is None:
                break
            plan = self._chosen(choice, batch)
            if plan.peak <= budget:
                return plan
            over = (plan.peak - budget) * self.conditions.batch // batch
            limit -= max(over, limit // 1000)
        return self.least(batch)

    def least(self, batch: int | None = None) -> CheckpointPlan:
        """Return the plan with the least peak that halving finds."""
        low, high = self.intervals.static, self.without(self.conditions.batch).peak.live
        for _ in range(HALVED):
            middle = (low + high) // 2
            if self.programme.fits(middle):
                high = middle
            else:
                low = middle
        choice = self.programme.cheapest(high)
        plans = [self.plan((), batch)] + ([self._chosen(choice, batch)] if choice else [])
        return min(plans, key=lambda plan: plan.peak)

    def _chosen(self, choice: Choice, batch: int | None) -> CheckpointPlan:
        """Return the plan of a choice; parts that are kept side by side are one."""
        parts = [(self.intervals.joined(start, end), again) for start, end, again in choice]
        joined: list[tuple[tuple[int, ...], bool]] = []
        for part, again in parts:
            if joined and not again and not joined[-1][1]:
                joined[-1] = (joined[-1][0] + part, False)
            else:
                joined.append((part, again))
        return self.plan(tuple(joined), batch)
