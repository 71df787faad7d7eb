"""The JSON of check is as published: no findings, all kinds of them, conditions, folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.contracts import contract, keeps, printed


@pytest.mark.parametrize(
    "arguments",
    [("specs/alexnet.yaml",), ("specs/resnet.yaml", "specs/swin.yaml", "--at", "batch=8")],
    ids=" ".join,
)
def test_shipped(run: Run, arguments: tuple[str, ...]) -> None:
    keeps(contract(run, "check"), printed(run, "check", *arguments, code=None))


def test_findings(run: Run, spec: Callable[..., Path], tmp_path: Path) -> None:
    published = contract(run, "check")
    faulty = spec(
        "conv: {op: conv2d, out: 5, kernel: 3, shape: 1x1x1}",
        "bn: {op: batch_norm2d}",
        "fc: {op: linear, out: 2}",
        tail="expect: {params: 1}",
    )
    found = printed(run, "check", faulty, "--strict", code=1)
    assert found["errors"] == len(found["findings"]) > 1
    keeps(published, found)
    faulty.write_text("name: [", encoding="utf-8")
    keeps(published, printed(run, "check", faulty, code=1))
    keeps(published, printed(run, "check", tmp_path / "missing.yaml", code=2))
    keeps(published, printed(run, "check", tmp_path, code=None))
