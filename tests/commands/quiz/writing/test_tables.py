"""Sheets, keys and marks as whole tables, their numbers worked out."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import Quiz, QuizRequest
from archprof.commands.quiz.marking.grading import grade
from archprof.commands.quiz.writing.marks_tables import marks_table
from archprof.commands.quiz.writing.tables import command, sheet_table
from archprof.show.table import Table, lines
from tests.commands.quiz.marking.test_grading import at, key

# conv1: floor((9 + 2 - 3)/2) + 1 = 5, 8*(6*9 + 1) = 440 parameters, 8*54*25 = 10,800 MACs, twice
# that and 200 biases FLOPs, 8*25*4 bytes; pool: 8*2*2 of 3 comparisons; fc: 33*10 parameters, 320
# MACs, 650 FLOPs, 40 bytes
SPEC = """name: net
title: A net
input: 6x9x9
layers:
  conv1: {op: conv2d, out: 8, kernel: 3, stride: 2, padding: 1}
  pool: {op: max_pool2d, kernel: 2, stride: 2}
  flatten: {op: flatten}
  fc: {op: linear, out: 10}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def half() -> Quiz:
    """A sheet of two samples in half precision: outputs of the same number of bytes."""
    return make(QuizRequest("net.yaml", 5, 1, ("output", "params"), batch=2, dtype="float16"))


def single() -> Quiz:
    return make(QuizRequest("net.yaml", 6, 1, ("op", "kernel", "macs", "memory", "flops")))


def text(table: Table, width: int = 100) -> str:
    found = ("".join(part for part, _ in line).rstrip() for line in lines(table, width))
    return "".join(f"{line}\n" for line in found)


def test_a_sheet() -> None:
    """MACs of two samples: 21,600 and 640, which is 22,240."""
    assert (
        text(sheet_table(half()))
        == f"""\
A net: fill in the 5 blanks
Layer    Op          Out  K  S  P  Output  Params    MACs    Memory
{"─" * 67}
input    -             -  -  -  -   6x9x9       -       -         -
conv1    conv2d        8  3  2  1    ____     440  21.6 K     800 B
pool     max_pool2d    -  2  2  0   8x2x2    ____       0     128 B
flatten  flatten       -  -  -  -    ____       0       0     128 B
fc       linear       10  -  -  -    ____    ____     640      40 B
{"─" * 67}
total    -             -  -  -  -       -     770  22.2 K  1.07 KiB
made by archprof quiz net.yaml --blank 5 --seed 1 --ask output,params --batch 2 --dtype float16
counted K, S and P are kernel, stride and padding; MACs multiply-accumulates; parameters include
        biases; memory is the output's in float16 and batch 2
"""
    )


def test_a_key() -> None:
    """Every blank that something follows from is worked out."""
    assert (
        text(sheet_table(single(), key=True))
        == f"""\
A net: fill in the 6 blanks (key)
Layer    Op          Out  K  S  P  Output  Params    MACs     FLOPs    Memory
{"─" * 77}
input    -             -  -  -  -   6x9x9       -       -         -         -
conv1    [conv2d]      8  3  2  1   8x5x5     440  10.8 K  [21,800]     800 B
pool     max_pool2d    -  2  2  0   8x2x2       0       0      [96]     [128]
flatten  flatten       -  -  -  -      32       0       0         0     128 B
fc       linear       10  -  -  -      10     330     320     [650]      40 B
{"─" * 77}
total    -             -  -  -  -       -     770  11.1 K  [22,546]  1.07 KiB
made by     archprof quiz net.yaml --blank 6 --seed 1 --ask op,kernel,macs,memory,flops
conv1 FLOPs 2*3*3*6*8*5*5 + 8*5*5 = 21,800
pool FLOPs  (2*2 - 1)*8*2*2 = 96
pool Memory 8*2*2 * 4 bytes = 128
fc FLOPs    2*32*10 + 10 = 650
total FLOPs the sum of the rows above
"""
    )


def test_what_is_counted_of_one_sample() -> None:
    assert dict(sheet_table(single()).notes)["counted"].endswith(
        "memory is the output's in float32"
    )


def test_a_narrow_terminal_omits_long_numbers_that_nobody_asks_for() -> None:
    """Memory and MACs of one sheet; of the other, which asks for FLOPs and memory, the MACs."""
    assert (
        text(sheet_table(half()), 50).splitlines()[1]
        == "Layer   Op         Out K S P Output Params"
    )
    assert (
        text(sheet_table(single()), 40).splitlines()[1]
        == "Layer   Op         Out K S P Output Params FLOPs   Memory"
    )


def test_texts_stand_to_the_left_and_break() -> None:
    """Where layers join, a column says from where; the name of a layer is never broken."""
    layers = (
        "a: {op: conv2d, out: 2, kernel: 1}",
        "b: {op: conv2d, out: 3, kernel: 1, from: input}",
        "both: {op: concat, from: [a, b]}",
    )
    rows = "".join(f"  {layer}\n" for layer in layers)
    Path("net.yaml").write_text(f"name: net\ninput: 6x9x9\nlayers:\n{rows}", encoding="utf-8")
    columns = sheet_table(make(QuizRequest("net.yaml", 2, 1))).columns
    assert [column.title for column in columns if not column.right] == ["Layer", "Op", "From"]
    assert [column.title for column in columns if column.wraps] == ["Op", "From"]


