"""The JSON of compare is as published, whatever is compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.commands.compare.compared_verdicts import measured_verdicts
from tests.command_line import Run
from tests.commands.measure.runs import row, turns
from tests.commands.measure.runs import run as made
from tests.contracts import contract, keeps, printed


@pytest.mark.parametrize(
    "arguments",
    [
        ("alexnet", "vgg16"),
        ("resnet18", "resnet34", "resnet18"),  # parameters that changed, a name twice
        ("googlenet", "googlenet_bn", "--batch", "8", "--dtype", "float16"),
        ("alexnet", "vgg16", "--input", "3x256x256"),  # resized
        ("tests/data/lenet.yaml", "vit_b_16"),
        ("resnet18", "resnet34", "--input", "160,224"),  # several comparisons
    ],
    ids=" ".join,
)
def test_static(run: Run, arguments: tuple[str, ...]) -> None:
    keeps(contract(run, "compare"), printed(run, "compare", *arguments))


def test_measured_and_loaded(run: Run, tmp_path: Path) -> None:
    """Of a run on paper: `bench` has the rest of its shape tested."""
    published = contract(run, "compare")
    measured = json.loads(json.dumps(made(row())))
    both = json.loads(json.dumps(made(*turns(row(), row(network="other", latency_ms=3.0)))))
    compared = printed(run, "compare", "alexnet", "vgg16") | {"run": both}
    compared["verdicts"] = measured_verdicts(both)
    assert published.is_valid(compared)
    assert not published.is_valid(compared | {"runs": {}})
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(measured), encoding="utf-8")
    loaded = printed(run, "compare", "--load", tmp_path / "a.json", tmp_path / "b.json")
    assert published.is_valid(loaded)
    assert not published.is_valid({"runs": {"a": {}}})
    (verdict,) = loaded["verdicts"]
    assert not published.is_valid(loaded | {"verdicts": [verdict | {"more": 1}]})
    assert not published.is_valid(loaded | {"verdicts": [verdict | {"verdict": "not decided"}]})
