"""`--format latex` of every kind of report compiles, and fits its page."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.tex import compile_document

COMMANDS = (
    "summary resnet50 --full",
    "summary googlenet",
    "explain alexnet conv1",
    "compare resnet18 resnet34 vgg16",
    "conventions",
    "list --full --family resnet",
    "ops conv2d",
    "solve vgg16 --macs 13.6G",
    "quiz resnet50 --blank 40",
    "quiz alexnet --key -",
    "grade specs/lectures/answered.csv",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_it_compiles(run: Run, command: str, tmp_path: Path) -> None:
    done = run(*shlex.split(command), "--format", "latex")
    compile_document(done.out, tmp_path)