@pytest.mark.parametrize(
    ("request_", "typed"),
    [
        (QuizRequest("n", 3, 4), "n --blank 3 --seed 4"),
        (QuizRequest("n", 3, 4, ("params",)), "n --blank 3 --seed 4 --ask params"),
        (QuizRequest("n", 3, 4, input=(3, 4, 5)), "n --blank 3 --seed 4 --input 3x4x5"),
        (
            QuizRequest("n", 3, 4, sets=("a=1", "b=2")),
            "n --blank 3 --seed 4 --set 'a=1' --set 'b=2'",
        ),
        (QuizRequest("n", 3, 4, batch=2), "n --blank 3 --seed 4 --batch 2"),
        (QuizRequest("n", 3, 4, dtype="float64"), "n --blank 3 --seed 4 --dtype float64"),
        (QuizRequest("n", 3, 4, first="x"), "n --blank 3 --seed 4 --from x"),
        (QuizRequest("n", 3, 4, last="y"), "n --blank 3 --seed 4 --to y"),
    ],
)
def test_the_command_that_makes_a_sheet_again(request_: QuizRequest, typed: str) -> None:
    assert command(request_) == f"archprof quiz {typed}"


def marked(width: int = 100, lenient: bool = False, **answers: str | None) -> str:
    """The marks of a sheet of which everything else is answered rightly; None leaves a blank."""
    quiz = make(QuizRequest("net.yaml", 12, 1, ("output", "params", "macs", "memory")))
    given = key(quiz)
    for name, answer in answers.items():
        label, _, column = name.rpartition("_")
        if answer is None:
            del given[at(quiz, label, column)]
        else:
            given[at(quiz, label, column)] = answer
    return text(marks_table(grade(quiz, given, lenient)), width)


def test_marks() -> None:
    """One shape is wrong, and what follows from it is counted from there: 8*6*6*4 bytes, 8x3x3."""
    assert (
        marked(
            96,
            conv1_output="8x6x6",
            conv1_memory="1152",
            pool_output="8x3x3",
            pool_macs="5",
            flatten_output="72",
            flatten_memory=None,
            total_params="0.77K",
        )
        == f"""\
net: 6 of 12 right, 3 wrong only because of an earlier one; 7.5 of 12 points, strict
Layer   Blank  Answer  Right Mark         Points Why
{"─" * 96}
conv1   Output  8x6x6  8x5x5 wrong             0 likely with padding 2; floor((9 + 2*1 - 3)/2) +
                                                 1 = 5
conv1   Memory   1152    800 carried over    0.5 from conv1 Output
pool    Output  8x3x3  8x2x2 carried over    0.5 from conv1 Output
pool    Params      0      0 right             1
pool    MACs        5      0 wrong             0
flatten Output     72     32 carried over    0.5 from conv1 Output
flatten Memory      -    128 missing           0
fc      Params    330    330 right             1
fc      Memory     40     40 right             1
total   Params  0.77K    770 right             1
total   MACs    11120 11,120 right             1
total   Memory   1096  1,096 right             1
mistakes 2 entered: at conv1 Output (carried over to 3 more), at pool MACs
missing  1 not answered
"""
    )


def test_marks_of_other_conventions() -> None:
    """One that is followed throughout, and one that is left once."""
    found = marked(
        lenient=True, fc_params="320", total_params="752", conv1_output="5x5x8"
    ).splitlines()
    assert found[0] == "net: 10 of 12 right; 11 of 12 points, lenient"
    lines = [" ".join(line.split()) for line in found if "bias" in line or "HxW" in line]
    assert lines == [
        "conv1 Output 5x5x8 8x5x5 right 1 HxWxC, elsewhere CxHxW",
        "fc Params 320 330 other convention 0.5 without biases",
        "total Params 752 770 other convention 0.5 without biases",
        "shapes CxHxW in 1 answer; not in conv1 Output (HxWxC)",
        "parameters without biases throughout, in 2 answers",
    ]
    assert marked().splitlines()[-1].startswith("total")  # nothing to be said beneath


def test_what_a_column_counts_is_named_in_a_sentence() -> None:
    """conv1 has 10,800 MACs, pool none, and the total is 11,120; fc is answered with twice 320."""
    quiz = make(QuizRequest("net.yaml", 4, 1, ("macs",)))
    answers = key(quiz) | {at(quiz, "fc", "macs"): "640"}
    notes = dict(marks_table(grade(quiz, answers)).notes)
    assert notes["arithmetic"] == "the column's own count in 3 answers; not in fc MACs (2 per MAC)"


def test_long_answers_and_reasons_break() -> None:
    found = marked(60, conv1_output="8x6x6", pool_macs=" ".join(["word"] * 12))
    assert found.count("word") == 12
    assert "".join(found.split()).count("floor((9+2*1-") == 1
    assert max(map(len, found.splitlines())) <= 60
