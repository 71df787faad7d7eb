"""Simulate a step of training: forward, loss, backward and optimizer, kernel by kernel."""

from __future__ import annotations

from collections.abc import Iterable

from archprof.allowance import check
from archprof.autograd.checkpointing import Checkpoint, EndOfReplay
from archprof.autograd.engine import backward, reached
from archprof.autograd.layout import contiguous
from archprof.autograd.losses import loss_of
from archprof.autograd.pointwise import add, scaled
from archprof.autograd.run import GRADIENTS, INPUT, SAVED, AliveMemory, Arithmetic, Birth, Run
from archprof.autograd.tensor import FakeParameter, FakeTensor, KeptTensors
from archprof.column_functions import most
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
    alive: tuple[AliveMemory, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def peak(self) -> Birth:
        """The birth after which the most bytes are alive; the first of several."""
        return max(self.births, key=lambda birth: birth.live)

    @property
    def peak_bytes(self) -> int:
        """The most bytes that are alive; of several networks at once, where it is another birth in
        each, those of each.
        """
        live: int = most([birth.live for birth in self.births])
        return live


def simulate(graph: Graph, conditions: StepConditions, watch: int | None = None) -> Timeline:
    """Return a step of a network, auxiliary heads included.

    The loss is the cross entropy of class scores, or the mean of any other output, those of several
    outputs added up, auxiliary ones at a weight. `watch`: the birth at which is noted what is
    alive.
    """
    return SimulatedStep(graph.training or graph, conditions, watch).timeline()


class SimulatedStep:
    """A step that is being simulated: its run, its weights, and who reads which value last."""

    def __init__(self, graph: Graph, conditions: StepConditions, watch: int | None) -> None:
        self.graph, self.conditions = graph, conditions
        self.run = Run(
            conditions.device, conditions.itemsize, conditions.observed, watch, conditions.batch
        )
        self.weights: dict[int, dict[str, FakeTensor]] = {}
        self.trained: dict[str, FakeParameter] = {}
        self.make_weights(range(len(graph.nodes)))
        self.parameters = [self.trained[name] for name in in_order_of_modules(self.trained)]
        weights = [each for own in self._own_weights() for each in own.values()]
        averaged = sum(node.facts.params for node in graph.nodes if node.shares is None)
        self.update = Update(self.run, conditions.optimizer, self.parameters, weights, averaged)
        size = self._itemsize(graph.input_elements.itemsize)
        self.image = self._given((conditions.batch, *graph.input), size)
        self.target = self._given((conditions.batch,), 8)
        self.arrived = {
            index: self._given((conditions.batch, *node.output), self._itemsize(node.op.itemsize))
            for index, node in enumerate(graph.nodes)
            if node.op.arrives and not node.entry.plays
        }
        self.readers = last_readers(graph)
        self.saved = 0

    def _itemsize(self, own: int | None) -> int:
        return self.conditions.itemsize if own is None else own

    def _given(self, shape: tuple[int, ...], itemsize: int) -> FakeTensor:
        given = FakeTensor(self.run, contiguous(shape), itemsize)
        self.run.move(given.memory, INPUT)
        return given

    def make_weights(self, nodes: Iterable[int]) -> None:
        """Make the parameters and buffers of nodes; those that share a node's get the same ones."""
        for index in nodes:
            node = self.graph.nodes[index]
            shared = None if node.shares is None else self.weights.get(node.shares)
            self.weights[index] = self._weights_of(node) if shared is None else shared

    def _weights_of(self, node: Node) -> dict[str, FakeTensor]:
        own: dict[str, FakeTensor] = {}
        for name, weight in node.facts.weights.items():
            full = node.weight_path(name)
            still = name not in node.trained
            size = weight.itemsize or self.conditions.itemsize
            own[name] = made = FakeParameter(self.run, weight.shape, size, still)
            made.path = node.path
            if not still:
                self.trained[full] = made
        return own

    def _own_weights(self) -> list[dict[str, FakeTensor]]:
        """Return the weights of each layer that shares no other's."""
        nodes = self.graph.nodes
        return [own for index, own in self.weights.items() if nodes[index].shares is None]

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
            unknown=self._unknown(),
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

    def _unknown(self) -> tuple[str, ...]:
        found = dict.fromkeys(self.run.unknown)
        for node in self.graph.nodes:
            plays = node.entry.plays
            known = node.facts.saved is not None if plays is None else plays.known
            if not known:
                found[node.path] = None
        return tuple(found)

    def _forward(self) -> FakeTensor:
        run = self.run
        run.phase, run.autocast = "forward", self.conditions.autocast
        values = {-1: self.image}
        if self.conditions.checkpoints:
            self._run_in_parts(values)
        else:
            self.run_all(range(len(self.graph.nodes)), values)
        loss = self._loss(values)
        run.autocast = False
        run.narrowed.clear()
        self.saved = run.kinds[SAVED]
        return loss

    def run_all(self, nodes: Iterable[int], values: dict[int, FakeTensor]) -> None:
        """Run nodes one after the other; a value is dropped after its last reader."""
        for index in nodes:
            check()
            self._run_node(index, values)
            for source in self.readers.get(index, ()):
                values.pop(source, None)

    def _run_node(self, index: int, values: dict[int, FakeTensor]) -> None:
        node = self.graph.nodes[index]
        self.run.path = node.path
        inputs = [values[source] for source in node.inputs]
        if index in self.arrived:
            values[index] = self.arrived[index]
            return
        shape = (self._samples(node, inputs), *node.output)
        try:
            if node.entry.plays is not None:
                values[index] = node.entry.plays(self.run, inputs, self.weights)
            else:
                values[index] = node.op.kernels(self.run, inputs, self.weights[index], shape)
        except EndOfReplay as end:
            if end.kernel_ran:
                self._count_beside(node, shape[0])
            raise
        self._count_beside(node, shape[0])

    def _count_beside(self, node: Node, samples: int) -> None:
        """Count the FLOPs of a layer beside its multiply-accumulates, which kernels count."""
        cost = node.facts.cost
        if cost is not None:
            self.run.count(0, (cost.flops - 2 * cost.macs) * samples)

    def _samples(self, node: Node, inputs: list[FakeTensor]) -> int:
        """Return the size of the batch, 1 of what is made from parameters alone."""
        count = self.conditions.batch if node.op.arrives else 1
        if node.op.constant:
            return count
        return max([count, *(each.shape[0] for each in inputs if each.shape)])

    def _run_in_parts(self, values: dict[int, FakeTensor]) -> None:
        """Run parts of the network, some of them checkpointed."""
        for part, again in self.conditions.checkpoints:
            if again:
                self.run_checkpointed(part, values)
            else:
                self.run_all(part, values)

    def run_checkpointed(self, part: tuple[int, ...], values: dict[int, FakeTensor]) -> None:
        """Run a part of one input and one result, so that it runs again in the backward pass."""
        source = next(s for i in part for s in self.graph.nodes[i].inputs if s < part[0])
        given = values[source]

        def again() -> None:
            self.run_all(part, {source: given})

        self.run.recording = Checkpoint(again, KeptTensors([given]), self.run.autocast)
        inner = {source: given}
        if any(source in self.readers.get(index, ()) for index in part):
            values.pop(source)
        self.run_all(part, inner)
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
            one = loss_of(run, output)
            del output
            if place >= main:
                one = scaled(run, one)
            total = one if total is None else add(run, total, one)
        if total is None:
            raise ValueError("a network without an output has no loss")
        return total


def last_readers(graph: Graph) -> dict[int, list[int]]:
    """Return for each node the values that nobody reads after it; outputs live on.

    What a module is given lives until it returns: torch.nn.Module.__call__ holds its arguments.
    """
    last: dict[int, int] = {}
    ends = _ends(graph)
    for index, node in enumerate(graph.nodes):
        last[index] = max(index, last.get(index, index))
        for source in node.inputs:
            made_in = graph.nodes[source].entry.calls if source >= 0 else ()
            inner = [call for call in node.entry.calls if call not in made_in]
            until = ends[inner[0]] if inner else index
            last[source] = max(until, last.get(source, until))
    kept = {*graph.outputs, *graph.aux_outputs}
    readers: dict[int, list[int]] = {}
    for source, index in last.items():
        if source not in kept and source >= 0:
            readers.setdefault(index, []).append(source)
    return readers


def _ends(graph: Graph) -> dict[int, int]:
    """Return for each call of a module the last node that runs in it."""
    return {call: index for index, node in enumerate(graph.nodes) for call in node.entry.calls}
