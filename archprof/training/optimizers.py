"""How an optimizer updates parameters: by which rule and implementation, and what it keeps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from archprof.record import Record

Shape = tuple[int, ...]

IMPLEMENTATIONS: dict[str, tuple[str, ...]] = {
    "sgd": ("single", "foreach", "fused"),
    "momentum": ("single", "foreach", "fused"),
    "nesterov": ("single", "foreach", "fused"),
    "adam": ("single", "foreach", "fused"),
    "adamw": ("single", "foreach", "fused"),
    "rmsprop": ("single", "foreach"),
    "adafactor": ("single", "foreach"),
    "lion": ("single",),
    "adam8bit": ("single",),
}
"""The optimizers, and how each can be run: one parameter after the other, all of them in lists, or
in one kernel. Lion (arXiv:2302.06675, algorithm 2) and Adam with 8-bit states (bitsandbytes) are
formulas; the others are torch.optim's.
"""

SINGLE_BY_DEFAULT = {"adafactor", "lion", "adam8bit"}
"""torch.optim.Adafactor takes `foreach` only where it is asked for, on every device."""

WITH_MOMENTUM = {"momentum", "nesterov"}
ADAMS = {"adam", "adamw"}

DECAYS_WEIGHTS = {"adamw", "adafactor", "lion", "adam8bit"}
"""Those that take the decay from the weights themselves, not from the gradients."""

QUANTIZED_FROM = 4096
"""Elements from which bitsandbytes keeps 8-bit states; smaller parameters have float32 ones."""
QUANTIZED_BLOCK = 256
"""Elements that share a scale of 4 bytes in bitsandbytes' 8-bit states."""
QUANTIZATION_TABLES = 2 * 256 * 4
"""Bytes of bitsandbytes' two tables of 256 float32 values, signed and unsigned, in each optimizer
of 8-bit states.
"""
MASTER_ITEMSIZE = 4  # float32
SCALER_BYTES = 4 + 4  # torch.amp.GradScaler's scale, float32, and its growth tracker, int32
AVERAGE_COUNTER = 8  # AveragedModel's, int64, in the host's memory


class UpdateRule(Record):
    """An optimizer, and what else a training loop does around its step.

    `name`: a key of IMPLEMENTATIONS. `implementation`: "single", "foreach", "fused", or "default",
    which is torch's choice for the device. `weight_decay`: None is torch's default, which is on for
    AdamW alone. `amsgrad`: Adam's variant that keeps the largest second moment. `clip`:
    torch.nn.utils.clip_grad_norm_. `scaler`: torch.amp.GradScaler. `ema`: an exponential moving
    average of the weights, torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn.
    `master_weights`: float32 copies of weights of a narrower dtype, which the optimizer updates.

    Raises ValueError for an optimizer or an implementation that does not exist.
    """

    name: str = "sgd"
    implementation: str = "default"
    weight_decay: bool | None = None
    amsgrad: bool = False
    clip: bool = False
    scaler: bool = False
    ema: bool = False
    master_weights: bool = False

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        if self.name not in IMPLEMENTATIONS:
            raise ValueError(
                f"unknown optimizer {self.name!r}: one of {', '.join(IMPLEMENTATIONS)}"
            )
        known = ("default", *IMPLEMENTATIONS[self.name])
        if self.implementation not in known:
            raise ValueError(
                f"{self.name} has no implementation {self.implementation!r}: one of"
                f" {', '.join(known)}"
            )
        if self.amsgrad and self.name not in ADAMS:
            raise ValueError(f"{self.name} has no amsgrad: only {' and '.join(sorted(ADAMS))} do")

    @property
    def decays(self) -> bool:
        """Whether the weights decay."""
        return self.name == "adamw" if self.weight_decay is None else self.weight_decay

    @property
    def decays_gradients(self) -> bool:
        """Whether the decay is added to the gradients, not taken from the weights."""
        return self.decays and self.name not in DECAYS_WEIGHTS

    def implementation_on(self, device: str) -> str:
        """Return how it is run on "cpu" or "cuda"."""
        if self.implementation != "default":
            return self.implementation
        if device == "cpu" or self.name in SINGLE_BY_DEFAULT:
            return "single"
        return "foreach"


