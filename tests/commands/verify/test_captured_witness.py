"""Torch's word on captured networks, and what it says of one that is wrong."""

from __future__ import annotations

import json

import pytest
import torch
from torch import Tensor, nn

from archprof.api import capture
from archprof.commands.verify.captured_witness import COUNTER, MODULES, flops, weights
from archprof.graph.graph import Graph
from tests.command_line import Run

pytestmark = pytest.mark.filterwarnings("ignore")

CONV, FC = 2 * 3 * 9 * 4 * 36, 2 * 4 * 2
"""FLOPs as FlopCounterMode counts them: two for each product, biases left out."""


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 2)
        self.again = nn.Linear(4, 2)
        self.again.weight = self.fc.weight

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x)).mean((2, 3))
        return self.fc(x) + self.again(x)


@pytest.fixture
def graph() -> Graph:
    return capture(Net(), "3x8x8").graph


def test_weights_as_the_module_has_them(graph: Graph) -> None:
    checks, left_out = weights(graph)
    assert left_out == []
    assert all(check.ours == check.theirs for check in checks)
    totals = {check.quantity: check.theirs for check in checks if check.path == ""}
    assert {check.witness for check in checks} == {MODULES}
    assert totals == {
        "params": (3 * 9 * 4 + 4) + 2 * 4 + (4 * 2 + 2) + 2,  # the second layer's bias
        "buffers": 4 + 4 + 1,
    }


def test_flops_as_torch_counts_them(graph: Graph) -> None:
    checks, left_out = flops(graph)
    assert left_out == []
    found = {check.path: (check.ours, check.theirs) for check in checks}
    assert {check.witness for check in checks} == {COUNTER}
    assert found == {
        "conv": (CONV, CONV),
        "fc": (FC, FC),
        "again": (FC, FC),
        "": (CONV + 2 * FC, CONV + 2 * FC),
    }


def test_a_weight_that_is_not_as_captured_is_found(graph: Graph) -> None:
    graph.network.module.conv.weight = nn.Parameter(torch.zeros(4, 3, 3, 2))  # type: ignore[attr-defined]
    wrong = [check for check in weights(graph)[0] if check.ours != check.theirs]
    assert {check.path for check in wrong} == {"conv", ""}


def test_a_total_that_lacks_a_layer_is_not_compared() -> None:
    class Scans(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.fft.rfft(x).real

    checks, left_out = flops(capture(Scans(), [8]).graph)
    assert [check.path for check in checks] == []
    assert len(left_out) == 1
    assert "no total FLOPs" in left_out[0]


@pytest.mark.usefixtures("code")
def test_the_command(run: Run) -> None:
    done = run("verify", "model.py:Configured", "--format", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["holds"]
    totals = {c["witness"]: c["says"] for c in found["checks"] if c["layer"] is None}
    assert totals[COUNTER] == 2 * 3 * 9 * 4 * 36


@pytest.mark.usefixtures("code")
def test_a_tape_has_no_witness(run: Run) -> None:
    run("capture", "model.py:Configured", "-o", "net.tape.json")
    done = run("verify", "net.tape.json")
    assert done.code == 2
    assert "is a tape, which runs nothing" in done.err
