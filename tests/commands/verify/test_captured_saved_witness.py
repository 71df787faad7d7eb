"""What autograd keeps of captured networks, their own modules being the witness."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from archprof.api import capture
from archprof.commands.verify.captured_saved_witness import BATCH, WITNESS, saved_bytes
from archprof.graph.graph import Graph

pytestmark = pytest.mark.filterwarnings("ignore")


class Part(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.act = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv(x))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = Part()
        self.fc = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.part(x))


@pytest.fixture
def graph() -> Graph:
    return capture(Net(), "3x8x8").graph


def test_each_module_and_all(graph: Graph) -> None:
    """Of two images in float32 the convolution keeps its input of 3x8x8, the sigmoid its output
    of 4x6x6, which is also the input that the last layer keeps.
    """
    conv, act = 2 * 3 * 8 * 8 * 4, 2 * 4 * 6 * 6 * 4
    assert BATCH == 2
    checks, left_out = saved_bytes(graph)
    assert left_out == []
    assert {check.witness for check in checks} == {WITNESS}
    assert {check.path: (check.ours, check.theirs) for check in checks} == {
        "part": (conv + act, conv + act),
        "part.conv": (conv, conv),
        "part.act": (act, act),
        "": (conv + act, conv + act),
    }


def test_the_module_stays_as_it_was(graph: Graph) -> None:
    module = graph.network.module  # type: ignore[attr-defined]
    module.eval()
    before = {name: (id(p), p.device) for name, p in module.named_parameters()}
    saved_bytes(graph)
    assert {name: (id(p), p.device) for name, p in module.named_parameters()} == before
    assert not module.training
    assert not module.part._forward_hooks


def test_what_keeps_more_than_its_operators_is_found(graph: Graph) -> None:
    """A module that is another one now: SiLU keeps its input, which is as large as the sigmoid's
    output, and the last layer keeps SiLU's output beside it.
    """
    graph.network.module.part.act = nn.SiLU()  # type: ignore[attr-defined]
    wrong = [check for check in saved_bytes(graph)[0] if check.ours != check.theirs]
    assert {check.path for check in wrong} == {"fc", ""}


def test_what_does_not_train_is_not_witnessed() -> None:
    class Refuses(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            if self.training:
                raise LookupError("not today")
            return self.fc(x)

    checks, left_out = saved_bytes(capture(Refuses(), [8]).graph)
    assert checks == []
    assert len(left_out) == 1
    assert "saved bytes not witnessed" in left_out[0]
    assert "not today" in left_out[0]


def test_an_unknown_operator_is_named() -> None:
    class Scans(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x: Tensor) -> Tensor:
            return torch.fft.rfft(self.fc(x)).real

    checks, left_out = saved_bytes(capture(Scans(), [8]).graph)
    assert checks == []
    assert "no saved bytes" in left_out[0]
