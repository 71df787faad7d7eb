"""A tape to a graph: what each operator becomes, where its weights are, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archprof.capture.call import (
    MISFITS,
    Arrival,
    Buffer,
    Call,
    Constant,
    Stopped,
    Storing,
    Unused,
    own_itemsize,
)
from archprof.capture.naming import Names
from archprof.capture.operands import Operands, without_batch
from archprof.capture.operators import SILENT, base_name, row
from archprof.capture.origin import CapturedEntry, CapturedNetwork
from archprof.capture.tape import Operation, Stop, Tape, values
from archprof.capture.targets import Target
from archprof.graph.graph import Facts, Graph, Instance, Node
from archprof.ops import OPS
from archprof.ops.answers import Weight
from archprof.ops.base import Op, Shape
from archprof.problem import Mark, ProblemError


def assemble(network: CapturedNetwork) -> Graph:
    """Return the graph of a tape: a node for each operator, archprof's own op where one says the
    same.

    Raises ProblemError for a tape without an input.
    """
    return _Assembly(network).graph()


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
        self.names = Names(tape)
        self.made: dict[int, int] = {}  # by a tensor's number the node that gives it
        self.paid: dict[int, int] = {}  # by a weight's tensor the node that counts it
        self.facts: dict[tuple[Op, tuple[Shape, ...], Shape], Facts] = {}
        # a weight's names by its tensor, the first one first
        self.weights: dict[int, list[str]] = {}
        for name, weight in tape.weights.items():
            self.weights.setdefault(weight.value, []).append(name)
        self.wanted = {n for o in tape.operations for n in values(o.arguments)}
        self.wanted.update(tape.outputs)

    def graph(self) -> Graph:
        tape = self.tape
        if not tape.inputs:
            hint = "give the network an input of one image"
            raise ProblemError.of(Mark(tape.name), "capture", "it takes no tensor", hint)
        first = next(iter(tape.inputs.values()))
        self.input = without_batch(tape.tensors[first].shape)
        self.made[first] = -1
        for name, number in list(tape.inputs.items())[1:]:
            op = Arrival(tape.tensors[number]._replace(storage=0))
            self.made[number] = self._put(
                self.names.free(name), op, (), CapturedEntry(self._mark())
            )
        for self.at, operation in enumerate(tape.operations):
            if operation.outputs and base_name(operation.operator) not in SILENT:
                self._operation(operation)
        self._unused()
        outputs = tuple(dict.fromkeys(self._source(n) for n in tape.outputs))
        if tape.stopped is not None:
            outputs = (self._stopped(tape.stopped, tape.outputs),)
        return Graph(self.network, self.input, tuple(self.nodes), outputs)

    def _mark(self) -> Mark:
        return Mark(self.tape.name)

    def _stopped(self, stop: Stop, outputs: Sequence[int]) -> int:
        """Make a node of unknown cost where the network could not be followed any further."""
        op = Stopped(self.tape.tensors[outputs[0]]._replace(storage=0))
        mark = Mark(stop.file or self.tape.name, stop.line)
        return self._put(
            self.names.free("stopped"), op, (self._source(outputs[0]),), CapturedEntry(mark)
        )

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
        given = list(dict.fromkeys(values(operation.arguments)))
        storing, given = self._storing(operation, place, given)
        weights = [n for n in given if n in self.weights and n not in self.made]
        bound = {n: i for i, n in enumerate(n for n in given if n not in weights)}
        operands = Operands(operation, self.tape.tensors, bound, place)
        mark = Mark(operation.file, operation.line)
        op, path = self._own(operands, weights)
        if op is not None:
            sources = self._sources(operands, list(bound))
            shares = self._shares(weights)
            remarks = tuple(self._remarks(weights))
            if path is None:
                path = self.names.of(operation, op.name)
            hidden = op.family in ("movement", "identity") and op.storage(False) == "view"
            index = self._put(
                path, op, sources, CapturedEntry(mark, hidden, remarks, self.at), operation, shares
            )
            if shares is None:
                prefix = f"{path}." if path else ""
                for name in op.weights(*(self._shape(s) for s in sources)):
                    full = prefix + name if name else path
                    self.paid[self.tape.weights[full].value] = index
            return index
        return self._call(operation, place, given, weights, storing, mark)

    def _call(
        self,
        operation: Operation,
        place: int,
        given: Sequence[int],
        weights: Sequence[int],
        storing: Storing,
        mark: Mark,
    ) -> int:
        """Make a node that is the operator as captured."""
        path = self.names.module(operation)
        own: dict[str, Weight] = {}
        for number in weights:
            name = self._name_within(number, path)
            if number in self.paid:
                continue
            if name is None or not self.names.is_leaf(operation):
                self._bare(number)
            else:
                own[name] = self._weight(number)
        owned = {n for n in weights if n not in self.made}
        bound = {n: i for i, n in enumerate(n for n in given if n not in owned)}
        operands = Operands(operation, self.tape.tensors, bound, place)
        remarks = tuple(self._remarks(weights))
        op = Call(operands, own, storing)
        sources = self._sources(operands, list(bound))
        path = self.names.of(operation, op.name, bool(own))
        hidden = op.family == "movement" and storing == "view" and not own
        index = self._put(
            path, op, sources, CapturedEntry(mark, hidden, remarks, self.at), operation
        )
        for number in owned:
            self.paid.setdefault(number, index)
        return index

    def _storing(
        self, operation: Operation, place: int, given: list[int]
    ) -> tuple[Storing, list[int]]:
        """Return whether an output has memory of its own, and the inputs, that first whose memory
        it shares.
        """
        storage = self.tape.tensors[operation.outputs[place]].storage
        shared = [n for n in given if self.tape.tensors[n].storage == storage]
        if not shared or storage < 0:
            return "new", given
        rest = [n for n in given if n != shared[0]]
        name = base_name(operation.operator)
        inplace = name.endswith("_") and not name.endswith("__")
        return ("inplace" if inplace else "view"), [shared[0], *rest]

    # --- archprof's own ops ---

    def _own(self, operands: Operands, weights: Sequence[int]) -> tuple[Op | None, str | None]:
        """Return the op of archprof's that says what an operator does, and its path where its
        weights give it one.

        It says the same where its output is the captured one and its weights are all those that it
        would have.
        """
        known = row(operands.operation.operator)
        if known is None or known.becomes is None:
            return None, None
        if operands.place > 0 and known.family != "movement":
            return None, None
        if own_itemsize(operands.output.tensor.dtype) is not None:
            return None, None
        shapes = tuple(each.shape for each in operands.inputs)
        try:
            op = known.becomes(operands)
            if op is None or not _says_the_same(op, shapes, operands.output.shape):
                return None, None
        except MISFITS:
            return None, None
        if not weights:
            return (op, None) if not op.weights(*shapes) else (None, None)
        for name in self.weights[weights[0]]:
            path = name if "" in op.weights(*shapes) else name.rpartition(".")[0]
            if self._holds(op, shapes, path, weights):
                return op, path
        return None, None

    def _holds(self, op: Op, shapes: tuple[Shape, ...], path: str, used: Sequence[int]) -> bool:
        """Whether the state dict has at `path` exactly the weights of an op, and these are the
        ones used.
        """
        prefix = f"{path}." if path else ""
        numbers = set()
        for name, weight in op.weights(*shapes).items():
            full = prefix + name if name else path
            found = self.tape.weights.get(full)
            if found is None or self.tape.tensors[found.value].shape != weight.shape:
                return False
            if found.trainable != weight.trainable:
                return False
            numbers.add(found.value)
        if not set(used) <= numbers:
            return False
        owners = {self.paid.get(number) for number in numbers}
        return len(owners) == 1 or owners == {None}

    def _shares(self, weights: Sequence[int]) -> int | None:
        return self.paid.get(weights[0]) if weights else None

    # --- weights ---

    def _weight(self, number: int) -> Weight:
        tensor = self.tape.tensors[number]
        weight = self.tape.weights[self.weights[number][0]]
        return Weight(tensor.shape, weight.trainable, own_itemsize(tensor.dtype), weight.persistent)

    def _name_within(self, number: int, path: str) -> str | None:
        """Return a weight's name within a module, None where it is not the module's own."""
        prefix = f"{path}." if path else ""
        for name in self.weights[number]:
            if name.startswith(prefix) and "." not in name[len(prefix) :]:
                return name[len(prefix) :]
        return None

    def _bare(self, number: int) -> None:
        """Make a node of a weight that an operator uses as it uses any other tensor."""
        name, weight = self.weights[number][0], self._weight(number)
        shape = without_batch(weight.shape)
        op: Op = Buffer(shape, weight)
        if weight.trainable and shape and min(shape) > 0:
            batched = shape != weight.shape
            op = OPS["parameter"](size=list(shape), batched=batched)
        entry = CapturedEntry(self._mark(), remarks=tuple(self._remarks([number])))
        index = self._put(name, op, (), entry)
        self.made[number] = self.paid[number] = index

    def _remarks(self, weights: Sequence[int]) -> Iterator[str]:
        """Yield what there is to say of weights: where they are counted already, and that they are
        frozen.
        """
        for number in weights:
            name = self.weights[number][0]
            if number in self.paid:
                yield f"`{name}` is counted in `{self.nodes[self.paid[number]].path}`"
        frozen = [
            self.weights[n][0] for n in weights if self.tape.weights[self.weights[n][0]].frozen
        ]
        if frozen:
            yield "frozen"

    def _unused(self) -> None:
        """Make a node for each module with weights that no operator used."""
        left: dict[str, dict[str, Weight]] = {}
        for name, weight in self.tape.weights.items():
            if weight.value in self.paid or weight.same_as:
                continue
            path, _, leaf = name.rpartition(".")
            left.setdefault(path, {})[leaf] = self._weight(weight.value)
        for path, weights in left.items():
            entry = CapturedEntry(self._mark(), remarks=("nothing uses it in evaluation",))
            self._put(path, Unused(weights), (), entry, aux=True)

    # --- nodes ---

    def _sources(self, operands: Operands, given: Sequence[int]) -> tuple[int, ...]:
        return tuple(self._source(number) for number in given)

    def _source(self, number: int) -> int:
        """Return the node that gives a tensor; one that nothing gave is a constant."""
        if number not in self.made:
            if number in self.weights:
                self._bare(number)
            else:
                op = Constant(self.tape.tensors[number]._replace(storage=0))
                path = self.names.free("constant")
                self.made[number] = self._put(path, op, (), CapturedEntry(self._mark()))
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
        self.nodes.append(Node(path, op, sources, facts, entry, instance, aux, shares, None))
        return len(self.nodes) - 1


def _says_the_same(op: Op, inputs: tuple[Shape, ...], output: Shape) -> bool:
    """Whether an op takes as many inputs, and gives the captured output."""
    least, most = op.arity
    if len(inputs) < least or (most is not None and len(inputs) > most):
        return False
    return op.output_shape(*inputs) == output
