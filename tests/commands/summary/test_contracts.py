"""The JSON of list, explain, roadmap and conventions is as published."""

from __future__ import annotations

import pytest

from tests.command_line import Run
from tests.contracts import contract, keeps, printed


@pytest.mark.parametrize("options", [(), ("resnet", "--sort", "params", "--full")])
def test_list(run: Run, options: tuple[str, ...]) -> None:
    keeps(contract(run, "list"), printed(run, "list", *options))


@pytest.mark.parametrize(
    "arguments",
    [
        ("alexnet",),  # what there is to explain
        ("resnet18",),  # with blocks
        ("alexnet", "conv1"),
        ("alexnet", "conv1", "--batch", "8", "--dtype", "float16", "--input", "3x224x224"),
        ("resnet18", "layer1.0"),  # a block
        ("vit_b_16", "encoder.layers"),
        ("alexnet", "flatten"),
    ],
    ids=" ".join,
)
def test_explain(run: Run, arguments: tuple[str, ...]) -> None:
    keeps(contract(run, "explain"), printed(run, "explain", *arguments))


@pytest.mark.parametrize("regime", [(), ("t",)])
def test_roadmap(run: Run, regime: tuple[str, ...]) -> None:
    keeps(contract(run, "roadmap"), printed(run, "roadmap", *regime))


def test_conventions(run: Run) -> None:
    keeps(contract(run, "conventions"), printed(run, "conventions"))
