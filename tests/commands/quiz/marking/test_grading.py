"""Sheets marked: right by any declared convention, consistently or not, and every mistake told
apart from what follows from it.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import SUMMED, USUAL, Cell, Content, Quiz, QuizRequest
from archprof.commands.quiz.marking.cells import readings_of
from archprof.commands.quiz.marking.grading import Graded, Marked, content_text, grade
from archprof.commands.quiz.marking.mistakes import working
from archprof.commands.quiz.marking.scheme import (
    CARRIED,
    MEANINGS,
    MISSING,
    OTHER,
    RIGHT,
    ROUNDED,
    WRONG,
)
from archprof.commands.quiz.marking.slips import output_of
from archprof.commands.quiz.marking.student_answer import counted
from archprof.commands.quiz.sheets.sheet import plain

ALL = ("output", "params", "macs", "memory")


def quiz(
    network: str = "alexnet",
    blanks: int = 29,
    ask: tuple[str, ...] = ALL,
    last: str = "conv3",
    first: str = "",
) -> Quiz:
    return make(QuizRequest(network, blanks, 3, ask, first=first, last=last))


FULL = quiz()  # every cell of conv1 to conv3 that can be asked for


def key(of: Quiz) -> dict[Cell, str]:
    return {cell: plain(of.contents[cell]) for cell in of.blanks}


def at(of: Quiz, label: str, column: str) -> Cell:
    return next(i for i, row in enumerate(of.rows) if row.label == label), column


def mark(graded: Graded, label: str, column: str) -> Marked:
    [found] = [m for m in graded.marks if (m.layer, m.column) == (label, column)]
    return found


def changed(lenient: bool = False, **answers: str) -> Graded:
    """The key of FULL with some answers changed: conv1_output="54x54x96"."""
    given = key(FULL)
    for name, text in answers.items():
        label, _, column = name.rpartition("_")
        given[at(FULL, label, column)] = text
    return grade(FULL, given, lenient)


# --- what is right ---


@pytest.mark.parametrize(
    "network", ["alexnet", "lenet5", "resnet18", "inception_module", "mobilenet_v2"]
)
def test_the_key_is_all_right(network: str) -> None:
    made = make(QuizRequest(network, 15, 5))
    graded = grade(made, key(made))
    assert {m.word for m in graded.marks} == {RIGHT}
    assert graded.right == 15
    assert not [m.how for m in graded.marks if m.how]


@pytest.mark.parametrize(
    ("label", "column", "right"),
    [
        ("conv1", "output", "96x55x55"),
        ("conv1", "params", "34,944"),
        ("conv1", "macs", "105,415,200"),
        ("conv1", "memory", "1,161,600"),
        ("norm1", "params", "0"),
    ],
)
def test_what_would_have_been_right(label: str, column: str, right: str) -> None:
    found = mark(
        changed(**{f"{label}_{column}": "77"}),
        label,
        {"macs": "MACs"}.get(column, column.capitalize()),
    )
    assert (found.word, found.answer, found.right) == (WRONG, "77", right)


def test_settings_that_would_have_been_right() -> None:
    """A square window as one number, and a count without commas."""
    made = quiz(blanks=8, ask=("kernel", "out"), last="fc7")
    graded = grade(made, {})
    assert (mark(graded, "pool1", "Kernel").right, mark(graded, "fc6", "Out").right) == (
        "3",
        "4096",
    )


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        ((11, 11), "kernel", "11"),
        ((3, 1), "kernel", "3x1"),
        ((51, 51), "field", "51"),
        ((96, 55, 55), "output", "96x55x55"),
        ((7, 7), "output", "7x7"),
        (4096, "out", "4096"),
        (4096, "params", "4,096"),
        (1027, "field", "1027"),
        ("conv2d", "op", "conv2d"),
    ],
)
def test_contents_as_text(value: Content, column: str, text: str) -> None:
    assert content_text(value, column) == text


def test_an_empty_sheet_is_all_missing() -> None:
    graded = grade(FULL, {})
    assert {m.word for m in graded.marks} == {MISSING}
    assert graded.right == 0


def test_every_word_has_a_meaning() -> None:
    assert {*MEANINGS} == {RIGHT, ROUNDED, OTHER, CARRIED, WRONG, MISSING}


def only(name: str, answer: str, lenient: bool = False) -> Marked:
    """The mark of an answer to one cell, all others being right: `conv1_output`."""
    label, _, column = name.rpartition("_")
    title = {"macs": "MACs"}.get(column, column.capitalize())
    return mark(changed(lenient, **{name: answer}), label, title)


@pytest.mark.parametrize(
    ("name", "answer", "word", "how"),
    [
        ("conv1_output", "55x55x96", RIGHT, "HxWxC, elsewhere CxHxW"),
        ("conv1_output", "96 x 55 x 55", RIGHT, ""),
        ("conv1_params", "34.9K", ROUNDED, ""),
        ("conv1_params", "35K", ROUNDED, ""),
        ("conv1_params", "34.944", RIGHT, ""),  # points that group digits
        ("conv1_macs", "105M", ROUNDED, ""),
        ("conv1_macs", "0,105G", ROUNDED, ""),  # a decimal comma
        ("conv1_macs", "105.415.200", RIGHT, ""),
        ("conv1_memory", "1134 KB", ROUNDED, ""),
        ("conv1_memory", "1134 KiB", ROUNDED, ""),
        ("conv1_memory", "1.16 MB", ROUNDED, "powers of 1000"),
        ("conv1_memory", "1,16 MB", ROUNDED, "powers of 1000"),
        ("norm1_params", "-", RIGHT, ""),
    ],
)
@pytest.mark.parametrize("lenient", [False, True])
def test_other_ways_of_being_right(
    name: str, answer: str, word: str, how: str, lenient: bool
) -> None:
    found = only(name, answer, lenient)
    assert (found.word, found.points, found.how, found.origin) == (word, 1, how, "")


@pytest.mark.parametrize(
    ("name", "answer", "how"),
    [
        ("conv1_params", "34,848", "without biases"),  # 11*11*3*96
        ("conv1_params", "34.8K", "without biases"),  # or cut off, which says less
        ("conv1_params", "34.1K", "powers of 1024"),  # 34.125
        ("conv1_macs", "105.4", "in millions"),
        ("conv1_macs", "210830400", "2 per MAC"),
        # 2 * 105,415,200 + 290,400 biases
        ("conv1_macs", "211120800", "FLOPs of all arithmetic"),
        ("pool1_macs", "0.63M", "MACs and k*k per pooled output"),  # 9*27*27*96 = 629,856
        ("conv1_memory", "290400", "1 byte per element"),
        ("norm1_memory", "0", "outputs of conv, pool and fc alone"),
    ],
)
def test_another_convention_than_the_columns(name: str, answer: str, how: str) -> None:
    """Wrong, with its name, in strict marking, and half of the points in lenient marking."""
    strict, lenient = only(name, answer), only(name, answer, lenient=True)
    assert (strict.word, strict.points, strict.slip) == (WRONG, 0, f"counted {how}")
    assert strict.why.startswith(f"likely counted {how}")
    assert (lenient.word, lenient.points) == (OTHER, Fraction(1, 2))
    assert lenient.how.split(", elsewhere")[0] == how


def test_digits_that_are_cut_off() -> None:
    """447,897,600 rounds to 448M; 447M is what is left of it without its last digits."""
    assert only("conv2_macs", "447M").slip == "digits cut off, not rounded"
    assert only("conv2_macs", "447M", lenient=True).word == OTHER


def test_a_sheet_has_one_convention_of_its_own_or_none() -> None:
    """Of 746,496 bytes 186,624 are elements and 1,492,992 twice the bytes; of 1,161,600 there are
    290,400 elements. Elements alone are one convention; elements and doubled bytes are two.
    """
    one = changed(lenient=True, conv1_memory="290400", conv2_memory="186624", total_memory="")
    assert {mark(one, name, "Memory").word for name in ("conv1", "conv2")} == {OTHER}
    two = changed(lenient=True, conv1_memory="290400", conv2_memory="1492992", total_memory="")
    assert {mark(two, name, "Memory").word for name in ("conv1", "conv2")} == {WRONG}
    assert mark(two, "conv2", "Memory").slip == "counted 8 bytes per element"
    strict = changed(conv1_memory="290400", conv2_memory="186624", total_memory="")
    assert {mark(strict, name, "Memory").word for name in ("conv1", "conv2")} == {WRONG}


def test_points() -> None:
    """54 for 55 at conv1, and pool1 worked out from it: 26 is half right strictly, and right in
    lenient marking.
    """
    answers = {"conv1_output": "54x54x96", "pool1_output": "26x26x96", "conv2_params": "614K"}
    strict, lenient = changed(**answers), changed(lenient=True, **answers)
    assert [mark(strict, name, "Output").points for name in ("conv1", "pool1")] == [
        0,
        Fraction(1, 2),
    ]
    assert [mark(lenient, name, "Output").points for name in ("conv1", "pool1")] == [0, 1]
    # 614,656 is 615K rounded, and 614K only if it is cut off
    assert (strict.points, lenient.points) == (26 + Fraction(1, 2), 27 + Fraction(1, 2))
    assert (len(strict.marks), strict.right, strict.full) == (29, 26, False)


@pytest.mark.parametrize(
    ("ask", "name", "answer", "word"),
    [
        (("op",), "conv1 op", "Conv", RIGHT),
        (("op",), "pool1 op", "max pooling", RIGHT),
        (("op",), "conv1 op", "linear", WRONG),
        (("op",), "conv1 op", "convolution", RIGHT),
        (("op",), "conv1 op", "nonsense", WRONG),
        (("kernel",), "conv1 kernel", "11", RIGHT),
        (("kernel",), "conv1 kernel", "11x11", RIGHT),
        (("kernel",), "conv1 kernel", "12", WRONG),
        (("padding",), "conv2 padding", "same", RIGHT),
        (("padding",), "conv1 padding", "valid", RIGHT),
        (("padding",), "conv2 padding", "1", WRONG),
        (("stride",), "conv1 stride", "4", RIGHT),
        (("stride",), "conv1 stride", "2", WRONG),
        (("out",), "conv1 out", "96", RIGHT),
        (("out",), "conv1 out", "48", WRONG),
        (("layer",), "conv1 layer", "CONV1", RIGHT),
        (("layer",), "conv1 layer", "conv2", WRONG),
        # 11 + 2*4 + 4*8 = 51
        (("field",), "conv2 field", "51", RIGHT),
        (("field",), "conv2 field", "50", WRONG),
    ],
)
def test_settings(ask: tuple[str, ...], name: str, answer: str, word: str) -> None:
    label, column = name.split()
    made = quiz(
        ask=ask,
        blanks={"op": 5, "kernel": 5, "padding": 5, "stride": 5, "out": 3, "layer": 7, "field": 7}[
            column
        ],
    )
    graded = grade(made, key(made) | {at(made, label, column): answer})
    [found] = [
        m.word
        for m, cell in zip(graded.marks, made.blanks, strict=True)
        if cell == at(made, label, column)
    ]
    assert found == word


def test_same_padding_of_an_even_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window of 4 needs 3 more pixels: 1 before and, where torch can, 2 behind."""
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(
        "name: net\ninput: 3x8x8\nlayers: {a: {op: conv2d, out: 4, kernel: 4, padding: 1}}\n",
        encoding="utf-8",
    )
    made = make(QuizRequest("net.yaml", 1, 1, ("padding",)))
    assert {
        answer: grade(made, {(1, "padding"): answer}).marks[0].word
        for answer in ("same", "Same", "valid")
    } == {"same": RIGHT, "Same": RIGHT, "valid": WRONG}


