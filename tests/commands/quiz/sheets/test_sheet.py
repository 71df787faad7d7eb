"""Sheets as CSV: read again as they were written, also after a spreadsheet; mutilated ones told
with their place and the way out.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archprof.commands.quiz.course.class_key import KeyedQuizzes, read_key
from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import Cell, Quiz, QuizRequest
from archprof.commands.quiz.marking.grading import RIGHT, grade
from archprof.commands.quiz.sheets.sheet import answered, plain
from archprof.commands.quiz.sheets.sheet_reader import Altered, HandedIn, load_sheet, read_answers
from archprof.problem import ProblemError

QUIZ = make(QuizRequest("alexnet", 8, 3))
SHEET = answered(QUIZ, {})
KEY = answered(QUIZ, {cell: plain(QUIZ.contents[cell]) for cell in QUIZ.blanks})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def handed_in(text: str | bytes) -> HandedIn:
    Path("sheet.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_sheet(Path("sheet.csv"))


def load(text: str | bytes) -> tuple[Quiz, Mapping[Cell, str]]:
    """The quiz of a sheet of which nothing but the blanks was written into, and its answers."""
    found = handed_in(text)
    assert not found.altered
    return found.quiz, found.answers


def told(text: str | bytes) -> str:
    with pytest.raises(ProblemError) as raised:
        load(text)
    return str(raised.value)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "asked",
    [
        QuizRequest("alexnet", 8, 3),
        QuizRequest(
            "resnet50",
            10,
            7,
            ("output", "flops"),
            sets=("depths=[1,1,1,1]",),
            batch=4,
            dtype="float16",
            input=(3, 96, 64),
        ),
        QuizRequest("googlenet", 9, 10**9, ("params", "field"), last="maxpool2"),
        QuizRequest("googlenet", 12, 1, first="inception3a", last="inception3b"),
        QuizRequest("lenet5_full", 3, 2),
        QuizRequest("convnext_t", 5, 1),
    ],
    ids=lambda asked: asked.network,
)
def test_a_sheet_says_all_it_was_made_from(asked: QuizRequest) -> None:
    made = make(asked)
    again, answers = load(
        answered(made, {cell: plain(made.contents[cell]) for cell in made.blanks})
    )
    assert again.request == asked
    assert again.blanks == made.blanks
    assert {m.word for m in grade(again, answers).marks} == {RIGHT}


@pytest.mark.usefixtures("folder")
def test_unanswered_is_missing() -> None:
    assert set(load(SHEET)[1].values()) == {""}
    assert set(load(SHEET.replace("?", "____"))[1].values()) == {""}
    assert set(load(SHEET.replace("?", ""))[1].values()) == {""}


# --- what spreadsheets make of it ---

SPREADSHEETS: dict[str, Callable[[str], str | bytes]] = {
    "byte order mark": lambda text: "\ufeff" + text,
    "line ends": lambda text: text.replace("\n", "\r\n"),
    "semicolons": lambda text: "\n".join(
        ";".join(f'"{cell}"' if ";" in cell else cell for cell in row)
        for row in csv.reader(io.StringIO(text))
    ),
    "tabs": lambda text: "\n".join("\t".join(row) for row in csv.reader(io.StringIO(text))),
    "quotes": lambda text: "\n".join(
        ",".join(f'"{cell}"' for cell in row) for row in csv.reader(io.StringIO(text))
    ),
    "empty rows and columns": lambda text: (
        "\n".join(line + ",,," for line in text.splitlines()) + "\n,,,\n\n"
    ),
    "thousands": lambda text: re.sub(r"(?<=,)(\d{4,})(?=,)", lambda m: f'"{int(m[1]):,}"', text),
    "scientific": lambda text: text.replace("1135256096", "1.135E+09"),
    "blanks around": (
        lambda text: text.replace(",", " , ").replace("archprof quiz 1 , ", "archprof quiz 1,")
    ),
    "dashes lost": lambda text: text.replace(",-", ","),
    "a note above": lambda text: "Name: A. Student\n" + text,
    "a column of notes": lambda text: "\n".join(
        line + ("", ",Notes", ",see the board")[min(i, 2)]
        for i, line in enumerate(text.splitlines())
    ),
    "columns moved": lambda text: "\n".join(
        [
            text.splitlines()[0],
            *(",".join([*row[1:], row[0]]) for row in list(csv.reader(io.StringIO(text)))[1:]),
        ]
    ),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", SPREADSHEETS)
def test_what_a_spreadsheet_changes_does_no_harm(name: str) -> None:
    quiz, answers = load(SPREADSHEETS[name](KEY))
    assert {m.word for m in grade(quiz, answers).marks} <= {RIGHT, "rounded"}
    assert len(answers) == 8


# --- mutilated ---

FIRST, HEADS, *BODY = SHEET.splitlines()
MUTILATED = {
    "empty": (
        "",
        "sheet.csv: error: the file is empty, expected a filled-in sheet",
        "archprof quiz NET --blank 10 --seed 1 --format csv",
    ),
    "blanks": (" \n\n", "the file is empty", "archprof quiz NET"),
    "not ours": (
        "Layer,Output\nconv1,3\n",
        "sheet.csv:1:1: error: this is not a sheet: no line says which quiz it is of",
        "--format csv -o sheet.csv",
    ),
    "a spec": (
        "name: net\ninput: 3x8x8\nlayers: [{op: relu}]\n",
        "this is not a sheet",
        "archprof quiz",
    ),
    "binary": (b"PK\x03\x04\x14\x00\x06\x00\xff\xfe", "not UTF-8", "save it as UTF-8"),
    "utf-16": (SHEET.encode("utf-16"), "not UTF-8: byte 0xff", "save it as UTF-8"),
    "a table printed": (
        "AlexNet: fill in the 8 blanks\nLayer    Op\n",
        "this is not a sheet",
        "--format csv",
    ),
    "one column": (f'"{FIRST}"\n"{HEADS}"\n', "this is not a sheet", "import it with commas"),
    "first line only": (FIRST, "the sheet has no rows", "archprof quiz NET"),
    "another form": (
        SHEET.replace("quiz 1,", "quiz 2,"),
        "sheet.csv:1:1: error: a sheet of form 2, expected 1",
        "a newer archprof",
    ),
    "no network": (
        SHEET.replace("network=alexnet,", ""),
        "the first line does not say its network",
        "leave it as archprof wrote it",
    ),
    "no seed": (SHEET.replace(",seed=3", ""), "the first line does not say its seed", "leave it"),
    "another network": (
        SHEET.replace("network=alexnet", "network=vgg16"),
        "rows, expected",
        "neither added nor removed",
    ),
    "unknown network": (
        SHEET.replace("network=alexnet", "network=alexnett"),
        "sheet.csv:1:1: error: there is no network called `alexnett`",
        "did you mean `alexnet`?",
    ),
    "another seed": (
        SHEET.replace("seed=3", "seed=4"),
        "Output of `conv1` is ?, the sheet has 96x55x55 there",
        "its first line is that of another sheet",
    ),
    "seed that is none": (
        SHEET.replace("seed=3", "seed=three"),
        "seed=three, expected a whole number",
        "leave the first line",
    ),
    "seed beyond all": (
        SHEET.replace("seed=3", f"seed={'9' * 50}"),
        "expected a whole number from",
        "leave the first line",
    ),
    "no blanks": (
        SHEET.replace("blank=8", "blank=0"),
        "blank=0, expected a whole number from 1",
        "leave the first line",
    ),
    "too many blanks": (
        SHEET.replace("blank=8", "blank=5000"),
        "sheet.csv:1:1: error: 5000 blanks, and with this seed",
        "ask for fewer",
    ),
    "unknown word": (
        SHEET.replace("seed=3", "seed=3,grade=A"),
        "`grade=A` is nothing a sheet says of itself",
        "leave the first line",
    ),
    "unknown column asked": (
        SHEET.replace("seed=3", "seed=3,ask=output parms"),
        "there is no column `parms` to ask for",
        "did you mean `params`?",
    ),
    "input that is none": (
        SHEET.replace("seed=3", "seed=3,input=big"),
        "input=big, expected a shape such as 3x224x224",
        "sheet.csv:1:1",
    ),
    "dtype that is none": (
        SHEET.replace("seed=3", "seed=3,dtype=fp32"),
        "dtype=fp32, expected one of float64, float32",
        "sheet.csv:1:1",
    ),
    "set that is none": (
        SHEET.replace("seed=3", "seed=3,set=depth"),
        "'depth', expected NAME=VALUE",
        "--set depths",
    ),
    "no heads": (
        "\n".join([FIRST, *BODY]),
        "sheet.csv:2:1: error: the sheet has no column Layer, Op",
        "its columns are Layer, Op, Out",
    ),
    "a column gone": (
        SHEET.replace(",Params", ",Parms"),
        "sheet.csv:2:1: error: the sheet has no column Params",
        "its columns are",
    ),
    "rows gone": (
        "\n".join([FIRST, HEADS, *BODY[:5]]),
        "sheet.csv:7:1: error: the sheet has 5 rows, expected 16, from input to total",
        "neither added",
    ),
    "a row more": (SHEET + "conv9,conv2d\n", "the sheet has 17 rows, expected 16", "neither added"),
    "rows moved": (
        "\n".join([FIRST, HEADS, *BODY[::-1]]),
        "sheet.csv:3:1: error: row 1 is `total`, expected `input`",
        "in the order of the sheet",
    ),
    "a comma in an answer": (
        SHEET.replace("?", "0,15G", 1),
        "the row has 12 cells, expected 11",
        'needs quotes, "0,15G"',
    ),
    "open quotes": (
        SHEET.replace("conv2d,96", '"conv2d,96'),
        "the sheet has 2 rows, expected 16",
        "neither added",
    ),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", MUTILATED)
def test_mutilated(name: str) -> None:
    text, message, hint = MUTILATED[name]
    found = told(text)
    assert message in found
    assert hint in found


ALTERED = {
    "another number": ("614656", "614400", Altered("conv2", "Params", "614400", "614656")),
    "emptied": ("614656", "", Altered("conv2", "Params", "", "614656")),
    "another shape": (
        "max_pool2d,-,3x3,2x2,0x0,-,256x13x13",
        "max_pool2d,-,3x3,2x2,0x0,-,13x256x13",
        Altered("pool2", "Output", "13x256x13", "256x13x13"),
    ),
    "a formula": ("614656", "=1+1", Altered("conv2", "Params", "=1+1", "614656")),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ALTERED)
def test_cells_that_were_given_are_altered(name: str) -> None:
    """The answers are marked all the same, and each such cell is reported."""
    old, new, altered = ALTERED[name]
    found = handed_in(KEY.replace(old, new, 1))
    assert found.altered == (altered,)
    assert {m.word for m in grade(found.quiz, found.answers).marks} == {RIGHT}


@pytest.mark.usefixtures("folder")
def test_all_faults_are_told_at_once_with_their_lines() -> None:
    found = told(SHEET.replace("\nconv2,", "\nx,").replace("\nconv3,", "\nyy,"))
    assert [int(line) for line in re.findall(r"sheet.csv:(\d+):", found)] == [7, 10]
    assert found.count("^") == 2
    line, caret = found.splitlines()[1:3]
    assert line[caret.index("^")] == "x"


def test_missing_and_directory(folder: Path) -> None:
    with pytest.raises(ProblemError, match="there is no such file"):
        load_sheet(Path("sheet.csv"))
    with pytest.raises(ProblemError, match="a directory, expected a filled-in sheet"):
        load_sheet(folder)


@pytest.mark.usefixtures("folder")
def test_the_first_line_is_among_the_first_twenty() -> None:
    assert load("a note\n" * 19 + SHEET)[0].request == QUIZ.request
    assert told("a note\n" * 20 + SHEET).startswith("sheet.csv:1:1: error: this is not a sheet")


# --- the teacher's quiz ---


@pytest.mark.usefixtures("folder")
def test_empty_cells_behind_the_first_line_make_no_other_quiz() -> None:
    """As a spreadsheet fills it up to the width of the table."""
    Path("key.csv").write_text(KEY, encoding="utf-8")
    Path("sheet.csv").write_text(KEY.replace("\n", ",,,\n", 1), encoding="utf-8")
    quizzes = KeyedQuizzes(read_key(Path("key.csv")))
    found = read_answers(Path("sheet.csv"), lambda sheet: quizzes.quiz(sheet, {}))
    assert found.quiz.blanks == QUIZ.blanks


@pytest.mark.usefixtures("folder")
def test_only_what_is_expected_must_be_so() -> None:
    """Of its network, 8 blanks and seed 3 a teacher may name some; only those that differ are in
    the message.
    """
    Path("sheet.csv").write_text(SHEET, encoding="utf-8")
    assert (
        load_sheet(Path("sheet.csv"), expected={"network": "alexnet", "seed": "3"})[0].request
        == QUIZ.request
    )
    with pytest.raises(ProblemError) as raised:
        load_sheet(Path("sheet.csv"), expected={"network": "alexnet", "seed": "4"})
    assert (
        raised.value.problems[0].message == "the sheet is of another quiz: seed=3, expected seed=4"
    )


# --- networks of files ---

SPEC = (
    "name: net\ninput: 3x8x8\nlayers: {a: {op: conv2d, out: 4, kernel: 3}, b: {op: conv2d, out: 8,"
    " kernel: 3}}\n"
)


def test_a_spec_beside_the_sheet(folder: Path) -> None:
    """A sheet that travels with its spec is graded wherever it lies."""
    (folder / "net.yaml").write_text(SPEC, encoding="utf-8")
    made = make(QuizRequest("net.yaml", 3, 1))
    (folder / "away").mkdir()
    for name, text in (("net.yaml", SPEC), ("sheet.csv", answered(made, {}))):
        (folder / "away" / name).write_text(text, encoding="utf-8")
    (folder / "net.yaml").unlink()
    assert load_sheet(folder / "away" / "sheet.csv")[0].blanks == made.blanks


@pytest.mark.parametrize(
    "network", ["/etc/passwd", "../../../etc/passwd", "../outside.yaml", "nothing.yaml", "~/x.yaml"]
)
def test_a_sheet_opens_no_file_outside(folder: Path, network: str) -> None:
    """Sheets come from others: what they name outside is neither read nor shown."""
    (folder.parent / "outside.yaml").write_text(SPEC, encoding="utf-8")
    found = told(SHEET.replace("network=alexnet", f"network={network}"))
    assert "there is no such file in this project or beside the sheet" in found
    assert "root:" not in found


# --- hostile ---


@settings(
    deadline=None,
    max_examples=150,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    place=st.integers(0, len(SHEET)),
    cut=st.integers(0, 30),
    piece=st.one_of(
        st.text(max_size=10),
        st.sampled_from(
            [
                "=cmd|' /C calc'!A0",
                '"',
                ",,,,",
                "\n",
                "\0",
                "9" * 400,
                "network=",
                "set=depths=[9,9]",
                "ask=" + "x" * 200,
                "batch=1000000",
                "input=1x1x1",
                "\u202e",
            ]
        ),
    ),
)
def test_any_change_is_marked_or_told(folder: Path, place: int, cut: int, piece: str) -> None:
    text = (SHEET[:place] + piece + SHEET[place + cut :]).encode("utf-8", "replace")
    start, said = time.process_time(), ""
    try:
        found = handed_in(text)
        assert len(grade(found.quiz, found.answers).marks) == len(found.quiz.blanks)
    except ProblemError as error:
        said = str(error)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said)
    assert time.process_time() - start < 3


@pytest.mark.usefixtures("folder")
def test_large_files_end_soon() -> None:
    for text in (
        FIRST + "," * 500_000,
        FIRST + "\n" + '"' + "x" * 900_000,
        FIRST + "\n" + HEADS + "\n" + ",\n" * 400_000,
    ):
        start = time.process_time()
        told(text)
        assert time.process_time() - start < 3


@pytest.mark.usefixtures("folder")
def test_a_sheet_without_rows() -> None:
    first, heads, *_ = SHEET.splitlines(keepends=True)
    assert "the sheet has no rows" in told(first)
    assert f"the sheet has 0 rows, expected {len(QUIZ.rows)}, from " in told(first + heads)


def test_a_sheet_says_only_what_is_unusual() -> None:
    """The first line has no more than a teacher must retype."""
    assert "ask=" not in SHEET.splitlines()[0]
    assert "ask=" in answered(make(QuizRequest("alexnet", 2, 3, ("params",))), {}).splitlines()[0]


def test_heads_say_how_columns_count() -> None:
    """What answers are marked by; a student's spreadsheet may have the title alone."""
    heads = answered(make(QuizRequest("alexnet", 2, 3, dtype="float16")), {}).splitlines()[1]
    assert heads.split(",")[-3:] == ["Params (with biases)", "MACs", "Memory (bytes in float16)"]
