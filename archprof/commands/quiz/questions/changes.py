"""What changes with another stride, kernel or input? Of one convolution."""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.analysis.analysis import LayerAnalysis
from archprof.commands.quiz.making.quiz import WEIGHTED, Quiz
from archprof.commands.quiz.marking.slips import altered, output_of
from archprof.commands.quiz.questions.question import QuizQuestion
from archprof.commands.quiz.questions.wording import input_text, layer_text
from archprof.graph.graph import Facts
from archprof.ops.base import Op, Shape


def changes(table: Quiz) -> Iterator[QuizQuestion]:
    """Yield a question of each kind about every convolution with a square window."""
    for row in range(len(table.rows)):
        layer = table.layer(row)
        window = layer.node.op.sliding_window() if layer is not None else None
        if layer is None or window is None or layer.node.kind not in WEIGHTED:
            continue
        if window.transposed or any(len({*side}) > 1 for side in window.sides()):
            continue
        (source,) = layer.node.facts.inputs
        if len(source) != 3 or source[1] < 8 or source[2] < 8:
            continue
        asked = f"{layer_text(table, row)} takes {input_text(table, row)}."
        yield from _stride(layer, asked, window.stride[0])
        yield from _kernel(layer, asked, window.kernel[0], window.padding[0])
        yield from _input(layer, asked, source)


def _stride(layer: LayerAnalysis, asked: str, stride: int) -> Iterator[QuizQuestion]:
    """Yield the question for the output with twice the stride."""
    op, inputs = layer.node.op, layer.node.facts.inputs
    shape = output_of(altered(op, "stride", 2 * stride), inputs)
    if shape is None or shape == layer.node.output:
        return
    channels, height, width = layer.node.output
    halved = (channels, height // 2, width // 2)
    yield QuizQuestion(
        "change",
        "easy",
        f"{asked} What is its output, as CxHxW, with a stride of {2 * stride} instead?",
        "output",
        shape,
        _worked(altered(op, "stride", 2 * stride), inputs, shape, ("height", "width")),
        slips=(
            ("the output as it was", layer.node.output),
            ("half of the output, rounded down", halved),
        ),
    )


def _kernel(layer: LayerAnalysis, asked: str, kernel: int, padding: int) -> Iterator[QuizQuestion]:
    """Yield the question for the parameters with a kernel that is larger by 2."""
    op, inputs = layer.node.op, layer.node.facts.inputs
    padded = altered(op, "padding", padding + 1)
    other = altered(padded, "kernel", kernel + 2) if padded is not None else None
    output = output_of(other, inputs)
    if other is None or output is None or layer.node.shares is not None:
        return
    weights = other.weights(*inputs)
    right = sum(weight.elements for weight in weights.values() if weight.trainable)
    biases = weights["bias"].elements if "bias" in weights else 0
    yield QuizQuestion(
        "change",
        "medium",
        f"{asked} How many parameters has it with a kernel of {kernel + 2}x{kernel + 2}?",
        "params",
        right,
        _worked(other, inputs, output, ("params",)),
        slips=(
            ("the parameters as they were", layer.params),
            ("counted without biases", right - biases),
        ),
    )


def _input(layer: LayerAnalysis, asked: str, source: Shape) -> Iterator[QuizQuestion]:
    """Yield the question for the MACs over an input twice as high and wide."""
    larger = (source[0], 2 * source[1], 2 * source[2])
    output = output_of(layer.node.op, (larger,))
    if output is None:
        return
    right = Facts(layer.node.op, (larger,), output).known_cost.macs
    macs = layer.node.facts.known_cost.macs
    yield QuizQuestion(
        "change",
        "hard",
        f"{asked} How many MACs has it for one image with an input twice as high and as wide?",
        "macs",
        right,
        _worked(layer.node.op, (larger,), output, ("macs",)),
        slips=(
            ("the MACs as they were", macs),
            ("twice the MACs, not four times", 2 * macs),
            ("counted 2 per MAC", 2 * right),
        ),
    )


def _worked(op: Op | None, inputs: tuple[Shape, ...], output: Shape, names: tuple[str, ...]) -> str:
    """Return how numbers of an op are worked out."""
    if op is None:
        return ""
    lines = op.working(inputs, output)
    results = {"height": output[1], "width": output[-1]}
    facts = Facts(op, inputs, output)
    weights = [w.elements for w in op.weights(*inputs).values() if w.trainable]
    results |= {"params": sum(weights), "macs": facts.known_cost.macs}
    found = [f"{lines[name].substituted()} = {units.exact(results[name])}" for name in names]
    return ", ".join(dict.fromkeys(found))
