"""Networks of which only shapes and bytes are looked at."""

from __future__ import annotations

from typing import TypeVar

import pytest

Tensor = TypeVar("Tensor")

INITIALIZERS = [
    "constant_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "trunc_normal_",
    "uniform_",
    "xavier_uniform_",
    "zeros_",
]
"""What torch's modules fill their weights with."""


@pytest.fixture
def no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave weights as they are allocated: shapes and bytes do not depend on their values, and
    torch takes longer to draw them than for the rest of a layer.
    """
    from torch.nn import init  # most tests need no torch

    for name in INITIALIZERS:
        monkeypatch.setattr(init, name, _as_it_is)


def _as_it_is(tensor: Tensor, *_: object, **__: object) -> Tensor:
    return tensor
