"""The JSON of quiz and grade is as published."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.contracts import contract, keeps, printed

ANSWERED = Path(__file__).parents[4] / "specs" / "lectures" / "answered.csv"


@pytest.mark.parametrize("key", [(), ("--key", "-")])
@pytest.mark.parametrize(
    "arguments",
    [
        ("alexnet",),
        ("resnet18", "--blank", "30", "--seed", "3", "--batch", "4"),
        ("mobilenet_v2", "--ask", "layer,flops,field"),
        (
            "inception_module",
            "--ask",
            "kernel,stride,padding,output",
            "--dtype",
            "float16",
            "--blank",
            "5",
        ),
        ("vit_b_16", "--blank", "5"),
        ("alexnet", "--from", "conv2", "--to", "pool2", "--input", "3x224x224", "--blank", "4"),
    ],
    ids=" ".join,
)
def test_quiz(run: Run, arguments: tuple[str, ...], key: tuple[str, ...]) -> None:
    keeps(contract(run, "quiz"), printed(run, "quiz", *arguments, *key))


def test_an_answered_sheet(run: Run) -> None:
    keeps(contract(run, "grade"), printed(run, "grade", ANSWERED))


@pytest.mark.parametrize("answer", ["", "77", "1.2M", "conv2d", "55x55x96", "-"])
@pytest.mark.parametrize("ask", ["layer,op,kernel,output", "out,stride,padding,params,macs,field"])
def test_any_answer(run: Run, tmp_path: Path, ask: str, answer: str) -> None:
    """Right, wrong, carried over, missing, by another convention."""
    sheet = tmp_path / "sheet.csv"
    made = run("quiz", "alexnet", "--ask", ask, "--blank", 12, "--format", "csv")
    rows = [
        [answer if cell == "?" else cell for cell in row]
        for row in csv.reader(made.out.split("\n"))
    ]
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    keeps(contract(run, "grade"), printed(run, "grade", sheet, code=None))


@pytest.mark.parametrize("key", [(), ("--key", "-")])
@pytest.mark.parametrize("network", ["alexnet", "resnet18"])
def test_questions(run: Run, network: str, key: tuple[str, ...]) -> None:
    printed_now = printed(run, "quiz", network, "--questions", 12, *key)
    keeps(contract(run, "questions"), printed_now)


def test_a_class(run: Run, tmp_path: Path) -> None:
    """Right, wrong, not marked, and nothing handed in."""
    names, sheets, key = (tmp_path / name for name in ("names.csv", "sheets", "key.csv"))
    names.write_text("a\nb\nc\nd\n", encoding="utf-8")
    made = ("quiz", "alexnet", "--students", names, "--format", "csv")
    run(*made, "-o", sheets, "--key", key)
    run(*made, "-o", tmp_path / "solutions", "--key", "-")
    (sheets / "a.csv").write_bytes((tmp_path / "solutions" / "a.csv").read_bytes())
    (sheets / "b.csv").write_bytes(b"\xff")
    (sheets / "c.csv").unlink()
    for lenient in ((), ("--lenient",)):
        keeps(contract(run, "marks"), printed(run, "grade", sheets, "--key", key, *lenient, code=1))
