"""What a wrong answer likely comes from: every slip of the list, and the lines beyond which none
is named.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import Quiz, QuizRequest
from archprof.commands.quiz.marking.cells import values_of
from archprof.commands.quiz.marking.shape_slips import shape_slip
from archprof.commands.quiz.marking.slips import altered, number_slip, output_of
from archprof.commands.quiz.marking.student_answer import parse_number
from archprof.ops.convolution import Conv2d
from tests.commands.quiz.marking.test_grading import at

SPEC = """name: net
input: 6x9x9
layers:
  conv1: {op: conv2d, out: 8, kernel: 3, stride: 2, padding: 1}
  grouped: {op: conv2d, out: 12, kernel: 3, padding: 1, groups: 4}
  pool: {op: max_pool2d, kernel: 2, stride: 2}
  small: {op: conv2d, out: 1, kernel: 1}
  flatten: {op: flatten}
  fc: {op: linear, out: 10}
"""
# conv1 gives floor((9 + 2 - 3)/2) + 1 = 5: 8x5x5; pool floor((5 - 2)/2) + 1 = 2: 12x2x2; small
# 1x2x2; flatten 4


@pytest.fixture(scope="module")
def quiz(tmp_path_factory: pytest.TempPathFactory) -> Quiz:
    path: Path = tmp_path_factory.mktemp("slips") / "net.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return make(QuizRequest(str(path), 1, 1, ("output", "params", "macs", "flops", "memory")))


def of_number(quiz: Quiz, layer: str, column: str, text: str) -> str:
    cell, figure = at(quiz, layer, column), parse_number(text)
    assert figure is not None
    return number_slip(quiz, cell, figure, values_of(quiz, *cell).values())


def of_shape(quiz: Quiz, name: str, shape: tuple[int, ...]) -> str:
    layer = quiz.layer(at(quiz, name, "output")[0])
    assert layer is not None
    return shape_slip(layer.node.op, layer.node.facts.inputs, shape)


@pytest.mark.parametrize(
    ("layer", "shape", "slip"),
    [
        ("conv1", (8, 4, 4), "with padding 0"),  # floor((9 - 3)/2) + 1
        ("conv1", (8, 6, 6), "with padding 2"),  # floor((9 + 4 - 3)/2) + 1
        ("conv1", (8, 7, 7), "with padding 3"),  # floor((9 + 6 - 3)/2) + 1
        ("conv1", (8, 8, 8), ""),  # padding 4 is not on the list
        ("conv1", (8, 9, 9), "with stride 1"),  # 9 + 2 - 3 + 1
        ("conv1", (8, 3, 3), ""),  # stride 3 is not: floor(8/3) + 1
        ("conv1", (6, 5, 5), "with the channels of its input"),
        ("grouped", (12, 3, 3), "with padding 0"),  # 5 - 3 + 1
        ("pool", (12, 3, 3), "with padding 1"),  # floor((5 + 2 - 2)/2) + 1
        ("pool", (12, 4, 4), "with stride 1"),  # 5 - 2 + 1
        ("pool", (12, 1, 1), "without the + 1"),
        ("pool", (12, 5, 5), "with the size of its input"),
        ("small", (1, 3, 3), "with one too many"),
        ("fc", (11,), ""),
    ],
)
def test_shapes(quiz: Quiz, layer: str, shape: tuple[int, ...], slip: str) -> None:
    assert of_shape(quiz, layer, shape) == slip


@pytest.mark.parametrize(
    ("size", "slip"),
    [
        (12, "rounded up, not down"),  # (12 - 3)/8 + 1 = 2 with a remainder of 1
        (11, "with one too many"),  # (11 - 3)/8 + 1 = 2 exactly
    ],
)
def test_rounding_up_where_something_remains(tmp_path: Path, size: int, slip: str) -> None:
    made = written(
        tmp_path, f"input: 3x{size}x{size}", "conv: {op: conv2d, out: 1, kernel: 3, stride: 8}"
    )
    assert made.contents[at(made, "conv", "output")] == (1, 2, 2)
    assert of_shape(made, "conv", (1, 3, 3)) == slip


@pytest.mark.parametrize(
    ("size", "window", "right", "given", "slip"),
    [
        # (10 + 2 - 3)/8 + 1 = 2 with a remainder of 1, (9 + 2 - 3)/8 + 1 = 2 exactly
        ("10x10", "kernel: 3, stride: 8, padding: 1", (2, 2), (3, 3), "rounded up, not down"),
        ("9x9", "kernel: 3, stride: 8, padding: 1", (2, 2), (3, 3), "with one too many"),
        # (10 + 2 - 3)/8 + 1 = 2 with a remainder of 1; (9 - 1)/4 + 1 = 3 exactly
        (
            "10x9",
            "kernel: [3, 1], stride: [8, 4], padding: [1, 0]",
            (2, 3),
            (3, 3),
            "rounded up, not down",
        ),
        # the same across
        (
            "9x10",
            "kernel: [1, 3], stride: [4, 8], padding: [0, 1]",
            (3, 2),
            (3, 3),
            "rounded up, not down",
        ),
    ],
)
def test_what_remains_of_a_padded_input(
    tmp_path: Path,
    size: str,
    window: str,
    right: tuple[int, int],
    given: tuple[int, int],
    slip: str,
) -> None:
    made = written(tmp_path, f"input: 3x{size}", f"conv: {{op: conv2d, out: 1, {window}}}")
    assert made.contents[at(made, "conv", "output")] == (1, *right)
    assert of_shape(made, "conv", (1, *given)) == slip


def written(folder: Path, *lines: str) -> Quiz:
    """The sheet of a network of these layers, under the line of its input."""
    path = folder / "net.yaml"
    path.write_text(
        "\n".join(["name: net", lines[0], "layers:", *(f"  {line}" for line in lines[1:])]) + "\n",
        encoding="utf-8",
    )
    return make(QuizRequest(str(path), 1, 1, ("output", "params")))


@pytest.mark.parametrize(
    ("layer", "column", "text", "slip"),
    [
        # conv1: 8 filters of 6x3x3 and 8 biases = 440 parameters, 432*25 = 10,800 MACs; flops
        # 21,800;
        # memory 8*5*5*4 = 800
        ("conv1", "params", "72", "without the channels of its input"),  # 8*3*3
        ("conv1", "params", "80", "without the channels of its input"),  # and its 8 biases
        ("conv1", "params", "54", "of one filter"),  # 6*3*3
        ("conv1", "params", "55", "of one filter"),  # and its bias
        ("conv1", "params", "56", ""),
        ("conv1", "macs", "432", "without the size of the output"),
        ("conv1", "macs", "440", "its parameters"),
        ("conv1", "macs", "1800", "without the channels of its input"),  # 10,800/6
        ("conv1", "macs", "34,992", "at the size of its input"),  # 432*9*9
        ("conv1", "macs", "1801", ""),
        ("conv1", "memory", "1944", "of its input"),  # 6*9*9*4
        # which is a slip of memory alone
        ("conv1", "macs", "1944", ""),
        ("conv1", "params", "100", ""),
        ("conv1", "memory", "100", "without the channels"),  # 5*5*4
        # grouped: 12 filters of 2x3x3 and 12 biases = 228; without groups 12*8*9 + 12 = 876
        # parameters
        # and 864*25 = 21,600 MACs
        ("grouped", "params", "876", "without its groups"),
        ("grouped", "macs", "21,600", "without its groups"),
        ("grouped", "params", "440", "that of conv1"),
        # small has 12 + 1 = 13 parameters, and 12*4 = 48 MACs; fc 4*10 + 10 = 50 and 40
        ("fc", "params", "13", "that of small"),
        ("fc", "macs", "48", "that of small"),
        ("fc", "params", "40", ""),
        ("fc", "params", "4", "of one filter"),
        ("total", "params", "228", "that of grouped"),
    ],
)
def test_numbers(quiz: Quiz, layer: str, column: str, text: str, slip: str) -> None:
    assert of_number(quiz, layer, column, text) == slip


def test_of_several_inputs_the_first_is_meant(tmp_path: Path) -> None:
    """8 channels and 2 of 4x4, 4 bytes each."""
    layers = (
        "a: {op: conv2d, out: 8, kernel: 1}",
        "b: {op: conv2d, out: 2, kernel: 1}",
        "cat: {op: concat, from: [a, b]}",
    )
    made = written(tmp_path, "input: 3x4x4", *layers)
    assert of_number(made, "cat", "memory", str(8 * 16 * 4)) == "of its input"
    assert of_number(made, "cat", "memory", str(2 * 16 * 4)) == "that of b"
    assert of_shape(made, "cat", (8, 4, 4)) == "with the channels of its input"
    assert of_shape(made, "cat", (2, 4, 4)) == ""


@pytest.mark.parametrize(("params", "slip"), [(9, ""), (10, "that of few")])
def test_a_number_of_another_row_has_two_digits(tmp_path: Path, params: int, slip: str) -> None:
    """Of a single digit chance alone would name a row."""
    layers = (
        "flat: {op: flatten}",
        "few: {op: linear, out: 1, bias: false}",
        "many: {op: linear, out: 30, bias: false}",
    )
    made = written(tmp_path, f"input: {params}x1x1", *layers)
    assert made.contents[at(made, "few", "params")] == params
    assert of_number(made, "many", "params", str(params)) == slip


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("404", "two digits transposed"),
        ("044", ""),  # a zero in front is not a digit of a number
        ("450", ""),
    ],
)
def test_transposed_digits(quiz: Quiz, text: str, slip: str) -> None:
    assert of_number(quiz, "conv1", "params", text) == slip


def test_another_setting_where_it_can_be_had() -> None:
    op = Conv2d(out=8, kernel=3)
    assert altered(op, "stride", (2, 2)) == Conv2d(out=8, kernel=3, stride=2)
    assert altered(op, "stride", 0) is None
    assert output_of(None, ((3, 8, 8),)) is None
    assert output_of(op, ((3, 2, 2),)) is None  # smaller than the window
    assert output_of(op, ((3, 8),)) is None


def test_an_input_that_the_op_cannot_take_has_no_slip() -> None:
    """A window of 5 does not fit into 3x3, whatever the padding that was meant."""
    assert shape_slip(Conv2d(out=2, kernel=5), ((1, 3, 3),), (2, 1, 1)) == ""
