"""The steps of torch's optimizers, as training loops are written around them: what a simulated step
of an optimizer is compared with.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from archprof.autograd.layout import contiguous
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeParameter, FakeTensor, new
from archprof.model.step_tracker import StepTracker
from archprof.training.optimizers import UpdateRule
from archprof.training.update import Update

Shape = tuple[int, ...]
Births = list[tuple[str, int]]


class Lion(torch.optim.Optimizer):
    """Lion (arXiv:2302.06675, algorithm 2): the sign of a mean of the gradient and its average."""

    def __init__(self, parameters: Iterable[Tensor], weight_decay: float = 0.0) -> None:
        super().__init__(parameters, {"weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for parameter in self.param_groups[0]["params"]:
            gradient = parameter.grad
            if gradient is None:
                continue
            parameter.mul_(1 - 1e-3 * self.param_groups[0]["weight_decay"])
            state = self.state[parameter]
            if not state:
                state["exp_avg"] = torch.zeros_like(parameter)
            average = state["exp_avg"]
            update = 0.9 * average + 0.1 * gradient
            parameter.add_(update.sign_(), alpha=-1e-3)
            average.mul_(0.99).add_(gradient, alpha=0.01)


CLASSES: dict[str, tuple[Any, dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {"lr": 0.01}),
    "momentum": (torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adafactor": (torch.optim.Adafactor, {}),
    "lion": (Lion, {}),
}


def optimizer_of(rule: UpdateRule, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
    """Return torch's optimizer for a rule."""
    make, settings = CLASSES[rule.name]
    settings = dict(settings)
    if rule.weight_decay is not None:
        settings["weight_decay"] = 0.1 if rule.weight_decay else 0.0
    if rule.amsgrad:
        settings["amsgrad"] = True
    if rule.implementation == "fused":
        settings["fused"] = True
    elif rule.implementation != "default" and rule.name != "lion":
        settings["foreach"] = rule.implementation == "foreach"
    return make(parameters, **settings)  # type: ignore[no-any-return]


class Loop:
    """What a training loop has beside the network, and does after the backward pass."""

    def __init__(self, rule: UpdateRule, model: nn.Module) -> None:
        self.rule, self.model = rule, model
        self.masters: list[Tensor] = []
        if rule.master_weights:
            self.masters = [each.detach().float() for each in model.parameters()]
        self.optimizer = optimizer_of(rule, self.masters or list(model.parameters()))
        self.scaler = torch.amp.GradScaler("cpu", init_scale=1.0) if rule.scaler else None
        self.averaged = None
        if rule.ema:
            self.averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))

    def kept(self) -> list[Tensor]:
        """Return what is there from step to step."""
        states = (value for state in self.optimizer.state.values() for value in state.values())
        found = [value for value in states if isinstance(value, Tensor)]
        if self.scaler is not None and self.scaler._scale is not None:
            found += [self.scaler._scale, self.scaler._growth_tracker]
        if self.averaged is not None:
            found += [*self.averaged.parameters(), *self.averaged.buffers()]
        return found + self.masters

    def scale(self, loss: Tensor) -> Tensor:
        return loss if self.scaler is None else self.scaler.scale(loss)

    def update(self) -> None:
        """Run what comes after the backward pass, but for zeroing the gradients."""
        self._widen()
        updated = self.masters or list(self.model.parameters())
        if self.scaler is not None and self.rule.clip:
            self.scaler.unscale_(self.optimizer)
        if self.rule.clip:
            nn.utils.clip_grad_norm_(updated, 1.0)
        if self.scaler is None:
            self.optimizer.step()
        else:
            self.scaler.step(self.optimizer)
            self.scaler.update()
        self._narrow()
        if self.averaged is not None:
            self.averaged.update_parameters(self.model)

    def _widen(self) -> None:
        for parameter, master in zip(self.model.parameters(), self.masters, strict=False):
            if parameter.grad is not None:
                master.grad = parameter.grad.float()

    @torch.no_grad()
    def _narrow(self) -> None:
        for parameter, master in zip(self.model.parameters(), self.masters, strict=False):
            parameter.copy_(master)
            master.grad = None


class Parameters(nn.Module):
    """Nothing but parameters."""

    def __init__(self, shapes: Sequence[Shape], dtype: torch.dtype) -> None:
        super().__init__()
        self.all = nn.ParameterList(torch.ones(shape, dtype=dtype) for shape in shapes)


def births_in_torch(
    rule: UpdateRule, shapes: Sequence[Shape], *, first: bool, dtype: torch.dtype = torch.float32
) -> tuple[Births, int]:
    """Return the births of an update of parameters alone, each with torch's name and the bytes that
    are alive beside parameters and gradients, and what is left of those.
    """
    model = Parameters(shapes, dtype)
    loop = Loop(rule, model)

    def set_gradients() -> None:
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)

    if not first:
        set_gradients()
        loop.scale(torch.zeros(()))
        loop.update()
    set_gradients()
    own = [*model.parameters(), *(each.grad for each in model.parameters())]
    given = [each for each in own if each is not None]
    beside = sum(each.nbytes for each in given)
    tracker = StepTracker([*given, *loop.kept()])
    with tracker:
        tracker.phase = "backward"
        loop.scale(torch.zeros(()))
        tracker.phase = "optimizer"
        loop.update()
        tracker.phase = "end"
    return of_optimizer(tracker.births, beside), tracker.live - beside


def of_optimizer(births: Iterable[Any], beside: int = 0) -> Births:
    """Return the births of the optimizer's phase: kernels without their overload."""
    return [
        (birth.kernel.split(".")[0], birth.live - beside)
        for birth in births
        if birth.phase == "optimizer"
    ]


def births_simulated(
    rule: UpdateRule, shapes: Sequence[Shape], *, first: bool, itemsize: int = 4
) -> tuple[Births, int]:
    """Return the same as archprof says it."""
    run = Run()
    parameters = [FakeParameter(run, shape, itemsize, False) for shape in shapes]
    elements = sum(math.prod(shape) for shape in shapes)
    update = Update(run, rule, parameters, parameters, elements)
    run.note("start")
    if not first:
        run.backdate(lambda: update.resume(parameters))
    for parameter in parameters:
        parameter.gradient = FakeTensor(run, contiguous(parameter.shape), itemsize)
    run.note("randn_like")
    beside = 2 * sum(math.prod(shape) * itemsize for shape in shapes)
    run.phase = "backward"
    update.scaled(new(run, contiguous(()), 4, "zeros"))
    update.step()
    return of_optimizer(run.births, beside), run.live - beside
