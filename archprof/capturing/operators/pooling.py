"""Windows that slide: pooling, resizing, sampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archprof.capturing.operands import Operands, pair
from archprof.capturing.operators.row import Keeps, Operator, keep_input, nothing, per_output, size
from archprof.capturing.operators.windows import read_pooling
from archprof.ops import OPS
from archprof.ops.answers import Cost, Saved
from archprof.ops.base import Op
from archprof.ops.rates import RATES

Becomes = Callable[[Operands], Op | None] | None


def _window(operands: Operands) -> int:
    """Return the elements of a window: one size for all sides, or one for each."""
    given = operands.get("kernel_size")
    sides = list(given) if isinstance(given, (list, tuple)) else [given]
    dims = len(operands.output.full) - 2
    return size(sides * dims if len(sides) == 1 else sides)


def _maximum(operands: Operands) -> Cost:
    elements = operands.output.elements
    return Cost(0, (_window(operands) - 1) * elements, lecture=_window(operands) * elements)


def _average(operands: Operands) -> Cost:
    covered = _window(operands) * operands.output.elements
    return Cost(0, covered, lecture=covered)


def _settings(operands: Operands) -> dict[str, Any]:
    kernel = pair(operands.get("kernel_size"), 1)
    stride = pair(operands.get("stride") or kernel, 1)
    settings = {
        "kernel": kernel,
        "padding": pair(operands.get("padding", [0]), 0),
        "ceil_mode": bool(operands.get("ceil_mode", False)),
    }
    return settings if stride == kernel else settings | {"stride": stride}


def _max_pool2d(operands: Operands) -> Op | None:
    dilation = pair(operands.get("dilation", [1]), 1)
    return OPS["max_pool2d"](**_settings(operands), dilation=dilation)


def _avg_pool2d(operands: Operands) -> Op | None:
    if operands.get("divisor_override") is not None:
        return None
    counted = bool(operands.get("count_include_pad", True))
    return OPS["avg_pool2d"](**_settings(operands), count_include_pad=counted)


def _keep_maximum(operands: Operands) -> Keeps:
    indices = Saved("own", elements=operands.output.elements, itemsize=8)
    return [operands.kept("self"), indices]


def _interpolate(operands: Operands) -> Op | None:
    name = operands.operation.operator.split(".")[1]
    source, output = operands.first().full, operands.output.full
    if operands.get("align_corners") or len(source) != 4:
        return None
    factors = [after // before for before, after in zip(source[2:], output[2:], strict=True)]
    if min(factors) < 1:
        return None
    return OPS["interpolate"](factor=factors, mode="bilinear" if "bilinear" in name else "nearest")


_MAX = "k*k - 1 comparisons per output"
_AVERAGE = "k*k per output"


def _max_pool(becomes: Becomes = None) -> Operator:
    return Operator("pooling", _maximum, _MAX, becomes, _keep_maximum, read_pooling)


def _avg_pool(becomes: Becomes = None) -> Operator:
    return Operator("pooling", _average, _AVERAGE, becomes, keep_input("self"), read_pooling)


_BILINEAR = Operator(
    "resize", per_output(RATES["interpolate_bilinear"]), "7 per output", _interpolate, nothing
)
_NEAREST = Operator("resize", per_output(0), "0", _interpolate, nothing)
_CUBIC = Operator("resize", per_output(31), "31 per output", keeps=nothing)

POOLING: dict[str, Operator] = {
    "max_pool1d": _max_pool(),
    "max_pool2d": _max_pool(_max_pool2d),
    "max_pool2d_with_indices": Operator("pooling", _maximum, _MAX, _max_pool2d, _keep_maximum),
    "max_pool3d": _max_pool(),
    "avg_pool1d": _avg_pool(),
    "avg_pool2d": _avg_pool(_avg_pool2d),
    "avg_pool3d": _avg_pool(),
    "upsample_nearest1d": _NEAREST,
    "upsample_nearest2d": _NEAREST,
    "upsample_nearest3d": _NEAREST,
    "upsample_bilinear2d": _BILINEAR,
    "_upsample_bilinear2d_aa": Operator("resize", per_output(7), "7 per output", keeps=nothing),
    # the eight neighbours of a point in space: 7 along each of two axes more
    "upsample_trilinear3d": Operator("resize", per_output(15), "15 per output", keeps=nothing),
    "upsample_linear1d": Operator("resize", per_output(3), "3 per output", keeps=nothing),
    # sixteen neighbours: 16 products, 15 sums
    "upsample_bicubic2d": _CUBIC,
    "_upsample_bicubic2d_aa": _CUBIC,
    # four neighbours, as bilinear, and 1 to place the point
    "grid_sampler": Operator(
        "resize", per_output(8), "8 per output", keeps=keep_input("input", "grid")
    ),
    "grid_sampler_2d": Operator(
        "resize", per_output(8), "8 per output", keeps=keep_input("input", "grid")
    ),
    # four samples of 7 each
    "roi_align": Operator("resize", per_output(28), "28 per output"),
}
"""Operators over windows and neighbours."""
