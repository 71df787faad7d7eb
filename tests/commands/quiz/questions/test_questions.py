"""Questions about shipped networks: every answer is worked out again from the question's own text,
by formulas that are written here.
"""

from __future__ import annotations

import math
import re
from functools import cache

import pytest

from archprof.commands.quiz.making.levels import LEVELS
from archprof.commands.quiz.making.making import analysed, table_of
from archprof.commands.quiz.making.quiz import Quiz, QuizRequest, quantity
from archprof.commands.quiz.questions.asking import MAKERS
from archprof.commands.quiz.questions.question import KINDS, QuizQuestion

NETWORKS = (
    "lenet5",
    "alexnet",
    "vgg11",
    "resnet18",
    "googlenet",
    "mobilenet_v2",
    "squeezenet1_1",
    "convnext_tiny",
    "densenet121",
    "vit_b_16",
)


@cache
def table(network: str) -> Quiz:
    request = QuizRequest(network, 0, 0, (), questions=1)
    return table_of(analysed(request), request)


@cache
def questions(network: str, kind: str) -> tuple[QuizQuestion, ...]:
    return tuple(MAKERS[kind](table(network)))


def numbers(pattern: str, text: str) -> tuple[int, ...]:
    found = re.search(pattern, text)
    assert found, (pattern, text)
    return tuple(int(group) for group in found.groups())


def size(extent: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int:
    """How often a window fits: floor((N + 2P - D(K - 1) - 1)/S) + 1."""
    return (extent + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def test_every_kind_at_every_level() -> None:
    assert {*MAKERS} == {*KINDS}
    for kind in KINDS:
        levels = {q.level for network in NETWORKS for q in questions(network, kind)}
        assert levels == {*LEVELS}, kind


@pytest.mark.parametrize("network", NETWORKS)
def test_a_question_is_no_slip_and_stands_alone(network: str) -> None:
    for kind in KINDS:
        asked = [question.asked() for question in questions(network, kind)]
        assert len(set(asked)) == len(asked)
        for question in questions(network, kind):
            assert question.kind == kind
            assert question.working
            assert question.right not in question.also
            assert "\n" not in question.asked()


@pytest.mark.parametrize("network", NETWORKS)
def test_fields(network: str) -> None:
    """A field grows by (K - 1) times the product of the strides before."""
    for question in questions(network, "field"):
        windows = re.findall(r"kernel (\d+), stride (\d+)(?:, dilation (\d+))?", question.text)
        field, jump = 1, 1
        for kernel, stride, dilation in windows:
            field += (int(kernel) - 1) * int(dilation or 1) * jump
            jump *= int(stride)
        assert question.right == field
        assert len(windows) >= 2


@pytest.mark.parametrize("network", NETWORKS)
def test_paddings(network: str) -> None:
    """Every padding below the kernel is tried; those that fit are the answers, and no other."""
    for question in questions(network, "padding"):
        kernel, stride, extent = numbers(
            r"window of (\d+)x\d+ at stride (\d+) over (\d+)x", question.text
        )
        dilation, wanted = 1, extent
        if question.level == "medium":
            [dilation] = numbers(r"dilation of (\d+)", question.text)
        if question.level == "hard":
            [wanted] = numbers(r"padding gives (\d+)x", question.text)
        fitting = [
            p for p in range(2 * kernel) if size(extent, kernel, stride, p, dilation) == wanted
        ]
        assert [question.right, *question.also] == fitting
        for _, slip in question.slips:
            assert slip == question.right or slip not in fitting


@pytest.mark.parametrize("network", NETWORKS)
def test_memory(network: str) -> None:
    for question in questions(network, "memory"):
        named, asked = question.text.split(" take in a batch of ")
        [batch] = numbers(r"^(\d+) images", asked)
        itemsize = {"float32": 4, "float16": 2}[asked.split(" in ")[1].rstrip("?")]
        shapes = re.findall(r"\((\d+(?:x\d+)*)\)", named)
        elements = sum(math.prod(map(int, shape.split("x"))) for shape in shapes)
        assert question.right == batch * elements * itemsize
        assert len(shapes) == (3 if question.level == "hard" else 1)


@pytest.mark.parametrize("network", NETWORKS)
def test_most(network: str) -> None:
    """The answer is ahead of every other option by what its level says: ties are not asked."""
    of = table(network)
    rows = {row.label: i for i, row in enumerate(of.rows)}
    least = {"easy": 4.0, "medium": 1.5, "hard": 1.05}
    for question in questions(network, "most"):
        [name] = re.findall(r"most (MACs|parameters|bytes of output)\?", question.text)
        column = {"MACs": "macs", "parameters": "params"}.get(name, "memory")
        values = {}
        for option in question.options:
            label = option.partition(" (")[0]
            layer = of.layer(rows[label])
            assert layer is not None
            values[label] = quantity(layer, of.analysis, column)
        others = [value for label, value in values.items() if label != question.right]
        assert len(others) == len(question.options) - 1 == 3
        assert values[str(question.right)] >= least[question.level] * max(others)


@pytest.mark.parametrize("network", NETWORKS)
def test_changes(network: str) -> None:
    """Of one convolution: CxHxW by the formula, G groups of filters, MACs of every output."""
    for question in questions(network, "change"):
        channels, height, width = numbers(r"takes (\d+)x(\d+)x(\d+)\.", question.text)
        kernel, stride, padding, out = numbers(
            r"kernel (\d+), stride (\d+), padding (\d+), out (\d+)", question.text
        )
        groups = next(map(int, re.findall(r"groups (\d+)", question.text)), 1)
        dilation = next(map(int, re.findall(r"dilation (\d+)", question.text)), 1)
        if question.level == "easy":
            [stride] = numbers(r"with a stride of (\d+) instead", question.text)
            sides = (size(n, kernel, stride, padding, dilation) for n in (height, width))
            assert question.right == (out, *sides)
        elif question.level == "medium":
            [kernel] = numbers(r"with a kernel of (\d+)x", question.text)
            biases = 0 if "no bias" in question.text else out
            assert question.right == kernel**2 * channels // groups * out + biases
        else:
            sides = (size(2 * n, kernel, stride, padding, dilation) for n in (height, width))
            assert question.right == kernel**2 * channels // groups * out * math.prod(sides)


@pytest.mark.parametrize("network", NETWORKS)
def test_errors(network: str) -> None:
    """Of the slide exactly one cell is not the network's, and the answer is what belongs there."""
    of = table(network)
    rows = {row.label: i for i, row in enumerate(of.rows)}
    for question in questions(network, "error"):
        slide = question.text.partition("Input ")[2].rstrip(".").split("; ")[1:]
        wrong = []
        for line in slide:
            label, _, rest = line.partition(" (")
            cells = rest.rpartition(") ")[2].split(", ")
            right = of.contents[rows[label], "output"]
            assert isinstance(right, tuple)
            if cells[0] != "x".join(map(str, right)):
                wrong.append(right)
            for cell in cells[1:]:
                params = of.contents[rows[label], "params"]
                if cell != f"{params:,} parameters":
                    wrong.append(params)
        assert wrong == [question.right]
        assert len(slide) == {"easy": 3, "medium": 5, "hard": 5}[question.level]
