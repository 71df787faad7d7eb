"""What a tape is written from: the tensors, the module calls and the state dict of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from archprof.capture.tape import MAX_SIZE, ModuleCall, Operation, Tensor, Weight


class Scribe:
    """The tensors and module calls of a tape that is being written."""

    def __init__(self) -> None:
        self.tensors: list[Tensor] = []
        self.modules: list[ModuleCall] = []
        self.operations: list[Operation] = []
        self._storages: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no other storage takes the place of one in memory
        self._calls: dict[tuple[int, str, str], int] = {}

    def tensor(self, found: torch.Tensor) -> int:
        """Return the number of a new tensor on the tape."""
        shape = tuple(_fixed(n) for n in found.shape)
        storage, strides = -1, (0,) * len(shape)
        if found.layout is torch.strided:
            strides = tuple(_fixed(n) for n in found.stride())
            memory = found.untyped_storage()
            self._kept.append(memory)
            storage = self._storages.setdefault(memory._cdata, len(self._storages))
        self.tensors.append(
            Tensor(shape, str(found.dtype).removeprefix("torch."), strides, storage)
        )
        return len(self.tensors) - 1

    def call(self, stack: Sequence[tuple[str, str, str]]) -> int:
        """Return the number of the innermost of these module calls, outermost first, -1 for none.

        Each has a key of its own, its path and its class.
        """
        number = -1
        for key, path, kind in stack:
            place = (number, key, path)
            if place not in self._calls:
                self._calls[place] = len(self.modules)
                self.modules.append(ModuleCall(path, kind, number))
            number = self._calls[place]
        return number


def _fixed(size: Any) -> int:
    """Return a size as a number. Raises ValueError for one that depends on data."""
    if not isinstance(size, int):
        raise ValueError(f"the size {size} depends on the data")
    if size > MAX_SIZE:
        raise ValueError(f"a dimension of {size} elements is more than {MAX_SIZE}")
    return size


def weights(module: nn.Module, number: Callable[[torch.Tensor], int]) -> dict[str, Weight]:
    """Return the parameters and buffers of a module by name, each with the tensor that `number`
    gives it.
    """
    found: dict[str, Weight] = {}
    first: dict[int, str] = {}
    for name, tensor in registered(module):
        same_as = first.setdefault(id(tensor), name)
        if same_as != name:
            found[name] = found[same_as].replaced(same_as=same_as)
            continue
        parameter = isinstance(tensor, nn.Parameter)
        found[name] = Weight(
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
