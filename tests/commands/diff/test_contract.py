"""The JSON of diff is as published: networks and files, faults, conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import Run
from tests.contracts import contract, keeps, printed
from tests.history import SPECS, WIDER, History


@pytest.mark.parametrize(
    "arguments",
    [
        ("resnet18", "resnet34"),
        ("alexnet", "vgg16"),
        ("alexnet", "alexnet"),
        ("googlenet", "googlenet_bn", "--batch", "4", "--dtype", "bfloat16"),
        ("resnet50", "vit_b_16"),
        ("alexnet", "vgg16", "--input", "3x256x256"),
        ("resnet18", "resnet34", "--fail-on", "params>+1%", "--fail-on", "macs>1"),
    ],
    ids=" ".join,
)
def test_two_networks(run: Run, arguments: tuple[str, ...]) -> None:
    keeps(contract(run, "diff"), printed(run, "diff", *arguments, code=None))


def test_a_repository_and_its_faults(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = History(tmp_path / "repo", SPECS)
    monkeypatch.chdir(made.root)
    published = contract(run, "diff")
    made.write({"specs/blocks/unit.yaml": WIDER})
    keeps(published, printed(run, "diff", "--base", "HEAD"))
    made.write({"specs/small.yaml": "layers: [", "specs/alone.yaml": None})
    broken = printed(run, "diff", "--base", "HEAD", code=2)
    assert any(network["faults"] for network in broken["networks"])
    keeps(published, broken)
