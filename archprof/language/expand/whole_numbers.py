"""Which layers carry whole numbers, such as tokens, and which ops may read them."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.language.document import Layer
from archprof.language.expand.complaints import Complaints
from archprof.language.expand.frame import Frame
from archprof.language.expand.nodes import Nodes
from archprof.ops.base import Op
from archprof.ops.elements import Elements


def carried(op: Op, inputs: Sequence[int], nodes: Nodes) -> Elements | None:
    """Return the whole numbers that a layer passes on, None where it gives fractions."""
    if op.elements.whole:
        return op.elements
    if op.arrives:
        return None
    if op.family in ("movement", "identity") and len(inputs) == 1:
        return nodes.whole.get(inputs[0])
    return None


class WholeNumbers:
    """Complains of ops that compute with whole numbers, and of those that look up fractions."""

    def __init__(self, nodes: Nodes, complaints: Complaints):
        self.nodes, self.complaints = nodes, complaints

    def fits(self, op: Op, inputs: Sequence[int], layer: Layer, frame: Frame, path: str) -> bool:
        """Whether an op can read what these nodes give; complains where it cannot."""
        found = self._fault(op, inputs)
        if found is None:
            return True
        message, hint = found
        self.complaints.add(
            layer.mark, "dtype", f"`{path}` ({op.name}) {message}", hint, frame.instance
        )
        return False

    def _fault(self, op: Op, inputs: Sequence[int]) -> tuple[str, str] | None:
        """Return what is wrong, and the way out; None where nothing is."""
        known = self.nodes.whole
        if op.rows is not None:
            return self._index_fault(op.rows, inputs[0])
        if not known:
            return None
        whole = [i for i in inputs if i in known]
        if not whole or carried(op, inputs, self.nodes) is not None:
            return None
        if op.family == "merge" and len(whole) < len(inputs):
            return None  # torch makes fractions of whole numbers that meet some
        message = (
            f"computes with fractions, and `{self._called(whole[0])}` gives whole numbers"
            f" ({known[whole[0]].dtype})"
        )
        return message, "an `embedding` gives a vector for each of them"

    def _index_fault(self, rows: int, source: int) -> tuple[str, str] | None:
        elements = self.nodes.whole.get(source)
        name = self._called(source)
        if elements is None:
            message = f"looks up whole numbers, and `{name}` gives fractions"
            return message, f"input: {{shape: 77, dtype: int64, below: {rows}}}"
        if elements.dtype not in ("int32", "int64"):
            message = f"looks up int64 or int32 in torch, and `{name}` gives {elements.dtype}"
            return message, "dtype: int64"
        if elements.below > rows:
            message = f"has {rows:,} rows, and `{name}` gives numbers below {elements.below:,}"
            return message, f"num: {elements.below}, or below: {rows}"
        return None

    def _called(self, index: int) -> str:
        return self.nodes.list[index].path if index >= 0 else "input"