def test_another_setting_that_gives_the_same_row_is_right() -> None:
    """Over 56 pixels in steps of 2 a window of 3 gives floor((56 - 3)/2) + 1 = 27, and so does
    one of 4; one of 2 gives 28, one of 5 gives 26.
    """
    made = {
        column: make(
            QuizRequest(
                "alexnet", 1, 1, (column,), first="pool1", last="pool1", input=(3, 231, 231)
            )
        )
        for column in ("kernel", "padding")
    }
    assert made["kernel"].contents[1, "output"] == (96, 27, 27)
    words = {
        answer: grade(made["kernel"], {(1, "kernel"): answer}).marks[0].word
        for answer in ("3", "4", "4x4", "3x4", "2", "5", "4x5", "4x4x4")
    }
    right = dict.fromkeys(("3", "4", "4x4", "3x4"), RIGHT)
    assert words == right | dict.fromkeys(("2", "5", "4x5", "4x4x4"), WRONG)
    # floor((58 - 3)/2) + 1 = 28
    assert grade(made["padding"], {(1, "padding"): "1"}).marks[0].word == WRONG


def test_another_kernel_that_gives_the_same_output_has_other_weights(tmp_path: Path) -> None:
    """Over 8 pixels in steps of 2 a convolution of 3 gives floor(5/2) + 1 = 3, and so does one
    of 4, with more parameters.
    """
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: net\ninput: 3x8x8\nlayers:\n  conv: {op: conv2d, out: 4, kernel: 3, stride: 2}\n",
        encoding="utf-8",
    )
    made = make(QuizRequest(str(path), 1, 1, ("kernel",)))
    assert [
        grade(made, {cell: answer for cell in made.blanks}).marks[0].word for answer in ("3", "4")
    ] == [RIGHT, WRONG]


