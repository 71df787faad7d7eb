"""The JSON of lecture and solve is as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import Run
from tests.contracts import contract, keeps, printed

MINE = """lecture: MINE
claims:
  M-1: {of: {network: googlenet, quantity: params}, stated: 7 million, contradicts: L8-38}
  M-2: {of: {network: alexnet, layers: conv1, quantity: params}, stated: 36K, formula: 36000,
        verdict: holds}
  M-3: {undecidable: needs training}
"""


@pytest.mark.parametrize("lecture", [(), ("L8", "--static"), ("L8-07",), ("L8-07", "--show-work")])
def test_shipped_lectures(run: Run, lecture: tuple[str, ...]) -> None:
    keeps(contract(run, "verdicts"), printed(run, "lecture", *(lecture or ("--static",))))


def test_a_file_of_ones_own(run: Run, tmp_path: Path) -> None:
    """A verdict that is not the recorded one, a contradiction, and what cannot be decided."""
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    found = printed(run, "lecture", tmp_path / "mine.yaml", code=1)
    assert found["contradictions"]
    keeps(contract(run, "verdicts"), found)


@pytest.mark.parametrize(
    "arguments",
    [
        ("vgg16", "--macs", "13.6G"),
        ("vgg16", "--params", "138M"),  # as asked
        ("resnet50", "--macs", "4.13G", "--flops", "3.8G", "--batch", "1"),
        ("alexnet", "--input", "3x224x224", "--shape", "conv1=55x55"),
        ("alexnet", "--shape", "conv1=96x55x55"),
        ("alexnet", "--shape", "conv2=256x26x26"),
        ("alexnet", "--memory", "96MB", "--elements", "24M", "--from", "conv1", "--to", "conv2"),
        ("alexnet", "--params", "1.2345G"),  # nothing gives it
    ],
    ids=" ".join,
)
def test_solve(run: Run, arguments: tuple[str, ...]) -> None:
    keeps(contract(run, "solve"), printed(run, "solve", *arguments, code=None))
