"""Exercise sheets: the same seed the same sheet, nothing of the key in it, and every blank
follows from the rest.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import (
    ASKABLE,
    HIDDEN,
    SETTINGS,
    SUMMED,
    USUAL,
    Quiz,
    QuizRequest,
)
from archprof.commands.quiz.sheets.sheet import BLANK, answered, plain, rows_of
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.problem import ProblemError

NETWORKS = ("lenet5", "alexnet", "inception_module", "resnet18")
ASKED = st.tuples(
    st.sampled_from(NETWORKS),
    st.integers(1, 12),
    st.integers(0, 10**9),
    st.sampled_from([USUAL, ("output",), ("params", "macs"), ("memory", "kernel", "op"), ASKABLE]),
).map(lambda parts: QuizRequest(*parts))


def test_the_table_is_the_analysis() -> None:
    """(11*11*3 + 1)*96 parameters, 55*55*96 outputs of 4 bytes, and their products."""
    quiz = make(QuizRequest("alexnet", 3, 1))
    labels = [row.label for row in quiz.rows]
    assert labels[:4] == ["input", "conv1", "pool1", "norm1"]
    assert labels[-2:] == ["fc8", "total"]
    row = {column: quiz.contents[labels.index("conv1"), column] for column in quiz.columns}
    assert row == {
        "layer": "conv1",
        "op": "conv2d",
        "out": 96,
        "kernel": (11, 11),
        "stride": (4, 4),
        "padding": (0, 0),
        "also": None,
        "output": (96, 55, 55),
        "params": (11 * 11 * 3 + 1) * 96,
        "macs": 11 * 11 * 3 * 96 * 55 * 55,
        "memory": 4 * 96 * 55 * 55,
    }
    total = {
        column: quiz.contents[labels.index("total"), column]
        for column in SUMMED
        if column in quiz.columns
    }
    assert total["params"] == 62_378_344
    assert total["macs"] == 1_135_256_096


def test_what_a_lecture_leaves_out() -> None:
    """ReLU and dropout have no row; what stands behind them comes from what is before them."""
    quiz = make(QuizRequest("resnet18", 5, 1))
    assert not {quiz.contents[i, "op"] for i in range(len(quiz.rows))} & {*HIDDEN}
    i = next(n for n, row in enumerate(quiz.rows) if row.label == "layer1.1.conv1")
    assert quiz.contents[i, "from"] == "layer1.0.add"


def test_a_section_that_ends_before_it_begins() -> None:
    with pytest.raises(ProblemError) as raised:
        make(QuizRequest("alexnet", 1, 1, first="conv2", last="conv1"))
    assert (
        str(raised.value)
        == "--from: error: there is no layer from `conv2` to `conv1` [option]\n  hint: exchange"
        " --from and --to"
    )


def test_a_section_begins_with_what_arrives() -> None:
    quiz = make(QuizRequest("googlenet", 5, 1, first="inception3a", last="inception3a"))
    assert quiz.rows[0].label == "maxpool2"
    assert quiz.rows[0].given
    assert quiz.contents[0, "output"] == (192, 28, 28)
    assert {row.label.partition(".")[0] for row in quiz.rows[1:-1]} == {"inception3a"}
    assert [
        row.label for row in make(QuizRequest("alexnet", 1, 1, first="pool1", last="norm1")).rows
    ] == ["conv1", "pool1", "norm1", "total"]
    assert quiz.contents[len(quiz.rows) - 1, "params"] == sum(
        node.params
        for node in expand(find("googlenet")).nodes
        if node.path.startswith("inception3a.")
    )


@settings(deadline=None, max_examples=25, derandomize=True)
@given(asked=ASKED)
def test_the_same_seed_makes_the_same_sheet(asked: QuizRequest) -> None:
    try:
        sheet = rows_of(make(asked))
    except ProblemError:  # fewer cells than blanks
        return
    assert rows_of(make(asked)) == sheet


@settings(deadline=None, max_examples=25, derandomize=True)
@given(asked=ASKED)
def test_blanks_are_as_many_as_asked_for_and_can_be_worked_out(asked: QuizRequest) -> None:
    try:
        quiz = make(asked)
    except ProblemError:
        return
    assert len(quiz.blanks) == asked.blanks == len({*quiz.blanks})
    assert {column for _, column in quiz.blanks} <= {*asked.ask}
    for i, row in enumerate(quiz.rows):
        blank = {column for n, column in quiz.blanks if n == i}
        assert not (row.given and blank)
        if blank & {*SETTINGS}:
            assert len(blank & {*SETTINGS}) == 1
            assert not blank & {"output", "params"}


@settings(deadline=None, max_examples=25, derandomize=True)
@given(asked=ASKED)
def test_nothing_of_the_key_is_in_the_sheet(asked: QuizRequest) -> None:
    """Every blank is a ?, and another key would leave the sheet as it is."""
    try:
        quiz = make(asked)
    except ProblemError:
        return
    table, key = rows_of(quiz), rows_of(quiz, key=True)
    for i, column in quiz.blanks:
        place = 2 + i, quiz.columns.index(column)
        assert table[place[0]][place[1]] == BLANK
        assert key[place[0]][place[1]] == plain(quiz.contents[i, column])
    assert sum(cell == BLANK for row in table for cell in row) == len(quiz.blanks)
    assert [row[:1] for row in table if row[0] != BLANK] == [
        row[:1] for row, other in zip(key, table, strict=True) if other[0] != BLANK
    ]


def test_seeds_differ() -> None:
    assert len({make(QuizRequest("alexnet", 8, seed)).blanks for seed in range(20)}) == 20


def test_the_sheet_of_a_seed_stays() -> None:
    """A lecturer's seed must make next year's sheet too: the choice uses nothing of Python's
    that may change but random().
    """
    assert make(QuizRequest("alexnet", 8, 3)).blanks == (
        (1, "output"),
        (1, "params"),
        (4, "output"),
        (9, "macs"),
        (11, "output"),
        (12, "op"),
        (13, "macs"),
        (14, "params"),
    )


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        (QuizRequest("alexnett", 3, 1), "no network called `alexnett`", "did you mean `alexnet`?"),
        (
            QuizRequest("alexnet", 3, 1, ("parms",)),
            "no column `parms` to ask for",
            "did you mean `params`?",
        ),
        (
            QuizRequest("alexnet", 3, 1, ("weight",)),
            "no column `weight` to ask for",
            "known columns: field, flops",
        ),
        (QuizRequest("alexnet", 1000, 1), "1000 blanks, and with this seed", "ask for fewer"),
        (
            QuizRequest("alexnet", 1, 1, ("field",), first="conv2"),
            "no cell can be asked for",
            "more columns",
        ),
        (
            QuizRequest("alexnet", 3, 1, first="conv9"),
            "there is no layer `conv9`",
            "did you mean `conv5`?",
        ),
        (
            QuizRequest("vgg16", 3, 1, last="fc6"),
            "there is no layer `fc6`",
            "the linear layers here are classifier.0, classifier.3, classifier.6",
        ),
        (
            QuizRequest("alexnet", 3, 1, first="conv5", last="conv1"),
            "no layer from `conv5` to `conv1`",
            "exchange",
        ),
        (
            QuizRequest("alexnet", 3, 1, input=(3, 8, 8)),
            "a window of 11 does not fit",
            "a larger input",
        ),
        (
            QuizRequest("resnet50", 3, 1, sets=("depth=3",)),
            "no parameter `depth`",
            "did you mean `depths`?",
        ),
        (QuizRequest("lenet5", 3, 1, ask=()), "no cell can be asked for", "--ask"),
    ],
)
def test_what_cannot_be_made_is_said(asked: QuizRequest, message: str, hint: str) -> None:
    with pytest.raises(ProblemError) as raised:
        make(asked)
    assert message in str(raised.value)
    assert hint in str(raised.value)


def test_overrides_and_batch_are_part_of_the_sheet() -> None:
    quiz: Quiz = make(
        QuizRequest(
            "resnet50",
            4,
            1,
            sets=("depths=[1,1,1,1]",),
            batch=2,
            dtype="float16",
            input=(3, 64, 64),
        )
    )
    assert quiz.contents[0, "output"] == (3, 64, 64)
    assert quiz.contents[1, "memory"] == 2 * 2 * 64 * 32 * 32
    assert (
        answered(quiz, {})
        .splitlines()[0]
        .endswith('input=3x64x64,batch=2,dtype=float16,"set=depths=[1,1,1,1]"')
    )


def test_columns_that_would_be_empty_are_left_out(tmp_path: Path) -> None:
    """Without windows there is no kernel; a column that is asked for stays."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: net\ninput: 8\nlayers: {a: {op: linear, out: 4}, b: {op: linear, out: 2}}\n",
        encoding="utf-8",
    )
    assert make(QuizRequest(str(path), 1, 1, ("params",))).columns == (
        "layer",
        "op",
        "out",
        "output",
        "params",
        "macs",
        "memory",
    )
    columns = make(QuizRequest(str(path), 1, 1, ("params", "kernel", "flops"))).columns
    assert columns == (
        "layer",
        "op",
        "out",
        "kernel",
        "output",
        "params",
        "macs",
        "flops",
        "memory",
    )


def test_where_a_layer_reads_from_is_a_column_of_branched_networks(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: net\ninput: 8\nlayers: {a: {op: linear, out: 8}, b: {op: add, from: [a, input]}}\n",
        encoding="utf-8",
    )
    quiz = make(QuizRequest(str(path), 1, 1))
    assert quiz.columns[:3] == ("layer", "op", "from")
    assert [quiz.contents[i, "from"] for i in range(4)] == [None, "input", "a, input", None]
