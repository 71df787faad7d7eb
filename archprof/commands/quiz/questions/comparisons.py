"""Which layer has most? Of four layers, of which one is clearly ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archprof import units
from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.quiz.making.quiz import SHAPED, WEIGHTED, Quiz, quantity
from archprof.commands.quiz.questions.question import QuizQuestion
from archprof.commands.quiz.questions.wording import input_text, layer_text

COMPARED = 4
NAMES = {"macs": "MACs", "params": "parameters", "memory": "bytes of output"}
AHEAD = (("easy", 4.0), ("medium", 1.5), ("hard", 1.05))
"""How many times as much as any other the answer has, at least; what is nearer is not asked."""


def comparisons(table: Quiz) -> Iterator[QuizQuestion]:
    """Yield questions about layers in a row, each of MACs, parameters and memory."""
    for column, name in NAMES.items():
        ops = SHAPED if column == "memory" else WEIGHTED
        layers = [*_layers_of(table, ops)]
        for start in range(len(layers) - COMPARED + 1):
            group = layers[start : start + COMPARED]
            if any(
                len(table.rows[row].label) == 1 for row, _ in group
            ):  # taken for an option's letter
                continue
            numbers = [quantity(layer, table.analysis, column) for _, layer in group]
            first, second = sorted(numbers, reverse=True)[:2]
            level = next((name for name, times in AHEAD if first >= times * second > 0), "")
            if level:
                yield _question(table, group, numbers, name, level)


def _layers_of(table: Quiz, ops: frozenset[str]) -> Iterator[tuple[int, LayerAnalysis]]:
    """Yield the rows of layers of these ops with weights of their own."""
    for row in range(len(table.rows)):
        layer = table.layer(row)
        if layer is not None and layer.node.kind in ops and layer.node.shares is None:
            yield row, layer


def _question(
    table: Quiz,
    group: Sequence[tuple[int, LayerAnalysis]],
    numbers: Sequence[int],
    name: str,
    level: str,
) -> QuizQuestion:
    labels = [table.rows[row].label for row, _ in group]
    right = labels[numbers.index(max(numbers))]
    slips = []
    for other, what in NAMES.items():
        theirs = [quantity(layer, table.analysis, other) for _, layer in group]
        most = labels[theirs.index(max(theirs))]
        if most != right and theirs.count(max(theirs)) == 1:
            slips.append((f"that has most {what}", most))
    listed = [f"{label} {units.exact(n)}" for label, n in zip(labels, numbers, strict=True)]
    return QuizQuestion(
        "most",
        level,
        f"Which of these layers has the most {name}?",
        "layer",
        right,
        ", ".join(listed),
        options=tuple(f"{layer_text(table, row)} of {input_text(table, row)}" for row, _ in group),
        slips=tuple(slips),
    )
