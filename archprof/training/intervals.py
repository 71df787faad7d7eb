"""What a part of a network takes by itself, kept or run again: its forward and its backward pass
simulated between a given input and a given gradient of its result.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from archprof.autograd.engine import backward
from archprof.autograd.layout import Layout, contiguous, elementwise
from archprof.autograd.losses import loss_of
from archprof.autograd.run import GRADIENTS, Run
from archprof.autograd.tensor import FakeTensor, GradFunction, KeptTensors, new
from archprof.training.checkpoints import Flow, Part, modules
from archprof.training.conditions import StepConditions
from archprof.training.step import SimulatedStep, Timeline, last_readers


class PartAlone(NamedTuple):
    """A part by itself, in bytes beside its input and its parameters.

    `kept` after the forward pass; the most that is alive in the `forward` and in the `backward`
    pass; the `gradients` of its parameters that are new and stay. `keeps_source`: whether its input
    lives on for it, `keeps_result` its result; `passes_on`: whether its result lies in its input's
    memory. `flops`: what is run again, a multiply-accumulate as two.
    """

    kept: int
    forward: int
    backward: int
    gradients: int
    flops: int
    keeps_source: bool
    keeps_result: bool
    passes_on: bool


class Between(NamedTuple):
    """A value between two parts: its layout, the bytes of an element, whether autograd wants its
    gradient, and the bytes of its memory.
    """

    layout: Layout
    itemsize: int
    trains: bool
    bytes: int


class Intervals:
    """The parts of a chain, each from the value before it to the one behind it, and what several in
    a row take; alike ones are simulated once.

    `plain`: the step without checkpoints. `static`: the bytes of parameters, inputs and state,
    which are alive all the time; of gradients too where they are not new in each backward pass.
    `simulated`: how many nodes have been, by themselves.
    """

    def __init__(
        self,
        flow: Flow,
        conditions: StepConditions,
        chain: Sequence[tuple[Part, int]],
        plain: Timeline,
    ) -> None:
        self.flow, self.conditions = flow, conditions.replaced(checkpoints=(), accumulate=1)
        self.parts = [part for part, _ in chain]
        self.sources = [value for _, value in chain]
        self.readers = last_readers(flow.graph)
        start = plain.births[0]
        self.static = start.live
        self.gradients_stay = bool(start.kinds[GRADIENTS]) or conditions.accumulate > 1
        if self.gradients_stay and not start.kinds[GRADIENTS]:
            self.static += max(birth.kinds[GRADIENTS] for birth in plain.births)
        self.simulated = 0
        self.given = self._values_between()
        self._kinds = [self._kind(index) for index in range(len(flow.nodes))]
        self._here: dict[tuple[int, int, bool], PartAlone] = {}
        self._known: dict[Hashable, PartAlone] = {}

    def _values_between(self) -> list[Between]:
        step = SimulatedStep(self.flow.graph, self.conditions, None)
        step.run.phase, step.run.autocast = "forward", self.conditions.autocast
        values = {-1: step.image}
        found = []
        for part, source in zip(self.parts, self.sources, strict=True):
            value = values[source]
            size = 0 if source < 0 else value.memory.bytes  # the image is there all the time
            found.append(Between(value.layout, value.itemsize, value.trains, size))
            del value
            step.run_all(part, values)
        return found

    def joined(self, start: int, end: int) -> Part:
        """Return the nodes of parts in a row, `end` not among them."""
        return tuple(range(self.parts[start][0], self.parts[end - 1][-1] + 1))

    def is_safe(self, start: int, end: int) -> bool:
        """Return whether parts in a row can be one checkpoint, which of a captured network is one
        module or several in a row.
        """
        part = self.joined(start, end)
        if self.flow.fault(part):
            return False
        return self.flow.called_modules is None or bool(modules(self.flow, part))

    def of(self, start: int, end: int, again: bool) -> PartAlone:
        """Return what parts in a row take."""
        place = start, end, again
        if place not in self._here:
            self._here[place] = self._found(start, end, again)
        return self._here[place]

    def _found(self, start: int, end: int, again: bool) -> PartAlone:
        part, given = self.joined(start, end), self.given[start]
        result = self.sources[end] if end < len(self.parts) else None
        ends_in = None if result is None else result - part[0]
        key = (given, again, ends_in, *self._kinds[part[0] : part[-1] + 1])
        if key not in self._known:
            alone = _Alone(self, part)
            self._known[key] = alone.interval(self.sources[start], given, result, again)
            self.simulated += len(part)
        return self._known[key]

    def _kind(self, index: int) -> Hashable:
        """Return what makes a node alike another one, as far as a part by itself goes."""
        node = self.flow.nodes[index]
        inputs = tuple(index - source for source in node.inputs)
        shared = None if node.shares is None else index - node.shares
        return id(node.facts), inputs, shared, node.frozen, index in self.flow.outputs


class _Alone(SimulatedStep):
    """A part that runs by itself."""

    def __init__(self, intervals: Intervals, part: Part) -> None:
        conditions = intervals.conditions
        self.graph, self.conditions, self.part = intervals.flow.graph, conditions, part
        self.outputs = intervals.flow.outputs
        self.run = Run(
            conditions.device, conditions.itemsize, conditions.observed, None, conditions.batch
        )
        self.weights, self.trained, self.arrived = {}, {}, {}
        self.make_weights(part)
        for each in self.trained.values() if intervals.gradients_stay else ():
            each.gradient = FakeTensor(self.run, each.layout, each.itemsize)
            self.run.move(each.gradient.memory, GRADIENTS)
        self.readers = intervals.readers

    def interval(self, source: int, given: Between, result: int | None, again: bool) -> PartAlone:
        run = self.run
        entry = FakeTensor(run, given.layout, given.itemsize)
        if given.trains:
            entry.function = GradFunction(run, "source", (), KeptTensors(), lambda *gradients: ())
        end = FakeTensor(run, contiguous(()), given.itemsize)
        run.note("start")
        base, gradients = run.live, run.kinds[GRADIENTS]
        ends = self._forward_from(source, entry, result, again)
        forward = max((birth.live for birth in run.births), default=base) - base
        last = ends[0]
        passes_on = last is None or last.memory is entry.memory
        keeps_result = last is not None and last.memory.keepers > 0 and not passes_on
        trained = [each for each in ends if each is not None and each.trains]
        end.function = _joined(run, trained) if trained else None
        trained.clear()
        ends.clear()
        del last
        kept = run.live - base
        keeps_source = again or entry.memory.keepers > 0
        run.births.clear()
        run.phase = "backward"
        backward(run, end)
        return PartAlone(
            kept=kept,
            forward=forward,
            backward=max((birth.live for birth in run.births), default=base) - base,
            gradients=run.kinds[GRADIENTS] - gradients,
            flops=2 * run.recomputed.macs + run.recomputed.flops,
            keeps_source=keeps_source,
            keeps_result=keeps_result,
            passes_on=passes_on,
        )

    def _forward_from(
        self, source: int, entry: FakeTensor, result: int | None, again: bool
    ) -> list[FakeTensor | None]:
        """Return the result, None where the input itself goes on, and the loss of each output."""
        run = self.run
        run.phase, run.autocast = "forward", self.conditions.autocast
        values = {source: entry}
        if again:
            self.run_checkpointed(self.part, values)
        else:
            self.run_all(self.part, values)
        losses = [loss_of(run, values[index]) for index in self.part if index in self.outputs]
        run.autocast = False
        run.narrowed.clear()
        goes_on = values[result] if result is not None and result in self.part else None
        return [goes_on, *losses]


def _joined(run: Run, ends: list[FakeTensor]) -> GradFunction:
    """Return a function that gives each of several tensors a gradient."""
    likes = [(elementwise(each.layout), each.itemsize) for each in ends]
    return GradFunction(
        run, "end", ends, KeptTensors(), lambda _: [new(run, *like, "root") for like in likes]
    )
