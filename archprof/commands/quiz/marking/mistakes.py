"""What a wrong answer likely comes from, and how the right one is worked out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from archprof import units
from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.quiz.making.quiz import SUMMED, Cell, Quiz
from archprof.commands.quiz.marking.cells import values_of
from archprof.commands.quiz.marking.scheme import counted_otherwise
from archprof.commands.quiz.marking.shape_slips import shape_slip, slips
from archprof.commands.quiz.marking.slips import number_slip, output_of
from archprof.commands.quiz.marking.student_answer import Reading, parse_ints, parse_number
from archprof.commands.quiz.marking.student_table import StudentTable
from archprof.ops.base import Shape

AXES = ("channels", "height", "width")


def mistake(
    quiz: Quiz, cell: Cell, text: str, student: StudentTable, readings: Sequence[Reading]
) -> tuple[str, str]:
    """Return what a wrong answer likely comes from, with the working of the right one, and the
    slip alone, "" for none.

    `readings` are the ways in which it would be right by conventions that are not the column's.
    """
    row, column = cell
    found, slip, worked = "", "", ""
    if readings:
        slip = counted_otherwise(
            min(readings, key=lambda r: (r.cost(), "digits" in dict(r.foreign)))
        )
    elif column == "output":
        found, slip, worked = _wrong_shape(quiz, row, parse_ints(text), student)
    elif column in SUMMED:
        figure = parse_number(text)
        if figure is None:
            found = "not a number"
        else:
            slip = number_slip(quiz, cell, figure, values_of(quiz, row, column).values())
    if slip and not found:
        found = f"likely {slip}"
    return "; ".join(filter(None, (found, worked or working(quiz, cell)))), slip


def _wrong_shape(
    quiz: Quiz, row: int, numbers: Shape | None, student: StudentTable
) -> tuple[str, str, str]:
    """Return what is wrong with a shape, the slip that gives it, and the working of those axes
    that are wrong; each may be "".
    """
    given, layer, right = student.shape(row, numbers), quiz.layer(row), quiz.shape(row)
    if given is None or (len(given) == 1 and len(right) == 3):
        return "no shape such as 96x55x55", "", ""
    if layer is None:
        return "", "", ""
    if len(right) == 1 and len(given) > 1:
        slip = "not flattened" if math.prod(given) == right[0] else ""
        factors = "*".join(map(str, given))
        return f"likely {slip}" if slip else "", slip, f"{factors} = {right[0]}" if slip else ""
    mine = student.layers[row]
    follows = (mine.output() if mine.origin else None) or right
    worked = shape_working(layer, _wrong_axes(given, follows))
    if len(given) == 2 and len(right) == 3:
        return "the channels are missing", "", worked
    for op, inputs, where in student.tries(row):
        slip = shape_slip(op, inputs, given, student.is_image(row))
        if slip:
            return f"likely {slip}{where}", slip, worked
        if where and output_of(op, inputs) == given:
            return f"likely{where.removeprefix(',')}", where.removeprefix(", "), worked
    slip = _through_a_blank(quiz, row, given, student)
    return f"likely {slip}" if slip else "", slip, worked


def _through_a_blank(quiz: Quiz, row: int, given: Shape, student: StudentTable) -> str:
    """Return the slip in the row before, which has no answer, that this shape goes on from."""
    layer, before = quiz.layer(row), quiz.rows[row].sources[:1]
    source = quiz.layer(before[0]) if before else None
    if layer is None or source is None or student.given.get((before[0], "output")) != "":
        return ""
    mine = student.layers[before[0]]
    for label, shape in slips(mine.op, mine.inputs):
        if (
            shape is not None
            and output_of(layer.node.op, (shape, *student.layers[row].inputs[1:])) == given
        ):
            return f"{label} at {quiz.rows[before[0]].label}, which has no answer"
    return ""


def _wrong_axes(given: Shape, follows: Shape) -> tuple[str, ...]:
    """Return the axes in which an answer differs from the shape that follows; of two numbers,
    which are height and width, the channels too.
    """
    if len(follows) != 3 or len(given) not in (2, 3):
        return ()
    numbers = given if len(given) == 3 else (None, *given)
    pairs = zip(AXES, numbers, follows, strict=True)
    return tuple(axis for axis, number, right in pairs if number != right)


def shape_working(layer: LayerAnalysis, axes: Iterable[str]) -> str:
    """Return how these axes of a layer's output are worked out, "" where nothing says it."""
    output, inputs = layer.node.output, layer.node.facts.inputs
    if len(output) != 3:
        return ""
    lines = layer.node.op.working(inputs, output)
    shown = []
    for axis in axes:
        size = output[AXES.index(axis)]
        if axis not in lines:
            if axis == "channels" and inputs and size == inputs[0][0]:
                shown.append(f"channels = its input's = {size}")
            continue
        numbers = lines[axis].substituted()
        text = f"{lines[axis].formula if numbers == str(size) else numbers} = {size}"
        shown.append(f"channels = {text}" if axis == "channels" else text)
    return ", ".join(dict.fromkeys(shown))


def working(quiz: Quiz, cell: Cell) -> str:
    """Return how the content of a cell is worked out, "" where there is nothing to work out."""
    row, column = cell
    layer = quiz.layer(row)
    if layer is None:
        return "the sum of the rows above"
    output = layer.node.output
    if column == "output":
        return shape_working(layer, ("height", "width"))
    lines = layer.node.op.working(layer.node.facts.inputs, output)
    batch = ""
    if quiz.request.batch > 1 and column != "params":
        batch = f" * {quiz.request.batch} images"
    if column == "memory":
        itemsize = layer.output_bytes // (quiz.request.batch * max(1, math.prod(output)))
        return (
            f"{'*'.join(map(str, output))}{batch} * {itemsize} bytes ="
            f" {units.exact(layer.output_bytes)}"
        )
    value = quiz.contents[cell]
    if column not in lines or not isinstance(value, int):
        return ""
    substituted = lines[column].substituted()
    return "" if substituted == str(value) else f"{substituted}{batch} = {units.exact(value)}"
