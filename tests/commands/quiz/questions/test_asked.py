"""Every question that small networks give, with its working and the slips that it tells apart.

`asked.txt` has them: where it changes, read the change. `python -m
tests.commands.quiz.questions.test_asked` writes it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from archprof import units
from archprof.analysis.analysis import analyze
from archprof.commands.quiz.making.making import table_of
from archprof.commands.quiz.making.quiz import Content, QuizRequest
from archprof.commands.quiz.questions.asking import MAKERS
from archprof.commands.quiz.questions.question import QuizQuestion
from archprof.ops.base import Shape
from tests.small import graph_of

EXPECTED = Path(__file__).with_name("asked.txt")

CONV = "op: conv2d, out: 2"
IMAGES: dict[str, tuple[str, Shape, dict[str, str]]] = {
    # --- paddings: a dilated window of 3 has 5 pixels, and slides over 6 at least ---
    "twice the kernel": ("padding", (3, 6, 6), {"a": f"{CONV}, kernel: 3"}),
    "one pixel less": ("padding", (3, 5, 5), {"a": f"{CONV}, kernel: 3"}),
    "an even kernel": ("padding", (3, 9, 9), {"a": f"{CONV}, kernel: 4"}),
    "one pixel": ("padding", (3, 9, 9), {"a": f"{CONV}, kernel: 1"}),
    "no square": ("padding", (3, 9, 10), {"a": f"{CONV}, kernel: 3"}),
    "a window that is no square": ("padding", (3, 9, 9), {"a": f"{CONV}, kernel: [3, 1]"}),
    "another padding of each axis": (
        "padding",
        (3, 9, 9),
        {"a": f"{CONV}, kernel: 3, padding: [1, 0]"},
    ),
    "another stride of each axis": (
        "padding",
        (3, 9, 9),
        {"a": f"{CONV}, kernel: 3, stride: [2, 1]"},
    ),
    "dilated": ("padding", (3, 9, 9), {"a": f"{CONV}, kernel: 3, dilation: 2"}),
    "transposed": (
        "padding",
        (3, 9, 9),
        {"a": "op: conv_transpose2d, out: 2, kernel: 3, stride: 2"},
    ),
    # floor((9 + 2P - 3)/2) + 1 is 4, 5, 6 for P = 0, 1, 2
    "one fits": ("padding", (3, 9, 9), {"a": f"{CONV}, kernel: 3, stride: 2, padding: 1"}),
    # floor((16 + 2P - 5)/4) + 1 is 3, 4, 4, 5, 5
    "two fit": ("padding", (3, 16, 16), {"a": f"{CONV}, kernel: 5, stride: 4, padding: 1"}),
    "none but the network's own": (
        "padding",
        (3, 16, 16),
        {"a": f"{CONV}, kernel: 5, stride: 4"},
    ),
    # (8 - 3)/2 is rounded up
    "rounded up": (
        "padding",
        (3, 8, 8),
        {"a": "op: max_pool2d, kernel: 3, stride: 2, ceil_mode: true"},
    ),
    # --- changes: images of 8x8 at least ---
    "eight": ("change", (3, 8, 8), {"a": f"{CONV}, kernel: 3"}),
    "seven high": ("change", (3, 7, 8), {"a": f"{CONV}, kernel: 3"}),
    "seven wide": ("change", (3, 8, 7), {"a": f"{CONV}, kernel: 3"}),
    "padded and strided": (
        "change",
        (4, 8, 10),
        {"a": f"{CONV}, kernel: 3, stride: 2, padding: 1, groups: 2, bias: false"},
    ),
    "as small with twice the stride": ("change", (3, 8, 8), {"a": f"{CONV}, kernel: 8"}),
    "to be enlarged by 2": ("change", (3, 8, 8), {"a": f"{CONV}, kernel: 7, padding: 3"}),
    "of windows that are no squares": ("change", (3, 8, 8), {"a": f"{CONV}, kernel: [3, 5]"}),
    "turned round": ("change", (3, 8, 8), {"a": "op: conv_transpose2d, out: 2, kernel: 3"}),
    "of a pooling": ("change", (3, 8, 8), {"a": "op: max_pool2d, kernel: 2"}),
    # --- fields ---
    "one window": ("field", (3, 9, 9), {"a": f"{CONV}, kernel: 3"}),
    "strides and dilation": (
        "field",
        (1, 64, 64),
        {
            "a": f"{CONV}, kernel: 3, stride: 2, padding: 1",
            "r": "op: relu",
            "b": f"{CONV}, kernel: 3, dilation: 2, padding: 2",
            "c": "op: max_pool2d, kernel: 2, stride: 2",
            "d": f"{CONV}, kernel: 3, padding: 1",
            "e": f"{CONV}, kernel: 1",
        },
    ),
    "up to a window that is no square": (
        "field",
        (1, 32, 32),
        {
            "a": f"{CONV}, kernel: 3",
            "b": f"{CONV}, kernel: 3",
            "c": f"{CONV}, kernel: [1, 3]",
            "d": f"{CONV}, kernel: 3",
        },
    ),
    "up to a stride of one axis": (
        "field",
        (1, 32, 32),
        {
            "a": f"{CONV}, kernel: 3",
            "b": f"{CONV}, kernel: 3",
            "c": f"{CONV}, kernel: 3, stride: [1, 2]",
        },
    ),
    "up to a branch": (
        "field",
        (1, 32, 32),
        {
            "a": f"{CONV}, kernel: 3, padding: 1",
            "b": f"{CONV}, kernel: 3, padding: 1",
            "s": "op: add, from: [a, b]",
            "c": f"{CONV}, kernel: 3",
        },
    ),
    # the field of b is 5, and the image has 4 pixels
    "larger than the image": (
        "field",
        (1, 4, 4),
        {"a": f"{CONV}, kernel: 3, padding: 1", "b": f"{CONV}, kernel: 3, padding: 1"},
    ),
    # --- the wrong cell of a slide: of 3 rows that follow each other, and of 5 ---
    "two rows": ("error", (2, 9, 9), {"a": f"{CONV}, kernel: 3", "b": f"{CONV}, kernel: 3"}),
    "three rows": (
        "error",
        (2, 9, 9),
        {
            "a": f"{CONV}, kernel: 3",
            "r": "op: relu",
            "p": "op: max_pool2d, kernel: 2",
            "n": "op: batch_norm2d",
        },
    ),
    "five rows": (
        "error",
        (2, 24, 24),
        {
            "a": f"{CONV}, kernel: 3, padding: 1",
            "b": f"{CONV}, kernel: 3, groups: 2",
            "n": "op: batch_norm2d",
            "p": "op: max_pool2d, kernel: 2",
            "c": "op: conv2d, out: 3, kernel: 3",
        },
    ),
    "a branch between them": (
        "error",
        (2, 9, 9),
        {
            "a": f"{CONV}, kernel: 3, padding: 1",
            "b": f"{CONV}, kernel: 3, padding: 1",
            "s": "op: add, from: [a, b]",
            "c": f"{CONV}, kernel: 3",
        },
    ),
    # --- memory ---
    "two layers": (
        "memory",
        (2, 6, 6),
        {"a": f"{CONV}, kernel: 3", "p": "op: max_pool2d, kernel: 2"},
    ),
}


def vectors(*widths: int) -> dict[str, str]:
    """Return linear layers of these numbers of outputs, without biases."""
    return {f"fc{i}": f"op: linear, out: {out}, bias: false" for i, out in enumerate(widths)}


# MACs and parameters of a linear layer are its inputs times its outputs: of the first layer those
# of the network's input
VECTORS: dict[str, tuple[str, Shape, dict[str, str]]] = {
    "four times as many": ("most", (10,), vectors(40, 2, 50, 2)),  # 400, 80, 100, 100
    "not quite four times": ("most", (21,), vectors(19, 5, 20, 5)),  # 399, 95, 100, 100
    "half as many again": ("most", (10,), vectors(15, 5, 20, 5)),  # 150, 75, 100, 100
    "not quite half as many again": ("most", (149,), vectors(1, 100, 1, 100)),  # 149, 100 ...
    "a twentieth more": ("most", (105,), vectors(1, 100, 1, 100)),
    "too near": ("most", (104,), vectors(1, 100, 1, 100)),
    "only three": ("most", (10,), vectors(40, 2, 50)),
    # 80, 32, 320, 80, 4: the third of each four
    "five in a row": ("most", (10,), vectors(8, 4, 80, 1, 4)),
    "a letter": ("most", (10,), {**vectors(40, 2, 50), "a": "op: linear, out: 2"}),
}
NETWORKS = IMAGES | VECTORS


def questions(kind: str, size: Shape, layers: dict[str, str]) -> list[QuizQuestion]:
    request = QuizRequest("small", 0, 0, (), questions=1)
    return [*MAKERS[kind](table_of(analyze(graph_of(layers, size), count="macs"), request))]


def asked(name: str) -> str:
    """Return the questions of a network's kind as lines."""
    return "\n".join([f"=== {name}", *chain.from_iterable(map(lines, questions(*NETWORKS[name])))])


