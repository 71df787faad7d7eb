"""What the sum `training` counts of an optimizer: whole copies of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archprof.analysis.counting import OPTIMIZERS

if TYPE_CHECKING:
    from archprof.training.training_conditions import TrainingWords

AS_MANY = {"nesterov": "momentum", "rmsprop": "momentum", "lion": "momentum"}
"""Optimizers of one copy beside momentum, by torch.optim and arXiv:2302.06675; adafactor and
adam8bit keep no whole copies, and count as sgd.
"""


class KeptCopies(NamedTuple):
    """The optimizer whose state is as many whole copies of the weights, and whether an average of
    the weights is kept: what the sum `training` counts.
    """

    optimizer: str
    ema: bool


def kept_copies(words: TrainingWords) -> KeptCopies:
    """Return what the sum `training` counts of a step's optimizer."""
    name, *others = (word.strip() for word in words.optimizer.split(","))
    name = AS_MANY.get(name, name)
    return KeptCopies(name if name in OPTIMIZERS else "sgd", "ema" in others)
