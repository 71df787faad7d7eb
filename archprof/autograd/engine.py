"""torch's autograd engine: which function runs when, and what becomes of each gradient."""

from __future__ import annotations

import heapq
import itertools

from archprof.autograd.layout import contiguous, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import AccumulateGrad, FakeParameter, FakeTensor, GradFunction, new

Target = GradFunction | AccumulateGrad
Waiting = list["FakeTensor | None"]  # the gradients of a function's outputs, as they come


def backward(run: Run, loss: FakeTensor) -> None:
    """Run the backward pass of a loss that is a single number: `loss.backward()`.

    A function runs when the gradients of all its outputs are there; of those that are ready, the
    one that was made last, and parameters before all others.
    """
    first = loss.function
    if not isinstance(first, GradFunction):
        return
    engine = _Engine(run, first)
    root = new(run, contiguous(()), loss.itemsize, "ones_like")
    root.holders = 1
    loss.function = None
    engine.receive(first, 0, root)
    engine.go()


def reached(loss: FakeTensor) -> list[FakeParameter]:
    """Return the parameters to which the backward pass of a loss would give gradients."""
    found: list[FakeParameter] = []
    stack = [] if loss.function is None else [loss.function]
    seen = {id(each) for each in stack}
    while stack:
        function = stack.pop()
        if isinstance(function, AccumulateGrad):
            found.append(function.parameter)
        for edge in function.edges:
            if edge is not None and id(edge[0]) not in seen:
                seen.add(id(edge[0]))
                stack.append(edge[0])
    return found


class _Engine:
    def __init__(self, run: Run, first: GradFunction) -> None:
        self.run = run
        self.missing = _uses(first)
        self.waiting: dict[int, Waiting] = {}
        self.ready: list[tuple[float, int, Target]] = [(-first.sequence, 0, first)]
        self.order = itertools.count(1)

    def go(self) -> None:
        """Run function after function."""
        while self.ready:
            function = heapq.heappop(self.ready)[2]
            gradients = self.waiting.pop(id(function))
            if isinstance(function, AccumulateGrad):
                self._accumulate(function, gradients)
            else:
                self._run(function, gradients)

    def _accumulate(self, function: AccumulateGrad, gradients: Waiting) -> None:
        gradient = gradients.pop()
        if gradient is not None:
            function.accumulate(self.run, gradient)
            gradient.holders -= 1

    def _run(self, function: GradFunction, gradients: Waiting) -> None:
        self.run.path = function.path
        if function.kept.checkpoint is not None:
            function.kept.checkpoint.replay(self.run)
        made = list(function.gradients(*gradients))
        function.kept.release()
        function.kept.checkpoint = None
        for each in made:
            if each is not None:
                each.holders += 1
        for each in gradients:
            if each is not None:
                each.holders -= 1
        each = None
        gradients.clear()
        self._hand_on(function, made)
        function.edges.clear()

    def _hand_on(self, function: GradFunction, made: Waiting) -> None:
        """Give each gradient to the function that made the input.

        One that was added to another lives until all of this function's are handed on.
        """
        for place, edge in enumerate(function.edges):
            gradient, made[place] = made[place], None
            if edge is None or gradient is None:
                if gradient is not None:
                    gradient.holders -= 1
                continue
            target, slot = edge
            if self.receive(target, slot, gradient):
                made[place] = gradient
            gradient = None
            self.missing[id(target)] -= 1
            if not self.missing[id(target)]:
                heapq.heappush(self.ready, (-target.sequence, next(self.order), target))
        for left in made:
            if left is not None:
                left.holders -= 1

    def receive(self, target: Target, slot: int, gradient: FakeTensor) -> bool:
        """Put a gradient before the function that waits for it, added to the one that is there
        already; return whether there was one.

        It is added in place where nobody else holds that one, its memory is its own and no
        tracker looks: `accumulate` of torch's input_buffer.cpp.
        """
        waiting = self.waiting.setdefault(id(target), [None] * target.outputs)
        there = waiting[slot]
        if there is None:
            waiting[slot] = gradient
            return False
        alone = there.holders == 1 and there.memory.handles == 1 and not there.view
        if alone and not self.run.observed:
            self.run.note("add_")
            return True
        both = elementwise(there.layout, gradient.layout)
        waiting[slot] = total = new(self.run, both, there.itemsize, "add")
        total.holders = 1
        there.holders -= 1
        return True


def _uses(first: GradFunction) -> dict[int, int]:
    """Return for each function, by its id, how many gradients it waits for."""
    uses: dict[int, int] = {}
    stack: list[Target] = [first]
    seen = {id(first)}
    while stack:
        for edge in stack.pop().edges:
            if edge is None:
                continue
            target = id(edge[0])
            uses[target] = uses.get(target, 0) + 1
            if target not in seen:
                seen.add(target)
                stack.append(edge[0])
    return uses
