"""Windows that slide: pooling, resizing, sampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archprof.capturing.operands import Operands, sides
from archprof.capturing.operators.row import Keeps, Operator, keep_input, nothing, per_output, size
from archprof.capturing.operators.windows import read_pooling
from archprof.ops import OPS
from archprof.ops.answers import Cost, Saved
from archprof.ops.base import Op
from archprof.ops.rates import RATES
from archprof.ops.resampling import Kernel, Resampling


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


def _settings(operands: Operands, rank: int) -> dict[str, Any]:
    kernel = sides(operands.get("kernel_size"), 1, rank)
    stride = sides(operands.get("stride") or kernel, 1, rank)
    settings = {
        "kernel": kernel,
        "padding": sides(operands.get("padding", [0]), 0, rank),
        "ceil_mode": bool(operands.get("ceil_mode", False)),
    }
    return settings if stride == kernel else settings | {"stride": stride}


def _as_max_pool(operands: Operands) -> Op | None:
    rank = len(operands.output.full) - 2
    kind = OPS.get(f"max_pool{rank}d")
    if kind is None:
        return None
    dilation = sides(operands.get("dilation", [1]), 1, rank)
    return kind(**_settings(operands, rank), dilation=dilation)


def _as_avg_pool(operands: Operands) -> Op | None:
    rank = len(operands.output.full) - 2
    kind = OPS.get(f"avg_pool{rank}d")
    if kind is None or operands.get("divisor_override") is not None:
        return None
    counted = bool(operands.get("count_include_pad", True))
    return kind(**_settings(operands, rank), count_include_pad=counted)


def _keep_maximum(operands: Operands) -> Keeps:
    indices = Saved("own", elements=operands.output.elements, itemsize=8)
    return [operands.kept("self"), indices]


def _interpolate(operands: Operands) -> Op | None:
    name = operands.operation.operator.split(".")[1]
    source, output = operands.first().full, operands.output.full
    rank = len(source) - 2
    antialias = name.endswith("_aa")
    mode = name.removeprefix("_").removeprefix("upsample_").removesuffix("_aa")
    settings = {
        "mode": mode.removesuffix(f"{rank}d").replace("_", "-"),
        "align_corners": bool(operands.get("align_corners")),
        "antialias": antialias,
    }
    factors = operands.get("scale_factors") or _scales(operands, rank)
    if factors and None not in factors:
        return OPS["interpolate"](factor=factors, **settings)
    return OPS["interpolate"](size=output[2:], **settings)


def _scales(operands: Operands, rank: int) -> list[float | None]:
    """Return the factors as the operators with a size have them: None where it was given."""
    names = {1: ["scales"], 2: ["scales_h", "scales_w"]}
    return [operands.get(name) for name in names.get(rank, ["scales_d", "scales_h", "scales_w"])]


_MAX = "k*k - 1 comparisons per output"
_AVERAGE = "k*k per output"


_MAX_POOL = Operator("pooling", _maximum, _MAX, _as_max_pool, _keep_maximum, read_pooling)
_AVG_POOL = Operator("pooling", _average, _AVERAGE, _as_avg_pool, keep_input("self"), read_pooling)
_NEAREST = Operator("resize", per_output(0), "0", _interpolate, nothing)


def _resize(rate: int, becomes: Callable[[Operands], Op | None] | None = None) -> Operator:
    return Operator("resize", per_output(rate), f"{rate} per output", becomes, keeps=nothing)


def _antialiased(operands: Operands) -> Cost:
    kernel: Kernel = "cubic" if "cubic" in operands.operation.operator else "linear"
    sizes = zip(operands.first().full[2:], operands.output.full[2:], strict=True)
    windows = [Resampling(kernel, n, m, antialias=True).window() for n, m in sizes]
    return Cost(0, (2 * size(windows) - 1) * operands.output.elements)


_ANTIALIASED = Operator("resize", _antialiased, "2*k*k - 1 per output", _interpolate, nothing)

POOLING: dict[str, Operator] = {
    **dict.fromkeys(("max_pool1d", "max_pool2d", "max_pool3d"), _MAX_POOL),
    "max_pool2d_with_indices": Operator("pooling", _maximum, _MAX, _as_max_pool, _keep_maximum),
    **dict.fromkeys(("avg_pool1d", "avg_pool2d", "avg_pool3d"), _AVG_POOL),
    "upsample_nearest1d": _NEAREST,
    "upsample_nearest2d": _NEAREST,
    "upsample_nearest3d": _NEAREST,
    "_upsample_nearest_exact1d": _NEAREST,
    "_upsample_nearest_exact2d": _NEAREST,
    "_upsample_nearest_exact3d": _NEAREST,
    "upsample_linear1d": _resize(RATES["interpolate_linear"], _interpolate),
    "upsample_bilinear2d": _resize(RATES["interpolate_bilinear"], _interpolate),
    "_upsample_bilinear2d_aa": _ANTIALIASED,
    "upsample_trilinear3d": _resize(RATES["interpolate_trilinear"], _interpolate),
    "upsample_bicubic2d": _resize(RATES["interpolate_bicubic"], _interpolate),
    "_upsample_bicubic2d_aa": _ANTIALIASED,
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
