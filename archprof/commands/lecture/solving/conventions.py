"""What each layer gives by the conventions that people and tools count by."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import CONV_AND_FC, in_lectures
from archprof.commands.lecture.claims.document import Quantity
from archprof.commands.lecture.claims.quantities import (
    QUANTITIES,
    Number,
    Summed,
    biases,
    bytes_each,
)
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.ops.base import Op


class Count(NamedTuple):
    """What each layer gives by one convention, and what it is called and costs."""

    called: str
    cost: int
    parts: list[Number]


def conventions(
    subjects: Subjects,
    term: Quantity,
    rows: list[LayerAnalysis],
    analysis: Analysis,
    most: int,
) -> Iterator[Count]:
    """Yield what each layer gives, as requested and by other conventions that cost at most `most`.

    What costs more is not worked out.
    """
    name = term.name

    own = _parts(subjects, name, rows, analysis)
    yield Count("", 0, own)
    if name in ARITHMETIC:
        for other, label in ARITHMETIC.items():
            # what lectures call FLOPs are MACs
            cost = 0 if (name, other) == ("flops", "macs") else 1
            if other != name and cost <= most:
                yield Count(label, cost, _parts(subjects, other, rows, analysis))
    elif most < 1:
        return
    elif name == "params":
        bare = [part - biases(row) for part, row in zip(own, rows, strict=True)]
        yield Count("without biases", 1, bare)
        yield Count("weights of conv and fc alone", 1, _only(rows, bare, _is_conv_or_fc))
    elif name in ("elements", "output_bytes"):
        yield from _outputs(subjects, name, rows, own, analysis)


def _outputs(
    subjects: Subjects,
    name: str,
    rows: list[LayerAnalysis],
    own: list[Number],
    analysis: Analysis,
) -> Iterator[Count]:
    """Yield the conventions of counting outputs."""
    itemsize = bytes_each(analysis)
    source = math.prod(analysis.graph.input) * analysis.batch
    if name == "output_bytes":
        source *= itemsize
    pooled = _only(rows, own, in_lectures)
    kept = _only(rows, own, _is_not_an_activation)
    yield Count("outputs of conv, pool and fc alone", 1, pooled)
    yield Count("outputs of conv and fc alone", 1, _only(rows, own, _is_conv_or_fc))
    yield Count("outputs of conv alone", 1, _only(rows, own, _is_convolution))
    yield Count("activations in place", 1, kept)
    if rows:
        with_input = [pooled[0] + source, *pooled[1:]]
        yield Count("outputs of conv, pool and fc, and the input", 2, with_input)
        yield Count("activations in place, and the input", 2, [kept[0] + source, *kept[1:]])
    if name == "output_bytes":
        elements = _parts(subjects, "elements", rows, analysis)
        for size in (1, 2, 8):
            label = f"{size} byte{'s' if size > 1 else ''} per element"
            yield Count(label, 1, [part * size for part in elements])


def _parts(
    subjects: Subjects, name: str, rows: list[LayerAnalysis], analysis: Analysis
) -> list[Number]:
    """Return a quantity that is added up over layers, for each of these; worked out once."""
    place = name, id(rows)
    if place not in subjects.parts:
        quantity = QUANTITIES[name]
        assert isinstance(quantity, Summed)  # noqa: S101 - which steps_of makes sure of
        subjects.parts[place] = rows, [quantity.of(row, analysis) for row in rows]
    return subjects.parts[place][1]


def _only(
    rows: list[LayerAnalysis], parts: list[Number], counts: Callable[[Op], bool]
) -> list[Number]:
    return [part if counts(row.node.op) else 0 for row, part in zip(rows, parts, strict=True)]


def _is_convolution(op: Op) -> bool:
    return op.family == "convolution"


def _is_conv_or_fc(op: Op) -> bool:
    return op.name in CONV_AND_FC


def _is_not_an_activation(op: Op) -> bool:
    return op.family != "activation"
