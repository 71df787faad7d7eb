"""What is the receptive field of a layer? Of layers in a chain from the network's input."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.quiz.making.quiz import Quiz
from archprof.commands.quiz.questions.question import QuizQuestion
from archprof.commands.quiz.questions.wording import layer_text

LEAST, MOST = 2, 12
"""Windows on the way: of one the field is its kernel."""


def fields(table: Quiz) -> Iterator[QuizQuestion]:
    """Yield a question for each window of the chain, by size + (K - 1) * jump.

    Araujo, Norris and Sim, https://distill.pub/2019/computing-receptive-fields.
    """
    size = jump = plain = 1
    windows: list[str] = []
    steps: list[str] = []
    for row, layer in _chain(table):
        window = layer.node.op.sliding_window()
        if window is None:
            continue
        if len({*window.kernel}) > 1 or len({*window.stride}) > 1 or window.transposed:
            return
        kernel, stride, apart = window.kernel[0], window.stride[0], window.dilation[0]
        dilated = f"*{apart}" if apart > 1 else ""
        grown = size + (kernel - 1) * apart * jump
        late = size + (kernel - 1) * apart * jump * stride
        steps.append(f"{size} + ({kernel} - 1){dilated}*{jump} = {grown}")
        size, jump, plain = grown, jump * stride, plain + kernel - 1
        windows.append(layer_text(table, row, hidden=("padding", "out")))
        if layer.sight.sizes != (size, size):
            return
        if LEAST <= len(windows) <= MOST:
            yield QuizQuestion(
                "field",
                _level(len(windows)),
                f"How many pixels of the input, in each direction, does one output of"
                f" {table.rows[row].label} see? From the input on come {'; '.join(windows)}.",
                "field",
                size,
                ", ".join(steps),
                slips=(
                    ("without the strides", plain),
                    ("with the stride of the layer itself", late),
                ),
            )


def _chain(table: Quiz) -> Iterator[tuple[int, LayerAnalysis]]:
    """Yield the rows from the network's input on, each of which goes on from the one before."""
    if table.rows[0].node != -1:
        return
    for row in range(1, len(table.rows)):
        layer = table.layer(row)
        if layer is None or table.rows[row].sources != (row - 1,):
            return
        yield row, layer


def _level(windows: int) -> str:
    if windows == LEAST:
        return "easy"
    return "medium" if windows <= 4 else "hard"
