"""Operators of ONNX that move elements, or look at them under another shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archprof.autograd.layout import Layout, contiguous, permuted, viewed
from archprof.capturing.onnx_operators.given import Given, OnnxOperator, same
from archprof.capturing.tape import TensorRef

# --- shapes ---


def _source(given: Given) -> tuple[TensorRef, Layout]:
    found = given.value(0)
    if found is None:
        raise LookupError(f"{given.op} has no input")
    return found, given.layout(found)


def _reshape(given: Given) -> None:
    """Write a new shape: a view where torch can have it without a copy."""
    source, layout = _source(given)
    arguments = {"self": source, "shape": list(given.output)}
    given.view("aten.reshape.default", arguments, source, viewed(layout, given.output))


def _flatten(given: Given) -> None:
    axis = given.axis("axis", 1)
    if axis != 1:
        _reshape(given)
        return
    source, layout = _source(given)
    arguments = {"self": source, "start_dim": 1}
    given.view("aten.flatten.using_ints", arguments, source, viewed(layout, given.output))


def _transpose(given: Given) -> None:
    source, layout = _source(given)
    rank = len(layout.shape)
    order = [int(d) % rank for d in given.attribute("perm") or range(rank - 1, -1, -1)]
    arguments = {"self": source, "dims": order}
    given.view("aten.permute.default", arguments, source, permuted(layout, tuple(order)))


def _placed(operator: str) -> OnnxOperator:
    """Return the row of putting dimensions of 1 in or taking them out."""

    def write(given: Given) -> None:
        source, layout = _source(given)
        axes = given.setting("axes", 1)
        dims = axes if isinstance(axes, list) else [axes]
        arguments: dict[str, Any] = {"self": source}
        if dims != [None]:
            arguments["dim"] = dims[0] if len(dims) == 1 else dims
        given.view(operator, arguments, source, viewed(layout, given.output))

    return OnnxOperator(write)


def _expand(given: Given) -> None:
    source, layout = _source(given)
    given.view(
        "aten.expand.default",
        {"self": source, "size": list(given.output)},
        source,
        broadcast(layout, given.output),
    )


def broadcast(layout: Layout, shape: tuple[int, ...]) -> Layout:
    """Return the same memory read again along the dimensions that it is stretched over."""
    offset = len(shape) - len(layout.shape)
    strides = tuple(
        0 if i < offset or layout.shape[i - offset] != n else layout.strides[i - offset]
        for i, n in enumerate(shape)
    )
    return Layout(shape, strides)


# --- parts ---


def _slice(given: Given) -> None:
    """Write a slice along several axes as torch does, one after the other."""
    source, layout = _source(given)
    starts, ends = given.setting("starts", 1), given.setting("ends", 2)
    if starts is None or ends is None:  # known while it runs only
        given.emit("aten.slice.Tensor", {"self": source})
        return
    axes = given.setting("axes", 3) or list(range(len(starts)))
    steps = given.setting("steps", 4) or [1] * len(starts)
    for i, (start, end, axis, step) in enumerate(zip(starts, ends, axes, steps, strict=True)):
        axis %= len(layout.shape)
        size = layout.shape[axis]
        picked = range(size)[slice(*slice(start, end, step).indices(size))]
        shape, strides = list(layout.shape), list(layout.strides)
        shape[axis], strides[axis] = len(picked), strides[axis] * abs(step)
        layout = Layout(tuple(shape), tuple(strides))
        arguments = {"self": source, "dim": axis, "start": start, "end": end, "step": step}
        last = i == len(starts) - 1
        source = given.view("aten.slice.Tensor", arguments, source, layout, last)


def _split(given: Given) -> None:
    """Write the parts of a split, which are views."""
    source, layout = _source(given)
    axis = given.axis("axis", 0)
    sizes, numbers = [], []
    for known in given.outputs:
        if known is None or known.shape is None:
            continue
        number = given.tape.tensor(
            known.shape, known.dtype, layout.strides, given.tape.tensors[source.number].storage
        )
        known.number = number
        numbers.append(number)
        sizes.append(known.shape[axis])
    arguments = {"self": source, "split_sizes": sizes, "dim": axis}
    given.tape.operation("aten.split_with_sizes.default", arguments, tuple(numbers), given.place)


# --- copies ---


def write_concat(given: Given, **more: Any) -> None:
    """Write a concatenation of all that the node is given."""
    tensors = [given.value(i) for i in range(len(given.inputs)) if given.has(i)]
    given.emit("aten.cat.default", {"tensors": tensors, "dim": given.axis("axis", 1)} | more)


def _pad(given: Given) -> None:
    """Write a padding: ONNX has all begins and then all ends, torch pairs from the last one on."""
    pads = given.setting("pads", 1) or given.attribute("paddings") or []
    rank = len(given.shape(0))
    axes = given.plain(3)
    whole = [0] * (2 * rank)
    listed = range(rank) if axes is None else [axis % rank for axis in axes]
    for i, axis in enumerate(listed):
        whole[axis], whole[axis + rank] = pads[i], pads[i + len(pads) // 2]
    sides = [n for axis in range(rank - 1, -1, -1) for n in (whole[axis], whole[axis + rank])]
    while len(sides) > 2 and sides[-2:] == [0, 0]:
        sides = sides[:-2]
    modes = {"edge": "replicate", "wrap": "circular"}
    mode = given.attribute("mode", "constant")
    value = given.setting("value", 2, 0.0)
    arguments = {"self": given.value(0), "pad": sides, "mode": modes.get(mode, mode)}
    if mode == "constant":
        arguments["value"] = value[0] if isinstance(value, list) else value
    given.emit("aten.pad.default", arguments)


def _tile(given: Given) -> None:
    given.emit("aten.tile.default", {"self": given.value(0), "dims": given.plain(1)})


def _shuffled(given: Given, apart: tuple[int, ...], order: tuple[int, ...]) -> None:
    """Write a rearrangement of blocks and channels as torch does: split, permuted, joined."""
    source, layout = _source(given)
    split = viewed(layout, apart) or contiguous(apart)
    arguments: dict[str, Any] = {"self": source, "shape": list(apart)}
    found = given.view("aten.reshape.default", arguments, source, split, last=False)
    turned = permuted(split, order)
    arguments = {"self": found, "dims": list(order)}
    moved = given.view("aten.permute.default", arguments, found, turned, last=False)
    arguments = {"self": moved, "shape": list(given.output)}
    given.view("aten.reshape.default", arguments, moved, viewed(turned, given.output))


def _depth_to_space(given: Given) -> None:
    block = given.attribute("blocksize")
    if given.attribute("mode", "DCR") == "CRD":
        arguments = {"self": given.value(0), "upscale_factor": block}
        given.emit("aten.pixel_shuffle.default", arguments)
        return
    n, c, h, w = given.shape(0)
    _shuffled(given, (n, block, block, c // (block * block), h, w), (0, 3, 4, 1, 5, 2))


def _space_to_depth(given: Given) -> None:
    block = given.attribute("blocksize")
    n, c, h, w = given.shape(0)
    _shuffled(given, (n, c, h // block, block, w // block, block), (0, 3, 5, 1, 2, 4))


# --- by index ---


def _gather(given: Given) -> None:
    """Write a choice by indices: rows of a constant matrix are an embedding."""
    table, indices = given.known(0), given.known(1)
    axis = given.axis()
    if table.constant and table.is_float and len(given.shape(0)) == 2 and axis == 0:
        found = {"weight": given.weight(0, "weight"), "indices": given.value(1)}
        given.emit("aten.embedding.default", found)
        return
    index = given.plain(1)
    if isinstance(index, int):
        source, layout = _source(given)
        shape = tuple(n for i, n in enumerate(layout.shape) if i != axis)
        strides = tuple(n for i, n in enumerate(layout.strides) if i != axis)
        picked = {"self": source, "dim": axis, "index": index}
        given.view("aten.select.int", picked, source, Layout(shape, strides))
        return
    operator = "aten.index_select.default" if len(indices.shape or ()) == 1 else "aten.index.Tensor"
    arguments = {"self": given.value(0), "dim": axis, "index": given.value(1)}
    given.emit(operator, arguments)


def _indexed(operator: str, *names: str) -> OnnxOperator:
    def write(given: Given) -> None:
        arguments = {name: given.value(i) for i, name in enumerate(names)}
        given.emit(operator, arguments)

    return OnnxOperator(write)


def _along(operator: str, *names: str) -> OnnxOperator:
    def write(given: Given) -> None:
        arguments: dict[str, Any] = {name: given.value(i) for i, name in enumerate(names)}
        given.emit(operator, arguments | {"dim": given.axis()})

    return OnnxOperator(write)


def _made(operator: str) -> Callable[[Given], None]:
    """Return how to write an operator that makes a tensor out of nothing."""

    def write(given: Given) -> None:
        given.emit(operator, {"size": list(given.output)})

    return write


def _triangle(given: Given) -> None:
    operator = "aten.triu.default" if given.attribute("upper", 1) else "aten.tril.default"
    given.emit(operator, {"self": given.value(0)})


_ROWS: dict[str, Callable[[Given], None]] = {
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Expand": _expand,
    "Slice": _slice,
    "Split": _split,
    "Concat": write_concat,
    "Pad": _pad,
    "Tile": _tile,
    "DepthToSpace": _depth_to_space,
    "SpaceToDepth": _space_to_depth,
    "Gather": _gather,
    "Trilu": _triangle,
    "Range": _made("aten.arange.default"),
    "ConstantOfShape": _made("aten.full.default"),
    "RandomNormal": _made("aten.randn.default"),
    "RandomNormalLike": _made("aten.randn.default"),
    "RandomUniform": _made("aten.rand.default"),
    "RandomUniformLike": _made("aten.rand.default"),
    "EyeLike": _made("aten.eye.default"),
}

MOVES = {name: OnnxOperator(write) for name, write in _ROWS.items()} | {
    "Squeeze": _placed("aten.squeeze.dim"),
    "Unsqueeze": _placed("aten.unsqueeze.default"),
    "GatherElements": _along("aten.gather.default", "self", "index"),
    "GatherND": _indexed("aten.index.Tensor", "self", "indices"),
    "ScatterND": _indexed("aten.index_put.default", "self", "indices", "values"),
    "Scatter": _along("aten.scatter.src", "self", "index", "src"),
    "ScatterElements": _along("aten.scatter.src", "self", "index", "src"),
    "OneHot": _indexed("aten.one_hot.default", "self"),
    "Col2Im": _indexed("aten.col2im.default", "self"),
    "ImageScaler": OnnxOperator(lambda g: g.emit("onnx.ImageScaler", {"self": g.value(0)}), same),
}
"""Moves and views, whose memory is that of torch's operators."""
