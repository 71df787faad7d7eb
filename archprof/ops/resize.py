"""Resizing by interpolation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar, Literal

from archprof import units
from archprof.autograd.layout import Layout, like
from archprof.autograd.pooling import interpolate
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor
from archprof.ops import OPS
from archprof.ops.answers import Cost, Saved, Working, product
from archprof.ops.base import Fault, NoImageError, Op, Shape, ShapeError
from archprof.ops.family import Family
from archprof.ops.rates import RATES
from archprof.ops.reading import Reading, Same
from archprof.ops.resampling import Kernel, Resampling
from archprof.ops.resize_settings import factor_by_axis, size_by_axis
from archprof.ops.settings import boolean, choice, optional, setting

Mode = Literal["nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"]

RANKS: dict[str, int] = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
"""Axes behind the channels that a mode is for; the others are for any number."""
ANTIALIASED = ("bilinear", "bicubic")
"""The modes that torch can do with antialiasing."""
MODES_OF: dict[int, str] = {1: "linear", 2: "bilinear or bicubic", 3: "trilinear"}
FVCORE: dict[tuple[str, int], int] = {("nearest", 2): 1, ("bilinear", 2): 4}
"""What fvcore counts per output element, of the operators that it knows."""
ROUNDED_DENOMINATOR = 1000  # of a factor in a formula


class Interpolate(Op):
    """Resizing to a `size`, or by a `factor`, of C×L, C×H×W or C×D×H×W, torch.nn.Upsample. Of a
    factor the size is rounded down: floor(N*factor).

    `mode`: nearest (the pixel below the place), nearest-exact, linear, bilinear and trilinear by
    the number of axes, bicubic, and area, which is adaptive average pooling.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
    """

    name: ClassVar[str] = "interpolate"
    family: ClassVar[Family] = "resize"

    size: int | tuple[int, ...] | None = setting(
        optional(size_by_axis), None, about="The size of the output along each axis."
    )
    factor: float | tuple[float, ...] | None = setting(
        optional(factor_by_axis),
        None,
        about="How many times larger, smaller below 1; instead of a size.",
    )
    mode: Mode = setting(
        choice("nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"),
        "nearest",
        about="How an output is made of the pixels around it; nearest copies one.",
    )
    align_corners: bool = setting(
        boolean, False, about="Whether the centres of the corner pixels stay in the corners."
    )
    antialias: bool = setting(
        boolean,
        False,
        about="Whether a smaller image is made of all pixels, as PIL does, not of a few.",
    )

    @classmethod
    def conflicts(cls, values: dict[str, Any]) -> list[Fault]:
        found = []
        given = [name for name in ("size", "factor") if values.get(name) is not None]
        if not given:
            found.append(Fault("factor", "`factor` is missing, expected it or a `size`"))
        if len(given) > 1:
            found.append(Fault("factor", "`size` and `factor` are both given, expected one"))
        if values.get("align_corners") is True and values.get("mode", "nearest") not in RANKS:
            message = f"`align_corners` has no meaning in the mode {values.get('mode', 'nearest')}"
            found.append(Fault("mode", message, f"modes with it: {', '.join(RANKS)}"))
        if values.get("antialias") is True and values.get("mode", "nearest") not in ANTIALIASED:
            message = f"torch has no antialiasing in the mode {values.get('mode', 'nearest')}"
            found.append(Fault("mode", message, f"modes with it: {', '.join(ANTIALIASED)}"))
        return found

    def output_shape(self, *inputs: Shape) -> Shape:
        channels, *axes = self._checked(inputs[0])
        sizes = _by_axis("size", self.size, len(axes))
        if sizes is not None:
            return (channels, *map(int, sizes))
        factors = self.factors(inputs[0])
        output = [math.floor(n * factor) for n, factor in zip(axes, factors, strict=True)]
        if min(output) < 1:
            raise ShapeError(
                f"{units.shape(axes)} times {'x'.join(map(str, factors))} leaves"
                f" {units.shape(output)}",
                "a size is rounded down; the least is 1",
            )
        return (channels, *output)

    def _checked(self, shape: Shape) -> Shape:
        """Return the input's shape. Raises ShapeError where it does not fit the mode."""
        rank = len(shape) - 1
        if rank not in MODES_OF:
            raise NoImageError(
                f"interpolate needs an input of channels and one to three axes, found"
                f" {units.shape(shape)}"
            )
        if RANKS.get(self.mode, rank) != rank:
            raise ShapeError(
                f"the mode {self.mode} is for channels and {RANKS[self.mode]} axes, found"
                f" {units.shape(shape)}",
                f"with {rank} it is {MODES_OF[rank]}",
            )
        return shape

    def factors(self, shape: Shape) -> tuple[float, ...]:
        """Return the factor along each axis of an input; () where a size is given."""
        return _by_axis("factor", self.factor, len(shape) - 1) or ()

    def _resamplings(self, inputs: tuple[Shape, ...], output: Shape) -> list[Resampling]:
        """Return for each axis how it is resized."""
        axes = inputs[0][1:]
        kernel: Kernel
        if self.mode == "nearest" or self.mode == "nearest-exact":
            kernel = self.mode
        else:
            kernel = "cubic" if self.mode == "bicubic" else "linear"
        factors = self.factors(inputs[0]) or (None,) * len(axes)
        return [
            Resampling(kernel, n, m, factor, self.align_corners, self.antialias)
            for n, m, factor in zip(axes, output[1:], factors, strict=True)
        ]

    def _pooling(self, output: Shape) -> Op | None:
        """Return the adaptive pooling that the mode area is, None in another mode."""
        if self.mode != "area":
            return None
        return OPS[f"adaptive_avg_pool{len(output) - 1}d"](size=list(output[1:]))

    def _rate(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Return the FLOPs per output element: with antialiasing a product for each pixel of a
        window, and their sum.
        """
        if self.antialias:
            return 2 * math.prod(r.window() for r in self._resamplings(inputs, output)) - 1
        return RATES[f"interpolate_{self.mode.removesuffix('-exact')}"]

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost | None:
        if pooling := self._pooling(output):
            return pooling.cost(inputs, output)
        counted = 0 if self.antialias else FVCORE.get((self.mode, len(output) - 1), 0)
        elements = math.prod(output)
        rate = self._rate(inputs, output)
        return Cost(0, rate * elements, fvcore=elements * counted)

    def reads(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Reading | None, ...]:
        if pooling := self._pooling(output):
            return pooling.reads(inputs, output)
        along = [
            resampling.taps(dim)
            for dim, resampling in enumerate(self._resamplings(inputs, output), start=1)
        ]
        found = tuple(taps for taps in along if taps is not None)
        return ((Same(0), *found) if len(found) == len(along) else None,)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Saved, ...] | None:
        pooling = self._pooling(output)
        return pooling.saved(inputs, output) if pooling else ()

    def layout(self, inputs: tuple[Layout, ...], shape: Shape, training: bool) -> Layout | None:
        return like(shape, inputs[0])

    def working(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Working]:
        lines = {
            name: self._side(letter, dim, inputs[0], output)
            for dim, (name, letter) in enumerate(_axis_names(len(output) - 1), start=1)
        }
        if pooling := self._pooling(output):
            flops = pooling.working(inputs, output)["flops"]
        elif self.antialias:
            rows, columns = (r.window() for r in self._resamplings(inputs, output))
            sizes = {"Kh": rows, "Kw": columns}
            flops = Working(f"(2*Kh*Kw - 1)*{product(output)}", sizes)
        else:
            flops = Working(f"{self._rate(inputs, output)}*{product(output)}")
        return lines | {"params": Working("0"), "macs": Working("0"), "flops": flops}

    def _side(self, letter: str, dim: int, shape: Shape, output: Shape) -> Working:
        """Return the working of the output's size along one dimension."""
        factors = self.factors(shape)
        if not factors:
            return Working("S", {"S": output[dim]})
        factor = Fraction(factors[dim - 1]).limit_denominator(ROUNDED_DENOMINATOR)
        names = {letter: shape[dim], "F": factor.numerator, "D": factor.denominator}
        if factor.denominator == 1:
            return Working(f"{letter}*F", names)
        if math.floor(shape[dim] * factor) != output[dim]:  # a factor with too many digits
            return Working("S", {"S": output[dim]})
        return Working(f"floor({letter}*F/D)", names)

    def kernels(
        self,
        run: Run,
        inputs: Sequence[FakeTensor],
        weights: Mapping[str, FakeTensor],
        shape: Shape,
    ) -> FakeTensor:
        if pooling := self._pooling(shape[1:]):
            return pooling.kernels(run, inputs, weights, shape)
        return interpolate(run, inputs[0], shape, self.mode, self.antialias)

    def beyond_onnx(self, inputs: tuple[Shape, ...]) -> str:
        if not self.antialias or self.size is not None:
            return ""
        sizes = zip(inputs[0][1:], self.factors(inputs[0]), strict=True)
        if all((n * factor).is_integer() for n, factor in sizes):
            return ""
        return "with antialiasing torch.onnx takes the factor for that of the sizes, rounded down"

    def build(self, torch: Any, inputs: tuple[Shape, ...]) -> Any:
        named: dict[str, Any] = {"mode": self.mode}
        if self.align_corners:
            named["align_corners"] = True
        if self.size is not None:
            named["size"] = _by_axis("size", self.size, len(inputs[0]) - 1)
        else:
            named["scale_factor"] = self.factors(inputs[0])
        upsample = torch.nn.AntialiasedUpsample if self.antialias else torch.nn.Upsample
        return upsample(**named)


def _by_axis(name: str, value: Any, rank: int) -> tuple[Any, ...] | None:
    """Return a setting as one number for each axis, None where it is not given. Raises ShapeError
    where it has more or fewer.
    """
    if value is None:
        return None
    if not isinstance(value, tuple):
        return (value,) * rank
    if len(value) != rank:
        raise ShapeError(f"{name} {list(value)} has {len(value)} numbers for {rank} axes")
    return value


def _axis_names(rank: int) -> list[tuple[str, str]]:
    """Return for each axis the name of its line in a working, and its letter."""
    if rank == 2:
        return [("height", "H"), ("width", "W")]
    return [(f"dim {dim}", f"N{dim}") for dim in range(1, rank + 1)]