def test_the_working_of_a_total() -> None:
    made = make(QuizRequest("alexnet", 1, 1, ("params",), first="conv1", last="norm1"))
    assert working(made, at(made, "total", "params")) == "the sum of the rows above"


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("macs", "11*11*3*96*55*55 * 2 images = 210,830,400"),
        ("memory", "96*55*55 * 2 images * 4 bytes = 2,323,200"),
        ("params", "(11*11*3 + 1)*96 = 34,944"),  # whose number no batch changes
    ],
)
def test_the_working_of_a_batch(column: str, why: str) -> None:
    made = make(QuizRequest("alexnet", 1, 1, (column,), batch=2, first="conv1", last="conv1"))
    assert working(made, at(made, "conv1", column)) == why


# --- which convention, and whether throughout ---


def test_one_convention_throughout() -> None:
    graded = changed(
        conv1_output="55x55x96",
        pool1_output="27x27x96",
        norm1_output="27x27x96",
        conv2_output="27x27x256",
        pool2_output="13x13x256",
        norm2_output="13x13x256",
        conv3_output="13x13x384",
    )
    [shapes] = [u for u in graded.used if u.dimension == "shapes"]
    assert (shapes.name, shapes.followed, shapes.others) == ("HxWxC", 7, ())
    assert graded.right == 29


