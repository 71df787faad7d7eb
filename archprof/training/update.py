"""What a training loop does with the gradients: unscaling, clipping, the optimizer's step, a moving
average, each as torch runs it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from archprof.autograd.layout import contiguous
from archprof.autograd.pointwise import multiply
from archprof.autograd.run import STATE, Run
from archprof.autograd.tensor import FakeParameter, FakeTensor, new
from archprof.training.members import Member, kept, like, make_state
from archprof.training.optimizers import (
    ADAMS,
    AVERAGE_COUNTER,
    MASTER_ITEMSIZE,
    QUANTIZATION_TABLES,
    WITH_MOMENTUM,
    Shape,
    UpdateRule,
)
from archprof.training.update_kernels import update
from archprof.training.update_rates import (
    AVERAGING,
    CHECKING,
    CLIPPING,
    UNSCALING,
    UNSCALING_IN_KERNEL,
    update_flops,
)

SCALED_IN_KERNEL = {"sgd", *WITH_MOMENTUM, *ADAMS}  # where they are fused


class Update:
    """An optimizer with what stands around it, from the start of training on.

    `parameters`: those that train, in torch's order. `weights`: all parameters and buffers of the
    network, which a moving average copies, and `averaged` the elements of all parameters, frozen
    ones too, over which it then runs.
    """

    def __init__(
        self,
        run: Run,
        rule: UpdateRule,
        parameters: Sequence[FakeParameter],
        weights: Iterable[FakeTensor],
        averaged: int,
    ) -> None:
        self.run, self.rule = run, rule
        self.parameters, self.averaged = parameters, averaged
        self.kept: list[FakeTensor] = []
        self.scale: FakeTensor | None = None
        self.found_inf: FakeTensor | None = None
        self.masters: list[FakeParameter] = []
        if rule.name == "adam8bit":
            self._keep((QUANTIZATION_TABLES,), 1)
        if rule.ema:
            self._copy(weights)
        if rule.master_weights:
            self.masters = [self._master(each) for each in parameters]
        self.members = [Member(each) for each in self.masters or parameters]

    def _keep(self, shape: Shape, itemsize: int, kernel: str = "") -> FakeTensor:
        made = kept(self.run, shape, itemsize, kernel)
        self.kept.append(made)
        return made

    def _copy(self, weights: Iterable[FakeTensor]) -> None:
        """Copy the network: torch.optim.swa_utils.AveragedModel, whose counter stays in the host's
        memory.
        """
        for each in weights:
            self._keep(each.shape, each.itemsize)
        if self.run.device == "cpu":
            self._keep((), AVERAGE_COUNTER)

    def _master(self, parameter: FakeParameter) -> FakeParameter:
        """Copy a parameter to float32 (Micikevicius et al. 2018, arXiv:1710.03740, 3.1)."""
        made = FakeParameter(self.run, parameter.shape, MASTER_ITEMSIZE, frozen=True)
        made.path = parameter.path
        self.run.move(made.memory, STATE)
        return made

    def resume(self, reached: Iterable[FakeParameter]) -> None:
        """Make the state as an earlier step has left it, of parameters that gradients reach."""
        known = {id(each) for each in reached}
        for parameter, member in zip(self.parameters, self.members, strict=True):
            if id(parameter) in known:
                make_state(self.run, self.rule, member, earlier=True)
        if self.rule.scaler:
            self._make_scale("")

    def _make_scale(self, kernel: str = "full") -> FakeTensor:
        scale = self._keep((), 4, kernel)
        self._keep((), 4, kernel)  # the growth tracker, int32
        self.scale = scale
        return scale

    def _number(self, kernel: str, itemsize: int = 4) -> FakeTensor:
        return new(self.run, contiguous(()), itemsize, kernel)

    def scaled(self, loss: FakeTensor) -> FakeTensor:
        """Return the loss times the scale, where there is a scaler."""
        if not self.rule.scaler:
            return loss
        scale = self.scale or self._make_scale()
        return multiply(self.run, loss, scale)

    def step(self) -> None:
        """Run the step, for the parameters that have gradients."""
        run, rule = self.run, self.rule
        run.phase, run.path = "optimizer", ""
        self._widen_gradients()
        members = [each for each in self.members if each.parameter.gradient is not None]
        if members:
            self._update(members)
        for each in self.masters:
            each.gradient = None
        self.found_inf = None
        run.path = ""
        if rule.ema:
            self._average()

    def _widen_gradients(self) -> None:
        """Copy the gradients to float32, for the master weights."""
        for parameter, master in zip(self.parameters, self.masters, strict=False):
            if parameter.gradient is not None:
                self.run.path = master.path
                master.gradient = like(self.run, master, "_to_copy")

    def _update(self, members: list[Member]) -> None:
        rule, run = self.rule, self.run
        elements = sum(math.prod(each.shape) for each in members)
        in_kernel = rule.name in SCALED_IN_KERNEL
        in_kernel = in_kernel and rule.implementation_on(run.device) == "fused"
        run.path = ""
        if rule.scaler and (rule.clip or not in_kernel):
            self._unscale()
            run.count(0, UNSCALING * elements)
        if rule.clip:
            _clip(run, members)
            run.count(0, CLIPPING * elements)
        passed: list[FakeTensor] = []
        if rule.scaler and in_kernel:
            passed = self._pass_on_scale()
            if not rule.clip:
                run.count(0, (CHECKING + UNSCALING_IN_KERNEL) * elements)
        run.count(0, sum(update_flops(rule, each.shape) for each in members))
        update(run, rule, members)
        del passed

    def _unscale(self) -> None:
        """Unscale the gradients: GradScaler.unscale_, which leaves what says whether one was
        infinite.
        """
        double = self._number("_to_copy", 8)
        reciprocal = self._number("reciprocal", 8)
        del double
        inverse = self._number("_to_copy")
        del reciprocal
        self._check()
        del inverse

    def _check(self) -> None:
        """Look for infinite gradients: GradScaler._unscale_grads_, on copies for the device."""
        found = self._number("full")
        self.found_inf = self._number("_to_copy")
        inverse = self._number("_to_copy")
        del found, inverse

    def _pass_on_scale(self) -> list[FakeTensor]:
        """Return the scale and what was found, as numbers for a fused kernel, which unscales."""
        if self.rule.clip:
            return [self._number("add")]
        ones = self._number("full")
        self._check()
        del ones
        return [self._number("add"), self._number("mul")]

    def _average(self) -> None:
        """Update the moving average: AveragedModel.update_parameters, whose counter is compared
        twice.
        """
        self.run.count(0, AVERAGING * self.averaged)
        if self.run.device == "cpu":
            self._number("eq", 1)
            self._number("gt", 1)


def _clip(run: Run, members: list[Member]) -> None:
    """Clip the norm of all gradients: torch.nn.utils.clip_grad_norm_, in lists on every device."""
    gradients = [each.gradient for each in members]
    size = gradients[0].itemsize
    norms = _norms(run, gradients)
    stacked = new(run, contiguous((len(norms),)), size, "stack")
    total = like(run, stacked, "linalg_vector_norm", ())
    del stacked, norms
    above_zero = like(run, total, "add")
    inverse = like(run, above_zero, "reciprocal")
    coefficient = like(run, inverse, "mul")
    del above_zero, inverse
    clamped = like(run, coefficient, "clamp")
    del clamped


def _norms(run: Run, gradients: list[FakeTensor]) -> list[FakeTensor]:
    """Return the norm of each gradient, by one kernel for each dtype."""
    by_size: dict[int, list[FakeTensor]] = {}
    for each in gradients:
        by_size.setdefault(each.itemsize, []).append(each)
    norms: list[FakeTensor] = []
    for group in by_size.values():
        norms += [FakeTensor(run, contiguous(()), each.itemsize) for each in group]
        run.note("_foreach_norm")
    return norms
