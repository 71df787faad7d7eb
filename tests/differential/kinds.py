"""Every kind of layer: settings at random, whether they fit or not, the torch module made from them
by hand, and its MACs by hand.

Nothing of archprof is imported here: names of ops and settings are the specs' language, the rest is
torch and arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

Shape = tuple[int, ...]  # without the batch
Settings = dict[str, Any]


class Kind(NamedTuple):
    """`settings` draws what a spec says of a layer; `module` makes it of torch, and may raise;
    `macs` from input, output and settings.
    """

    settings: Callable[[Random, Shape], Settings]
    module: Callable[[Settings, Shape], Any]
    macs: Callable[[Settings, Shape, Shape], int] = lambda settings, source, output: 0


class ChannelNorm(nn.LayerNorm):
    """A layer norm over the channels of N×C×H×W."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


def pair(chance: Random, low: int, high: int) -> Any:
    """One number for both axes, or one for each."""
    return (
        chance.randint(low, high)
        if chance.random() < 0.5
        else [chance.randint(low, high), chance.randint(low, high)]
    )


def both(value: Any) -> tuple[Any, Any]:
    return (value[0], value[1]) if isinstance(value, list) else (value, value)


def some(chance: Random, **settings: Any) -> Settings:
    """About half of these settings."""
    return {name: value for name, value in settings.items() if chance.random() < 0.5}


# --- convolutions ---


def _groups(chance: Random, channels: int) -> int:
    return chance.choice([1, 1, 1, 2, 3, channels])


def conv2d(chance: Random, shape: Shape) -> Settings:
    groups = _groups(chance, shape[0])
    settings = {
        "out": groups * chance.randint(1, 3) + (chance.random() < 0.05),
        "kernel": pair(chance, 1, 5),
        "groups": groups,
    }
    settings |= some(
        chance,
        stride=pair(chance, 1, 3),
        padding=pair(chance, 0, 3),
        dilation=pair(chance, 1, 3),
        bias=chance.random() < 0.5,
    )
    if chance.random() < 0.3:
        settings["padding"] = "same"
        if chance.random() < 0.9:
            settings.pop("stride", None)
    return settings


def made_conv2d(s: Settings, shape: Shape) -> nn.Module:
    padding = s.get("padding", 0)
    return nn.Conv2d(
        shape[0],
        s["out"],
        both(s["kernel"]),
        both(s.get("stride", 1)),
        padding if padding == "same" else both(padding),
        both(s.get("dilation", 1)),
        s["groups"],
        s.get("bias", True),
    )


def conv_macs(s: Settings, source: Shape, output: Shape) -> int:
    """Each output element is a sum over a window of each channel of its group."""
    return math.prod(output) * math.prod(both(s["kernel"])) * source[0] // s["groups"]


def conv_transpose2d(chance: Random, shape: Shape) -> Settings:
    groups = _groups(chance, shape[0])
    settings = {
        "out": groups * chance.randint(1, 3),
        "kernel": pair(chance, 1, 4),
        "groups": groups,
    }
    return settings | some(
        chance,
        stride=pair(chance, 1, 3),
        padding=pair(chance, 0, 2),
        output_padding=pair(chance, 0, 2),
        dilation=pair(chance, 1, 3),
        bias=chance.random() < 0.5,
    )


def made_conv_transpose2d(s: Settings, shape: Shape) -> nn.Module:
    return nn.ConvTranspose2d(
        shape[0],
        s["out"],
        both(s["kernel"]),
        both(s.get("stride", 1)),
        both(s.get("padding", 0)),
        both(s.get("output_padding", 0)),
        s["groups"],
        s.get("bias", True),
        both(s.get("dilation", 1)),
    )


def transposed_macs(s: Settings, source: Shape, output: Shape) -> int:
    """Each input element is spread over a window of each output channel of its group."""
    return math.prod(source) * math.prod(both(s["kernel"])) * output[0] // s["groups"]


# --- pooling and resizing ---


