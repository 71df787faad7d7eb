"""What captured layers are called, and the blocks that they are in: the modules they ran in."""

from __future__ import annotations

from archprof.capturing.operators import SILENT, base_name
from archprof.capturing.tape import Operation, Tape
from archprof.graph.graph import Instance
from archprof.problem import Mark

CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "GraphModule"})
"""Classes of torch that hold modules and are not blocks of their own."""


class LayerNames:
    """The paths of a tape's layers.

    The one operator of a module has the module's path, as a layer of a spec has; further ones have
    the operator's name behind it.
    """

    def __init__(self, tape: Tape):
        self.tape = tape
        self.taken: set[str] = set()
        self.numbers: dict[str, int] = {}  # by a path the number that is tried next behind it
        # what weights and modules are called is for these and nothing else
        self.reserved = {*tape.weights, *(call.path for call in tape.modules)}
        self.reserved.update(name.rpartition(".")[0] for name in tape.weights)
        self.layers: set[int] = set()  # calls of modules of several operators that are one layer
        self.instances: dict[int, Instance] = {}
        calls = tape.modules
        self.has_inner = {call.parent for call in calls}
        self.alone: dict[int, int] = {}  # by module call how many layers ran in it
        self.places: dict[int, Mark] = {}  # by module call where its first operator is written
        for operation in tape.operations:
            if base_name(operation.operator) in SILENT:
                continue
            call = operation.module
            if call >= 0:
                self.alone[call] = self.alone.get(call, 0) + 1
            while call >= 0 and call not in self.places:
                self.places[call] = Mark(operation.file, operation.line)
                call = calls[call].parent

    def module(self, operation: Operation) -> str:
        """Return the path of the module that an operation ran in, "" for the network itself."""
        return self.tape.modules[operation.module].path if operation.module >= 0 else ""

    def is_leaf(self, operation: Operation) -> bool:
        """Whether no other module ran inside the one that an operation ran in."""
        return operation.module >= 0 and operation.module not in self.has_inner

    def _is_layer(self, call: int) -> bool:
        """Whether a module call is one layer and no block."""
        alone = call not in self.has_inner and self.alone.get(call, 0) == 1
        return alone or call in self.layers

    def of(self, operation: Operation, op: str, owner: bool = False) -> str:
        """Return the path of a layer; the `owner` of its module's weights has the module's."""
        path = self.module(operation)
        if path and (owner or self._is_layer(operation.module)):
            return self.claimed(path)
        return self.free(f"{path}.{op}" if path else op)

    def claimed(self, path: str) -> str:
        """Return the path of a module or weight for its layer, with a number behind it for the
        next one of the same.
        """
        if path in self.taken:
            return self.free(path)
        self.taken.add(path)
        return path

    def free(self, path: str) -> str:
        """Return a path that no layer has yet: as given, or with a number behind it."""
        found, number = path, self.numbers.get(path, 1)
        while found in self.taken or found in self.reserved:
            found = f"{path}_{number}"
            number += 1
        self.numbers[path] = number
        self.taken.add(found)
        return found

    def instance(self, operation: Operation, path: str) -> Instance | None:
        """Return the innermost block that a layer is in, None for the network itself."""
        call = operation.module
        if call >= 0 and self._is_layer(call):
            call = self.tape.modules[call].parent
        return self._instance(call)

    def _instance(self, call: int) -> Instance | None:
        if call < 0:
            return None
        if call not in self.instances:
            module = self.tape.modules[call]
            name = module.path.rpartition(".")[2]
            self.instances[call] = Instance(
                module.path,
                "" if module.kind in CONTAINERS else module.kind,
                self.places.get(call, Mark(self.tape.name)),
                self._instance(module.parent),
                int(name) if name.isdigit() and len(name) < 10 else None,
            )
        return self.instances[call]