def test_a_convention_left_is_named() -> None:
    graded = changed(
        lenient=True,
        conv1_params="34,848",
        conv2_params="614,400",
        conv3_params="885,120",
        total_params="",
    )
    [parameters] = [u for u in graded.used if u.dimension == "parameters"]
    assert (parameters.name, parameters.followed) == ("without biases", 2)
    assert parameters.others == ("conv3 Params (with biases)",)
    assert mark(graded, "conv1", "Params").how == "without biases"
    words = [mark(graded, name, "Params").word for name in ("conv1", "conv2", "conv3")]
    assert words == [OTHER, OTHER, RIGHT]


def test_an_answer_with_several_readings_is_right() -> None:
    """A pooling layer has no MACs, by its column and at 2 per MAC alike."""
    # 3*3*256*384*13*13 in conv3
    twice = {
        f"conv{i}_macs": str(2 * macs)
        for i, macs in ((1, 105_415_200), (2, 447_897_600), (3, 149_520_384))
    }
    graded = changed(lenient=True, **twice, total_macs="")
    [arithmetic] = [u for u in graded.used if u.dimension == "arithmetic"]
    assert (arithmetic.name, arithmetic.others) == ("2 per MAC", ())
    layers = ("conv1", "pool1", "conv2", "pool2", "conv3")
    assert [mark(graded, layer, "MACs").word for layer in layers] == [
        OTHER,
        RIGHT,
        OTHER,
        RIGHT,
        OTHER,
    ]


