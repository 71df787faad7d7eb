"""Detectors, which have several outputs, against the public implementations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import archprof
from archprof.analysis.analysis import analyze
from archprof.model.compile import build
from archprof.model.weights import fill, uniform
from tests.networks.test_records import state_dict

FOLDER = Path(__file__).parents[1] / "data" / "detection"
RECORDS = sorted(FOLDER.glob("*.json"))


@pytest.fixture(params=RECORDS, ids=lambda path: path.stem)
def record(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return found


def test_totals_and_keys(record: dict[str, Any]) -> None:
    graph = archprof.load(record["model"]).graph
    totals = analyze(graph)
    assert [totals.quantity(name) for name in ("params", "buffers", "macs")] == [
        record["params"],
        record["buffers"],
        record["macs_conv_matmul"],
    ]
    owners = graph.replaced(nodes=tuple(node for node in graph.nodes if node.shares is None))
    assert [list(graph.shape_of(i)) for i in graph.outputs] == record["outputs"]
    assert state_dict(owners) == record["state_dict"]


def test_fingerprints(record: dict[str, Any]) -> None:
    """As those of `test_build.py`, of each output."""
    side = record["fingerprints"][0]["input"]
    module = build(archprof.load(record["model"], input=tuple(side)).graph, dtype=torch.float64)
    kinds = {key: value.dtype for key, value in module.state_dict().items()}
    state = {
        key: torch.zeros(shape, dtype=kinds[key]) for key, shape in record["state_dict"].items()
    }
    module.load_state_dict(fill(state), strict=True)
    images = uniform("input", 3 * side[1] * side[2]).reshape(1, *side)
    with torch.no_grad():
        outputs = module.eval()(images)
    assert len(outputs) == len(record["fingerprints"])
    for output, printed in zip(outputs, record["fingerprints"], strict=True):
        values = output.flatten()
        found = [*values[:8].tolist(), values.mean().item(), values.std(unbiased=False).item()]
        expected = [*printed["first8"], printed["mean"], printed["std"]]
        assert found == pytest.approx(expected, rel=0, abs=1e-6 * printed["std"])