def pool(chance: Random, shape: Shape) -> Settings:
    return {"kernel": pair(chance, 1, 5)} | some(
        chance,
        stride=pair(chance, 1, 6),
        padding=pair(chance, 0, 2),
        ceil_mode=chance.random() < 0.7,
    )


def _window(s: Settings) -> dict[str, Any]:
    return {
        "kernel_size": both(s["kernel"]),
        "stride": both(s["stride"]) if "stride" in s else None,
        "padding": both(s.get("padding", 0)),
        "ceil_mode": s.get("ceil_mode", False),
    }


def max_pool2d(chance: Random, shape: Shape) -> Settings:
    return pool(chance, shape) | some(chance, dilation=pair(chance, 1, 3))


def avg_pool2d(chance: Random, shape: Shape) -> Settings:
    return pool(chance, shape) | some(chance, count_include_pad=chance.random() < 0.3)


def interpolate(chance: Random, shape: Shape) -> Settings:
    mode = chance.choice(["nearest", "nearest-exact", "bilinear", "bicubic", "area"])
    corners = {"align_corners": True} if mode in ("bilinear", "bicubic") else {}
    if chance.random() < 0.5:
        sized: Settings = {"size": pair(chance, 1, 12)}
    else:
        sized = {"factor": chance.choice([0.5, 0.7, 1, 1.5, 2, 3, [2, 0.5]])}
    return sized | {"mode": mode} | some(chance, **corners)


def resized(s: Settings) -> nn.Module:
    """torch's own, in torch's words."""
    named = {"mode": s["mode"], "align_corners": s.get("align_corners")}
    if "size" in s:
        return nn.Upsample(size=both(s["size"]), **named)
    return nn.Upsample(scale_factor=both(s["factor"]), **named)


# --- moves ---


class Padded(nn.Module):
    """torch.nn.functional.pad, negative to crop."""

    def __init__(self, sides: list[int], value: float):
        super().__init__()
        self.sides, self.value = sides, value

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x, self.sides, value=self.value)


