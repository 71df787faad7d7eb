"""How a step of training is run."""

from __future__ import annotations

from archprof.record import Record
from archprof.training.optimizers import UpdateRule


class StepConditions(Record):
    """How a step is run: what its memory and its arithmetic depend on beside the network.

    `itemsize`: the bytes of an element of parameters and inputs. `autocast`: whether torch.autocast
    is on, with a dtype of 2 bytes. `device`: "cpu" or "cuda", by whose rules. `accumulate`: how
    many batches add their gradients before the optimizer runs. `set_to_none`: whether the gradients
    are freed after it. `checkpoints`: the parts of the network, as lists of nodes, and which of
    them run again in the backward pass. `optimizer`: how the weights are updated. `first`: the
    first step, in which the optimizer's state is made. `observed`: as a tracker of tensors sees it,
    by which no gradient is added in place.
    """

    batch: int = 1
    itemsize: int = 4
    autocast: bool = False
    device: str = "cpu"
    accumulate: int = 1
    set_to_none: bool = True
    checkpoints: tuple[tuple[tuple[int, ...], bool], ...] = ()
    optimizer: UpdateRule = UpdateRule()
    first: bool = False
    observed: bool = False
