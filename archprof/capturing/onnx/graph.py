"""An ONNX graph, node by node, to a tape."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping, Sequence
from typing import Any

from archprof.allowance import check, limits
from archprof.capturing.onnx.fusing import sums_behind, with_bias
from archprof.capturing.onnx.names import (
    NodePlace,
    from_output,
    from_weights,
    is_state_name,
    stack,
    where,
)
from archprof.capturing.onnx.nodes import (
    all_constant,
    called,
    constant,
    has_weights,
    measure,
    operator_name,
    plain,
    root_of,
    shown,
    texts,
)
from archprof.capturing.onnx.shapes import Inference
from archprof.capturing.onnx.tape import OnnxTape
from archprof.capturing.onnx.values import Known, read, worked_out
from archprof.capturing.onnx_operators import ONNX_OPERATORS
from archprof.capturing.onnx_operators.given import Given, OnnxOperator
from archprof.capturing.tape import StoppedAt
from archprof.limits import raising
from archprof.problem import Mark, ProblemError

Env = MutableMapping[str, Known]

DAMAGED = "export the network again; `onnx.checker.check_model` says what else is wrong"

DEEPEST = 50
"""How deep graphs and functions may lie in each other."""

# what a row raises for a node that it does not describe
_MISFITS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)


class GraphReader:
    """Reads a model's graph, and those in it."""

    def __init__(self, onnx: Any, model: Any, tape: OnnxTape, inference: Inference):
        self.onnx, self.tape, self.inference = onnx, tape, inference
        self.functions = {(f.domain, f.name): f for f in model.functions}
        self.versions = {_domain(entry): entry.version for entry in model.opset_import}
        self.sums: dict[str, Any] = {}  # of the graph that is being read
        self.joined: set[str] = set()  # by what they give the sums that are part of a linear layer
        self.stopped: StoppedAt | None = None
        self.nodes = 0
        self.deep = 0
        self.around = NodePlace((), "", 0)  # of the function that is being read

    def read(self, graph: Any, env: Env) -> None:
        """Write the operations of a graph whose inputs, and what is around it, are in `env`.

        Raises ProblemError for what does not fit, and for more than a network may have.
        """
        self._constants(graph, env)
        self.nodes_in(graph.node, [value.name for value in graph.output], env)

    def nodes_in(self, nodes: Sequence[Any], outputs: Sequence[str], env: Env) -> None:
        """Write nodes that give these outputs together."""
        self.deep += 1
        if self.deep > DEEPEST:
            message = f"graphs and functions lie more than {DEEPEST} deep in each other"
            raise ProblemError.of(Mark(self.tape.model), "limit", message)
        for node in nodes:
            self._refuse_bytes(*texts(node))
        outer = self.sums, self.joined
        self.sums, self.joined = sums_behind(nodes, outputs), set()
        for node in nodes:
            self.count()
            if not (node.op_type == "Add" and node.output and node.output[0] in self.joined):
                self.node(node, env)
        self.sums, self.joined = outer
        self.deep -= 1

    @staticmethod
    def nested(env: Env) -> Env:
        """Return the names of a graph inside another, which sees those around it."""
        return ChainMap({}, env)

    def _constants(self, graph: Any, env: Env) -> None:
        named = [(tensor.name, tensor, tensor.dims) for tensor in graph.initializer]
        named += [(each.values.name, each.values, each.dims) for each in graph.sparse_initializer]
        for name, tensor, sizes in named:
            self._refuse_bytes(name)
            if any(n < 0 for n in sizes):
                message = f"the initializer `{name}` has the size {list(sizes)}"
                raise ProblemError.of(Mark(self.tape.model), "file", message, DAMAGED)
            shape = tuple(sizes)
            data = read(self.onnx, tensor) if tuple(tensor.dims) == shape else None
            env[name] = Known(name, tensor.data_type, shape, True, data)

    def _refuse_bytes(self, *found: Any) -> None:
        """Raise ProblemError for a name that is not text in UTF-8, which the library leaves as
        bytes.
        """
        if not all(isinstance(each, str) for each in found):
            message = "a name in it is not in UTF-8"
            raise ProblemError.of(Mark(self.tape.model), "file", message, DAMAGED)

    def count(self) -> None:
        """Count a node, or a turn of a loop. Raises ProblemError for too many."""
        check()
        self.nodes += 1
        most = 4 * limits().layers
        if self.nodes > most:
            hint = raising("layers", 10 * limits().layers)
            message = f"more than {most:,} nodes, those in loops and functions counted each time"
            raise ProblemError.of(Mark(self.tape.model), "limit", message, hint)

    def node(self, node: Any, env: Env) -> None:
        """Write one node."""
        from archprof.capturing.onnx.control import CONTROL, call
        from archprof.capturing.onnx.sequences import SEQUENCES

        op = operator_name(node)
        function = self.functions.get((node.domain, node.op_type))
        if op in ("Constant", "Identity"):
            self._passed(node, env)
        elif function is not None:
            call(self, node, function, env)
        else:
            enter = CONTROL.get(op) or (SEQUENCES.get(op) if node.output else None)
            if enter is None or not enter(self, node, env):
                self._operator(op, node, env)

    def _passed(self, node: Any, env: Env) -> None:
        """Note a constant, or the same value under another name."""
        name = node.output[0] if node.output else ""
        if node.op_type == "Identity":
            same = self.lookup(node, node.input[0] if node.input else "", env)
            if same.constant:  # under another name: equal weights are once in a file
                root = same.root or same
                same = Known(name, same.elem, same.shape, True, same.data, root)
            env[name] = same
            return
        env[name] = constant(self.onnx, node, name)

    def lookup(self, node: Any, name: str, env: Env) -> Known:
        """Return a value by name. Raises ProblemError for one that nothing gives."""
        found = env.get(name)
        if found is None:
            message = f"nothing gives `{name}`, an input of {called(node)}"
            raise ProblemError.of(Mark(self.tape.model), "file", message, DAMAGED)
        return found

    # --- operators ---

    def _operator(self, op: str, node: Any, env: Env) -> None:
        node = self._with_bias(op, node, env)
        inputs = [self.lookup(node, name, env) if name else None for name in node.input]
        attributes = plain(self.onnx, node)
        at = self.place(node, inputs)
        version = self.versions.get("" if node.domain == "ai.onnx" else node.domain, 1)
        row = ONNX_OPERATORS.get(op)
        given = Given(self.tape, op, version, attributes, inputs, (), at)
        outputs = self._outputs(node, version, inputs, row, given)
        self._make_constant(op, node, given, outputs)
        named = list(zip(node.output, outputs, strict=False))
        env.update((name, known) for name, known in named if name)
        if all(known.constant for known in outputs):
            return
        given.outputs = [known if name else None for name, known in named]
        self._write(row, given)
        if outputs and outputs[0].shape is None:
            self._stop(node, at)

    def _with_bias(self, op: str, node: Any, env: Env) -> Any:
        """Return a product with the addition of a bias behind it as one node, others as they
        are.
        """
        addition = self.sums.get(node.output[0]) if op == "MatMul" and node.output else None
        whole = None if addition is None else with_bias(self.onnx, node, addition, env)
        if whole is None:
            return node
        self.joined.add(whole.output[0])
        return whole

    def _outputs(
        self,
        node: Any,
        version: int,
        inputs: Sequence[Known | None],
        row: OnnxOperator | None,
        given: Given,
    ) -> list[Known]:
        try:
            found = self.inference.outputs(node, version, inputs, row, given)
        except ValueError as error:
            shapes = ", ".join(shown(each) for each in inputs if each is not None)
            message = f"{called(node)} does not fit what it is given, {shapes}: {error}"
            hint = "give sizes that fit with --input, or export the network again"
            raise ProblemError.of(Mark(self.tape.model), "shape", message, hint) from None
        return [
            Known(name, elem, shape) for name, (elem, shape) in zip(node.output, found, strict=True)
        ]

    def _make_constant(self, op: str, node: Any, given: Given, outputs: Sequence[Known]) -> None:
        """Make the outputs constants where sizes alone decide them, or nothing but constants."""
        inputs = given.inputs
        if op in ("Shape", "Size") and inputs and inputs[0] and inputs[0].shape is not None:
            measure(op, given.attributes, inputs[0].shape, outputs)
        elif all_constant(op, inputs):
            self._work_out(node, given.version, inputs, outputs)
            self._keep_parameters(inputs, outputs)

    def _work_out(
        self,
        node: Any,
        version: int,
        inputs: Sequence[Known | None],
        outputs: Sequence[Known],
    ) -> None:
        """Make the outputs of a node that is given nothing but constants constants too."""
        results = worked_out(self.onnx, node, version, inputs, outputs)
        for known, data in zip(outputs, results, strict=False):
            if data is not None:
                known.data, known.shape = data, tuple(data.shape)
        for known in outputs:
            known.constant = known.shape is not None
            known.root = root_of(node.op_type, inputs, known)
            known.made = known.root is None

    def _keep_parameters(self, inputs: Sequence[Known | None], outputs: Sequence[Known]) -> None:
        """Leave no parameter out: what is made of one, and is not it under another shape, is a
        layer like any other, such as the rows of a table of position biases.
        """
        made_of = [each for each in inputs if each is not None and each.is_float]
        if any(self.tape.is_weight(each) for each in made_of):
            for known in outputs:
                known.constant = known.constant and known.root is not None

    def _write(self, row: OnnxOperator | None, given: Given) -> None:
        """Write a node by its row; one that no row describes keeps ONNX's name."""
        before = len(self.tape.operations)
        unknown = any(each is not None and each.shape is None for each in given.inputs)
        if row is not None and not unknown:
            try:
                row.write(given)
                return
            except _MISFITS:
                del self.tape.operations[before:]
        values = {
            f"input_{i}": self.tape.value(each)
            for i, each in enumerate(given.inputs)
            if each is not None and each.shape is not None
        }
        name = given.op if "." in given.op else f"onnx.{given.op}"
        given.emit(name, values)

    def _stop(self, node: Any, at: NodePlace) -> None:
        if self.stopped is None:
            reason = f"the size of what {called(node)} gives depends on the data or is not known"
            self.stopped = StoppedAt(at.file, at.line, reason)

    def place(self, node: Any, inputs: Sequence[Known | None]) -> NodePlace:
        """Return where a node is; one with weights has a path, since these must be called
        something.
        """
        weights = [each for each in inputs if each is not None and each.constant]
        weighty = has_weights(node, inputs)
        names = [name for each in weights for name in (each.name, (each.root or each).name)]
        names = [name for name in names if weighty and is_state_name(name)]
        found = where(node, names, self.tape.model)
        path, outer = found.path, self.around.path
        if not path and not outer and weights and weighty:
            output = node.output[0] if node.output else ""
            told = from_weights([each.name for each in weights]) or from_output(output)
            path = told or f"{node.op_type.lower()}_{self.nodes}"
        if outer and not path.startswith(outer):
            path = f"{outer}.{path}" if path else outer
        if path != found.path:
            found = found._replace(stack=stack(path, dict(found.stack)))
        return found


def _domain(entry: Any) -> str:
    return "" if entry.domain == "ai.onnx" else entry.domain
