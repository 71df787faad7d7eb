"""Which weights get a gradient, and in which order inputs are."""

from __future__ import annotations

import pytest
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
    trained = 8 * 4 + 4
    params = (8 * 8 + 8) + trained + (100 * 100 + 100)
    assert totals.params == params
    # the weights once; a gradient and adam's two averages of those that are trained
    assert totals.training_bytes == 4 * (params + 3 * trained) + totals.saved_bytes


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