class PaddedSame(nn.Module):
    """TensorFlow's SAME: as many outputs as ceil(N/stride), the odd row or column behind."""

    def __init__(self, s: Settings):
        super().__init__()
        self.windows = list(
            zip(
                both(s["kernel"]), both(s.get("stride", 1)), both(s.get("dilation", 1)), strict=True
            )
        )
        self.value = -math.inf if s.get("lowest") else 0.0

    def forward(self, x: Tensor) -> Tensor:
        sides: list[int] = []
        for size, (kernel, stride, dilation) in zip(x.shape[2:], self.windows, strict=True):
            reach = (math.ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1
            total = max(reach - size, 0)
            sides = [total // 2, total - total // 2, *sides]  # the last axis comes first
        return functional.pad(x, sides, value=self.value)


class Sliced(nn.Module):
    """A slice of one dimension, as Python slices."""

    def __init__(self, dim: int, place: slice):
        super().__init__()
        self.dim, self.place = dim, place

    def forward(self, x: Tensor) -> Tensor:
        index = [slice(None)] * x.ndim
        index[self.dim] = self.place
        return x[tuple(index)]


class Called(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]):
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def pad(chance: Random, shape: Shape) -> Settings:
    return some(
        chance,
        sides=[chance.randint(-3, 3) for _ in range(4)],
        channels=[chance.randint(-1, 2) for _ in range(2)],
        value=0.5,
    )


def slice_(chance: Random, shape: Shape) -> Settings:
    dim = chance.randrange(-len(shape), len(shape))
    n = shape[dim]
    return {"dim": dim} | some(
        chance,
        start=chance.randint(-n, n),
        stop=chance.randint(-n, n + 1),
        step=chance.randint(1, 3),
    )


def permute(chance: Random, shape: Shape) -> Settings:
    return {"order": chance.sample(range(len(shape)), len(shape))}


def made_slice(s: Settings, shape: Shape) -> nn.Module:
    dim = s["dim"] + (s["dim"] >= 0)  # behind the batch
    return Sliced(dim, slice(s.get("start", 0), s.get("stop"), s.get("step", 1)))


def _nothing(chance: Random, shape: Shape) -> Settings:
    return {}


def _activation(module: Callable[[], nn.Module]) -> Kind:
    return Kind(_nothing, lambda s, shape: module())


def _function(function: Callable[[Tensor], Tensor]) -> Kind:
    return Kind(_nothing, lambda s, shape: Called(function))


def _reduction(function: Callable[..., Tensor]) -> Kind:
    """A reduction that keeps its dimensions."""
    return Kind(
        lambda chance, shape: {
            "dim": chance.choice([0, 1, 2, [1, 2], [0, 2]]),
            "keepdim": True,
        },
        lambda s, shape: Called(
            lambda x: function(
                x,
                dim=[d + 1 for d in (s["dim"] if isinstance(s["dim"], list) else [s["dim"]])],
                keepdim=True,
            )
        ),
    )


def made_power(settings: Settings, shape: Shape) -> Any:
    """Torch gives 1 for an exponent of 0, a network refuses it."""
    exponent = settings["exponent"]
    if exponent == 0:
        raise ValueError("to the power of 0 everything is 1")
    return Called(lambda x: x**exponent)


KINDS: dict[str, Kind] = {
    "conv2d": Kind(conv2d, made_conv2d, conv_macs),
    "conv_transpose2d": Kind(conv_transpose2d, made_conv_transpose2d, transposed_macs),
    "linear": Kind(
        lambda chance, shape: (
            {"out": chance.randint(1, 6)} | some(chance, bias=chance.random() < 0.5)
        ),
        lambda s, shape: nn.Linear(shape[-1], s["out"], s.get("bias", True)),
        lambda s, source, output: math.prod(output) * source[-1],
    ),
    "max_pool2d": Kind(
        max_pool2d, lambda s, shape: nn.MaxPool2d(**_window(s), dilation=both(s.get("dilation", 1)))
    ),
    "avg_pool2d": Kind(
        avg_pool2d,
        lambda s, shape: nn.AvgPool2d(
            **_window(s), count_include_pad=s.get("count_include_pad", True)
        ),
    ),
    "adaptive_avg_pool2d": Kind(
        lambda chance, shape: {"size": pair(chance, 1, 7)},
        lambda s, shape: nn.AdaptiveAvgPool2d(both(s["size"])),
    ),
    "interpolate": Kind(
        interpolate,
        lambda s, shape: resized(s),
    ),
    "batch_norm2d": Kind(
        lambda chance, shape: some(chance, affine=chance.random() < 0.5, eps=0.001),
        lambda s, shape: nn.BatchNorm2d(
            shape[0], eps=s.get("eps", 1e-5), affine=s.get("affine", True)
        ),
    ),
    "group_norm": Kind(
        lambda chance, shape: {"groups": chance.randint(1, 4)},
        lambda s, shape: nn.GroupNorm(s["groups"], shape[0]),
    ),
    "layer_norm": Kind(
        lambda chance, shape: some(chance, affine=chance.random() < 0.5),
        lambda s, shape: nn.LayerNorm(shape[-1], elementwise_affine=s.get("affine", True)),
    ),
    "layer_norm2d": Kind(_nothing, lambda s, shape: ChannelNorm(shape[0], eps=1e-6)),
    "rms_norm": Kind(_nothing, lambda s, shape: nn.RMSNorm(shape[-1], eps=1e-6)),
    "local_response_norm": Kind(
        lambda chance, shape: (
            {"size": chance.randint(1, 5)} | some(chance, alpha=0.01, beta=0.5, k=2.0)
        ),
        lambda s, shape: nn.LocalResponseNorm(**s),
    ),
    "pad": Kind(
        pad,
        lambda s, shape: Padded(
            [*s.get("sides", [0] * 4), *s.get("channels", [0, 0])], s.get("value", 0.0)
        ),
    ),
    "pad_same": Kind(
        lambda chance, shape: (
            {"kernel": pair(chance, 1, 5)}
            | some(chance, stride=pair(chance, 1, 3), dilation=pair(chance, 1, 3), lowest=True)
        ),
        lambda s, shape: PaddedSame(s),
    ),
    "slice": Kind(slice_, made_slice),
    "permute": Kind(
        permute, lambda s, shape: Called(lambda x: x.permute(0, *(i + 1 for i in s["order"])))
    ),
    "roll": Kind(
        lambda chance, shape: {
            "shifts": [chance.randint(-4, 4)],
            "dims": [chance.randrange(len(shape))],
        },
        lambda s, shape: Called(lambda x: torch.roll(x, s["shifts"], [d + 1 for d in s["dims"]])),
    ),
    "pixel_shuffle": Kind(
        lambda chance, shape: {"factor": chance.randint(1, 2)},
        lambda s, shape: nn.PixelShuffle(s["factor"]),
    ),
    "pixel_unshuffle": Kind(
        lambda chance, shape: {"factor": chance.randint(1, 3)},
        lambda s, shape: nn.PixelUnshuffle(s["factor"]),
    ),
    "channel_shuffle": Kind(
        lambda chance, shape: {"groups": chance.randint(1, 3)},
        lambda s, shape: nn.ChannelShuffle(s["groups"]),
    ),
    "flatten": Kind(_nothing, lambda s, shape: nn.Flatten()),
    "scale_by": Kind(
        lambda chance, shape: {"factor": chance.choice([0.5, -2, 3])},
        lambda s, shape: Called(lambda x: x * s["factor"]),
    ),
    "softmax": Kind(
        lambda chance, shape: {"dim": chance.randrange(len(shape))},
        lambda s, shape: nn.Softmax(s["dim"] + 1),
    ),
    "mean": _reduction(torch.mean),
    "sum": _reduction(torch.sum),
    "max": _reduction(torch.amax),
    "min": _reduction(torch.amin),
    "norm": _reduction(torch.linalg.vector_norm),
    "normalize": Kind(
        lambda chance, shape: {"dim": chance.randrange(3)} | some(chance, p=1, eps=0.01),
        lambda s, shape: Called(
            lambda x: functional.normalize(x, s.get("p", 2), s["dim"] + 1, s.get("eps", 1e-12))
        ),
    ),
    "chunk": Kind(
        lambda chance, shape: {
            "dim": chance.randrange(3),
            "chunks": chance.randint(1, 4),
            "part": 0,
        },
        lambda s, shape: Called(lambda x: x.chunk(s["chunks"], s["dim"] + 1)[s["part"]]),
    ),
    "shift_by": Kind(
        lambda chance, shape: {"amount": chance.choice([0.5, -2, 3])},
        lambda s, shape: Called(lambda x: x + s["amount"]),
    ),
    "pow": Kind(
        lambda chance, shape: {"exponent": chance.choice([2, 0.5, -1, 0])},
        made_power,
    ),
    "clamp": Kind(
        lambda chance, shape: some(chance, min=-0.5, max=chance.choice([1, 0.25])),
        lambda s, shape: Called(lambda x: torch.clamp(x, s.get("min"), s.get("max"))),
    ),
    "log": _function(torch.log),
    "sqrt": _function(torch.sqrt),
    "abs": _function(torch.abs),
    "sin": _function(torch.sin),
    "cos": _function(torch.cos),
    "relu": _activation(nn.ReLU),
    "silu": _activation(nn.SiLU),
    "gelu": _activation(nn.GELU),
    "tanh": _activation(nn.Tanh),
    "hardswish": _activation(nn.Hardswish),
    "leaky_relu": _activation(nn.LeakyReLU),
}

WINDOWED = (
    "conv2d",
    "conv2d",
    "conv2d",
    "conv_transpose2d",
    "conv_transpose2d",
    "max_pool2d",
    "max_pool2d",
    "avg_pool2d",
    "avg_pool2d",
)
"""Drawn more often: their arithmetic is where mistakes are made."""
