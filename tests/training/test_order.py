"""Parameters in torch's order."""

import torch
from torch import nn

from archprof.training.order import in_order_of_modules


class Scaled(nn.Module):
    """A module whose own parameter is added behind a child, and one that runs twice apart."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2)))
        self.second = nn.Linear(2, 2)
        self.scale = nn.Parameter(torch.ones(2))


def test_it_is_the_order_of_named_parameters() -> None:
    """A layer of `second` runs between two of `first`, the scale last."""
    run = ["first.0.weight", "first.0.bias", "second.weight", "second.bias"]
    run += ["first.1.0.weight", "first.1.0.bias", "scale"]
    expected = [name for name, _ in Scaled().named_parameters()]
    assert list(in_order_of_modules(run)) == expected


def test_a_path_of_any_depth_ends() -> None:
    deep = ".".join(["a"] * 20_000)
    assert list(in_order_of_modules([deep])) == [deep]
