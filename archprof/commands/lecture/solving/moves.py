"""The declared space of the convention solver: the values that moves from a quantity lead to.

Each move has a name and a cost. Moves are other conventions of counting, other variants and
inputs, and slips such as a layer left out or counted twice.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import CONV_AND_FC, in_lectures
from archprof.commands.lecture.claims.document import Quantity, Subject
from archprof.commands.lecture.claims.quantities import (
    QUANTITIES,
    Number,
    Summed,
    biases,
    bytes_each,
    fact,
)
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC, TOOLS
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.explanation import SolverStep
from archprof.commands.lecture.deciding.selection import select
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.ops import OPS
from archprof.problem import ProblemError

MAX_LAYERS = 400
"""The most layers of which single ones are left out or counted twice."""
SIDES = (224, 227, 256, 299)
"""Input sizes that lectures mix up."""

NORMS = tuple(
    name
    for name, op in OPS.items()
    if op.family == "normalization"
    and name not in ("rms_norm", "global_response_norm", "global_response_norm2d", "normalize")
)
"""The norms that courses teach."""

LEFT_OUT: dict[str, dict[str, tuple[str, ...]]] = {
    "params": {"FC layers": ("linear",), "norms": NORMS},
    "arithmetic": {"FC layers": ("linear",)},
    "outputs": {"pooling": tuple(name for name, op in OPS.items() if op.family == "pooling")},
}
"""Kinds of layers that a figure may leave out."""


class _Scene(NamedTuple):
    """A network and selection whose layers are counted, and the move and cost that lead there."""

    move: str
    reading: bool
    cost: int
    analysis: Analysis
    term: Quantity


class Count(NamedTuple):
    """What each layer gives by one convention, and the move and cost that lead there."""

    move: str
    cost: int
    parts: list[Number]


def steps_of(subjects: Subjects, term: Quantity, reach: str, most: int) -> Iterator[SolverStep]:
    """Yield the quantity as requested, counted otherwise, and of other variants and inputs.

    The moves cost at most `most`. Raises ProblemError where the term names layers that are not
    there.
    """
    quantity = QUANTITIES[term.name]
    value = evaluate(subjects, term)
    if value is None or isinstance(value, tuple):
        return
    yield SolverStep((), True, 0, Fraction(value), term.name in ARITHMETIC)
    if not isinstance(quantity, Summed) or quantity.unit in ("layers", "connections") or term.each:
        return
    base = subjects.analysis(term.subject)
    for scene in _scenes(subjects, term, base, reach):
        try:
            rows = select(subjects, scene.analysis, scene.term.selection, term.mark)
        except ProblemError:  # another variant without these layers
            continue
        yield from _counted(scene, rows, most)


def _scenes(subjects: Subjects, term: Quantity, base: Analysis, reach: str) -> Iterator[_Scene]:
    """Yield the network as it is and with its auxiliary heads, then what is further off.

    Namesakes and other inputs come next; the rest of its family is furthest.
    """
    yield _Scene("", True, 0, base, term)
    if not term.selection.aux and any(node.aux for node in base.graph.nodes):
        with_aux = term._replace(selection=term.selection._replace(aux=True))
        yield _Scene("with the auxiliary heads", True, 1, base, with_aux)
    if reach != "network":
        yield from _variants(subjects, term, base, reach)
        yield from _inputs(subjects, term, base)


def _variants(subjects: Subjects, term: Quantity, base: Analysis, reach: str) -> Iterator[_Scene]:
    network = base.graph.network
    for other in network.siblings if network.as_specified() else ():
        # resnet34_a of resnet34: what the lecture may well have meant
        namesake = other.startswith(network.name)
        if other == network.name or not (namesake or reach == "family"):
            continue
        subject = term.subject._replace(network=other)
        analysis = analysis_or_none(subjects, subject)
        if analysis is not None:
            cost = 1 if namesake else 3
            yield _Scene(f"for {other}", namesake, cost, analysis, term._replace(subject=subject))


def _inputs(subjects: Subjects, term: Quantity, base: Analysis) -> Iterator[_Scene]:
    shape = base.graph.input
    if len(shape) != 3 or term.name in ("params", "weights", "biases", "weight_bytes"):
        return
    for side in SIDES:
        if (side, side) == shape[1:] or side * 2 <= shape[1]:
            continue
        subject = term.subject._replace(input=(shape[0], side, side))
        analysis = analysis_or_none(subjects, subject)
        if analysis is not None:
            move = f"at an input of {side}x{side}"
            yield _Scene(move, False, 2, analysis, term._replace(subject=subject))


def analysis_or_none(subjects: Subjects, subject: Subject) -> Analysis | None:
    """Return the analysis of a subject, None where its network cannot be built so."""
    try:
        return subjects.analysis(subject)
    except ProblemError:
        return None


def _counted(scene: _Scene, rows: list[LayerAnalysis], most: int) -> Iterator[SolverStep]:
    """Yield the same layers by every convention, and with layers left out or counted twice."""
    name = scene.term.name
    for move, price, parts in conventions(scene.term, rows, scene.analysis):
        cost, total = scene.cost + price, Fraction(sum(parts))
        if cost > most:
            continue
        moves = tuple(filter(None, (scene.move, move)))
        here = SolverStep(moves, scene.reading, cost, total, name in ARITHMETIC)
        if here.moves:
            yield here
        if move in TOOLS:
            yield from _as_a_mean(rows, parts, here, most)
            continue
        for what, ops in LEFT_OUT[_kind_of(name)].items():
            out = sum(part for row, part in zip(rows, parts, strict=True) if row.node.kind in ops)
            if 0 < out < total and cost + 1 <= most:
                yield here.with_slip(f"without the {what}", 1, total - out)
        if cost + 2 <= most and len(rows) <= MAX_LAYERS:
            yield from _misses(rows, parts, here)


def _kind_of(name: str) -> str:
    """Return which of LEFT_OUT's kinds a quantity is."""
    if name in ARITHMETIC:
        return "arithmetic"
    if name in ("elements", "output_bytes"):
        return "outputs"
    return "params"


