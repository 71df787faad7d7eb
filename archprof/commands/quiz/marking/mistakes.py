"""What a wrong answer likely comes from, and how the right one is worked out."""

from __future__ import annotations

import math
from collections.abc import Iterable

from archprof import units
from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.quiz.making.quiz import SUMMED, Cell, Quiz
from archprof.commands.quiz.marking.cells import values_of
from archprof.commands.quiz.marking.slips import number_slip, shape_slip
from archprof.commands.quiz.marking.student_answer import parse_ints, parse_number
from archprof.commands.quiz.marking.student_table import StudentTable
from archprof.ops.base import Shape

AXES = ("channels", "height", "width")


def mistake(quiz: Quiz, cell: Cell, text: str, student: StudentTable) -> tuple[str, str]:
    """Return what a wrong answer likely comes from, with the working of the right one, and the
    slip alone, "" for none.
    """
    row, column = cell
    found, slip, worked = "", "", ""
    if column == "output":
        found, slip, worked = _wrong_shape(quiz, row, parse_ints(text), student)
    elif column in SUMMED:
        figure = parse_number(text)
        if figure is None:
            found = "no number"
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
    given, layer = student.shape(row, numbers), quiz.layer(row)
    if given is None or (len(given) == 1 and len(quiz.shape(row)) == 3):
        return "no shape such as 96x55x55", "", ""
    if layer is None:
        return "", "", ""
    node, mine = layer.node, student.layers[row]
    follows = (mine.output() if mine.origin else None) or node.output
    worked = shape_working(layer, _wrong_axes(given, follows))
    if len(given) == 2 and len(node.output) == 3:
        return "the channels are missing", "", worked
    if mine.before and (slip := shape_slip(mine.op, mine.inputs, given)):
        wrong = next(source for source in quiz.rows[row].sources if source in student.origins)
        return f"likely {slip}, from your {units.shape(student.shapes[wrong])}", slip, worked
    slip = shape_slip(node.op, node.facts.inputs, given)
    return f"likely {slip}" if slip else "", slip, worked


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
