"""Parameters and buffers by name, each with what torch says of it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from archprof.capturing.tape import StateEntry
from archprof.model.registered import weights


def test_weights_under_each_of_their_names() -> None:
    module = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Linear(2, 2), "n": nn.BatchNorm2d(3)})
    module["b"].weight = module["a"].weight
    module["b"].bias.requires_grad_(requires_grad=False)
    module["n"].register_buffer("table", torch.ones(2), persistent=False)
    numbers: list[Tensor] = []

    def number(tensor: Tensor) -> int:
        numbers.append(tensor)
        return len(numbers) - 1

    found = weights(module, number)
    assert found == {
        "a.weight": StateEntry(0, trainable=True),
        "a.bias": StateEntry(1, trainable=True),
        "b.weight": StateEntry(0, trainable=True, same_as="a.weight"),
        "b.bias": StateEntry(2, trainable=True, frozen=True),
        "n.weight": StateEntry(3, trainable=True),
        "n.bias": StateEntry(4, trainable=True),
        "n.running_mean": StateEntry(5, trainable=False),
        "n.running_var": StateEntry(6, trainable=False),
        "n.num_batches_tracked": StateEntry(7, trainable=False),
        "n.table": StateEntry(8, trainable=False, persistent=False),
    }
