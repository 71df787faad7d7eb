"""Normalization: batch, layer, group, RMS, local response and global response norm."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from archprof.ops.base import (
    Cost,
    Family,
    New,
    PointwiseOp,
    Reading,
    Same,
    Saved,
    Shape,
    ShapeError,
    Weight,
    Working,
    channels_first,
    product,
    same,
    with_dimensions,
)
from archprof.ops.layout import Layout, contiguous, like, permuted
from archprof.ops.rates import RATES
from archprof.ops.settings import boolean, number, positive, setting


class _Norm(PointwiseOp):
    family: ClassVar[Family] = "normalization"

    def _rate(self) -> int:
        """Return the FLOPs per output element."""
        return RATES[self.name]

    def _affine(self) -> bool:
        raise NotImplementedError

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        """How many scales (and shifts) there are."""
        raise NotImplementedError

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (self._features(inputs),)
        return {"weight": Weight(shape), "bias": Weight(shape)} if self._affine() else {}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        elements = math.prod(output)
        return Cost(0, self._rate() * elements, fvcore=elements * (5 if self._affine() else 4))

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        trainable = [w for w in self.weights(*inputs).values() if w.trainable]
        params = (
            Working(f"{len(trainable)}*F", {"F": self._features(inputs)})
            if trainable
            else Working("0")
        )
        return {
            "params": params,
            "macs": Working("0"),
            "flops": Working(f"{self._rate()}*{product(output)}"),
        }


class BatchNorm2d(_Norm):
    """Normalises each channel over batch and pixels, torch.nn.BatchNorm2d; running statistics are
    buffers.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
    """

    name: ClassVar[str] = "batch_norm2d"

    eps: float = setting(number, 1e-5)
    momentum: float = setting(number, 0.1)
    affine: bool = setting(boolean, True)

    def _affine(self) -> bool:
        return self.affine

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return channels_first(self.name, inputs[0])[0]

    def output_shape(self, *inputs: Shape) -> Shape:
        return channels_first(self.name, inputs[0])

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (inputs[0][0],)
        return super().weights(*inputs) | {
            "running_mean": Weight(shape, trainable=False),
            "running_var": Weight(shape, trainable=False),
            "num_batches_tracked": Weight((), trainable=False, itemsize=8),
        }

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        elements = math.prod(output)
        return Cost(0, self._rate() * elements, fvcore=elements * (2 if self.affine else 1))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=output[0], at_least=4, per_sample=False)
        return Saved("input"), statistic, statistic  # mean and inverse deviation of the batch

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return like(shape, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.BatchNorm2d(
            inputs[0][0], eps=self.eps, momentum=self.momentum, affine=self.affine
        )


class LayerNorm(_Norm):
    """Normalises over the last dimension, torch.nn.LayerNorm.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
    """

    name: ClassVar[str] = "layer_norm"

    eps: float = setting(number, 1e-5)
    affine: bool = setting(boolean, True)

    def _affine(self) -> bool:
        return self.affine

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][-1]

    def output_shape(self, *inputs: Shape) -> Shape:
        return with_dimensions(self.name, inputs[0])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((*same(len(output) - 1), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=math.prod(output) // self._features(inputs), at_least=4)
        return Saved("input"), statistic, statistic

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        return self._kept_beside(inputs, shape, itemsize)  # mean and deviation

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return None

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LayerNorm(inputs[0][-1], eps=self.eps, elementwise_affine=self.affine)


class LayerNorm2d(_Norm):
    """Layer norm over the channels of each pixel of a C×H×W tensor, as torchvision's and timm's
    LayerNorm2d.
    """

    name: ClassVar[str] = "layer_norm2d"

    eps: float = setting(number, 1e-6)

    def _rate(self) -> int:
        return RATES[LayerNorm.name]

    def _affine(self) -> bool:
        return True

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][0]

    def output_shape(self, *inputs: Shape) -> Shape:
        return channels_first(self.name, inputs[0])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((New(), Same(1), Same(2)),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=output[1] * output[2], at_least=4)
        return Saved("input"), statistic, statistic

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        return self._kept_beside(inputs, shape, itemsize)  # mean and deviation

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        n, c, h, w = shape
        return permuted(contiguous((n, h, w, c)), (0, 3, 1, 2))

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LayerNorm2d(inputs[0][0], eps=self.eps)


class GroupNorm(_Norm):
    """Normalises each sample over groups of channels and all pixels, torch.nn.GroupNorm.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
    """

    name: ClassVar[str] = "group_norm"

    groups: int = setting(positive)
    eps: float = setting(number, 1e-5)
    affine: bool = setting(boolean, True)

    def _affine(self) -> bool:
        return self.affine

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][0]

    def output_shape(self, *inputs: Shape) -> Shape:
        channels = with_dimensions(self.name, inputs[0])[0]
        if channels % self.groups:
            raise ShapeError(
                f"{channels} channels do not divide into {self.groups} groups:"
                f" {channels}/{self.groups} = {channels / self.groups:.4g}"
            )
        if math.prod(inputs[0]) == self.groups:
            raise ShapeError(
                f"{product(inputs[0])} in {self.groups} groups is one number per group, which has"
                " no variance; torch refuses it",
                "fewer groups",
            )
        return inputs[0]

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return (tuple(New() for _ in output),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        statistic = Saved("own", elements=self.groups)
        return Saved("input"), statistic, statistic

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        copied = 0 if self._as_it_lies(inputs[0]) else math.prod(shape) * itemsize
        return copied + self._kept_beside(inputs, shape, itemsize)  # mean and deviation

    def kept_as_is(self, item: Saved, layout: Layout) -> bool:
        return self._as_it_lies(layout)

    def _as_it_lies(self, layout: Layout) -> bool:
        """Whether the kernel takes the input without copying it."""
        return (permuted(layout, (0, 2, 3, 1)) if layout.channels_last else layout).contiguous

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return like(shape, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.GroupNorm(self.groups, inputs[0][0], eps=self.eps, affine=self.affine)


class RmsNorm(_Norm):
    """Divides by the root mean square of the last dimension, torch.nn.RMSNorm: a scale, no shift.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
    """

    name: ClassVar[str] = "rms_norm"

    eps: float = setting(number, 1e-6)

    def _affine(self) -> bool:
        return True

    def _features(self, inputs: tuple[Shape, ...]) -> int:
        return inputs[0][-1]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"weight": Weight((inputs[0][-1],))}

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        # fvcore has no handle for it
        return Cost(0, self._rate() * math.prod(output), fvcore=0)

    def output_shape(self, *inputs: Shape) -> Shape:
        return with_dimensions(self.name, inputs[0])

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        return ((*same(len(output) - 1), New()),)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...]:
        rows = math.prod(output) // inputs[0][-1]
        return (
            Saved("input", at_least=4, wanted_by=(0,)),
            Saved("own", elements=rows, at_least=4, wanted_by=(0,)),
            # the normalised input, for the scale
            Saved("own", elements=math.prod(output), at_least=4),
        )

    def inside(self, inputs: tuple[Layout, ...], shape: Shape, itemsize: int) -> int:
        # torch composes it: one over the root of each row, the normalised input; in float32 at
        # least, and then a copy of the input and of the result besides
        rows, elements = math.prod(shape[:-1]), math.prod(shape)
        return (
            (rows + elements) * itemsize
            if itemsize >= 4
            else (rows + 3 * elements) * 4 - elements * itemsize
        )

    def layout(
        self, inputs: tuple[Layout, ...], shape: Shape, training: bool = False
    ) -> Layout | None:
        return like(shape, inputs[0])

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.RMSNorm(inputs[0][-1], eps=self.eps)


class LocalResponseNorm(PointwiseOp):
    """AlexNet's norm across `size` neighbouring channels, torch.nn.LocalResponseNorm: 2*size + 3
    per output element.

    b = a/(k + alpha/size * sum a^2)^beta.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
    """

    name: ClassVar[str] = "local_response_norm"
    family: ClassVar[Family] = "normalization"

    size: int = setting(positive)
    alpha: float = setting(number, 1e-4)
    beta: float = setting(number, 0.75)
    k: float = setting(number, 1.0)

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

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.LocalResponseNorm(self.size, alpha=self.alpha, beta=self.beta, k=self.k)


class GlobalResponseNorm(PointwiseOp):
    """ConvNeXt V2's GRN on an H×W×C tensor: x + beta + gamma*(x * norm(x)/mean norm), the norm over
    all pixels of a channel.

    Woo et al. 2023 (arXiv 2301.00808), as timm writes it: 8 per output element.
    """

    name: ClassVar[str] = "global_response_norm"
    family: ClassVar[Family] = "normalization"

    eps: float = setting(number, 1e-6)

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
            Saved("own", elements=math.prod(output)),
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

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        return torch.nn.GlobalResponseNorm2d(inputs[0][0], eps=self.eps)