def test_a_total_may_count_otherwise() -> None:
    """Sums of MACs at 2 each, of parameters without biases, of memory without the norms."""
    lecture = 4 * (55 * 55 * 96 + 27 * 27 * 96 + 27 * 27 * 256 + 13 * 13 * 256 + 13 * 13 * 384)
    for name, answer, how in (
        ("total_memory", str(lecture), "outputs of conv, pool and fc alone"),
        (
            "total_memory",
            str(lecture + 4 * 3 * 227 * 227),
            "outputs of conv, pool and fc, and the input",
        ),
        ("total_macs", str(2 * 702_833_184), "2 per MAC"),
        ("total_params", str(1_534_720 - 96 - 256 - 384), "without biases"),
    ):
        found = only(name, answer, lenient=True)
        assert (found.word, found.how.partition(", elsewhere")[0]) == (OTHER, how)


# --- where a mistake entered ---


def test_a_wrong_shape_carried_on() -> None:
    """54 for 55 at conv1, and everything behind it worked out rightly from there."""
    graded = changed(
        conv1_output="54x54x96",
        conv1_macs=str(11 * 11 * 3 * 96 * 54 * 54),
        conv1_memory=str(4 * 54 * 54 * 96),
        pool1_output="26x26x96",
        pool1_memory=str(4 * 26 * 26 * 96),
        norm1_output="26x26x96",
        norm1_memory=str(4 * 26 * 26 * 96),
        conv2_output="26x26x256",
        conv2_macs=str(5 * 5 * 96 * 256 * 26 * 26),
        conv2_memory=str(4 * 26 * 26 * 256),
        pool2_output="12x12x256",
        pool2_memory=str(4 * 12 * 12 * 256),
        norm2_output="12x12x256",
        norm2_memory=str(4 * 12 * 12 * 256),
        conv3_output="12x12x384",
        conv3_macs=str(9 * 256 * 384 * 12 * 12),
        conv3_memory=str(4 * 12 * 12 * 384),
        total_macs=str(
            11 * 11 * 3 * 96 * 54 * 54 + 5 * 5 * 96 * 256 * 26 * 26 + 9 * 256 * 384 * 12 * 12
        ),
        total_memory=str(
            4
            * (54 * 54 * 96 + 2 * 26 * 26 * 96 + 26 * 26 * 256 + 2 * 12 * 12 * 256 + 12 * 12 * 384)
        ),
    )
    wrong = [(m.layer, m.column) for m in graded.marks if m.word == WRONG]
    assert wrong == [("conv1", "Output")]
    carried = [m for m in graded.marks if m.word == CARRIED]
    assert len(carried) == graded.carried == 18
    assert {m.origin for m in carried} == {"conv1 Output"}
    assert {m.why for m in carried} == {"from conv1 Output"}
    assert graded.right == 29 - 19


def test_a_new_mistake_behind_a_carried_one_is_told_apart() -> None:
    """pool1 goes on from 54, conv2 does not: 5x5 with padding 2 keeps 26, and 25 is nobody's."""
    graded = changed(conv1_output="54x54x96", pool1_output="26x26x96", conv2_output="25x25x256")
    assert mark(graded, "pool1", "Output").origin == "conv1 Output"
    assert (mark(graded, "conv2", "Output").word, mark(graded, "conv2", "Output").origin) == (
        WRONG,
        "conv2 Output",
    )


def test_right_again_behind_a_mistake() -> None:
    """A student who goes on from the right shape has made one mistake only."""
    graded = changed(conv1_output="54x54x96")
    assert [m.word for m in graded.marks if m.word != RIGHT] == [WRONG]


def test_wrong_channels_carried_into_parameters() -> None:
    """64 maps for 96 at conv1: its parameters stay right, conv2's are (5*5*64 + 1)*256."""
    graded = changed(
        conv1_output="55x55x64",
        pool1_output="27x27x64",
        norm1_output="27x27x64",
        conv2_params=str((5 * 5 * 64 + 1) * 256),
        conv2_macs=str(5 * 5 * 64 * 256 * 27 * 27),
    )
    assert {mark(graded, "conv2", column).origin for column in ("Params", "MACs")} == {
        "conv1 Output"
    }
    assert mark(graded, "norm1", "Output").word == CARRIED


