"""ONNX files as targets: what goes with them on a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.problem import ProblemError
from archprof.targets import graph_of, source
from tests.capturing.onnx.models import model, node

OPEN = {"x": ["N", 3, "height", "width"]}


def write(folder: Path, *nodes: object) -> str:
    path = folder / "net.onnx"
    path.write_bytes(model(nodes, OPEN, "r").SerializeToString())
    return str(path)


@pytest.mark.parametrize("given", ["3x8x8", "x=3x8x8", "1x3x8x8"])
def test_a_size_is_given_by_name_or_in_order(tmp_path: Path, given: str) -> None:
    found = graph_of(source(write(tmp_path, node("Relu", "x", "r")), [given]))
    assert found.input == (3, 8, 8)


def test_arguments_are_for_constructors(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="takes no arguments"):
        source(write(tmp_path, node("Relu", "x", "r")), ["3x8x8"], ["depth=3"])


def test_two_sizes_without_a_name(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="the same name or none"):
        source(write(tmp_path, node("Relu", "x", "r")), ["3x8x8", "3x9x9"])


def test_where_it_stops_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = [node("Relu", "x", "r"), node("NonZero", "r", "y", name="places")]
    found = graph_of(source(write(tmp_path, *nodes), ["3x8x8"]))
    assert "stops here: the size of what the node `places` (NonZero)" in capsys.readouterr().err
    assert [layer.path for layer in found.nodes] == ["relu", "stopped"]
