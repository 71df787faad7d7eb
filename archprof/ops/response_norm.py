"""Response normalization: local (AlexNet) and global (ConvNeXt V2)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from archprof.autograd.layout import Layout, contiguous
from archprof.autograd.norms import global_response_norm
from archprof.autograd.pointwise import divide, multiply, power, scaled, shifted
from archprof.autograd.pooling import average_over_channels
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.autograd.views import moved, view
from archprof.ops.answers import Cost, Saved, Weight, Working, product
from archprof.ops.base import PointwiseOp, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.inputs import channels_first
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same
from archprof.ops.settings import number, positive, setting


class LocalResponseNorm(PointwiseOp):
    """AlexNet's norm across `size` neighbouring channels, torch.nn.LocalResponseNorm: 2*size + 3
    per output element.

    b = a/(k + alpha/size * sum a^2)^beta.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
    """

    name: ClassVar[str] = "local_response_norm"
    family: ClassVar[Family] = "normalization"

    size: int = setting(
        positive, about="How many neighbouring channels are summed, its own included."
    )
    alpha: float = setting(number, 1e-4, about="What the mean of their squares is multiplied by.")
    beta: float = setting(number, 0.75, about="The power of the divisor.")
    k: float = setting(number, 1.0, about="What the divisor begins with.")

    def output_shape(self, *inputs: Shape) -> Shape:
        return channels_first(self.name, inputs[0])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, (2 * self.size + 3) * math.prod(output))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), Same(1), Same(2)),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # torch composes it: the input, its squares padded by size - 1 channels, the base of the
        # power and its result
        channels, height, width = output
        whole = Saved("own", elements=math.prod(output))
        return (
            Saved("input"),
            Saved("own", elements=(channels + self.size - 1) * height * width),
            whole,
            whole,
        )

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the squares beside themselves padded; later their mean, alpha times it, and k more
        samples, channels, height, width = shape
        return (
            max(samples * (channels + self.size - 1) * height * width, 2 * math.prod(shape))
            * itemsize
        )

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working("0"),
            "macs": Working("0"),
            "flops": Working(f"(2*size + 3)*{product(output)}", {"size": self.size}),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        x = inputs[0]
        samples, channels, *pixels = shape
        window = (samples, 1, channels + self.size - 1, *pixels)
        squares = view(run, multiply(run, x, x), (samples, 1, channels, *pixels))
        squares = moved(run, squares, "constant_pad_nd", contiguous(window))
        sums = average_over_channels(run, squares, (samples, 1, channels, *pixels))
        del squares
        sums = view(run, sums, shape)
        powers = power(run, shifted(run, scaled(run, sums)))
        del sums  # torch's local name holds it to here
        return divide(run, x, powers)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LocalResponseNorm(self.size, alpha=self.alpha, beta=self.beta, k=self.k)


class GlobalResponseNorm(PointwiseOp):
    """ConvNeXt V2's GRN on an H×W×C tensor: x + beta + gamma*(x * norm(x)/mean norm), the norm over
    all pixels of a channel.

    Woo et al. 2023 (arXiv 2301.00808), as timm writes it: 8 per output element.
    """

    name: ClassVar[str] = "global_response_norm"
    family: ClassVar[Family] = "normalization"

    eps: float = setting(
        number, 1e-6, totals="nothing", about="Added to the mean norm before it divides."
    )

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 3:
            raise ShapeError(
                f"{self.name} needs height x width x channels, found {product(inputs[0])}"
            )
        return inputs[0]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (inputs[0][-1],)
        return {"weight": Weight(shape), "bias": Weight(shape)}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(0, RATES[self.name] * math.prod(output))

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), New(), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        # torch composes it: x, its norm and the mean of the norms per channel, their ratio's parts,
        # x*ratio for gamma
        channels = self.weights(*inputs)["weight"].elements
        per_channel = Saved("own", elements=channels, wanted_by=(0,))
        return (
            Saved("input", wanted_by=(0,)),
            per_channel,
            Saved("own", elements=1, wanted_by=(0,)),
            per_channel,
            Saved("own", elements=math.prod(output), for_weights=("weight",)),
        )

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # the norms, their ratio to the mean, and x*ratio
        return (
            2 * shape[0] * self.weights(*(i.shape[1:] for i in inputs))["weight"].elements
            + math.prod(shape)
        ) * itemsize

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        return {
            "params": Working("2*C", {"C": self.weights(*inputs)["weight"].elements}),
            "macs": Working("0"),
            "flops": Working(f"{RATES[self.name]}*{product(output)}"),
        }

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight, bias = weights["weight"], weights["bias"]
        return global_response_norm(run, inputs[0], weight, bias, channels_last=True)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.GlobalResponseNorm(inputs[0][-1], eps=self.eps)


class GlobalResponseNorm2d(GlobalResponseNorm):
    """ConvNeXt V2's GRN on a C×H×W tensor: the same arithmetic, the channels first."""

    name: ClassVar[str] = "global_response_norm2d"

    def output_shape(self, *inputs: Shape) -> Shape:
        return channels_first(self.name, inputs[0])

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (inputs[0][0],)
        return {"weight": Weight(shape), "bias": Weight(shape)}

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        weight, bias = weights["weight"], weights["bias"]
        return global_response_norm(run, inputs[0], weight, bias, channels_last=False)

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.GlobalResponseNorm2d(inputs[0][0], eps=self.eps)
