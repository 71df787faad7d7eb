"""What is found in the text of a lecture: figures, and sentences that an analysis could check."""

import itertools
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.lecture.claims.figures import PrintedFigure
from archprof.commands.lecture.texts.finder import find_figures, read_sentences
from archprof.commands.lecture.texts.left_out import left_out

TEXTS = sorted((Path(__file__).parents[3] / "data" / "lectures").glob("*.txt"))


def values(text: str) -> list[object]:
    """Return the values of the figures in a text: numbers, or shapes."""
    return [
        figure.value.value if isinstance(figure.value, PrintedFigure) else figure.value
        for figure in find_figures(text)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Parameters: (11*11*3 + 1)*96 = **35K**", [11, 11, 3, 1, 96, 35_000]),
        ("96 11x11 filters => [55x55x96]", [96, (11, 11), (55, 55, 96)]),
        ("Conv 7 x 7 x 64 with stride 2", [(7, 7, 64), 2]),
        (r"$\begin{bmatrix} 3 \times 3, 64 \end{bmatrix} \times 2$", [(3, 3), 64, 2]),
        ("decomposed into pixels of size 4x4. Then", [(4, 4)]),
        ("[-1, 64, 112, 112]\t9,408", [(64, 112, 112), 9408]),
        ("kernel_size=(7, 7), eps=1e-06", [(7, 7), Fraction(1, 10**6)]),
        ("1.8×10^9 or $3.6 \\times 10^{9}$ FLOPs", [1_800_000_000, 3_600_000_000]),
        ("from 79.4 percent to 81.5%", [Fraction(794, 1000), Fraction(815, 1000)]),
        ("Only 5 million parameters, 12x less", [5_000_000, 12]),
        ("24M * 4 bytes ≈ 96MB / image", [24_000_000, 4, 96_000_000]),
        ("2.92 (-0.6)", [Fraction(292, 100), Fraction(-6, 10)]),
        ("kernel sizes of 3,5,7,9, and 11", [3, 5, 7, 9, 11]),
        ("14,197,122 images", [14_197_122]),
        ("size=1xHxW", [1]),
        ("DenseNet-121 ×6 ×12", [6, 12]),  # blocks of 6 and 12 layers, behind a name
        ("3×3 and 3 × 3 and 3\\times 3", [(3, 3), (3, 3), (3, 3)]),
        ("7^2 C^2", [7]),
    ],
)
def test_figures(text: str, found: list[object]) -> None:
    assert values(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "He et al., 2015; the 2020s; ILSVRC'14; 2026-03-12; 02/17 at 2pm",
        "see Fig. 3, Table 2, section 3.4, Lecture 8, Eqn.(2) and pp. 10-12",
        "as in [3]; shown in [12, 14] too",
        "ResNet-50, VGG16, VGG-16, CIFAR-10, Wrn-68-3, Conv2d-15, conv2_x, CONV3,4,5, L2",
        "https://arxiv.org/abs/2201.03545 and [a paper](https://doi.org/10.1/2)",
        "top 5 error, Top-1, the 16th, 1-D, CS 4644-DL / 7643-A, EECS 498.008 / 598.008, GTX 580",
        "- 1) one thing\n2. another\n(3): ReLU()",
        r"$\theta_{t+1} = W_1$ and $h^{l+1}$",
        "the equation (1)\n",
        "text\n\n2.1 Introducing ConvNeXt\n\ntext",
        "text\n\nREFERENCES\n\n- Smith, 138 layers, pp. 1059–1071",
    ],
)
def test_what_is_left_out(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # near to what is left out, and figures all the same
        ("2048 and 1920 channels and 1,998 others", [2048, 1920, 1998]),
        ("2000x3000 pixels", [(2000, 3000)]),
        ("152-layer nets", [152]),
        ("[4096] FC6", [4096]),
        ("22 layers\n\nand more", [22]),
    ],
)
def test_what_is_not_left_out(text: str, found: list[object]) -> None:
    assert values(text) == found


def test_places() -> None:
    text = "First line\nwith 35K parameters\n"
    (figure,) = find_figures(text)
    assert (figure.text, figure.line) == ("35K", 2)
    assert text[figure.start : figure.end] == "35K"


def test_sentences() -> None:
    text = (
        "# More layers than ever\n\n"
        "- Fewer parameters. It has 22 layers.\n"
        "- A wrapped\n  line on memory, which is twice\n\n"
        "Why use fewer filters?\n\n"
        "Conv\t35K\nPool\t0\n"
    )
    found = [
        (s.text, s.line, [f.text for f in s.figures], s.checkable) for s in read_sentences(text)
    ]
    assert found == [
        ("More layers than ever", 1, [], False),  # a heading
        ("Fewer parameters.", 3, [], True),
        ("It has 22 layers.", 3, ["22 layers"], False),
        ("A wrapped\n  line on memory, which is twice", 4, [], True),
        ("Why use fewer filters?", 7, [], False),  # a question
        ("Conv\t35K", 9, ["35K"], False),
        ("Pool\t0", 10, ["0"], False),
    ]


def test_lines_without_a_full_stop() -> None:
    """Slides end a sentence with its line, and wrapped text goes on in the next one."""
    slide = "Conv1 has 35K parameters\nConv2 has 614K\nand a stride of 1\n"
    assert [(s.text, s.line) for s in read_sentences(slide)] == [
        ("Conv1 has 35K parameters", 1),
        ("Conv2 has 614K\nand a stride of 1", 2),
    ]
    wrapped = "Of all these networks the deepest is still\nResNet-152 of 60.2M parameters.\n"
    assert len(read_sentences(f"As the table shows: {wrapped}")) == 1


def test_slides_in_one_line() -> None:
    text = "--- ## Review * Last time, 2 layers * It keeps the size --- ## Next"
    assert [s.text for s in read_sentences(text)] == [
        "Review",
        "Last time, 2 layers",
        "It keeps the size",
        "Next",
    ]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_figure_is_in_one_sentence(path: Path) -> None:
    text = path.read_text()
    inside = [figure for sentence in read_sentences(text) for figure in sentence.figures]
    assert inside == find_figures(text)
    assert len(inside) > 20


@given(st.text(alphabet="0123456789.,x×-^{}[]()%KM eE\n\t_#*~ab", max_size=80))
def test_any_text(text: str) -> None:
    figures = find_figures(text)
    for figure in figures:
        assert text[figure.start : figure.end].startswith(figure.text)
    for before, after in itertools.pairwise(figures):
        assert before.end <= after.start
    places = left_out(text)
    for start, end in places:
        assert 0 <= start <= end <= len(text)
    inside = [figure for sentence in read_sentences(text) for figure in sentence.figures]
    assert inside == figures


def test_long_text_takes_time_in_proportion() -> None:
    """What the patterns look at longest: backtracking would take minutes, not a second."""
    for piece in ("](", "1,", "[1, ", "a-1", "_{", "~", "(1)", "x@", "9" * 50 + " ", "* "):
        find_figures(piece * (20_000 // len(piece)))


def test_a_bibliography_has_no_sentences() -> None:
    text = "AlexNet has 60M parameters.\n\n# References\n\nNets with fewer layers than 8.\n"
    [sentence] = read_sentences(text)
    assert (sentence.text, sentence.line) == ("AlexNet has 60M parameters.", 1)