def lines(question: QuizQuestion) -> Iterator[str]:
    answers = " or ".join(map(_text, (question.right, *question.also)))
    yield f"{question.kind} {question.level}: {question.asked()}"
    yield f"  {question.column} {answers}: {question.working}"
    for slip, value in question.slips:
        yield f"  {_text(value)} {slip}"


def _text(value: Content) -> str:
    return units.shape(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_asked(name: str) -> None:
    parts = EXPECTED.read_text(encoding="utf-8").split("=== ")[1:]
    expected = {part.partition("\n")[0]: f"=== {part}".rstrip("\n") for part in parts}
    assert [*expected] == [*NETWORKS]
    assert asked(name) == expected[name]


def test_fields_of_two_to_twelve_windows() -> None:
    layers = {name: "op: conv2d, out: 1, kernel: 2" for name in "abcdefghijklmn"}
    found = questions("field", (1, 40, 40), layers)
    # n windows of 2 pixels see n + 1
    assert [question.right for question in found] == [*range(3, 14)]
    assert [question.level for question in found] == ["easy", *["medium"] * 2, *["hard"] * 8]


def test_batches_in_turn() -> None:
    """Of six layers each alone, in two dtypes, and each three of them."""
    layers = {name: "op: conv2d, out: 1, kernel: 2" for name in "abcdef"}
    found = questions("memory", (1, 9, 9), layers)
    of_one = ["easy", "medium"]
    assert [one.level for one in found] == [*[*of_one, "hard"] * 4, *of_one * 2]
    batches = [one.text.partition("batch of ")[2].split()[0] for one in found]
    assert list(dict.fromkeys(batches)) == ["8", "16", "32", "64", "128"]
    assert batches[-2:] == ["8", "8"]
    # 8*(64 + 49 + 36) elements of 2 bytes
    assert found[2].right == 8 * (8 * 8 + 7 * 7 + 6 * 6) * 2


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(map(asked, NETWORKS)) + "\n", encoding="utf-8")