def conventions(term: Quantity, rows: list[LayerAnalysis], analysis: Analysis) -> Iterator[Count]:
    """Yield what each layer gives, as requested and by other conventions."""
    name = term.name

    def parts(of: str) -> list[Number]:
        return [fact(of, row, analysis) for row in rows]

    own = parts(name)
    yield Count("", 0, own)
    if name in ARITHMETIC:
        for other, label in ARITHMETIC.items():
            # what lectures call FLOPs are MACs
            cost = 0 if (name, other) == ("flops", "macs") else 1
            if other != name:
                yield Count(label, cost, parts(other))
    elif name == "params":
        bare = [part - biases(row) for part, row in zip(own, rows, strict=True)]
        yield Count("without biases", 1, bare)
    elif name in ("elements", "output_bytes"):
        yield from _outputs(name, rows, own, analysis)


def _outputs(
    name: str, rows: list[LayerAnalysis], own: list[Number], analysis: Analysis
) -> Iterator[Count]:
    """Yield the conventions of counting outputs."""
    itemsize = bytes_each(analysis)
    pooled = _only(rows, own, frozenset(name for name, op in OPS.items() if in_lectures(op)))
    source = math.prod(analysis.graph.input) * analysis.batch
    if name == "output_bytes":
        source *= itemsize
    yield Count("outputs of conv, pool and fc alone", 1, pooled)
    yield Count("outputs of conv and fc alone", 1, _only(rows, own, CONV_AND_FC))
    with_input = [pooled[0] + source, *pooled[1:]] if pooled else []
    yield Count("outputs of conv, pool and fc, and the input", 2, with_input)
    if name == "output_bytes":
        for size in (1, 2, 8):
            label = f"{size} byte{'s' if size > 1 else ''} per element"
            yield Count(label, 1, [part * Fraction(size, itemsize) for part in own])


def _only(rows: list[LayerAnalysis], parts: list[Number], ops: Collection[str]) -> list[Number]:
    return [part if row.node.kind in ops else 0 for row, part in zip(rows, parts, strict=True)]


def _as_a_mean(
    rows: list[LayerAnalysis], parts: list[Number], whole: SolverStep, most: int
) -> Iterator[SolverStep]:
    """Yield a tool's count of a network that averages over all pixels by x.mean().

    Most tools do not see that.
    """
    pooled = sum(
        part
        for row, part in zip(rows, parts, strict=True)
        if row.node.kind.startswith("adaptive_avg_pool")
    )
    if pooled and whole.cost < most:
        yield whole._replace(
            moves=(*whole.moves, "its average pooling a mean"),
            cost=whole.cost + 1,
            value=whole.value - pooled,
        )


def _misses(
    rows: list[LayerAnalysis], parts: list[Number], whole: SolverStep
) -> Iterator[SolverStep]:
    """Yield one layer left out, one counted twice; layers that give the same are named together."""
    alike: dict[Number, list[str]] = {}
    for row, part in zip(rows, parts, strict=True):
        if part:
            alike.setdefault(part, []).append(row.node.path)
    for part, paths in itertools.islice(alike.items(), MAX_LAYERS):
        named = paths[0] if len(paths) == 1 else _one_of(paths)
        if len(alike) > 1 or len(paths) > 1:
            yield whole.with_slip(f"without {named}", 2, whole.value - part)
        yield whole.with_slip(f"{named} counted twice", 2, whole.value + part)


def _one_of(paths: list[str]) -> str:
    more = ", …" if len(paths) > 4 else ""
    return f"one of {', '.join(paths[:4])}{more}"
