"""The likely causes of a wrong number: a small declared list of slips, each worked out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.solving.chance import transposed
from archprof.commands.quiz.making.quiz import SUMMED, Cell, Quiz
from archprof.graph.graph import Facts
from archprof.ops.base import Op, Shape, ShapeError

MOST_NAMED = 2
"""How many slips are named that give the same number."""


def altered(op: Op, name: str, value: Any) -> Op | None:
    """Return the op with another setting; None where it cannot have it."""
    given = {
        key: list(old) if isinstance(old, tuple) else old
        for key, old in op.given().items()
        if old is not None
    }
    try:
        return type(op)(**{**given, name: list(value) if isinstance(value, tuple) else value})
    except ValueError:
        return None


def output_of(op: Op | None, inputs: tuple[Shape, ...]) -> Shape | None:
    """Return the op's output shape; None where it cannot take these inputs."""
    try:
        return op.output_shape(*inputs) if op is not None else None
    except (ShapeError, ValueError, IndexError):
        return None


def number_slip(quiz: Quiz, cell: Cell, figure: PrintedFigure, values: Iterable[Fraction]) -> str:
    """Return the slips that give this number, "" where none on the list does.

    `values` are those that would be right.
    """
    for numbers in (_own_numbers(quiz, cell), _numbers_of_others(quiz, cell)):
        found = {
            label: None
            for label, value in numbers
            if value and (figure.exactly(Fraction(value)) or figure.rounds(Fraction(value)))
        }
        if found:
            return " or ".join(list(found)[:MOST_NAMED])
    written = figure if figure.power else figure._replace(step=Fraction(0))
    swapped = any(transposed(written, value) for value in values if value > 0)
    return "two digits transposed" if swapped else ""


def _own_numbers(quiz: Quiz, cell: Cell) -> Iterator[tuple[str, int]]:
    """Yield each slip in a layer's own number, and the number that it gives."""
    row, column = cell
    layer = quiz.layer(row)
    if layer is not None and layer.node.facts.inputs:
        yield from _weight_slips(layer, column)
        output, source = layer.node.output, layer.node.facts.inputs[0]
        if column == "memory":
            yield "of its input", layer.output_bytes // math.prod(output) * math.prod(source)
            yield "without the channels", layer.output_bytes // output[0]
        yield from _ungrouped(layer, column, quiz.analysis.batch)


def _numbers_of_others(quiz: Quiz, cell: Cell) -> Iterator[tuple[str, int]]:
    """Yield the numbers of the other rows of a column, but for those of one digit."""
    row, column = cell
    if column in SUMMED:
        for other, above in enumerate(quiz.rows):
            theirs = quiz.contents[other, column]
            if other != row and isinstance(theirs, int) and theirs >= 10:
                yield f"that of {above.label}", theirs


def _weight_slips(layer: LayerAnalysis, column: str) -> Iterator[tuple[str, int]]:
    """Yield slips in the shape of a layer's weight."""
    weight = layer.node.facts.weights.get("weight")
    if weight is None or len(weight.shape) < 2:
        return
    filters = weight.shape[0]
    window, each = math.prod(weight.shape[2:]), math.prod(weight.shape[1:])
    if column == "params":
        # without and with biases
        yield "without the channels of its input", filters * window
        yield "without the channels of its input", filters * window + filters
        yield "of one filter", each
        yield "of one filter", each + 1
    elif column in ("macs", "flops"):
        yield "without the size of the output", weight.elements
        yield "its parameters", layer.params
        yield "without the channels of its input", layer.known("macs") // weight.shape[1]
        size = math.prod(layer.node.facts.inputs[0][1:])
        yield "at the size of its input", weight.elements * size


def _ungrouped(layer: LayerAnalysis, column: str, batch: int) -> Iterator[tuple[str, int]]:
    """Yield the number that a layer with groups has without them."""
    op, inputs, output = layer.node.op, layer.node.facts.inputs, layer.node.output
    window = op.sliding_window()
    if window is None or window.groups in (None, 1) or column not in ("params", "macs"):
        return
    ungrouped = altered(op, "groups", 1)
    if ungrouped is None:
        return
    if column == "params":
        weights = ungrouped.weights(*inputs).values()
        yield "without its groups", sum(w.elements for w in weights if w.trainable)
    else:
        yield "without its groups", Facts(ungrouped, inputs, output).known_cost.macs * batch
