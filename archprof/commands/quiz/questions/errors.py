"""Which cell of this slide is wrong? One is, by a slip that people make; all others are right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof import units
from archprof.commands.quiz.making.quiz import WEIGHTED, Content, Quiz
from archprof.commands.quiz.marking.mistakes import shape_working, working
from archprof.commands.quiz.marking.shape_slips import slips
from archprof.commands.quiz.questions.question import QuizQuestion
from archprof.commands.quiz.questions.wording import input_text, layer_text
from archprof.ops.base import Shape

ROWS = {"easy": 3, "medium": 5, "hard": 5}
"""Rows of the slide at each level; at the hard one it has parameters too."""


class Planted(NamedTuple):
    """A wrong cell: its row and column, what the slide has there, and by which slip."""

    row: int
    column: str
    wrong: Content
    slip: str


def errors(table: Quiz) -> Iterator[QuizQuestion]:
    """Yield a question for each slide of consecutive rows and each slip in one of them."""
    for level, count in ROWS.items():
        for first in range(1, len(table.rows) - count + 1):
            rows = range(first, first + count)
            if not all(_shows(table, row) for row in rows):
                continue
            for row in rows:
                for planted in _planted(table, row, level):
                    yield _question(table, rows, planted, level)


def _shows(table: Quiz, row: int) -> bool:
    """Return whether a row goes on from the row before, and has an image for an output."""
    layer = table.layer(row)
    return (
        layer is not None and table.rows[row].sources == (row - 1,) and len(layer.node.output) == 3
    )


def _planted(table: Quiz, row: int, level: str) -> Iterator[Planted]:
    """Yield the first slip in a row's output, and at the hard level one in its parameters."""
    layer = table.layer(row)
    if layer is None or layer.node.op.sliding_window() is None:
        return
    for slip, shape in slips(layer.node.op, layer.node.facts.inputs):
        if shape is not None and shape != layer.node.output and min(shape) > 0:
            yield Planted(row, "output", shape, slip)
            break
    weight = layer.node.facts.weights.get("weight")
    if level != "hard" or weight is None or layer.node.kind not in WEIGHTED:
        return
    if weight.shape[1] > 1 and layer.node.shares is None:
        one_channel = weight.elements // weight.shape[1]
        wrong = layer.params - weight.elements + one_channel
        yield Planted(row, "params", wrong, "without the channels of its input")


def _question(table: Quiz, rows: range, planted: Planted, level: str) -> QuizQuestion:
    cell = (planted.row, planted.column)
    right, layer = table.contents[cell], table.layer(planted.row)
    lines = [_line(table, row, planted, level == "hard") for row in rows]
    what = "output or number of parameters" if level == "hard" else "output"
    worked = working(table, cell)
    if planted.column == "output" and layer is not None and isinstance(planted.wrong, tuple):
        worked = shape_working(layer, _wrong_axes(planted.wrong, layer.node.output)) or worked
    return QuizQuestion(
        "error",
        level,
        f"One {what} on this slide is wrong, all settings are right. What belongs there? Input"
        f" {input_text(table, rows[0])}; {'; '.join(lines)}.",
        planted.column,
        right,
        f"{table.rows[planted.row].label}, {planted.slip} on the slide: {worked}",
        slips=(
            ("what the slide prints", planted.wrong),
            *(
                (f"that of {table.rows[row].label}, which is right", table.contents[row, "output"])
                for row in rows
                if planted.column == "output" and table.contents[row, "output"] != right
            ),
        ),
    )


def _wrong_axes(wrong: Shape, right: Shape) -> list[str]:
    pairs = zip(("channels", "height", "width"), wrong, right, strict=True)
    return [axis for axis, mine, theirs in pairs if mine != theirs]


def _line(table: Quiz, row: int, planted: Planted, params: bool) -> str:
    """Return a row of the slide, with what was planted in place of what is right."""
    shown = {column: table.contents[row, column] for column in ("output", "params")}
    if row == planted.row:
        shown[planted.column] = planted.wrong
    shape = shown["output"]
    text = f"{layer_text(table, row)} {units.shape(shape) if isinstance(shape, tuple) else shape}"
    return f"{text}, {units.exact(int(str(shown['params'])))} parameters" if params else text