def test_a_wrong_setting_carried_into_its_row() -> None:
    made = make(QuizRequest("alexnet", 2, 4, ("kernel", "macs"), first="conv2", last="conv2"))
    assert {column for _, column in made.blanks} == {"kernel", "macs"}
    graded = grade(made, {(1, "kernel"): "3", (1, "macs"): str(3 * 3 * 96 * 256 * 27 * 27)})
    assert [m.word for m in graded.marks] == [WRONG, CARRIED]
    assert graded.marks[1].origin == "conv2 Kernel"


def test_through_branches() -> None:
    """A wrong branch arrives at the concatenation."""
    made = make(QuizRequest("inception_module", 6, 1, ("output",)))
    labels = [made.rows[i].label for i, _ in made.blanks]
    branch = next(i for i, _ in made.blanks if made.contents[i, "op"] == "conv2d")
    wrong = made.contents[branch, "output"]
    assert isinstance(wrong, tuple)
    grown = (wrong[0] + 8, *wrong[1:])
    answers = key(made) | {(branch, "output"): plain(grown)}
    behind = [i for i, _ in made.blanks if branch in made.rows[i].sources]
    for i in behind:
        layer = made.layer(i)
        assert layer is not None
        arriving = tuple(grown if s == branch else made.shape(s) for s in made.rows[i].sources)
        shape = output_of(layer.node.op, arriving)
        assert shape
        answers[i, "output"] = plain(shape)
    graded = grade(made, answers)
    found = dict(zip((i for i, _ in made.blanks), graded.marks, strict=True))
    assert found[branch].word == WRONG, labels
    assert all(found[i].word in (CARRIED, RIGHT) for i in behind)
    if any(made.contents[i, "op"] == "concat" for i in behind):
        assert any(found[i].word == CARRIED for i in behind)


def test_a_missing_shape_is_no_gap() -> None:
    """Who leaves pool1 out and works on in the head has carried the mistake over all the same."""
    graded = changed(conv1_output="54x54x96", pool1_output="", norm1_output="26x26x96")
    assert mark(graded, "pool1", "Output").word == MISSING
    assert mark(graded, "norm1", "Output").origin == "conv1 Output"


@pytest.mark.parametrize(
    ("name", "answer", "likely"),
    [
        ("conv1_output", "54x54x96", "likely at an input of 224x224 or without the + 1"),
        ("pool1_output", "96x28x28", "likely with padding 1"),
        ("conv2_output", "256x23x23", "likely with padding 0"),
        ("conv2_output", "96x27x27", "likely with the channels of its input"),
        ("conv1_params", str(11 * 11 * 96), "likely without the channels of its input"),
        ("conv1_params", str(11 * 11 * 3), "likely of one filter"),
        # 34,944 with 4 and 9 exchanged is 39,444
        ("conv1_params", "39,444", "likely two digits transposed"),
        ("conv1_macs", str(11 * 11 * 3 * 96), "likely without the size of the output"),
        ("conv2_macs", str(614_656), "likely its parameters"),
        ("conv3_macs", str(447_897_600), "likely that of conv2"),
        ("pool1_memory", str(1_161_600), "likely of its input"),
        ("conv1_output", "many", "no shape such as 96x55x55"),
        ("conv1_params", "many", "not a number"),
    ],
)
def test_what_a_mistake_likely_is(name: str, answer: str, likely: str) -> None:
    label, _, column = name.rpartition("_")
    found = mark(
        changed(**{name: answer}), label, {"macs": "MACs"}.get(column, column.capitalize())
    )
    assert found.word == WRONG
    assert found.why.startswith(likely)


