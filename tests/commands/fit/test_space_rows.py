"""`archprof fit SPACE:ROWS`: variants of a space, each asked as a network by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.commands.fit.space_rows import SpaceRows, space_rows
from archprof.problem import ProblemError
from tests.command_line import Run

NET = (
    "name: net\ninput: 3x8x8\nparams: {width: 4, deep: true}\nlayers:\n"
    "  conv: {op: conv2d, out: $width, kernel: 3}\n"
    "  more: {op: conv2d, out: $width, kernel: $width, when: $deep}\n"
)
SPACE = "name: widths\nnetwork: net.yaml\nspace: {deep: {choice: [false, true]}, width: 5..8}\n"
MEMORY = ("--train", "--device", "cpu", "--memory", "4MiB", "--format", "json")


@pytest.fixture
def space(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    path = tmp_path / "space.yaml"
    path.write_text(SPACE, encoding="utf-8")
    return path


def test_each_row_is_as_its_network_by_itself(run: Run, space: Path) -> None:
    """Rows 0 to 3 have one layer, of 5 to 8 channels; row 5 has two, of 6."""
    done = run("fit", f"{space}:3,0,5", *MEMORY)
    answers = json.loads(done.out)["answers"]
    assert [answer["row"] for answer in answers] == [3, 0, 5]
    for answer, width, deep in zip(answers, (8, 5, 6), (False, False, True), strict=True):
        values = ("--set", f"width={width}", "--set", f"deep={str(deep).lower()}")
        (alone,) = json.loads(run("fit", space.parent / "net.yaml", *values, *MEMORY).out)[
            "answers"
        ]
        assert alone["row"] is None
        assert answer["largest_batch"] == alone["largest_batch"]
        assert answer["peak"]["bytes"] == alone["peak"]["bytes"]
    table = run("fit", f"{space}:3,0", *MEMORY[:-2]).out.splitlines()
    assert table[1].split()[:2] == ["Row", "Input"]
    assert [line.split()[:2] for line in table[3:5]] == [["3", "3x8x8"], ["0", "3x8x8"]]
    assert run("fit", f"{space}:3", *MEMORY[:-2]).out.startswith("net · row 3 · 3x8x8 · training")


@pytest.mark.parametrize(
    ("rows", "options", "says"),
    [
        ("8", (), "space.yaml: error: there is no row 8 of 8 [row]"),
        ("7", (), "space.yaml: error: row 7 has no network [row]"),  # a kernel of 8 on 6x6
        ("0", ("--input", "3x9x9"), "--input: error: "),
        ("0", ("--set", "width=3"), "--set: error: "),
        (",".join(map(str, range(101))), (), "101 rows, expected at most 100 [row]"),
    ],
)
def test_mistakes(run: Run, space: Path, rows: str, options: tuple[str, ...], says: str) -> None:
    done = run("fit", f"{space}:{rows}", *options)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_what_names_a_space() -> None:
    assert space_rows("resnet:7,12,7") == SpaceRows("resnet", (7, 12))
    for other in (
        "resnet",
        "resnet:",
        "resnet:a",
        "resnet50:7",
        "tests/data/lenet.yaml:7",
        "a/b:7",
    ):
        assert space_rows(other) is None
    with pytest.raises(ProblemError):
        space_rows("resnet:" + ",".join(map(str, range(101))))
