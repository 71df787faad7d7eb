"""Whole outputs, letter by letter; `python -m tests.cli.test_outputs` writes them again, to be
read before they are believed.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import Run

EXPECTED = Path(__file__).parent / "expected"
COMMANDS = {
    "summary-alexnet-80": "summary alexnet",
    "summary-alexnet-160": "summary alexnet",
    "summary-resnet50-80": "summary resnet50",
    "explain-conv-80": "explain alexnet conv1",
    "explain-block-80": "explain resnet50 layer1.1",
    "list-80": "list --family VGG",
    "list-net-80": "list alexnet",
    "ops-80": "ops conv2d",
    "conventions-80": "conventions",  # the presets; the tables behind them grow with every op
    "summary-csv": "summary alexnet --format csv",
    "summary-md": "summary alexnet --format md --columns layer,op,output,params,macs,share,memory",
    "summary-latex": (
        "summary alexnet --format latex --columns layer,op,output,params,macs,share,memory"
    ),
    "explain-json": "explain alexnet conv1 --format json",
}


def columns(name: str) -> int:
    last = name.rpartition("-")[2]
    return int(last) if last.isdigit() else 120


def stable(text: str) -> str:
    return text.partition("\n\nWhat each tool counts")[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_output(run: Run, name: str) -> None:
    done = run(*shlex.split(COMMANDS[name]), columns=columns(name))
    assert (done.code, done.err) == (0, "")
    assert stable(done.out) == (EXPECTED / f"{name}.txt").read_text(encoding="utf-8")


def rewrite() -> None:
    for name, command in COMMANDS.items():
        environment = {**os.environ, "COLUMNS": str(columns(name)), "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [sys.executable, "-m", "archprof", *shlex.split(command)],
            capture_output=True,
            env=environment,
            check=True,
        )
        (EXPECTED / f"{name}.txt").write_text(stable(done.stdout.decode()), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
