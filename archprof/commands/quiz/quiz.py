"""An exercise from a network's table: its rows and columns, what stands in each cell, and which
of them a seed leaves blank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis, analyze
from archprof.analysis.field import Field
from archprof.commands.lecture.solver import NORMS
from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.language.override import override, parse_override
from archprof.ops import OPS
from archprof.ops.base import Op, Shape
from archprof.ops.family import Family
from archprof.problem import Mark, Problem, ProblemError, nearest

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
    "params": "Params",
    "macs": "MACs",
    "flops": "FLOPs",
    "memory": "Memory (bytes)",
    "field": "Field",
}
"""The columns of a sheet, in order; `also` has the settings without a column of their own."""
SETTINGS = ("op", "out", "kernel", "stride", "padding")
ASKABLE = ("layer", *SETTINGS, "output", "params", "macs", "flops", "memory", "field")
USUAL = (*SETTINGS, "output", "params", "macs", "memory")
"""Columns that may have blanks where nothing else is asked for."""
SUMMED = ("params", "macs", "flops", "memory")


def _of(*families: Family) -> frozenset[str]:
    """Return the ops of these families by name."""
    return frozenset(name for name, op in OPS.items() if op.family in families)


HIDDEN = _of("activation", "identity")
"""Ops that a lecture's table leaves out: the shape is the input's and there is nothing to learn."""
WEIGHTED = _of("convolution", "linear") - {"table_conv2d"}  # a row does not show the table
POOLS = _of("pooling") - {"adaptive_avg_pool2d"}  # which has no window to ask for
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


class Asked(NamedTuple):
    """All that a sheet is made from, so that it can be made again."""

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


class Row(NamedTuple):
    """A line: the node it is of (-1 the network's input, None the total), the rows its data
    comes from, and whether it is there to start from.
    """

    label: str
    node: int | None
    sources: tuple[int, ...] = ()
    given: bool = False


@dataclass(frozen=True)
class Quiz:
    """The table, and its blanks in order of rows and columns."""

    asked: Asked
    analysis: Analysis
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    blanks: tuple[Cell, ...]

    def layer(self, row: int) -> LayerAnalysis | None:
        """The layer that a row is of; None for what is given and for the total."""
        found = self.rows[row]
        return None if found.node is None or found.given else self.analysis.layers[found.node]

    def shape(self, row: int) -> Shape:
        """The output of a row's layer, or the network's input; () of the total."""
        node = self.rows[row].node
        return self.analysis.graph.shape_of(node) if node is not None else ()

    @cached_property
    def contents(self) -> dict[Cell, Content]:
        """What stands in each cell; None where nothing does."""
        return {
            (i, column): self._content(i, column)
            for i in range(len(self.rows))
            for column in self.columns
        }

    def _content(self, i: int, column: str) -> Content:
        row, layer = self.rows[i], self.layer(i)
        if column == "layer":
            return row.label
        if layer is None:
            if row.node is not None:
                return self.shape(i) if column == "output" else None
            return (
                sum(
                    int(quantity(self.analysis.layers[r.node], self.analysis, column))
                    for r in self.rows
                    if r.node is not None and not r.given
                )
                if column in SUMMED
                else None
            )
        if column == "from":
            return ", ".join(self.rows[s].label for s in row.sources)
        if column == "output":
            return layer.node.output
        return quantity(layer, self.analysis, column) if column in SUMMED else part(layer, column)


def quantity(layer: LayerAnalysis, analysis: Analysis, column: str) -> int:
    """The number of a layer that a column has."""
    return {
        "params": layer.params,
        "macs": layer.macs,
        "flops": layer.flops,
        "memory": layer.output_bytes,
    }[column]


def part(layer: LayerAnalysis, column: str) -> Content:
    """A layer's op, one of its settings, all others, or its receptive field."""
    op = layer.node.op
    if column == "op":
        return layer.node.kind
    if column == "also":
        named = {name: value for name, value in op.given().items() if name not in _APART}
        return (
            ", ".join(
                "no bias" if (name, value) == ("bias", False) else f"{name} {_spelled(value)}"
                for name, value in named.items()
            )
            or None
        )
    if column == "field":
        height, width = layer.sight.axes
        return (
            (height.size, width.size)
            if isinstance(height, Field) and isinstance(width, Field)
            else None
        )
    return setting(op, column)


def setting(op: Op, name: str) -> int | Shape | None:
    """`out`, `kernel`, `stride` or `padding` as the op uses it; None where it has none."""
    window = op.sliding_window()
    if name not in op.settings:  # what pads for a window has no padding of its own
        return None
    if window is not None and name != "out":
        return {"kernel": window.kernel, "stride": window.stride, "padding": window.padding}[name]
    return op.given().get(name)


def _spelled(value: object) -> str:
    return (
        "x".join(map(str, value))
        if isinstance(value, tuple)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)[:40]
    )


