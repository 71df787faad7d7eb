"""What stands in a captured graph beside the operators: inputs, tensors that are there, and weights
that nothing uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from archprof.capturing.call import Captured, Storing, elements_of
from archprof.capturing.tape import Tensor
from archprof.ops.answers import Cost, Saved, Weight
from archprof.ops.base import Shape
from archprof.ops.linear import Parameter
from archprof.ops.reading import Reading


class Arrival(Captured):
    """A further input of the network."""

    arrives: ClassVar[bool] = True

    def __init__(self, tensor: Tensor):
        super().__init__("input", "parameter", tensor)
        self.__dict__["elements"] = elements_of(tensor.dtype)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ()


class FixedTensor(Captured):
    """A tensor that the module made or holds beside its state dict."""

    def __init__(self, tensor: Tensor):
        super().__init__("constant", "parameter", tensor)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ()


class Buffer(Parameter):
    """A tensor of the state dict that is not trained."""

    name: ClassVar[str] = "buffer"

    def __init__(self, shape: Shape, weight: Weight):
        super().__init__(size=shape, value=0.0, batched=False)
        self.__dict__.update(_key=(shape, weight), weight=weight, itemsize=weight.itemsize)

    weight: Weight

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.size

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": self.weight}


class Unused(Captured):
    """Weights of a module that nothing in evaluation uses: an auxiliary head, a mask token."""

    def __init__(self, weights: Mapping[str, Weight]):
        super().__init__("unused", "parameter", NOTHING, tuple(weights.items()))
        self.__dict__.update(own_weights=dict(weights))

    own_weights: Mapping[str, Weight]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return dict(self.own_weights)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ()

    def storage(self, training: bool) -> Storing:
        return "view"  # of the weights: it makes nothing


class OnlyTraining(Captured):
    """What only training runs, such as drop path; what it keeps is on the training graph."""

    def __init__(self) -> None:
        super().__init__("training", "parameter", NOTHING)

    def storage(self, training: bool) -> Storing:
        return "view"


class Stopped(Captured):
    """Where the network could not be followed any further: what comes after is unknown."""

    def __init__(self, tensor: Tensor):
        super().__init__("stopped", "movement", tensor)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost | None:
        return None

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...] | None:
        return None

    def storage(self, training: bool) -> Storing:
        return "view"


NOTHING = Tensor((0,), "float32", (1,), 0)
"""The output of what gives none."""
