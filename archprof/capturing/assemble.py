"""A tape to a graph: what each operator becomes, where its weights are, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archprof.capturing.apart import Arrival, Buffer, FixedTensor, Stopped, Unused
from archprof.capturing.attention import captured_as
from archprof.capturing.call import Storing, elements_of, shared_first
from archprof.capturing.naming import LayerNames
from archprof.capturing.operands import Operands, without_batch
from archprof.capturing.operators import SILENT, base_name, row
from archprof.capturing.origin import CapturedEntry, CapturedNetwork
from archprof.capturing.own import own_op, with_bare_weights
from archprof.capturing.played import Played
from archprof.capturing.playing import Playing
from archprof.capturing.state import HeldWeights, with_frozen_weights
from archprof.capturing.tape import Operation, StoppedAt, Tape, values
from archprof.capturing.targets import Target
from archprof.capturing.training import is_counter, with_training
from archprof.capturing.wholes import WholeModule, wholes, within
from archprof.graph.graph import Facts, Graph, Instance, Node
from archprof.ops import OPS
from archprof.ops.base import Op, Shape
from archprof.problem import Mark, ProblemError


def assemble(network: CapturedNetwork) -> Graph:
    """Return the graph of a tape: a node for each operator, archprof's own op where one says the
    same.

    Raises ProblemError for a tape without an input or an output.
    """
    evaluation = _Assembly(network).graph()
    if network.tape.training is None:
        return evaluation
    training = _Assembly(network.replaced(tape=network.tape.training)).graph()
    return with_training(evaluation, training)


def network(tape: Tape, module: Any = None, target: Target | None = None) -> CapturedNetwork:
    """Return what stands behind a tape's graph: see CapturedNetwork."""
    return CapturedNetwork(tape, assemble, module, target)


