"""Simulate a step of training: forward, loss, backward and optimizer, kernel by kernel."""

from __future__ import annotations

from collections.abc import Iterable

from archprof.autograd.checkpointing import Block
from archprof.autograd.engine import backward, reached
from archprof.autograd.layout import contiguous
from archprof.autograd.losses import cross_entropy, mean_of
from archprof.autograd.pointwise import add, scaled
from archprof.autograd.run import GRADIENTS, INPUT, SAVED, Arithmetic, Birth, Held, Run
from archprof.autograd.tensor import FakeParameter, FakeTensor
from archprof.graph.graph import Graph, Node
from archprof.record import Record
from archprof.training.conditions import StepConditions
from archprof.training.order import in_order_of_modules
from archprof.training.update import Update


class Timeline(Record):
    """A step of training: every kernel that made a tensor, in order, and the arithmetic.

    `saved`: the bytes that autograd keeps at the end of the forward pass. `alive`: what is alive at
    the birth that was watched. `unknown`: the layers of which it is not known what they keep or
    cost: then every number is a lower bound.
    """

    births: tuple[Birth, ...]
    saved: int
    forward: Arithmetic
    backward: Arithmetic
    recomputed: Arithmetic
    update: Arithmetic
    alive: tuple[Held, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def peak(self) -> Birth:
        """The birth after which the most bytes are alive; the first of several."""
        return max(self.births, key=lambda birth: birth.live)


def simulate(graph: Graph, conditions: StepConditions, watch: int | None = None) -> Timeline:
    """Return a step of a network, auxiliary heads included.

    The loss is the cross entropy of class scores, or the mean of any other output, those of several
    outputs added up, auxiliary ones at a weight. `watch`: the birth at which is noted what is
    alive.
    """
    return _Step(graph.training or graph, conditions, watch).timeline()


class _Step:
    def __init__(self, graph: Graph, conditions: StepConditions, watch: int | None) -> None:
        self.graph, self.conditions = graph, conditions
        self.run = Run(conditions.device, conditions.itemsize, conditions.observed, watch)
        self.weights: list[dict[str, FakeTensor]] = []
        self.parameters = self._make_weights()
        weights = [each for own in self._own_weights() for each in own.values()]
        self.update = Update(
            self.run, conditions.optimizer, self.parameters, weights, _elements(graph)
        )
        self.image = self._given((conditions.batch, *graph.input), self._input_itemsize())
        self.target = self._given((conditions.batch,), 8)
        self.readers = _last_readers(graph)
        self.saved = 0

    def _input_itemsize(self) -> int:
        own = self.graph.input_itemsize
        return self.conditions.itemsize if own is None else own

    def _given(self, shape: tuple[int, ...], itemsize: int) -> FakeTensor:
        given = FakeTensor(self.run, contiguous(shape), itemsize)
        self.run.move(given.memory, INPUT)
        return given

    def _make_weights(self) -> list[FakeParameter]:
        """Make parameters and buffers, and return those that train, in torch's order."""
        frozen = self.conditions.frozen
        train: dict[str, FakeParameter] = {}
        for node in self.graph.nodes:
            if node.shares is not None:
                self.weights.append(self.weights[node.shares])
                continue
            own: dict[str, FakeTensor] = {}
            for name, weight in node.facts.weights.items():
                full = ".".join(part for part in (node.path, name) if part)
                still = not weight.trainable or (frozen is not None and frozen(full))
                size = weight.itemsize or self.conditions.itemsize
                own[name] = made = FakeParameter(self.run, weight.shape, size, still)
                made.path = node.path
                if not still:
                    train[full] = made
            self.weights.append(own)
        return [train[name] for name in in_order_of_modules(train)]

    def _own_weights(self) -> list[dict[str, FakeTensor]]:
        """Return the weights of each layer that shares no other's."""
        return [
            own
            for node, own in zip(self.graph.nodes, self.weights, strict=True)
            if node.shares is None
        ]

    def timeline(self) -> Timeline:
        run, conditions = self.run, self.conditions
        run.note("start")
        for turn in range(conditions.accumulate):
            loss = self._forward()
            if turn == 0 and not conditions.first:
                self._resume(loss)
            run.phase = "backward"
            backward(run, self.update.scaled(loss))
            del loss
        self.update.step()
        self._end()
        return Timeline(
            births=tuple(run.births),
            saved=self.saved,
            forward=run.forward,
            backward=run.backward,
            recomputed=run.recomputed,
            update=run.update,
            alive=tuple(run.alive),
        )

    def _resume(self, loss: FakeTensor) -> None:
        """Make what an earlier step has left, as if it had been there from the start: which
        parameters it is of is known only where a loss leads to them.
        """
        parameters = reached(loss)

        def make() -> None:
            self.update.resume(parameters)
            if not self.conditions.set_to_none:
                for each in parameters:
                    each.gradient = made = FakeTensor(self.run, each.layout, each.itemsize)
                    self.run.move(made.memory, GRADIENTS)

        self.run.backdate(make)

    def _end(self) -> None:
        """Free the gradients, where they are not set to zero, and note what is left."""
        if self.conditions.set_to_none:
            for each in self.parameters:
                each.gradient = None
        self.run.phase, self.run.path = "end", ""
        self.run.births.append(Birth("end", "", "zero_grad", tuple(self.run.kinds)))

    def _forward(self) -> FakeTensor:
        run = self.run
        run.phase, run.autocast = "forward", self.conditions.autocast
        values = {-1: self.image}
        if self.conditions.checkpoints:
            self._run_in_parts(values)
        else:
            self._run_all(range(len(self.graph.nodes)), values)
        loss = self._loss(values)
        run.autocast = False
        run.narrowed.clear()
        self.saved = run.kinds[SAVED]
        return loss

    def _run_all(self, nodes: Iterable[int], values: dict[int, FakeTensor]) -> None:
        """Run nodes one after the other; a value is dropped after its last reader."""
        for index in nodes:
            self._run_node(index, values)
            for source in self.readers.get(index, ()):
                values.pop(source, None)

    def _run_node(self, index: int, values: dict[int, FakeTensor]) -> None:
        node = self.graph.nodes[index]
        self.run.path = node.path
        inputs = [values[source] for source in node.inputs]
        shape = (self._samples(node, inputs), *node.output)
        values[index] = node.op.kernels(self.run, inputs, self.weights[index], shape)

    def _samples(self, node: Node, inputs: list[FakeTensor]) -> int:
        """Return the size of the batch, 1 of what is made from parameters alone."""
        count = self.conditions.batch if node.op.arrives else 1
        if node.op.constant:
            return count
        return max([count, *(each.shape[0] for each in inputs if each.shape)])

    def _run_in_parts(self, values: dict[int, FakeTensor]) -> None:
        """Run parts of the network, some of them checkpointed."""
        source = -1
        for part, again in self.conditions.checkpoints:
            if again:
                self._run_checkpointed(part, source, values)
            else:
                self._run_all(part, values)
            source = part[-1]

    def _run_checkpointed(
        self, part: tuple[int, ...], source: int, values: dict[int, FakeTensor]
    ) -> None:
        given = values[source]

        def again() -> None:
            self._run_all(part, {source: given})

        self.run.recording = Block(again)
        inner = {source: given}
        if source >= 0:
            values.pop(source)
        self._run_all(part, inner)
        self.run.recording = None
        values[part[-1]] = inner[part[-1]]

    def _loss(self, values: dict[int, FakeTensor]) -> FakeTensor:
        """Return the loss of all outputs, each dropped as its own loss is known."""
        run = self.run
        run.path = "loss"
        total = None
        outputs = [values[index] for index in (*self.graph.outputs, *self.graph.aux_outputs)]
        values.clear()
        main = len(self.graph.outputs)
        for place in range(len(outputs)):
            output = outputs[place]
            outputs[place] = self.target
            one = cross_entropy(run, output) if len(output.shape) == 2 else mean_of(run, output)
            del output
            if place >= main:
                one = scaled(run, one)
            total = one if total is None else add(run, total, one)
        if total is None:
            raise ValueError("a network without an output has no loss")
        return total


def _elements(graph: Graph) -> int:
    """Return how many elements all parameters have, frozen ones too."""
    return sum(node.facts.params for node in graph.nodes if node.shares is None)


def _last_readers(graph: Graph) -> dict[int, list[int]]:
    """Return for each node the values that nobody reads after it; outputs live on."""
    last: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        last.setdefault(index, index)
        for source in node.inputs:
            last[source] = index
    kept = {*graph.outputs, *graph.aux_outputs}
    readers: dict[int, list[int]] = {}
    for source, index in last.items():
        if source not in kept and source >= 0:
            readers.setdefault(index, []).append(source)
    return readers
