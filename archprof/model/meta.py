"""Modules built without memory for their weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn


class Built(NamedTuple):
    """A module, and how it was built: see WAYS; "given" where it has its weights all the same."""

    module: nn.Module
    way: str


@contextmanager
def _on_meta() -> Iterator[None]:
    """Make every tensor on the meta device, which has shapes and no data."""
    with torch.device("meta"):
        yield


@contextmanager
def _registered_on_meta() -> Iterator[None]:
    """Send parameters to the meta device as they are registered; other tensors stay real.

    RegNet reads the values of tensors while it is built, which have none on the meta device.
    """
    register = nn.Module.register_parameter

    def on_meta(self: nn.Module, name: str, parameter: nn.Parameter | None) -> None:
        register(self, name, parameter)
        if parameter is not None and parameter.device.type != "meta":
            empty = torch.empty_like(parameter, device="meta")
            moved = nn.Parameter(empty, requires_grad=parameter.requires_grad)
            moved.__dict__.update(parameter.__dict__)
            self._parameters[name] = moved

    nn.Module.register_parameter = on_meta  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        nn.Module.register_parameter = register  # type: ignore[method-assign]


@contextmanager
def _with_weights() -> Iterator[None]:
    yield


WAYS: dict[str, Callable[[], Any]] = {
    "meta": _on_meta,
    "registered": _registered_on_meta,
    "weights": _with_weights,
}
"""Ways to build a module, tried in this order: all tensors without data, the parameters without
data, and last with its weights in memory."""


def _has_data(module: Any) -> bool:
    """Whether a module was there before, or makes its weights where it wants."""
    held = list(module.parameters()) if isinstance(module, nn.Module) else []
    return bool(held) and not any(parameter.is_meta for parameter in held)


def _empty_buffers(module: nn.Module) -> None:
    """Leave a module's buffers without data: only its constructor reads their values."""
    emptied: dict[int, torch.Tensor] = {}
    for part in module.modules():
        for name, buffer in part._buffers.items():
            if buffer is not None and not buffer.is_meta:
                new = emptied.setdefault(id(buffer), torch.empty_like(buffer, device="meta"))
                part._buffers[name] = new


def build(make: Callable[[], Any]) -> Built:
    """Return what `make` gives, built without weights where that is possible.

    Raises the error of the last way.
    """
    for way, context in WAYS.items():
        try:
            with torch.random.fork_rng(devices=()), context():
                module = make()
            if way == "registered" and isinstance(module, nn.Module) and not _has_data(module):
                _empty_buffers(module)
            return Built(module, "given" if way != "weights" and _has_data(module) else way)
        except Exception:
            if way == "weights":
                raise
    raise AssertionError("unreachable")
