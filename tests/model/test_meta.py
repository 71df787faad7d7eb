"""Modules built without memory for their weights, in the first way that works."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archprof.model.meta import build


def reads_values() -> nn.Module:
    return nn.Linear(4, int(torch.ones(3).sum().item()))


def reads_its_weights() -> nn.Module:
    module = nn.Linear(4, 2)
    module.scale = float(module.weight.abs().sum().item())
    return module


HERE = nn.Linear(4, 2)


@pytest.mark.parametrize(
    ("make", "way", "on_meta"),
    [
        (lambda: nn.Linear(4, 2), "meta", True),
        (reads_values, "registered", True),
        (reads_its_weights, "weights", False),
        (lambda: HERE, "given", False),
        (nn.ReLU, "meta", True),
    ],
)
def test_ways(make: object, way: str, on_meta: bool) -> None:
    found = build(make)  # type: ignore[arg-type]
    assert found.way == way
    assert all(p.is_meta is on_meta for p in found.module.parameters())


def test_what_torch_was_told_is_taken_back() -> None:
    register = nn.Module.register_parameter
    for make in (reads_values, reads_its_weights):
        build(make)
    assert nn.Module.register_parameter is register
    assert torch.empty(1).device.type == "cpu"


def test_registered_parameters_keep_what_is_said_of_them() -> None:
    def make() -> nn.Module:
        module = reads_values()
        module.extra = nn.Parameter(torch.zeros(2, dtype=torch.int64), requires_grad=False)
        return module

    module = build(make).module
    assert not module.extra.requires_grad
    assert module.extra.dtype is torch.int64
    assert module.weight.requires_grad


def test_the_last_error_is_raised() -> None:
    def fails() -> nn.Module:
        raise ValueError(str(torch.empty(1).device))

    with pytest.raises(ValueError, match="cpu"):
        build(fails)
