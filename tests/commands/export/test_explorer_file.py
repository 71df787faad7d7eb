"""Model Explorer's files: a graph collection, or a quantity by layer; times from a run file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import Run


def test_a_graph_collection(run: Run) -> None:
    """Its JSON loader takes an object with a `label` and `graphs`."""
    data = json.loads(run("export", "lenet5", "--to", "model-explorer").out)
    assert set(data) == {"label", "graphs"}
    assert [graph["id"] for graph in data["graphs"]] == ["lenet5"]


def test_node_data_is_by_graph(run: Run) -> None:
    done = run("export", "lenet5", "--to", "model-explorer", "--node-data", "macs")
    data = json.loads(done.out)
    assert list(data) == ["lenet5"]
    assert data["lenet5"]["gradient"][0]["stop"] == 0
    assert data["lenet5"]["gradient"][-1]["stop"] == 1


def test_latency_is_never_invented(run: Run) -> None:
    done = run("export", "lenet5", "--to", "model-explorer", "--node-data", "latency_ms")
    assert done.code == 2
    assert "is measured, and no run file is given" in done.err
    assert "archprof bench NET --by layer" in done.err


def test_latency_of_a_run_file(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = str(tmp_path / "run.json")
    # 1: other work disturbed the measurement, which no test can help
    assert run("bench", "tests/data/lenet.yaml", "--by", "layer", "-o", path).code in (0, 1)
    options = ("--to", "model-explorer", "--latency", path)
    done = run("export", "tests/data/lenet.yaml", *options, "--node-data", "latency_ms")
    assert done.code == 0, done.err
    results = json.loads(done.out)["lenet"]["results"]
    assert results["conv1"]["value"] > 0
    done = run("export", "alexnet", *options)
    assert done.code == 2
    assert "no times of the layers of `alexnet`: it has those of lenet" in done.err