def test_a_new_mistake_comes_with_its_working() -> None:
    graded = changed(
        conv1_params="123", conv1_macs="123", conv1_memory="123", conv1_output="12x34x56"
    )
    assert mark(graded, "conv1", "Params").why == "(11*11*3 + 1)*96 = 34,944"
    assert mark(graded, "conv1", "MACs").why == "11*11*3*96*55*55 = 105,415,200"
    assert mark(graded, "conv1", "Memory").why == "96*55*55 * 4 bytes = 1,161,600"
    assert mark(graded, "conv1", "Output").why == (
        "channels = out = 96, floor((227 + 2*0 - 11)/4) + 1 = 55"
    )


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (34_944, "params", "34,944"),
        (1_000, "out", "1000"),
        (1_000, "field", "1000"),
        ((96, 55, 55), "output", "96x55x55"),
        ((4096,), "output", "4096"),
        ((3, 3), "kernel", "3"),
        ((3, 1), "kernel", "3x1"),
        ((2, 2), "stride", "2"),
        ((1, 0), "padding", "1x0"),
        ((7, 3), "field", "7x3"),
        (None, "params", "-"),
        ("conv2d", "op", "conv2d"),
    ],
)
def test_what_stands_in_a_cell(value: Content, column: str, text: str) -> None:
    assert content_text(value, column) == text


# --- laws ---


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    network=st.sampled_from(["alexnet", "lenet5", "vgg11"]),
    seed=st.integers(0, 999),
    step=st.integers(1, 3),
    which=st.integers(0, 99),
)
def test_one_wrong_shape_and_honest_work_from_there_is_one_mistake(
    network: str, seed: int, step: int, which: int
) -> None:
    """Whoever has one shape too large by some pixels and works on rightly makes one mistake,
    wherever it is.
    """
    made = make(QuizRequest(network, 12, seed, ("output", "macs", "memory")))
    blanks = [cell for cell in made.blanks if cell[1] == "output" and len(made.shape(cell[0])) == 3]
    if not blanks:
        return
    start = blanks[which % len(blanks)]
    answers, shapes = (
        key(made),
        {i: made.shape(i) for i, row in enumerate(made.rows) if row.node is not None},
    )
    c, h, w = shapes[start[0]]
    shapes[start[0]] = (c, h + step, w + step)
    tainted = {start[0]}
    for i in range(start[0], len(made.rows)):
        layer = made.layer(i)
        if layer is None:
            continue
        inputs = tuple(shapes[s] for s in made.rows[i].sources)
        if i != start[0] and tainted & {*made.rows[i].sources} and (i, "output") in made.blanks:
            shape = output_of(layer.node.op, inputs)
            if shape is None:
                return
            shapes[i] = shape
            tainted |= {i} if shape != made.shape(i) else set()
        for column in SUMMED:
            if (i, column) in made.blanks and (i in tainted or tainted & {*made.rows[i].sources}):
                value = counted(column, layer.node.op, inputs, shapes[i])[
                    "memory" if column == "memory" else "arithmetic", ""
                ]
                answers[i, column] = str(int(value))
        if (i, "output") in made.blanks:
            answers[i, "output"] = plain(shapes[i])
    graded = grade(made, answers)
    assert [
        (m.layer, m.column) for m in graded.marks if m.word == WRONG and m.layer != "total"
    ] == [(made.rows[start[0]].label, "Output")]


@settings(deadline=None, max_examples=60, derandomize=True)
@given(data=st.data())
def test_any_answer_is_marked(data: st.DataObject) -> None:
    """Whatever a student writes, each blank gets one mark."""
    made = make(QuizRequest("alexnet", 10, 1, USUAL))
    words = st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [
                "55x55x96",
                "0x0x0",
                "1x1x1",
                "0",
                "-1",
                "1e99",
                "9" * 30,
                "=1+1",
                "35K",
                "3",
                "same",
                "conv",
                "?",
                "1/0",
                "0x0",
            ]
        ),
    )
    answers = {cell: data.draw(words) for cell in made.blanks}
    graded = grade(made, answers)
    assert len(graded.marks) == len(made.blanks)
    assert all(m.word in MEANINGS for m in graded.marks)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    row=st.integers(1, 14),
    column=st.sampled_from(["params", "macs", "memory"]),
    factor=st.fractions(min_value=Fraction(11, 10), max_value=5),
)
def test_a_number_that_is_nobodys_is_wrong(row: int, column: str, factor: Fraction) -> None:
    made = make(QuizRequest("alexnet", 1, 1))
    value = made.contents[row, column]
    if not isinstance(value, int) or value < 1000:
        return
    off = int(value * factor) * 10 + 7  # no rounding, and not even
    assert not list(readings_of(made, (row, column), str(off)))