class _Assembly:
    """A graph that is being made from a tape."""

    def __init__(self, network: CapturedNetwork):
        tape = network.tape
        self.network, self.tape = network, tape
        self.nodes: list[Node] = []
        self.at = -1  # the operation at work
        self.mark = Mark(tape.name)
        self.names = LayerNames(tape)
        self.made: dict[int, int] = {}  # by a tensor's number the node that gives it
        self.state = HeldWeights(tape)
        self.facts: dict[tuple[Op, tuple[Shape, ...], Shape], Facts] = {}
        self.wholes = {whole.call: (whole, op) for whole, op in self._wholes()}
        self.inside = within(tape, self.wholes)
        self.names.layers.update(self.wholes)
        self.wanted = {n for o in tape.operations for n in values(o.arguments)}
        self.wanted.update(tape.outputs)
        self.playing = Playing(tape, self.wanted)

    def graph(self) -> Graph:
        tape = self.tape
        if not tape.inputs:
            raise ProblemError.of(self.mark, "capture", "it takes no tensor", "give it an image")
        if not tape.outputs:
            raise ProblemError.of(self.mark, "capture", "it gives no tensor", "let it return one")
        first = next(iter(tape.inputs.values()))
        self.input = without_batch(tape.tensors[first].shape)
        self.made[first] = -1
        for name, number in list(tape.inputs.items())[1:]:
            op = Arrival(tape.tensors[number]._replace(storage=0))
            self.made[number] = self._put(self.names.free(name), op, (), CapturedEntry(self.mark))
        for self.at, operation in enumerate(tape.operations):
            if self._whole(operation) or is_counter(operation, self.wanted, self.state.names):
                continue
            if operation.outputs and base_name(operation.operator) not in SILENT:
                self._operation(operation)
        self._unused()
        outputs = tuple(dict.fromkeys(self._source(n) for n in tape.outputs))
        if tape.stopped is not None:
            outputs = (self._stopped(tape.stopped, tape.outputs),)
        return Graph(
            self.network,
            self.input,
            with_frozen_weights(self.nodes, self.state),
            outputs,
            input_name=next(iter(tape.inputs)),
            input_elements=elements_of(tape.tensors[first].dtype),
        )

    def _stopped(self, stop: StoppedAt, outputs: Sequence[int]) -> int:
        """Make a node of unknown cost where the network could not be followed any further."""
        op = Stopped(self.tape.tensors[outputs[0]]._replace(storage=0))
        mark = Mark(stop.file or self.tape.name, stop.line)
        path, source = self.names.free("stopped"), self._source(outputs[0])
        return self._put(path, op, (source,), CapturedEntry(mark))

    # --- one operation ---

    def _operation(self, operation: Operation) -> None:
        """Make the nodes of an operation: one, or one for each of several outputs that are used."""
        for place, number in enumerate(operation.outputs):
            first = place == 0
            if not first and number not in self.wanted:
                continue
            known = row(operation.operator)
            parts = known is not None and known.family == "movement"
            if first and parts and number not in self.wanted and len(operation.outputs) > 1:
                continue
            self.made[number] = self._layer(operation, place)

    def _layer(self, operation: Operation, place: int) -> int:
        tape = self.tape
        given = list(dict.fromkeys(values(operation.arguments)))
        storing, given = shared_first(tape, operation, place, given)
        weights = [n for n in given if n in self.state.names and n not in self.made]
        bound = {n: i for i, n in enumerate(n for n in given if n not in weights)}
        operands = Operands(operation, tape.tensors, bound, place)
        op, path = own_op(operands, weights, self.state)
        if op is not None:
            plays = self.playing.operation(operands, list(bound), op)
            return self._own_layer(operation, op, path, list(bound), weights, plays)
        op = with_bare_weights(operation, place, given, weights, self.state)
        if op is not None:
            plays = self.playing.operation(operands, given, op)
            return self._own_layer(operation, op, None, given, (), plays)
        return self._call(operation, place, given, weights, storing)

    def _own_layer(
        self,
        operation: Operation,
        op: Op,
        path: str | None,
        given: Sequence[int],
        weights: Sequence[int],
        plays: Played | None,
    ) -> int:
        """Make a node of an op of archprof's; `path`: where its weights are, None for none."""
        sources = self._sources(given)
        shares = self.state.paid.get(weights[0]) if weights else None
        name = self.names.of(operation, op.name) if path is None else self.names.claimed(path)
        hidden = op.family in ("movement", "identity") and op.storage(False) == "view"
        mark = Mark(operation.file, operation.line)
        remarks = self.state.remarks(self.nodes, weights)
        entry = CapturedEntry(mark, hidden, remarks, self.at, plays=plays)
        index = self._put(name, op, sources, entry, operation, shares)
        if shares is None and path is not None:
            shapes = tuple(self._shape(s) for s in sources)
            self.playing.counts(index, self.state.pay(op, shapes, path, index))
        return index

    def _call(
        self,
        operation: Operation,
        place: int,
        given: Sequence[int],
        weights: Sequence[int],
        storing: Storing,
    ) -> int:
        """Make a node that is the operator as captured."""
        path = self.names.module(operation)
        names: dict[int, str] = {}
        for number in weights:
            name = self.state.name_within(number, path)
            if number in self.state.paid:
                continue
            if name is None or not self.names.is_leaf(operation):
                self._bare(number)
            else:
                names[number] = name
        own = {name: self.state.weight(number) for number, name in names.items()}
        owned = {n for n in weights if n not in self.made}
        bound = {n: i for i, n in enumerate(n for n in given if n not in owned)}
        operands = Operands(operation, self.tape.tensors, bound, place)
        remarks = self.state.remarks(self.nodes, weights)
        op = captured_as(operands)(operands, own, storing)
        sources = self._sources(list(bound))
        path = self.names.of(operation, op.name, bool(own))
        hidden = op.family == "movement" and storing == "view" and not own
        mark = Mark(operation.file, operation.line)
        plays = self.playing.operation(operands, list(bound), op)
        entry = CapturedEntry(mark, hidden, remarks, self.at, plays=plays)
        index = self._put(path, op, sources, entry, operation)
        for number in owned:
            self.state.paid.setdefault(number, index)
        self.playing.counts(index, names)
        return index

    # --- archprof's own ops ---

    def _wholes(self) -> Iterator[tuple[WholeModule, Op]]:
        """Yield the calls of modules that are one op of archprof's, and that op."""
        for whole in wholes(self.tape):
            op = whole.op()
            if op is not None and self._holds(whole, op):
                yield whole, op

    def _holds(self, whole: WholeModule, op: Op) -> bool:
        """Whether a module has the weights of an op, and no other layer counts them."""
        shapes = (without_batch(self.tape.tensors[whole.given].shape),)
        return self.state.holds(op, shapes, whole.path, whole.weights)

    def _whole(self, operation: Operation) -> bool:
        """Make the node of a module that is one op, at the first of its operations.

        Return whether the operation is in one.
        """
        call = self.inside.get(operation.module)
        if call is None or call not in self.wholes:
            return False
        whole, op = self.wholes[call]
        if whole.result in self.made:
            return True
        if not self._holds(whole, op):
            del self.wholes[call]
            return False
        self.made[whole.result] = self._own_layer(
            whole.first,
            op,
            whole.path,
            [whole.given],
            whole.weights,
            self.playing.whole(whole, op),
        )
        return True

    # --- weights ---

    def _bare(self, number: int) -> None:
        """Make a node of a weight that an operator uses as it uses any other tensor."""
        name, weight = self.state.name(number), self.state.weight(number)
        shape = without_batch(weight.shape)
        op: Op = Buffer(shape, weight)
        if weight.trainable and shape and min(shape) > 0:
            batched = shape != weight.shape
            op = OPS["parameter"](size=list(shape), batched=batched)
        remarks = self.state.remarks(self.nodes, [number])
        entry = CapturedEntry(self.mark, remarks=remarks, plays=self.playing.weight(number))
        index = self._put(self.names.claimed(name), op, (), entry)
        self.made[number] = self.state.paid[number] = index
        self.playing.counts(index, {number: ""})

    def _unused(self) -> None:
        """Make a node for each module with weights that no operator used."""
        for path, weights in self.state.unpaid().items():
            stopped = self.tape.stopped is not None
            said = "not reached" if stopped else "nothing uses it in evaluation"
            entry = CapturedEntry(self.mark, remarks=(said,), unused=True)
            self._put(self.names.claimed(path), Unused(weights), (), entry, aux=True)

    # --- nodes ---

    def _sources(self, given: Sequence[int]) -> tuple[int, ...]:
        return tuple(self._source(number) for number in given)

    def _source(self, number: int) -> int:
        """Return the node that gives a tensor; one that nothing gave is a constant."""
        if number not in self.made:
            if number in self.state.names:
                self._bare(number)
            else:
                tensor = self.tape.tensors[number]._replace(storage=0)
                path = self.names.free("constant")
                entry = CapturedEntry(self.mark, plays=self.playing.constant(tensor))
                self.made[number] = self._put(path, FixedTensor(tensor), (), entry)
        return self.made[number]

    def _shape(self, index: int) -> Shape:
        return self.nodes[index].output if index >= 0 else self.input

    def _put(
        self,
        path: str,
        op: Op,
        sources: tuple[int, ...],
        entry: CapturedEntry,
        operation: Operation | None = None,
        shares: int | None = None,
        aux: bool = False,
    ) -> int:
        shapes = tuple(self._shape(index) for index in sources)
        output = op.output_shape(*shapes)
        facts = self.facts.setdefault((op, shapes, output), Facts(op, shapes, output))
        instance: Instance | None = None
        if operation is not None:
            instance = self.names.instance(operation, path)
            entry = entry._replace(calls=self.playing.calls(operation))
        self.nodes.append(Node(path, op, sources, facts, entry, instance, aux, shares, None))
        return len(self.nodes) - 1
