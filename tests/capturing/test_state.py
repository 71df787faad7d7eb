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


class Tokens(nn.Module):
    """What keeps something for the gradients of its weights alone, and what keeps it anyway."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.rows = nn.LayerNorm(8)
        self.wide, self.narrow = nn.Linear(8, 16), nn.Linear(16, 8)
        self.scale = nn.Parameter(torch.ones(8))
        self.matrix = nn.Parameter(torch.zeros(8, 8))

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x)).relu().flatten(2).transpose(1, 2)
        x = self.rows(x)
        x = x + self.narrow(nn.functional.gelu(self.wide(x))) * self.scale
        return (x @ self.matrix).mean(1)


PREFIX = ("conv", "norm")


@pytest.mark.parametrize(
    "frozen",
    [
        (),
        PREFIX,
        (*PREFIX, "rows"),
        (*PREFIX, "rows", "wide", "scale"),
        (*PREFIX, "rows", "wide", "narrow", "scale"),
        ("scale",),
        ("matrix",),
        ("wide", "narrow"),
        ("conv", "rows"),
    ],
)
def test_what_is_kept_follows_what_is_frozen(frozen: tuple[str, ...]) -> None:
    """Against autograd's own hooks, weights left out."""
    module = Tokens()
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(not name.startswith(frozen) if frozen else True)
    said = capture(module, "3x8x8").analyze(batch=2).totals
    own = {p.untyped_storage()._cdata for p in (*module.parameters(), *module.buffers())}
    kept: dict[int, int] = {}
    alive = []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage.nbytes()
            alive.append(storage)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = module(torch.zeros(2, 3, 8, 8))
    del output
    assert said.saved_bytes == sum(kept.values())
    still = (p.numel() for p in module.parameters() if not p.requires_grad)
    assert said.frozen_params == sum(still)
