"""Searches in Python, with objectives of the user's own."""

from pathlib import Path

import numpy as np
import pytest

import archprof
from tests.sweeping.tiny_spaces import SPACE, tiny_space


@pytest.fixture
def space(tmp_path: Path) -> Path:
    tiny_space(tmp_path, SPACE + "front: [min macs, max params]\n")
    return tmp_path / "space.yaml"


def outputs(network: archprof.Loaded) -> int:
    """An objective by the graph of a network: how many layers it has, but not too wide."""
    return len(network.graph.nodes) - 10 * (network.network.overrides["width"] > 5)


def test_an_objective_is_given_loaded_networks(space: Path) -> None:
    found = archprof.search(space, outputs, "tpe", trials=120, seed=1)
    (best,) = found.best("max objective", "min macs", count=1).to_pylist()
    # stem, four blocks, dropout and last
    assert best["objective"] == 7
    assert best["blocks"] == 4
    assert best["width"] <= 5
    loaded = found.load(best["row"])
    assert loaded.analyze(count="macs").totals.macs == best["macs"]
    assert outputs(loaded) == 7


def test_without_one_the_front_is_the_spaces(space: Path, tmp_path: Path) -> None:
    found = archprof.search(space, trials=100, where="params <= 600", out=tmp_path / "out")
    front = found.front().to_pylist()
    assert front
    assert all(row["params"] <= 600 for row in front)
    assert archprof.sweep(tmp_path / "out").table.num_rows == 100
    assert "objective" not in found.table.schema.names


def test_what_needs_numbered_rows_is_refused(space: Path) -> None:
    searched = archprof.search(space, trials=20).space
    assert searched is not None
    with pytest.raises(archprof.ProblemError, match="its rows were found by a search"):
        searched.variants(np.array([3]))


def test_what_an_objective_raises_is_a_problem(space: Path) -> None:
    def broken(network: archprof.Loaded) -> float:
        raise ValueError("no images")

    with pytest.raises(archprof.ProblemError, match=r"it raised ValueError for tiny .*: no images"):
        archprof.search(space, broken, trials=10)


def test_a_torch_proxy_is_an_objective(space: Path) -> None:
    """As docs/sweeps.md has it: the norm of the gradient at the start."""
    torch = pytest.importorskip("torch")

    def gradient(network: archprof.Loaded) -> float:
        torch.manual_seed(0)
        module = network.build()
        module(torch.randn(2, *network.graph.input)).sum().backward()
        return float(sum(p.grad.norm() ** 2 for p in module.parameters()) ** 0.5)

    found = archprof.search(space, gradient, trials=20, where="width <= 8")
    judged = [row["objective"] for row in found.table.to_pylist() if row["width"] <= 8]
    assert judged
    assert all(value > 0 for value in judged)
