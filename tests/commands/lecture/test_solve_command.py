"""What `archprof solve` prints of an explanation's chance; what it finds is
tests/commands/lecture/solving/test_search.py.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line import Run


def test_the_chance_of_each_answer(run: Run) -> None:
    """thop prints 4,133,742,592 for ResNet-50 and ptflops 4,132,436,968.

    Of 3.72G to 4.54G the MACs, 4,089,184,256, are 4.09G, or 4.08G cut off; fvcore prints 4.11G,
    ptflops once 4.12G.
    """
    done = run("solve", "resnet50", "--macs", "4.13G", "--format", "json")
    assert done.code == 0
    [question] = json.loads(done.out)
    assert [(a["reproduces"], a["value"], a["kind"]) for a in question["answers"]] == [
        ("thop's count", 4_133_742_592, "reading"),
        ("ptflops's count", 4_132_436_968, "reading"),
    ]
    assert question["exact"] == 4_089_184_256
    assert [a["chance"] for a in question["answers"]] == [{"explained": 5, "of": 83}] * 2
    assert (
        "chance   how many of the figures near it"
        in run("solve", "resnet50", "--macs", "4.13G", columns=120).out
    )


def test_a_size_has_no_chance(run: Run) -> None:
    assert (
        "chance"
        not in run(
            "solve", "alexnet", "--input", "3x224x224", "--shape", "conv1=55x55", columns=120
        ).out.lower()
    )


def test_what_chance_would_explain_is_not_offered(run: Run, tmp_path: Path) -> None:
    """Twenty layers of 10, 20, … 200 MACs, 2,100 in all: leaving one out or doubling it gives
    every tenth from 1,900 to 2,300.
    """
    spec = tmp_path / "branches.yaml"
    layers = [f"  l{i}: {{op: linear, out: {i}, bias: false, from: input}}" for i in range(1, 21)]
    joined = f"  joined: {{op: concat, from: [{', '.join(f'l{i}' for i in range(1, 21))}]}}"
    spec.write_text(
        "\n".join(["name: branches", "input: 10", "layers:", *layers, joined]) + "\n",
        encoding="utf-8",
    )
    done = run("solve", spec, "--macs", "2.13K", columns=120)
    assert done.code == 1
    assert (
        "answer   no explanation that beats chance: as simple moves give 39 of 43 figures near"
        " 2.13K as well" in done.out
    )


def test_every_tool_that_gives_the_value_is_named(run: Run) -> None:
    """fvcore and timm count 4,111,512,576 for ResNet-50."""
    [question] = json.loads(run("solve", "resnet50", "--macs", "4.11G", "--format", "json").out)
    assert [(a["reproduces"], a["value"]) for a in question["answers"]] == [
        ("fvcore's count, also timm's count", 4_111_512_576)
    ]
