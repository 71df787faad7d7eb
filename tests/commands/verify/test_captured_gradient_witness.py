"""Receptive fields of captured networks, their own modules being the witness."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from archprof.api import capture
from archprof.commands.verify.captured_gradient_witness import receptive_fields
from archprof.commands.verify.verification import Check
from archprof.graph.graph import Graph

pytestmark = pytest.mark.filterwarnings("ignore")


class Block(nn.Module):
    """Its output, which no module of its own gives, sees what its convolution sees."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.relu(self.conv(x))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, (3, 5), stride=2)
        self.pool = nn.MaxPool2d(3, stride=2)
        self.block = Block()

    def forward(self, x: Tensor) -> Tensor:
        return self.block(self.pool(self.stem(x)))


@pytest.fixture
def graph() -> Graph:
    return capture(Net(), "3x40x48").graph


def fields(checks: list[Check]) -> dict[tuple[str, str], tuple[int, int]]:
    """By layer and quantity how many pixels archprof and the gradient say."""
    return {
        (check.path, check.quantity): (_width(check.ours), _width(check.theirs))
        for check in checks
        if check.path
    }


def _width(span: object) -> int:
    assert isinstance(span, tuple)
    return int(span[-1] - span[0] + 1)


def test_fields_of_modules(graph: Graph) -> None:
    """Upwards 3, then 3 + 2*2 = 7 and 7 + 2*4 = 15 pixels; sideways 5, 5 + 2*2 = 9 and 17."""
    checks, _ = receptive_fields(graph)
    assert all(check.holds for check in checks)
    assert fields(checks) == {
        ("stem", "field height"): (3, 3),
        ("stem", "field width"): (5, 5),
        ("pool", "field height"): (7, 7),
        ("pool", "field width"): (9, 9),
        ("block.conv", "field height"): (15, 15),
        ("block.conv", "field width"): (17, 17),
        ("block.add", "field height"): (15, 15),
        ("block.add", "field width"): (17, 17),
    }
    (total,) = [check for check in checks if not check.path]
    assert (total.ours, total.theirs) == ((15, 17), (15, 17))


def test_another_module_is_found(graph: Graph) -> None:
    """Of a convolution that is dilated now, 7 + 2*2*4 = 23 pixels."""
    dilated = nn.Conv2d(4, 4, 3, padding=2, dilation=2)
    graph.network.module.block.conv = dilated  # type: ignore[attr-defined]
    wrong = {
        place: says
        for place, says in fields(receptive_fields(graph)[0]).items()
        if says[0] != says[1]
    }
    assert wrong["block.conv", "field height"] == (15, 23)
    assert all(path.startswith("block") for path, _ in wrong)


def test_the_module_stays_as_it_was(graph: Graph) -> None:
    module = graph.network.module  # type: ignore[attr-defined]
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    random = torch.random.get_rng_state()
    receptive_fields(graph)
    assert all(torch.equal(module.state_dict()[name], before[name]) for name in before)
    assert torch.equal(torch.random.get_rng_state(), random)
    assert not module.stem._forward_hooks


def test_behind_what_selects_nothing_is_witnessed() -> None:
    class Selects(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 3)
            self.last = nn.Conv2d(4, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            x = self.stem(x)
            return self.last(torch.maximum(x, 2 * x))

    checks, notes = receptive_fields(capture(Selects(), "3x32x32").graph)
    assert {check.path for check in checks} == {"stem"}  # and no total, as `last` sees more
    assert any("no gradient for last" in note and "`maximum` before it" in note for note in notes)


def test_what_is_no_image_has_no_field() -> None:
    assert receptive_fields(capture(nn.Linear(4, 4), [4]).graph) == (
        [],
        ["receptive field: the input is not an image"],
    )
