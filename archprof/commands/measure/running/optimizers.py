"""The last part of a training step: the optimizer, and in float16 the scaler of the gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from archprof.commands.measure.on_device.clock import Run

LEARNING_RATE = 1e-6  # any rate costs the same; with this one weights stay ordinary numbers
MOMENTUM = 0.9


class Stepping(NamedTuple):
    """`clear` lets go of the gradients, `step` changes the weights.

    `state` gives the tensors on the device that the optimizer keeps from its first step on: none
    (sgd), one (momentum) or two (adamw) of each parameter's size, and for adamw the count of steps.
    """

    clear: Run
    step: Run
    state: Callable[[], list[Tensor]]


def stepping(
    name: str,
    parameters: Iterable[nn.Parameter],
    device: torch.device,
    captured: bool = False,
    scaled: bool = False,
) -> Stepping:
    """Return the optimizer called sgd, momentum or adamw, with torch's defaults for the rest.

    `captured`: it is to be captured as a CUDA graph, so that adamw counts its steps on the device.
    `scaled`: a GradScaler looks for infinities in the gradients, divides them by its scale, and
    adapts the scale; the host waits for what it found. Raises KeyError for another name.
    """
    optimizer = _MAKERS[name](list(parameters), captured)

    def clear() -> None:
        optimizer.zero_grad(set_to_none=True)

    def state() -> list[Tensor]:
        kept = [value for values in optimizer.state.values() for value in values.values()]
        tensors = [value for value in kept if isinstance(value, Tensor)]
        return [tensor for tensor in tensors if tensor.device.type == device.type]

    if not scaled:
        return Stepping(clear, lambda: optimizer.step(), state)
    scaler = torch.amp.GradScaler(device.type)
    scaler.scale(torch.zeros((), device=device))  # makes its scale, which needs a loss to come

    def step() -> None:
        scaler.step(optimizer)
        scaler.update()

    return Stepping(clear, step, state)


def _sgd(parameters: list[nn.Parameter], captured: bool) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=LEARNING_RATE)


def _momentum(parameters: list[nn.Parameter], captured: bool) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=LEARNING_RATE, momentum=MOMENTUM)


def _adamw(parameters: list[nn.Parameter], captured: bool) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters, lr=LEARNING_RATE, capturable=captured)


_MAKERS = {"sgd": _sgd, "momentum": _momentum, "adamw": _adamw}