class StateTensor(NamedTuple):
    """A tensor that an optimizer keeps for a parameter: torch's name for it, the kernel that makes
    it, its shape, and the bytes of an element.
    """

    name: str
    kernel: str
    shape: Shape
    itemsize: int

    @property
    def bytes(self) -> int:
        """The bytes of all its elements."""
        return math.prod(self.shape) * self.itemsize


def state_of(rule: UpdateRule, shape: Shape, itemsize: int, device: str) -> list[StateTensor]:
    """Return what an optimizer keeps for a parameter of a shape, in the order in which it makes
    it.

    A step counter that stays in the host's memory while the parameters are on a GPU is left out.
    """
    implementation = rule.implementation_on(device)
    if rule.name in WITH_MOMENTUM:
        kernel = "empty_like" if implementation == "fused" else "clone"
        return [StateTensor("momentum_buffer", kernel, shape, itemsize)]
    if rule.name in ADAMS:
        names = ["exp_avg", "exp_avg_sq"]
        if rule.amsgrad:
            names.append("max_exp_avg_sq")
        kernel = "zeros" if implementation == "fused" else "lift_fresh"
        on_host = implementation != "fused"
        return [*_counter(kernel, device, on_host), *_copies(names, shape, itemsize)]
    if rule.name == "rmsprop":
        return [*_counter("zeros", device), *_copies(["square_avg"], shape, itemsize)]
    if rule.name == "adafactor":
        return [*_counter("lift_fresh", device), *_factors(shape, itemsize)]
    if rule.name == "lion":
        return _copies(["exp_avg"], shape, itemsize)
    if rule.name == "adam8bit":
        return _quantized(shape)
    return []


def _counter(kernel: str, device: str, on_host: bool = True) -> list[StateTensor]:
    if on_host and device != "cpu":
        return []
    return [StateTensor("step", kernel, (), 4)]


def _copies(names: Iterable[str], shape: Shape, itemsize: int) -> list[StateTensor]:
    return [StateTensor(name, "zeros_like", shape, itemsize) for name in names]


def _factors(shape: Shape, itemsize: int) -> list[StateTensor]:
    """Return Adafactor's second moments: of rows and columns of the last two dimensions, or of
    every element of a vector.
    """
    if len(shape) < 2:
        return _copies(["variance"], shape, itemsize)
    rows, columns = factors(shape)
    return [
        StateTensor("row_var", "new_zeros", rows, itemsize),
        StateTensor("col_var", "new_zeros", columns, itemsize),
    ]


def factors(shape: Shape) -> tuple[Shape, Shape]:
    """Return the shapes of Adafactor's row and column factors."""
    return (*shape[:-1], 1), (*shape[:-2], 1, shape[-1])


def _quantized(shape: Shape) -> list[StateTensor]:
    """Return the two moments of bitsandbytes' Adam8bit: a byte an element and a float32 scale for
    each block (Dettmers et al. 2022, arXiv:2110.02861; Optimizer2State.init_state of
    bitsandbytes 0.50.2). Small parameters have float32 moments.
    """
    elements = math.prod(shape)
    if elements < QUANTIZED_FROM:
        return _copies(["state1", "state2"], shape, 4)
    blocks = math.ceil(elements / QUANTIZED_BLOCK)
    return [
        *_copies(["state1", "state2"], shape, 1),
        StateTensor("absmax1", "zeros", (blocks,), 4),
        StateTensor("absmax2", "zeros", (blocks,), 4),
    ]


def state_bytes(
    rule: UpdateRule, parameters: Iterable[tuple[Shape, int]], device: str = "cpu"
) -> int:
    """Return the bytes that an optimizer keeps from step to step for parameters, each with its
    shape and the bytes of an element: its state, master weights, a moving average and a scaler's
    numbers. The buffers that a moving average copies too are not among them.
    """
    total = SCALER_BYTES if rule.scaler else 0
    if rule.ema and device == "cpu":
        total += AVERAGE_COUNTER
    if rule.name == "adam8bit":
        total += QUANTIZATION_TABLES
    for shape, itemsize in parameters:
        own = itemsize
        if rule.master_weights:
            own = MASTER_ITEMSIZE
            total += math.prod(shape) * own
        if rule.ema:
            total += math.prod(shape) * itemsize
        total += sum(each.bytes for each in state_of(rule, shape, own, device))
    return total