def make(asked: Asked) -> Quiz:
    """The quiz that is asked for: the same for the same `asked`. Raises ProblemError."""
    network = find(asked.network)
    values = dict(parse_override(text) for text in asked.sets)
    graph = expand(override(network, values, asked.input) if values or asked.input else network)
    if graph.problems:
        raise ProblemError(graph.problems)
    for column in asked.ask:
        if column not in ASKABLE:
            raise _refuse(
                "--ask",
                f"there is no column `{column}` to ask for",
                nearest(column, ASKABLE, "columns"),
            )
    analysis = analyze(graph, asked.batch, asked.dtype, "macs")
    rows = _rows(graph, asked)
    branched = any(row.sources not in ((), (i - 1,)) for i, row in enumerate(rows))
    shown = [
        c
        for c in TITLES
        if c not in ("from", "flops", "field") or (c == "from" and branched) or c in asked.ask
    ]
    quiz = Quiz(asked, analysis, rows, tuple(shown), ())
    filled = tuple(
        c
        for c in shown
        if c in ("layer", "op", "output")
        or c in asked.ask
        or any(quiz.contents[i, c] is not None for i in range(len(rows)))
    )
    return Quiz(asked, analysis, rows, filled, _blanks(quiz, asked))


def _rows(graph: Graph, asked: Asked) -> tuple[Row, ...]:
    """What is given, the layers from `first` to `last` as lectures list them, the total."""
    paths = [node.path for node in graph.nodes]
    low = _place(paths, asked.first, "--from") if asked.first else 0
    high = (
        len(paths) - 1 - _place(paths[::-1], asked.last, "--to") if asked.last else len(paths) - 1
    )

    def source(index: int) -> int:
        while index >= 0 and graph.nodes[index].kind in HIDDEN:
            (index,) = graph.nodes[index].inputs
        return index

    layers = [i for i in graph.main if low <= i <= high and graph.nodes[i].kind not in HIDDEN]
    if not layers:
        raise _refuse(
            "--from",
            f"there is no layer from `{asked.first or paths[0]}` to `{asked.last or paths[-1]}`",
            "exchange --from and --to",
        )
    sources = {i: tuple(source(s) for s in graph.nodes[i].inputs) for i in layers}
    outside = [s for s in dict.fromkeys(s for i in layers for s in sources[i]) if s not in sources]
    place = {node: n for n, node in enumerate([*outside, *layers])}
    return (
        *(Row(paths[s] if s >= 0 else "input", s, given=True) for s in outside),
        *(Row(paths[i], i, tuple(place[s] for s in sources[i])) for i in layers),
        *([Row("total", None)] if len(layers) > 1 else []),
    )


def _place(paths: Sequence[str], name: str, option: str) -> int:
    """The first of the layers that are called so, or stand under what is."""
    found = next(
        (i for i, path in enumerate(paths) if path == name or path.startswith(f"{name}.")), None
    )
    if found is None:
        raise _refuse(option, f"there is no layer `{name}`", nearest(name, paths))
    return found


def _blanks(quiz: Quiz, asked: Asked) -> tuple[Cell, ...]:
    """As many cells as are asked for, in an order that the seed gives, such that each row can
    still be worked out.
    """
    import random

    chance = random.Random(asked.seed)
    cells = [cell for cell in quiz.contents if cell[1] in asked.ask and _can_be_asked(quiz, *cell)]
    chosen: list[Cell] = []
    for cell in sorted(cells, key=lambda _: chance.random()):
        if len(chosen) < asked.blanks and _goes_with(
            cell, [column for row, column in chosen if row == cell[0]]
        ):
            chosen.append(cell)
    if len(chosen) < asked.blanks:
        least = (
            f"with this seed {len(chosen)} cells can be blank at once"
            if chosen
            else "no cell can be asked for"
        )
        raise _refuse(
            "--blank",
            f"{asked.blanks} blanks, and {least}",
            "ask for fewer, or for more columns: --ask",
        )
    return tuple(sorted(chosen, key=lambda cell: (cell[0], list(TITLES).index(cell[1]))))


def _goes_with(cell: Cell, others: Sequence[str]) -> bool:
    """One setting of a row follows from its output and parameters; two do not, nor one without
    these.
    """
    if cell[1] in SETTINGS:
        return not {*SETTINGS, "output", "params"} & {*others}
    return cell[1] not in ("output", "params") or not {*SETTINGS} & {*others}


def _can_be_asked(quiz: Quiz, i: int, column: str) -> bool:
    """Whether what stands in a cell follows from the rest of the table."""
    row, layer = quiz.rows[i], quiz.layer(i)
    if row.given or quiz.contents[i, column] is None:
        return False
    if layer is None:
        return column in SUMMED
    kind = layer.node.kind
    if column in ("op", "params", "macs", "flops"):
        return kind in WEIGHTED | POOLS or (kind in NORMS and column not in ("op", "macs"))
    if column in ("kernel", "stride", "padding"):
        return kind in WEIGHTED | POOLS
    if column == "field":
        return kind in SHAPED and not quiz.asked.first and math.prod(layer.node.output[1:]) > 1
    return column in ("layer", "out") or kind in SHAPED


def _refuse(option: str, message: str, hint: str = "") -> ProblemError:
    return ProblemError([Problem(Mark(option), "option", message, hint)])
