"""The parameters and buffers of a module, under each of their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn

from archprof.capturing.tape import StateEntry


def weights(module: nn.Module, number: Callable[[torch.Tensor], int]) -> dict[str, StateEntry]:
    """Return the parameters and buffers of a module by name, each with the tensor that `number`
    gives it.
    """
    found: dict[str, StateEntry] = {}
    first: dict[int, str] = {}
    for name, tensor in registered(module):
        same_as = first.setdefault(id(tensor), name)
        if same_as != name:
            found[name] = found[same_as].replaced(same_as=same_as)
            continue
        parameter = isinstance(tensor, nn.Parameter)
        found[name] = StateEntry(
            number(tensor),
            trainable=parameter,
            frozen=parameter and not tensor.requires_grad,
            persistent=parameter or _persistent(module, name),
        )
    return found


def registered(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield every parameter and buffer under each of its names, module by module."""
    for path, part in module.named_modules(remove_duplicate=False):
        prefix = f"{path}." if path else ""
        for name, parameter in part._parameters.items():
            if parameter is not None:
                yield prefix + name, parameter
        for name, buffer in part._buffers.items():
            if buffer is not None:
                yield prefix + name, buffer


def _persistent(module: nn.Module, name: str) -> bool:
    path, _, leaf = name.rpartition(".")
    return leaf not in module.get_submodule(path)._non_persistent_buffers_set
