"""One node of an ONNX file, as its row in the table of operators asks for it, and how the row
writes it down in ATen's words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archprof.autograd.layout import Layout
from archprof.capturing.onnx.names import NodePlace, is_made_up
from archprof.capturing.onnx.tape import OnnxTape
from archprof.capturing.onnx.values import Known
from archprof.capturing.tape import TensorRef
from archprof.record import Record

Shape = tuple[int, ...]


class Given:
    """A node: its attributes as plain data, what it is given and what it gives.

    Shapes have the batch first. `outputs` have shapes; None is an output that nobody wants.
    """

    def __init__(
        self,
        tape: OnnxTape,
        op: str,
        version: int,
        attributes: Mapping[str, Any],
        inputs: Sequence[Known | None],
        outputs: Sequence[Known | None],
        place: NodePlace,
    ):
        self.tape, self.op, self.version, self.place = tape, op, version, place
        self.attributes, self.inputs, self.outputs = attributes, inputs, outputs

    # --- what it is given ---

    def has(self, i: int) -> bool:
        return i < len(self.inputs) and self.inputs[i] is not None

    def known(self, i: int) -> Known:
        """Return an input. Raises LookupError where it was left out."""
        found = self.inputs[i] if i < len(self.inputs) else None
        if found is None:
            raise LookupError(f"{self.op} has no input {i}")
        return found

    def shape(self, i: int = 0) -> Shape:
        """Return an input's shape. Raises LookupError where there is none."""
        found = self.known(i).shape
        if found is None:
            raise LookupError(f"the shape of input {i} is not known")
        return found

    @property
    def output(self) -> Shape:
        """The shape of the first output. Raises LookupError where it is not known."""
        found = self.outputs[0]
        if found is None or found.shape is None:
            raise LookupError(f"the shape of what {self.op} gives is not known")
        return found.shape

    def attribute(self, name: str, default: Any = None) -> Any:
        return self.attributes.get(name, default)

    def plain(self, i: int) -> Any:
        """Return what a constant input is, as a number or a list; None where it is not known."""
        if not self.has(i):
            return None
        data = self.known(i).data
        return None if data is None else data.tolist()

    def setting(self, name: str, i: int, default: Any = None) -> Any:
        """Return what was an attribute in older versions and is an input now."""
        found = self.attributes.get(name)
        if found is None:
            found = self.plain(i)
        return default if found is None else found

    def axis(self, name: str = "axis", default: int = 0, i: int = 0) -> int:
        """Return an axis counted from the first dimension of an input."""
        rank = len(self.shape(i))
        axis = int(self.attribute(name, default))
        return axis % rank if rank else axis

    # --- arguments ---

    def value(self, i: int) -> TensorRef | None:
        """Return an input as an argument, None where it was left out."""
        return self.tape.value(self.known(i)) if self.has(i) else None

    def scalar(self, i: int) -> Any:
        """Return an input as an argument, a constant of one element as a number."""
        known = self.known(i)
        if known.data is not None and known.constant and known.data.size == 1:
            return known.data.item()
        return self.value(i)

    def weight(self, i: int, name: str, shape: Shape | None = None) -> TensorRef | None:
        """Return an input that is a weight where it is constant, under the module's path and
        torch's `name` for it.
        """
        if not self.has(i):
            return None
        known = self.known(i)
        if not known.constant:
            return self.value(i)
        if name == "bias" and _is_no_bias(known):
            return None
        path = self.place.path
        full = f"{path}.{name}" if path else name
        for own in (known.name, (known.root or known).name):
            within = own[len(path) + 1 :] if own.startswith(f"{path}.") else ""
            if within.startswith("in_proj_"):  # of torch's attention
                full = own
        size = known.shape or () if shape is None else shape
        return self.tape.weight(known, full, size, not name.startswith("running_"))

    # --- what it gives ---

    def emit(
        self,
        operator: str,
        arguments: Mapping[str, Any],
        outputs: Sequence[Known | None] | None = None,
    ) -> None:
        """Write an operation that gives the node's outputs, in memory of their own."""
        numbers = []
        for known in self.outputs if outputs is None else outputs:
            if known is None or known.shape is None:
                continue
            known.number = self.tape.tensor(known.shape, known.dtype)
            numbers.append(known.number)
        self.tape.operation(operator, arguments, tuple(numbers), self.place)

    def between(self, operator: str, arguments: Mapping[str, Any], shape: Shape) -> TensorRef:
        """Write an operation that gives a tensor between what the node is given and gives."""
        found = self._first_dtype()
        number = self.tape.tensor(shape, found)
        self.tape.operation(operator, arguments, (number,), self.place)
        return TensorRef(number)

    def view(
        self,
        operator: str,
        arguments: Mapping[str, Any],
        source: TensorRef,
        layout: Layout | None,
        last: bool = True,
    ) -> TensorRef:
        """Write an operation that gives its source's memory under another shape; without a layout
        only a copy can have that shape. The last one gives the node's output.
        """
        known = self.outputs[0]
        tensor = self.tape.tensors[source.number]
        if layout is None:
            shape = self.output
            number = self.tape.tensor(shape, tensor.dtype)
        else:
            number = self.tape.tensor(layout.shape, tensor.dtype, layout.strides, tensor.storage)
        self.tape.operation(operator, arguments, (number,), self.place)
        if last and known is not None:
            known.number = number
        return TensorRef(number)

    def layout(self, source: TensorRef) -> Layout:
        """Return how a tensor lies in memory."""
        tensor = self.tape.tensors[source.number]
        return Layout(tensor.shape, tensor.strides)

    def _first_dtype(self) -> str:
        first = next((known for known in self.inputs if known is not None), None)
        return "float32" if first is None else first.dtype


def _is_no_bias(known: Known) -> bool:
    """Whether a bias is the zeros that an exporter writes where a layer has none."""
    if not known.made or known.data is None or not is_made_up(known.name):
        return False
    return not known.data.any()


class OnnxOperator(Record):
    """A row of the table.

    `write`: how the node is written down in ATen's words. `shapes`: what it gives, where the onnx
    library does not tell: old versions, other domains; None where that is not known. `like`: the
    operator of ONNX, and how many of the inputs are its, that gives the same shapes. `elem`: the
    dtype's number in ONNX of what it gives where that is not the first input's.
    """

    write: Callable[[Given], None]
    shapes: Callable[[Given], Sequence[Shape | None]] | None = None
    like: tuple[str, int] | None = None
    elem: int | None = None


def direct(operator: str, *names: str, **fixed: Any) -> OnnxOperator:
    """Return the row of an operator whose inputs are ATen's arguments of these names."""

    def write(given: Given) -> None:
        arguments: dict[str, Any] = {}
        for i, name in enumerate(names):
            if given.has(i):
                arguments[name] = given.scalar(i)
        given.emit(operator, arguments | fixed)

    return OnnxOperator(write)


def same(given: Given) -> Sequence[Shape | None]:
    """Return the shape of the first input."""
    return [given.shape(0)]
