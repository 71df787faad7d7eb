"""A module that is run and stays as it was."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

CONTAINERS = (dict, OrderedDict, list)
"""The types of attributes whose entries are put back too: torch keeps parameters, buffers and
hooks in them."""


@contextmanager
def untouched(module: nn.Module) -> Iterator[None]:
    """Take back what code that runs meanwhile changes of a module: attributes, what is registered,
    modes, which gradients are wanted, and torch's random numbers.

    What is written into a tensor stays: see `without_data`.
    """
    parts = [(part, _contents(part.__dict__)) for part in module.modules()]
    wanted = [(parameter, parameter.requires_grad) for parameter in module.parameters()]
    try:
        with torch.random.fork_rng(devices=()):
            yield
    finally:
        for part, contents in parts:
            _put_back(part.__dict__, contents)
        for parameter, wants in wanted:
            if parameter.requires_grad != wants:
                parameter.requires_grad_(wants)


def _contents(attributes: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return attributes by name, each with a copy of its entries where it is a container."""
    return {
        name: (value, type(value)(value) if type(value) in CONTAINERS else None)
        for name, value in attributes.items()
    }


def _put_back(attributes: dict[str, Any], contents: dict[str, tuple[Any, Any]]) -> None:
    for name in [name for name in attributes if name not in contents]:
        del attributes[name]
    for name, (value, entries) in contents.items():
        attributes[name] = value
        if isinstance(value, list):
            value[:] = entries
        elif entries is not None:
            value.clear()
            value.update(entries)


@contextmanager
def in_mode(module: nn.Module, training: bool) -> Iterator[None]:
    """Put a module and all inside it in training or evaluation mode for a while."""
    with untouched(module):
        module.train(training)
        yield


def _exchange(registered: dict[str, Any], without: Callable[[torch.Tensor], Any]) -> None:
    for name, tensor in registered.items():
        if tensor is not None:
            registered[name] = without(tensor)


@contextmanager
def without_data(module: nn.Module) -> Iterator[Any]:
    """Run a module for a while with weights of the same shapes that hold no data, so that nothing
    is computed or written.

    Gives a function that makes a tensor one without data. A module on the meta device has none.
    """
    held = [*module.parameters(), *module.buffers()]
    if all(tensor.is_meta for tensor in held):
        with untouched(module):
            yield lambda tensor: tensor
        return
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    made: dict[int, torch.Tensor] = {}

    def without(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in made:
            made[id(tensor)] = mode.from_tensor(tensor)
        return made[id(tensor)]

    with untouched(module), mode:
        for part in module.modules():
            _exchange(part._parameters, without)
            _exchange(part._buffers, without)
        yield without


@contextmanager
def on_cpu_without_data(module: nn.Module) -> Iterator[Callable[[torch.Tensor], torch.Tensor]]:
    """Run a module for a while as on the CPU, whose strides and copies the meta device does not
    always have, with weights of the same shapes that hold no data.

    Gives a function that makes a tensor one without data there.
    """
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    made: dict[int, torch.Tensor] = {}

    def without(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in made:
            empty = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)
            if isinstance(tensor, nn.Parameter):
                empty = nn.Parameter(empty, requires_grad=tensor.requires_grad)
            made[id(tensor)] = empty
        return made[id(tensor)]

    with untouched(module), mode:
        for part in module.modules():
            _exchange(part._parameters, without)
            _exchange(part._buffers, without)
        yield without
