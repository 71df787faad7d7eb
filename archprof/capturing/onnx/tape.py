"""The tape of an ONNX file while it is being written: tensors, weights, modules, operations.

ONNX does not tell a parameter from a buffer or a constant. A parameter here is a floating-point
initializer that is a weight of an operator which has weights (a convolution's filters, a norm's
scale), or one whose name is of a state dict (`encoder.pos_embedding`) or of a variable
(`dense/ReadVariableOp`). The mean and the variance of a BatchNormalization are buffers, and so is
what torch's exporter lists as one. All others are constants. What an exporter folded is not in the
file: a norm in the convolution before it, a table of which only the rows are left that are used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from archprof.allowance import limits
from archprof.autograd.layout import contiguous
from archprof.capturing.onnx.names import LONGEST, NodePlace, is_made_up, is_state_name
from archprof.capturing.onnx.values import Known
from archprof.capturing.tape import ModuleCall, Operation, StateEntry, Tensor, TensorRef
from archprof.limits import raising
from archprof.problem import Mark, ProblemError

_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
_VARIABLE = re.compile(r"ReadVariableOp(_\d+)?(:\d+)?(/.*)?$|^Parameter\d+$")
_EXPANDED = re.compile(r"expand(_\d+)?\Z")
_SIGNATURE = re.compile(r": (PARAMETER|BUFFER) target='([^']+)'")


class OnnxTape:
    """Tensors, weights, module calls and operations, as they are found.

    `model` is what the file is called, `producer` what wrote it, `signature` what torch's exporter
    wrote of its parameters and buffers.
    """

    def __init__(self, model: str, producer: str, signature: str):
        self.model, self.producer = model, producer
        self.tensors: list[Tensor] = []
        self.weights: dict[str, StateEntry] = {}
        self.modules: list[ModuleCall] = []
        self.operations: list[Operation] = []
        self.listed = {name: kind for kind, name in _SIGNATURE.findall(signature)}
        self._calls: dict[tuple[int, str], int] = {}
        self._storages = 0
        self._first: dict[int, str] = {}  # by a weight's tensor the name that it got first

    # --- tensors ---

    def tensor(
        self,
        shape: tuple[int, ...],
        dtype: str,
        strides: tuple[int, ...] | None = None,
        storage: int | None = None,
    ) -> int:
        """Return the number of a new tensor, contiguous in memory of its own unless told."""
        if strides is None:
            strides = contiguous(shape).strides
        if storage is None:
            storage = self._storages
            self._storages += 1
        self.tensors.append(Tensor(shape, dtype, strides, storage))
        return len(self.tensors) - 1

    def value(self, known: Known) -> TensorRef:
        """Return a value as an argument; a constant is a weight where its name says so."""
        if known.number is None:
            root = known.root or known
            if known.constant and self.is_weight(known):
                trainable = self.listed.get(root.name) != "BUFFER" and known.is_float
                return self.weight(known, root.name, known.shape or (), trainable)
            known.number = self.tensor(known.shape or (), known.dtype)
        return TensorRef(known.number)

    def is_weight(self, known: Known) -> bool:
        """Whether the name of a constant says that it is a parameter or a buffer.

        Where torch's exporter lists them, no other name does, but for a parameter that it has
        expanded to the batch, such as a class token, under the name of the expansion.
        """
        name = (known.root or known).name
        if name in self.listed:
            return True
        if not known.is_float or known.elements < 2:
            return False
        if self.listed:
            return _EXPANDED.match(name) is not None
        if _VARIABLE.search(name):
            return True
        if is_made_up(name):
            return False
        return is_state_name(name) or (self.producer == "pytorch" and name.isidentifier())

    # --- weights ---

    def weight(self, known: Known, name: str, shape: tuple[int, ...], trainable: bool) -> TensorRef:
        """Return a constant as an argument that is a weight, under a name where it has none yet."""
        root = known.root or known
        if root.number is None or root.number not in self._first:
            number = self.tensor(shape, root.dtype)
            name = self._free(name[:LONGEST])
            trainable = trainable and name.rpartition(".")[2] not in _BUFFERS
            self.weights[name] = StateEntry(number, trainable)
            self._first[number] = name
            root.number = number
        elif name not in self.weights:
            first = self._first[root.number]
            self.weights[name] = self.weights[first].replaced(same_as=first)
        known.number = root.number
        return TensorRef(root.number)

    def _free(self, name: str) -> str:
        found, count = name, 1
        while found in self.weights:
            found = f"{name}_{count}"
            count += 1
        return found

    # --- modules and operations ---

    def call(self, stack: Sequence[tuple[str, str]]) -> int:
        """Return the number of the innermost of these modules, outermost first, -1 for none."""
        number = -1
        for path, kind in stack:
            key = (number, path)
            if key not in self._calls:
                self._calls[key] = len(self.modules)
                self.modules.append(ModuleCall(path, kind, number))
            number = self._calls[key]
        return number

    def operation(
        self,
        operator: str,
        arguments: Mapping[str, Any],
        outputs: tuple[int, ...],
        place: NodePlace,
    ) -> None:
        """Write an operation down; arguments that are None are left out.

        Raises ProblemError for more than a network may have.
        """
        most = limits().layers
        if len(self.operations) >= most:
            hint = raising("layers", 10 * most)
            raise ProblemError.of(Mark(self.model), "limit", f"more than {most:,} layers", hint)
        given = {name: value for name, value in arguments.items() if value is not None}
        module = self.call(place.stack)
        self.operations.append(Operation(operator, given, outputs, module, place.file, place.line))
