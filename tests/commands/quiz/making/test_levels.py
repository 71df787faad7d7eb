"""How hard the blanks of a table are."""

from __future__ import annotations

from archprof.commands.quiz.making.making import make
from archprof.commands.quiz.making.quiz import QuizRequest

ASK = ("op", "out", "kernel", "output", "params", "macs", "memory", "field")


def blanks(level: str, ask: tuple[str, ...]) -> set[str]:
    """All cells of conv1 to conv3 of AlexNet that can be blank at a level, over many seeds."""
    found: set[str] = set()
    for seed in range(60):
        made = make(QuizRequest("alexnet", 3, seed, ask, last="conv3", level=level))
        found |= {f"{made.rows[row].label} {column}" for row, column in made.blanks}
    return found


def test_without_a_level_each_cell_may_be_blank() -> None:
    rows = ("conv1", "pool1", "norm1", "conv2", "pool2", "norm2", "conv3")
    assert blanks("", ("output",)) == {f"{row} output" for row in rows}


def test_easy_ones_follow_from_their_row() -> None:
    found = blanks("easy", ASK)
    assert {cell.split()[1] for cell in found} == {"output", "params", "macs", "memory"}
    assert not {cell for cell in found if cell.startswith("total")}


def test_medium_ones_are_not_copied() -> None:
    """A norm keeps the shape and the bytes of its input, and pools and norms have no parameters;
    conv2 keeps height and width, and has 256 channels of 96.
    """
    assert blanks("medium", ("output", "params", "memory")) == {
        *(f"{row} output" for row in ("conv1", "pool1", "conv2", "pool2", "conv3")),
        *(f"{row} memory" for row in ("conv1", "pool1", "conv2", "pool2", "conv3", "total")),
        *(f"{row} params" for row in ("conv1", "conv2", "conv3", "total")),
    }


def test_hard_ones_need_a_formula() -> None:
    found = blanks("hard", ASK)
    assert {cell.split()[1] for cell in found} == {*ASK} - {"op"}
    assert {cell for cell in found if cell.endswith("memory")} == {"total memory"}
    assert not {cell for cell in found if cell.startswith("norm")}
