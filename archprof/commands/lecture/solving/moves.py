"""The declared space of the convention solver: the values that moves from a quantity lead to.

Each move has a name and a cost. Moves are other networks (scenes.py), other conventions of
counting (conventions.py), and slips such as a layer left out or counted twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.lecture.claims.document import Quantity
from archprof.commands.lecture.claims.quantities import QUANTITIES, Number, Summed
from archprof.commands.lecture.deciding.arithmetic import ARITHMETIC, TOOLS
from archprof.commands.lecture.deciding.evaluate import evaluate
from archprof.commands.lecture.deciding.explanation import SolverMove, SolverStep
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.commands.lecture.solving.conventions import conventions
from archprof.commands.lecture.solving.scenes import scenes
from archprof.ops import OPS

MAX_LAYERS = 400
"""The most layers of which single ones are left out or counted twice."""
ONE_WAY = ("layers", "connections", "own_params")
"""Sums over layers that everybody counts alike."""
LEFT_OUT_LAYER, COUNTED_TWICE = "without {}", "{} counted twice"
"""The slips of a single layer."""
MISSED = 3
"""What a slip of a single layer costs: there are many layers to choose from."""

NORMS = frozenset(
    name
    for name, op in OPS.items()
    if op.family == "normalization"
    and name not in ("rms_norm", "global_response_norm", "global_response_norm2d", "normalize")
)
"""The norms that courses teach."""

LEFT_OUT: dict[str, dict[str, frozenset[str]]] = {
    "params": {"FC layers": frozenset({"linear"}), "norms": NORMS},
    "arithmetic": {"FC layers": frozenset({"linear"})},
    "outputs": {"pooling": frozenset(name for name, op in OPS.items() if op.family == "pooling")},
}
"""Kinds of layers that a figure may leave out."""


def steps_of(
    subjects: Subjects, term: Quantity, reach: str, most: int, slips: bool = True
) -> Iterator[SolverStep]:
    """Yield the quantity as requested, counted otherwise, and of other variants and inputs.

    The moves cost at most `most`; `slips` are those of some layers. Raises ProblemError where the
    term names layers that are not there.
    """
    quantity = QUANTITIES[term.name]
    value = evaluate(subjects, term)
    if value is None or isinstance(value, tuple):
        return
    counted = term.name in ARITHMETIC
    if not isinstance(quantity, Summed) or term.name in ONE_WAY or term.each:
        yield SolverStep((), Fraction(value), counted)
        return
    for scene in scenes(subjects, term, reach):
        start = SolverStep((), Fraction(0), counted)
        if scene.move is not None:
            start = start.then(scene.move, start.value)
        for count in conventions(subjects, term, scene.rows, scene.analysis, most - start.cost):
            step = start._replace(value=Fraction(sum(count.parts)))
            if count.called:
                step = start.then(SolverMove(count.called, count.cost, "count"), step.value)
            if step.cost > most:
                continue
            yield step
            if count.called in TOOLS:
                yield from _as_a_mean(scene.rows, count.parts, step, most)
            elif slips:
                yield from _slips(term.name, scene.rows, count.parts, step, most)


def _slips(
    name: str, rows: list[LayerAnalysis], parts: list[Number], whole: SolverStep, most: int
) -> Iterator[SolverStep]:
    """Yield the same layers without some kind of them, or with a single one missed."""
    if whole.cost + 1 <= most:
        for what, ops in LEFT_OUT[_kind_of(name)].items():
            out = sum(part for row, part in zip(rows, parts, strict=True) if row.node.kind in ops)
            if 0 < out < whole.value:
                move = SolverMove(f"without the {what}", 1, "slip", reading=False)
                yield whole.then(move, whole.value - out)
    if whole.cost + MISSED <= most and len(rows) <= MAX_LAYERS:
        yield from _misses(rows, parts, whole)


def _kind_of(name: str) -> str:
    """Return which of LEFT_OUT's kinds a quantity is."""
    if name in ARITHMETIC:
        return "arithmetic"
    if name in ("elements", "output_bytes"):
        return "outputs"
    return "params"


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
        yield whole.then(SolverMove("its average pooling a mean", 1, "count"), whole.value - pooled)


def _misses(
    rows: list[LayerAnalysis], parts: list[Number], whole: SolverStep
) -> Iterator[SolverStep]:
    """Yield one layer left out, one counted twice; layers that give the same are named together."""
    alike: dict[Number, list[str]] = {}
    for row, part in zip(rows, parts, strict=True):
        if part:
            alike.setdefault(part, []).append(row.node.path)
    for part, paths in itertools.islice(alike.items(), MAX_LAYERS):
        names = tuple(paths)
        if len(alike) > 1 or len(paths) > 1:
            yield whole.then(
                SolverMove(LEFT_OUT_LAYER, MISSED, "slip", False, names), whole.value - part
            )
        yield whole.then(
            SolverMove(COUNTED_TWICE, MISSED, "slip", False, names), whole.value + part
        )
