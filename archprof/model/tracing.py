"""A torch module to a tape: what torch.export writes down when the module runs without data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import torch
from torch import fx, nn

from archprof.capturing.tape import MAX_SIZE, ModuleCall, Operation, Tape, Tensor, TensorRef
from archprof.model.export_shortcuts import without_code, without_lines
from archprof.model.frames import place
from archprof.model.registered import registered, weights
from archprof.model.untouched import in_mode


class Inputs(NamedTuple):
    """The example tensors that a module is run on: by position, and by name."""

    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = {}


def traced(
    module: nn.Module, inputs: Inputs, name: str, heading: str, training: bool = False
) -> Tape:
    """Return what the module computes in evaluation or training, as torch.export writes it down.

    Nothing is computed, and the module stays as it is. Raises what torch.export raises.
    """
    with in_mode(module, training), without_code(), without_lines():
        program = torch.export.export(module, inputs.positional, dict(inputs.named), strict=False)
    return written(module, program, name, heading)


def written(
    module: nn.Module, program: torch.export.ExportedProgram, name: str, heading: str
) -> Tape:
    """Return an exported program as a tape; `module` has its parameters and buffers by their names.

    Raises ValueError for a size that is not a number.
    """
    return _Writer(module, program).tape(name, heading)


class Scribe:
    """The tensors and module calls of a tape that is being written."""

    def __init__(self) -> None:
        self.tensors: list[Tensor] = []
        self.modules: list[ModuleCall] = []
        self.operations: list[Operation] = []
        self._storages: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no other storage takes the place of one in memory
        self._calls: dict[tuple[int, str, str], int] = {}

    def tensor(self, found: torch.Tensor) -> int:
        """Return the number of a new tensor on the tape."""
        shape = tuple(_fixed(n) for n in found.shape)
        storage, strides = -1, (0,) * len(shape)
        if found.layout is torch.strided:
            strides = tuple(_fixed(n) for n in found.stride())
            memory = found.untyped_storage()
            self._kept.append(memory)
            storage = self._storages.setdefault(memory._cdata, len(self._storages))
        self.tensors.append(
            Tensor(shape, str(found.dtype).removeprefix("torch."), strides, storage)
        )
        return len(self.tensors) - 1

    def call(self, stack: Sequence[tuple[str, str, str]]) -> int:
        """Return the number of the innermost of these module calls, outermost first, -1 for none.

        Each has a key of its own, its path and its class.
        """
        number = -1
        for key, path, kind in stack:
            place = (number, key, path)
            if place not in self._calls:
                self._calls[place] = len(self.modules)
                self.modules.append(ModuleCall(path, kind, number))
            number = self._calls[place]
        return number


def _fixed(size: Any) -> int:
    """Return a size as a number. Raises ValueError for one that depends on data."""
    if not isinstance(size, int):
        raise ValueError(f"the size {size} depends on the data")
    if size > MAX_SIZE:
        raise ValueError(f"a dimension of {size} elements is more than {MAX_SIZE}")
    return size


class _Writer:
    """Writes an exported program down as a tape."""

    def __init__(self, module: nn.Module, program: torch.export.ExportedProgram):
        self.module, self.program = module, program
        self.scribe = Scribe()
        # the tensors of each fx node: a number, or one for each output of several
        self.values: dict[fx.Node, Any] = {}

    def tape(self, name: str, heading: str) -> Tape:
        by_target: dict[str, int] = {}
        inputs: dict[str, int] = {}
        specs = {spec.arg.name: spec for spec in self.program.graph_signature.input_specs}
        for node in self.program.graph.nodes:
            if node.op != "placeholder":
                continue
            spec = specs[node.name]
            found = node.meta.get("val")
            if not isinstance(found, torch.Tensor):
                self.values[node] = found
                continue
            number = self.values[node] = self.scribe.tensor(found)
            if spec.kind is torch.export.graph_signature.InputKind.USER_INPUT:
                inputs[node.name] = number
            elif spec.target is not None:
                by_target[spec.target] = number
        held_here = dict(registered(self.module))
        by_identity = {id(held_here[name]): n for name, n in by_target.items() if name in held_here}
        held = weights(
            self.module,
            lambda tensor: (
                by_identity[id(tensor)]
                if id(tensor) in by_identity
                else self.scribe.tensor(tensor.detach())
            ),
        )
        outputs = self._graph(self.program.graph)
        return Tape(
            name,
            heading,
            inputs,
            outputs,
            tuple(self.scribe.tensors),
            held,
            tuple(self.scribe.modules),
            tuple(self.scribe.operations),
            made_by=f"torch {torch.__version__}",
        )

    def _graph(self, graph: fx.Graph) -> tuple[int, ...]:
        """Write the operations of a graph, and return the tensors that it gives."""
        for node in graph.nodes:
            if node.op == "call_function":
                self._call(node)
            elif node.op == "get_attr":
                self._constant(node)
            elif node.op == "output":
                given = fx.node.map_arg(node.args, lambda n: n)
                return tuple(_numbers(self._argument(given)))
        return ()

    def _constant(self, node: fx.Node) -> None:
        found = node.meta.get("val")
        if isinstance(found, torch.Tensor):
            self.values[node] = self.scribe.tensor(found)

    def _call(self, node: fx.Node) -> None:
        target = node.target
        if getattr(target, "__name__", "") == "getitem":
            source, index = cast("tuple[fx.Node, Any]", node.args)
            whole = self.values.get(source)
            self.values[node] = whole[index] if isinstance(whole, (list, tuple)) else whole
            return
        if self._entered(node):
            return
        given = self._outputs(node.meta.get("val"))
        self.values[node] = given
        file, line = place(node.meta.get("stack_trace") or "")
        self.scribe.operations.append(
            Operation(
                operator_name(target),
                self._arguments(node),
                tuple(_numbers(given)),
                self.scribe.call(_stack(node)),
                file,
                line,
            )
        )

    def _outputs(self, found: Any) -> Any:
        if isinstance(found, torch.Tensor):
            return TensorRef(self.scribe.tensor(found))
        if isinstance(found, (list, tuple)):
            return [self._outputs(part) for part in found]
        return None

    def _entered(self, node: fx.Node) -> bool:
        """Write what is inside a higher-order operator that only runs its graph, such as one that
        turns gradients off.

        Return whether it is one.
        """
        target = str(node.target)
        graphs = [
            (i, getattr(node.graph.owning_module, str(given.target), None))
            for i, given in enumerate(node.args)
            if isinstance(given, fx.Node) and given.op == "get_attr"
        ]
        if not target.startswith("wrap") or len(graphs) != 1:
            return False
        position, inner = graphs[0]
        if not isinstance(inner, fx.GraphModule):
            return False
        passed = node.args[position + 1 :]
        places = [n for n in inner.graph.nodes if n.op == "placeholder"]
        for inside, outside in zip(places, passed, strict=True):
            self.values[inside] = self._argument(outside)
        given = self._graph(inner.graph)
        self.values[node] = [TensorRef(number) for number in given]
        return True

    def _arguments(self, node: fx.Node) -> dict[str, Any]:
        """Return the arguments by their names in the operator's schema; those that are as the
        schema has them are left out.
        """
        schema = getattr(node.target, "_schema", None)
        declared = list(schema.arguments) if schema is not None else []
        found: dict[str, Any] = {}
        for i, given in enumerate(node.args):
            name = declared[i].name if i < len(declared) else str(i)
            found[name] = given
        found.update(node.kwargs)
        usual = {a.name: a.default_value for a in declared if a.has_default_value()}
        return {
            name: self._argument(given)
            for name, given in found.items()
            if isinstance(given, fx.Node) or name not in usual or given != usual[name]
        }

    def _argument(self, given: Any) -> Any:
        """Return an argument as the tape has it: a TensorRef for a tensor, else plain data."""
        if isinstance(given, fx.Node):
            value = self.values.get(given)
            return TensorRef(value) if type(value) is int else value
        if isinstance(given, (list, tuple)):
            return [self._argument(part) for part in given]
        if isinstance(given, dict):
            return {str(name): self._argument(part) for name, part in given.items()}
        if given is None or isinstance(given, (bool, int, float, str)):
            return given
        return str(given).removeprefix("torch.")


def _numbers(given: Any) -> Iterator[int]:
    if isinstance(given, TensorRef):
        yield given.number
    elif isinstance(given, (list, tuple)):
        for part in given:
            yield from _numbers(part)
    elif isinstance(given, dict):
        for part in given.values():
            yield from _numbers(part)


def operator_name(target: Any) -> str:
    """Return an operator's name as torch has it: aten.conv2d.default."""
    if isinstance(target, torch._ops.OpOverload):
        return str(target)
    module = getattr(target, "__module__", "") or ""
    name = getattr(target, "__name__", str(target))
    return f"{module.partition('.')[0].lstrip('_')}.{name}" if module else name


def _stack(node: fx.Node) -> list[tuple[str, str, str]]:
    """Return the module calls around a node, outermost first, the network itself left out."""
    found = []
    for key, (path, kind) in (node.meta.get("nn_module_stack") or {}).items():
        path = path.partition("@")[0]
        if path:
            text = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
            found.append((key, path, text.rpartition(".")[2]))
    return found
