"""A network captured in evaluation and in training as one graph."""

from __future__ import annotations

import pytest
from torch import Tensor, nn

from archprof.api import capture

pytestmark = pytest.mark.filterwarnings("ignore")


class Heads(nn.Module):
    """Has a dropout on its way, and a second head in training."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.drop = nn.Linear(8, 8), nn.Dropout(0.5)
        self.head, self.other = nn.Linear(8, 2), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = self.drop(self.body(x))
        return (self.head(x), self.other(x)) if self.training else self.head(x)


def test_layers_of_both_know_their_operation_in_evaluation() -> None:
    """Those of evaluation come 0, 1, 2; what only training runs has none."""
    graph = capture(Heads(), 8).graph
    assert {node.path: node.entry.operation for node in graph.nodes} == {
        "body": 0,
        "drop": 1,
        "head": 2,
        "other": -1,
    }
    assert [node.aux for node in graph.nodes] == [False, False, False, True]
