"""An exercise from a network's table: rows and columns, the content of each cell, its blanks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.commands.lecture.solving.moves import NORMS
from archprof.ops import OPS
from archprof.ops.base import Op, Shape
from archprof.ops.family import Family

TITLES = {
    "layer": "Layer",
    "op": "Op",
    "from": "From",
    "out": "Out",
    "kernel": "Kernel",
    "stride": "Stride",
    "padding": "Padding",
    "also": "Also",
    "output": "Output",
    "params": "Params (with biases)",
    "macs": "MACs",
    "flops": "FLOPs",
    "memory": "Memory (bytes)",
    "field": "Field",
    "number": "Number",
    "question": "Question",
    "answer": "Answer",
}
"""The columns of sheets, in order; `also` has the settings without a column of their own, and the
last three are those of questions.
"""
TABLE = tuple(title for title in TITLES if title not in ("number", "question", "answer"))
"""The columns of a network's table."""
SETTINGS = ("op", "out", "kernel", "stride", "padding")
ASKABLE = ("layer", *SETTINGS, "output", "params", "macs", "flops", "memory", "field")
USUAL: tuple[str, ...] = (*SETTINGS, "output", "params", "macs", "memory")
"""Columns that may have blanks where none are named."""
SUMMED = ("params", "macs", "flops", "memory")


def _of(*families: Family) -> frozenset[str]:
    """Return the ops of these families by name."""
    return frozenset(name for name, op in OPS.items() if op.family in families)


HIDDEN = _of("activation", "identity") - {"glu"}  # which halves the shape
"""Ops that a lecture's table leaves out: the shape is the input's and there is nothing to learn."""
WEIGHTED = _of("convolution", "linear") - {"table_conv2d"}  # a row does not show the table
POOLS = frozenset(name for name in _of("pooling") if "kernel" in OPS[name].settings)
SHAPED = WEIGHTED.union(_of("pooling", "merge"), NORMS, ("flatten",))
"""Ops whose output can be worked out from what a row shows."""
# not in `also`
_APART = (
    "out",
    "kernel",
    "stride",
    "padding",
    "inplace",
    "eps",
    "momentum",
    "alpha",
    "beta",
    "k",
    "affine",
    "p",
    "value",
)

Cell = tuple[int, str]
Content = str | int | Shape | None


class QuizRequest(NamedTuple):
    """All that a sheet is made from, so that it can be made again.

    With `questions` it has so many of these, and no blanks; `ask` has their kinds, none for all.
    """

    network: str
    blanks: int
    seed: int
    ask: tuple[str, ...] = USUAL
    input: Shape | None = None
    sets: tuple[str, ...] = ()  # as --set
    batch: int = 1
    dtype: str = "float32"
    first: str = ""
    last: str = ""
    questions: int = 0
    level: str = ""


class SheetRow(NamedTuple):
    """One line of the table.

    `node` is the layer's index, -1 for the network's input and None for the total; `sources` are
    the rows of its inputs. A `given` row is there to start from, and has only its output.
    """

    label: str
    node: int | None
    sources: tuple[int, ...] = ()
    given: bool = False


class Exercise(Protocol):
    """What sheets are made of, of a table or of questions: cells, some of them blank."""

    @property
    def request(self) -> QuizRequest:
        """What it is made from."""

    @property
    def analysis(self) -> Analysis:
        """The network's numbers."""

    @property
    def rows(self) -> tuple[SheetRow, ...]:
        """The rows, in order."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in order; the first names the row."""

    @property
    def blanks(self) -> tuple[Cell, ...]:
        """The cells to fill in."""

    @property
    def contents(self) -> Mapping[Cell, Content]:
        """The content of each cell, None for an empty one."""


@dataclass(frozen=True)
class Quiz:
    """The table, and its blanks in order of rows and columns."""

    request: QuizRequest
    analysis: Analysis
    rows: tuple[SheetRow, ...]
    columns: tuple[str, ...]
    blanks: tuple[Cell, ...]

    def layer(self, row: int) -> LayerAnalysis | None:
        """Return the layer of a row; None for a given row and for the total."""
        found = self.rows[row]
        return None if found.node is None or found.given else self.analysis.layers[found.node]

    def shape(self, row: int) -> Shape:
        """Return the output of a row's layer, or the network's input; () for the total."""
        node = self.rows[row].node
        return self.analysis.graph.shape_of(node) if node is not None else ()

    @cached_property
    def contents(self) -> Mapping[Cell, Content]:
        """The content of each cell, None for an empty one."""
        return {
            (i, column): self._content(i, column)
            for i in range(len(self.rows))
            for column in self.columns
        }

    def _content(self, i: int, column: str) -> Content:
        row, layer = self.rows[i], self.layer(i)
        if column == "layer":
            return row.label
        if row.node is None:
            return self._total(column) if column in SUMMED else None
        if layer is None:
            return self.shape(i) if column == "output" else None
        if column == "from":
            return ", ".join(self.rows[source].label for source in row.sources)
        if column == "output":
            return layer.node.output
        if column in SUMMED:
            return quantity(layer, self.analysis, column)
        return layer_detail(layer, column)

    def _total(self, column: str) -> int:
        return sum(
            int(quantity(self.analysis.layers[row.node], self.analysis, column))
            for row in self.rows
            if row.node is not None and not row.given
        )


def quantity(layer: LayerAnalysis, analysis: Analysis, column: str) -> int:
    """Return a layer's number for a column."""
    if column == "macs":
        return layer.known("macs")
    if column == "flops":
        return layer.known("flops")
    return layer.params if column == "params" else layer.output_bytes


def layer_detail(layer: LayerAnalysis, column: str) -> Content:
    """Return a layer's op, one of its settings, all others, or its receptive field."""
    op = layer.node.op
    if column == "op":
        return layer.node.kind
    if column == "also":
        return _other_settings(op)
    if column == "field":
        return layer.sight.sizes
    return setting(op, column)


def _other_settings(op: Op) -> str | None:
    """Return the settings that have no column of their own."""
    found = []
    for name, value in op.given().items():
        if (name, value) == ("bias", False):
            found.append("no bias")
        elif name not in _APART:
            found.append(f"{name} {_spelled(value)}")
    return ", ".join(found) or None


def setting(op: Op, name: str) -> int | Shape | None:
    """Return `out`, `kernel`, `stride` or `padding` as the op uses it; None where it has none."""
    if name not in op.settings:  # what pads for a window has no padding of its own
        return None
    window = op.sliding_window()
    if window is not None and name != "out":
        return {"kernel": window.kernel, "stride": window.stride, "padding": window.padding}[name]
    value: int | None = op.given().get(name)
    return value


def _spelled(value: object) -> str:
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:40]
