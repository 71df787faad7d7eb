"""Which padding gives a size? Of square windows over square inputs."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.quiz.making.quiz import Quiz
from archprof.commands.quiz.questions.question import QuizQuestion
from archprof.ops.sliding_window import SlidingWindow

DILATION = 2
"""That of the question at medium level."""


def paddings(table: Quiz) -> Iterator[QuizQuestion]:
    """Yield questions for each square window: to keep the size, also dilated, or to give it."""
    for row in range(len(table.rows)):
        layer = table.layer(row)
        window = layer.node.op.sliding_window() if layer is not None else None
        if layer is None or window is None or not _is_square(window):
            continue
        source, output = layer.node.facts.inputs[0], layer.node.output
        if len(source) != 3 or source[1] != source[2] or output[1] != output[2]:
            continue
        kernel, label = window.kernel[0], table.rows[row].label
        if window.stride == (1, 1) and kernel % 2 and source[1] >= DILATION * kernel:
            yield _kept(label, kernel, source[1])
            yield _kept_dilated(label, kernel, source[1])
        elif window.stride[0] > 1 and _fits(window, source[1], output[1]):
            yield _given(label, kernel, window.stride[0], source[1], output[1])


def _is_square(window: SlidingWindow) -> bool:
    """Return whether a window is as high as wide, larger than a pixel, and not dilated."""
    sides = (window.kernel, window.stride, window.padding)
    square = all(len({*side}) == 1 for side in sides)
    return square and window.dilation == (1, 1) and window.kernel[0] > 1 and not window.transposed


def _fits(window: SlidingWindow, size: int, output: int) -> bool:
    """Return whether an output is floor((N + 2P - K)/S) + 1, with nothing rounded up or beside."""
    return (size + 2 * window.padding[0] - window.kernel[0]) // window.stride[0] + 1 == output


def _kept(label: str, kernel: int, size: int) -> QuizQuestion:
    return QuizQuestion(
        "padding",
        "easy",
        f"{label} slides a window of {kernel}x{kernel} at stride 1 over {size}x{size} pixels. Which"
        " padding keeps the height and the width?",
        "padding",
        (kernel - 1) // 2,
        f"(K - 1)/2 = ({kernel} - 1)/2 = {(kernel - 1) // 2}",
        slips=(("without halving", kernel - 1), ("rounded up", (kernel + 1) // 2)),
    )


def _kept_dilated(label: str, kernel: int, size: int) -> QuizQuestion:
    right = DILATION * (kernel - 1) // 2
    return QuizQuestion(
        "padding",
        "medium",
        f"{label} slides a window of {kernel}x{kernel} at stride 1 over {size}x{size} pixels. Which"
        f" padding keeps the height and the width with a dilation of {DILATION}?",
        "padding",
        right,
        f"D*(K - 1)/2 = {DILATION}*({kernel} - 1)/2 = {right}",
        slips=(("without the dilation", (kernel - 1) // 2), ("without halving", 2 * right)),
    )


def _given(label: str, kernel: int, stride: int, size: int, output: int) -> QuizQuestion:
    """Return the question for the padding that gives an output, of which there may be several."""
    fitting = [p for p in range(kernel) if (size + 2 * p - kernel) // stride + 1 == output]
    least, kept = fitting[0], (kernel - 1) // 2
    return QuizQuestion(
        "padding",
        "hard",
        f"{label} slides a window of {kernel}x{kernel} at stride {stride} over {size}x{size}"
        f" pixels. Which padding gives {output}x{output}?",
        "padding",
        least,
        f"floor(({size} + 2*{least} - {kernel})/{stride}) + 1 = {output}",
        also=tuple(fitting[1:]),
        slips=(("that which keeps the size at stride 1", kept),) if kept not in fitting else (),
    )
