"""Which weights get a gradient, and in which order inputs are."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from archprof.api import capture

pytestmark = pytest.mark.filterwarnings("ignore")


class Partly(nn.Module):
    """A frozen layer, one that is trained, and one that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = nn.Linear(8, 8)
        self.trained = nn.Linear(8, 4)
        self.idle = nn.Linear(100, 100)
        self.frozen.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.trained(self.frozen(x))
        return result


def test_frozen_and_unused_weights_have_no_gradients() -> None:
    totals = capture(Partly(), 8).analyze(optimizer="adam").totals
    assert totals.frozen_params == 8 * 8 + 8
    trained = 8 * 4 + 4
    params = (8 * 8 + 8) + trained + (100 * 100 + 100)
    assert totals.params == params
    # the weights once; a gradient and adam's two averages of those that are trained
    assert totals.training_bytes == 4 * (params + 3 * trained) + totals.saved_bytes


def test_which_of_a_layers_weights_are_frozen() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    module[0].weight.requires_grad_(False)
    module[1].requires_grad_(False)
    first, second = capture(module, 4).graph.nodes
    assert (first.frozen, second.frozen) == ({"weight"}, {"weight", "bias"})
    assert (first.frozen_params, second.frozen_params) == (4 * 4, 4 * 2 + 2)
    assert (first.remarks, second.remarks) == (("frozen: weight",), ("frozen",))


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(4, 4)
        self.pos = nn.Parameter(torch.zeros(1, 4), requires_grad=False)
        self.one.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.one(self.one(x) + self.pos)
        return result


def test_weights_that_are_used_again_and_bare_ones() -> None:
    graph = capture(Tied(), 4).graph
    assert {node.path: set(node.frozen) for node in graph.nodes if node.frozen} == {
        "one": {"weight", "bias"},
        "pos": {""},
        graph.nodes[-1].path: {"weight", "bias"},
    }
    totals = capture(Tied(), 4).analyze().totals
    assert (totals.params, totals.frozen_params) == (4 * 4 + 4 + 4,) * 2
    assert totals.saved_bytes == 0


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(10, 3)

    def forward(self, image: Tensor, ids: Tensor) -> Tensor:
        return image.mean((2, 3)) + self.words(ids).sum(1)


@pytest.mark.parametrize("names", [("image", "ids"), ("ids", "image")])
def test_inputs_are_in_the_order_of_forward(names: tuple[str, str]) -> None:
    given = {"image": (3, 4, 4), "ids": "5:int64"}
    graph = capture(Two(), {name: given[name] for name in names}).graph
    assert graph.input == (3, 4, 4)
    (other,) = [node for node in graph.nodes if node.kind == "input"]
    assert (other.path, other.output, other.op.itemsize) == ("ids", (5,), 8)
