"""Pooling, reductions, resizing and sampling of ONNX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archprof.capturing.onnx_operators.given import Given, OnnxOperator
from archprof.capturing.onnx_operators.windows import padded, window

# --- windows ---


def _max_pool(given: Given) -> None:
    slides = window(given, ())
    arriving, padding = padded(given, slides, float("-inf"))
    arguments = {
        "self": arriving,
        "kernel_size": slides.kernel,
        "stride": slides.stride,
        "padding": padding,
        "dilation": slides.dilation,
        "ceil_mode": bool(given.attribute("ceil_mode", 0)),
    }
    given.emit(f"aten.max_pool{len(slides.kernel)}d.default", arguments)


def _average_pool(given: Given) -> None:
    slides = window(given, ())
    arriving, padding = padded(given, slides)
    arguments = {
        "self": arriving,
        "kernel_size": slides.kernel,
        "stride": slides.stride,
        "padding": padding,
        "ceil_mode": bool(given.attribute("ceil_mode", 0)),
        "count_include_pad": bool(given.attribute("count_include_pad", 0)),
    }
    given.emit(f"aten.avg_pool{len(slides.kernel)}d.default", arguments)


def write_global_average(given: Given) -> None:
    """Write the average over all dimensions behind the channels."""
    spatial = len(given.shape(0)) - 2
    if not 1 <= spatial <= 3:
        _reduce_over(given, "aten.mean.dim", range(2, len(given.shape(0))))
        return
    arguments = {"self": given.value(0), "output_size": [1] * spatial}
    given.emit(f"aten.adaptive_avg_pool{spatial}d.default", arguments)


def _global_max(given: Given) -> None:
    _reduce_over(given, "aten.amax.default", range(2, len(given.shape(0))))


def _reduce_over(given: Given, operator: str, dims: range) -> None:
    given.emit(operator, {"self": given.value(0), "dim": list(dims), "keepdim": True})


# --- reductions ---


def _reduced(given: Given) -> dict[str, Any]:
    """Return the dimensions that are reduced, all where none are named."""
    axes = given.setting("axes", 1)
    rank = len(given.shape(0))
    dims = list(range(rank)) if not axes else [int(axis) % rank for axis in _listed(axes)]
    return {"dim": dims, "keepdim": bool(given.attribute("keepdims", 1))}


def _listed(found: Any) -> list[int]:
    return list(found) if isinstance(found, (list, tuple)) else [found]


def _reduction(operator: str, **fixed: Any) -> OnnxOperator:
    def write(given: Given) -> None:
        if not given.setting("axes", 1) and given.attribute("noop_with_empty_axes", 0):
            given.emit("aten.clone.default", {"self": given.value(0)})
            return
        given.emit(operator, {"self": given.value(0)} | _reduced(given) | fixed)

    return OnnxOperator(write)


def _mean(given: Given) -> None:
    """Write a mean; that over all pixels of a picture is what torch calls an adaptive pooling, of
    which its exporter makes a mean.
    """
    reduced = _reduced(given)
    if len(given.shape(0)) == 4 and sorted(reduced["dim"]) == [2, 3] and reduced["keepdim"]:
        write_global_average(given)
    else:
        _reduction("aten.mean.dim").write(given)


def _before(first: str) -> OnnxOperator:
    """Return the row of a sum of what an elementwise operator gives."""

    def write(given: Given) -> None:
        each = given.between(first, {"self": given.value(0)}, given.shape(0))
        given.emit("aten.sum.dim_IntList", {"self": each} | _reduced(given))

    return OnnxOperator(write)


def _log_sum(given: Given) -> None:
    whole = {"self": given.value(0)} | _reduced(given)
    total = given.between("aten.sum.dim_IntList", whole, given.output)
    given.emit("aten.log.default", {"self": total})


def _extreme(operator: str) -> OnnxOperator:
    def write(given: Given) -> None:
        keepdim = bool(given.attribute("keepdims", 1))
        given.emit(operator, {"self": given.value(0), "dim": given.axis(), "keepdim": keepdim})

    return OnnxOperator(write)


def _top_k(given: Given) -> None:
    count = given.setting("k", 1)
    k = count[0] if isinstance(count, list) else count
    given.emit("aten.topk.default", {"self": given.value(0), "k": k, "dim": given.axis("axis", -1)})


# --- resizing and sampling ---

_MODES = {
    ("nearest", 1): "aten.upsample_nearest1d.vec",
    ("nearest", 2): "aten.upsample_nearest2d.vec",
    ("nearest", 3): "aten.upsample_nearest3d.vec",
    ("linear", 1): "aten.upsample_linear1d.vec",
    ("linear", 2): "aten.upsample_bilinear2d.vec",
    ("linear", 3): "aten.upsample_trilinear3d.vec",
    ("cubic", 2): "aten.upsample_bicubic2d.vec",
}


def _resize(given: Given) -> None:
    """Write a resizing by how many dimensions it changes, wherever these lie."""
    changed = sum(a != b for a, b in zip(given.shape(0), given.output, strict=True))
    spatial = max(changed, len(given.shape(0)) - 2, 1)
    mode = given.attribute("mode", "nearest")
    mode = "linear" if mode in ("bilinear", "trilinear") else mode
    operator = _MODES.get((mode, spatial), f"onnx.{given.op}")
    corners = given.attribute("coordinate_transformation_mode") == "align_corners"
    arguments = {
        "input": given.value(0),
        "output_size": list(given.output[2:]),
        "align_corners": corners if mode != "nearest" else None,
    }
    given.emit(operator, arguments)


def _grid_sample(given: Given) -> None:
    arguments = {
        "input": given.value(0),
        "grid": given.value(1),
        "align_corners": bool(given.attribute("align_corners", 0)),
    }
    given.emit("aten.grid_sampler.default", arguments)


def _roi_align(given: Given) -> None:
    arguments = {
        "input": given.value(0),
        "rois": given.value(1),
        "spatial_scale": given.attribute("spatial_scale", 1.0),
        "pooled_height": given.attribute("output_height", 1),
        "pooled_width": given.attribute("output_width", 1),
        "sampling_ratio": given.attribute("sampling_ratio", 0),
    }
    given.emit("torchvision.roi_align.default", arguments)


_ROWS: dict[str, Callable[[Given], None]] = {
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": write_global_average,
    "GlobalMaxPool": _global_max,
    "ReduceLogSum": _log_sum,
    "TopK": _top_k,
    "Resize": _resize,
    "Upsample": _resize,
    "GridSample": _grid_sample,
    "RoiAlign": _roi_align,
}

POOLING = {name: OnnxOperator(write) for name, write in _ROWS.items()} | {
    "ReduceMean": OnnxOperator(_mean),
    "ReduceSum": _reduction("aten.sum.dim_IntList"),
    "ReduceMax": _reduction("aten.amax.default"),
    "ReduceMin": _reduction("aten.amin.default"),
    "ReduceProd": _reduction("aten.prod.dim_int"),
    "ReduceL1": _reduction("aten.linalg_vector_norm.default", ord=1),
    "ReduceL2": _reduction("aten.linalg_vector_norm.default", ord=2),
    "ReduceLogSumExp": _reduction("aten.logsumexp.default"),
    "ReduceSumSquare": _before("aten.square.default"),
    "ArgMax": _extreme("aten.argmax.default"),
    "ArgMin": _extreme("aten.argmin.default"),
}
"""Windows that slide, and what makes many elements one."""
