"""The answer in a blank cell, and every way in which it is right."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

from archprof.commands.quiz.making.quiz import SUMMED, Cell, Content, Quiz
from archprof.commands.quiz.marking.slips import altered, output_of
from archprof.commands.quiz.marking.student_answer import (
    Counted,
    Reading,
    counted,
    number_readings,
    parse_ints,
    parse_number,
    parse_numbers,
    shape_readings,
)
from archprof.graph.graph import Facts
from archprof.ops import OPS
from archprof.ops.base import Shape
from archprof.ops.elements import DTYPES

SYNONYMS = {
    "conv": "conv2d",
    "convolution": "conv2d",
    "fc": "linear",
    "dense": "linear",
    "fullyconnected": "linear",
    "maxpool": "max_pool2d",
    "maxpooling": "max_pool2d",
    "pool": "max_pool2d",
    "avgpool": "avg_pool2d",
    "averagepool": "avg_pool2d",
    "averagepooling": "avg_pool2d",
    "deconv": "conv_transpose2d",
    "transposedconv": "conv_transpose2d",
    "upconv": "conv_transpose2d",
}
"""What ops are called on slides; only letters and digits are compared."""


def readings_of(quiz: Quiz, cell: Cell, text: str) -> Iterator[Reading]:
    """Yield every way in which an answer is right."""
    row, column = cell
    right = quiz.contents[cell]
    if column in SUMMED:
        values = values_of(quiz, row, column)
        for figure in parse_numbers(text):
            yield from number_readings(figure, values, column)
    elif column == "output" and isinstance(right, tuple):
        yield from _output_readings(text, right)
    elif _is_right(quiz, cell, text):
        yield Reading((), True)


def _output_readings(text: str, right: Shape) -> Iterator[Reading]:
    if len(right) == 1 and _is(text, right[0]):
        yield Reading((), True)
        return
    given = parse_ints(text)
    if given is not None:
        yield from shape_readings(given, right)


def _is_right(quiz: Quiz, cell: Cell, text: str) -> bool:
    """Return whether a layer's name, its op, a setting or its field is right."""
    row, column = cell
    right = quiz.contents[cell]
    if column == "layer":
        name = str(right).lower()
        return text.lower() in (name, name.rpartition(".")[2])
    if column == "op":
        return _op(text) == right
    given = parse_ints(_padding(quiz, row, text) if column == "padding" else text)
    if given is None:
        return False
    allowed: list[Content] = [given]
    if len(set(given)) == 1:  # 3x3 is written 3
        allowed += [given[0], (given[0], given[0])]
    return right in allowed or _fits_as_well(quiz, cell, given)


def _is(text: str, number: int) -> bool:
    figure = parse_number(text)  # 4,096 is one number here
    return figure is not None and figure.exactly(Fraction(number))


def _op(text: str) -> str:
    """Return an op by a name that people give it, "" where it is unknown."""
    plain = re.sub(r"[^a-z0-9]", "", text.lower())
    named = {re.sub(r"[^a-z0-9]", "", name): name for name in OPS} | SYNONYMS
    for name in (plain, plain.removesuffix("layer"), plain.removesuffix("2d")):
        if name in named:
            return named[name]
    return ""


def _padding(quiz: Quiz, row: int, text: str) -> str:
    """Return the words `same` and `valid` as numbers."""
    kernel = cast(Shape, quiz.contents[row, "kernel"])  # what is padded has one
    return {"same": "x".join(str((k - 1) // 2) for k in kernel), "valid": "0"}.get(
        text.lower(), text
    )


def _fits_as_well(quiz: Quiz, cell: Cell, given: Shape) -> bool:
    """Return whether another setting than the network's gives the rest of its row as well.

    A window whose count is rounded leaves a choice.
    """
    layer = quiz.layer(cell[0])
    if layer is None or cell[1] not in ("kernel", "stride", "padding") or len(given) > 2:
        return False
    inputs = layer.node.facts.inputs
    op = altered(layer.node.op, cell[1], given if len(given) == 2 else (given[0], given[0]))
    if op is None or output_of(op, inputs) != layer.node.output:
        return False
    here = layer.node.facts.known_cost
    there = Facts(op, inputs, layer.node.output).known_cost
    return (
        op.weights(*inputs) == layer.node.facts.weights
        and here.macs == there.macs
        and ("flops" not in quiz.columns or here.flops == there.flops)
    )


def values_of(quiz: Quiz, row: int, column: str) -> Counted:
    """Return the number in a cell by each convention; the total has the sums."""
    batch, dtype = quiz.request.batch, quiz.request.dtype
    layer = quiz.layer(row)
    if layer is not None:
        node = layer.node
        return counted(
            column, node.op, node.facts.inputs, node.output, batch, dtype, node.shares is not None
        )
    total: dict[tuple[str, str], Fraction] = {}
    for i in range(row):
        if quiz.layer(i) is not None:
            for convention, value in values_of(quiz, i, column).items():
                total[convention] = total.get(convention, Fraction(0)) + value
    if column == "memory":
        total["memory", "outputs of conv, pool and fc, and the input"] = (
            total["memory", "outputs of conv, pool and fc alone"]
            + math.prod(quiz.analysis.graph.input) * batch * DTYPES[dtype]
        )
    return total
