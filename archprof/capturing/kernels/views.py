"""What operators do in training that look at the same memory otherwise, or at a part of it."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.autograd.layout import Layout, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, new
from archprof.autograd.views import clone, expand, narrow, parted, permute, seen_as, view
from archprof.capturing.arguments import Arguments, Program
from archprof.capturing.samples_in import batched_dim, samples
from archprof.capturing.samples_in import seen_as as shape_seen_as

# --- shapes ---


def _wanted(given: Arguments) -> tuple[int, ...]:
    """Return the shape under which the first tensor is seen."""
    captured = given.operands.first().full
    return shape_seen_as(captured, given.first.shape, given.captured)


def _view(given: Arguments) -> FakeTensor:
    wanted = _wanted(given)
    if given.first.shape == wanted and given.kernel not in ("view", "_unsafe_view"):
        return given.first
    return view(given.run, given.first, wanted)


def _squeeze(given: Arguments) -> FakeTensor:
    return view(given.run, given.first, _wanted(given))


def _unsqueeze(given: Arguments) -> FakeTensor:
    x = given.first
    dim = given.get("dim") % (len(x.shape) + 1)
    whole, strides = x.layout.shape, x.layout.strides
    step = whole[dim] * strides[dim] if dim < len(whole) else 1
    laid = Layout((*whole[:dim], 1, *whole[dim:]), (*strides[:dim], step, *strides[dim:]))

    def back(gradient: FakeTensor) -> FakeTensor:
        left = gradient.layout.strides
        return gradient.viewed(Layout(whole, (*left[:dim], *left[dim + 1 :])))

    return seen_as(given.run, "unsqueeze", x, laid, back)


def _permute(given: Arguments) -> FakeTensor:
    rank = len(given.first.shape)
    return permute(given.run, given.first, [dim % rank for dim in given.get("dims")])


def _transpose(given: Arguments) -> FakeTensor:
    rank = len(given.first.shape)
    if given.name in ("mT", "adjoint", "numpy_T", "t"):
        first, second = rank - 2, rank - 1
    else:
        first = given.get("dim0", given.get("axis0", 0)) % rank
        second = given.get("dim1", given.get("axis1", 1)) % rank
    order = list(range(rank))
    if rank > 1:
        order[first], order[second] = order[second], order[first]
    return permute(given.run, given.first, order)


def _movedim(given: Arguments) -> FakeTensor:
    rank = len(given.first.shape)
    source, destination = _listed(given.get("source")), _listed(given.get("destination"))
    order = [-1] * rank
    for one, other in zip(source, destination, strict=True):
        order[other % rank] = one % rank
    rest = iter(d for d in range(rank) if d not in [one % rank for one in source])
    return permute(given.run, given.first, [next(rest) if d < 0 else d for d in order])


def _listed(given: int | Sequence[int]) -> list[int]:
    return [given] if isinstance(given, int) else list(given)


def _expand(given: Arguments) -> FakeTensor:
    """Repeat dimensions. One of 1 that is said to become 1 is the batch of the capture."""
    x = given.first
    if given.has("other"):
        return _expanded(given.run, x, given["other"].shape)
    wanted = given.captured
    own = batched_dim(given.operands.first().full, x.shape)
    sizes = given.get("size", [])
    count = max(_batch(given), 1)
    if own is not None:
        offset = len(wanted) - len(x.shape)
        place = own + offset
        wanted = (*wanted[:place], wanted[place] * count, *wanted[place + 1 :])
    elif sizes and sizes[0] == 1 and len(wanted) > 1:
        wanted = (given.run.batch, *wanted[1:])
    return _expanded(given.run, x, wanted)


def _batch(given: Arguments) -> int:
    return samples(given.operands.first().full, given.first.shape)


def _expanded(run: Run, x: FakeTensor, wanted: tuple[int, ...]) -> FakeTensor:
    missing = len(wanted) - len(x.shape)
    if missing:
        x = view(run, x, (*[1] * missing, *x.shape))
    return expand(run, x, wanted)


# --- parts ---


def _slice(given: Arguments) -> FakeTensor:
    x = given.first
    dim = given.get("dim", 0) % len(x.shape)
    step = given.get("step", 1)
    first, last, _ = slice(given.get("start"), given.get("end"), step).indices(x.shape[dim])
    if (first, last, step) == (0, x.shape[dim], 1):
        return x
    return _sliced(given.run, x, dim, max(0, -(-(last - first) // step)), step)


def _narrow(given: Arguments) -> FakeTensor:
    x = given.first
    return _sliced(given.run, x, given.get("dim") % len(x.shape), given.get("length"))


def _sliced(run: Run, x: FakeTensor, dim: int, size: int, step: int = 1) -> FakeTensor:
    shape, strides = x.layout.shape, x.layout.strides
    whole = (*shape[:dim], size, *shape[dim + 1 :])
    return narrow(run, x, Layout(whole, (*strides[:dim], strides[dim] * step, *strides[dim + 1 :])))


def _select(given: Arguments) -> FakeTensor:
    x = given.first
    dim = given.get("dim", 0) % len(x.shape)
    return narrow(given.run, x, _without(x.layout, dim), "select")


def _without(layout: Layout, dim: int) -> Layout:
    shape, strides = layout.shape, layout.strides
    return Layout((*shape[:dim], *shape[dim + 1 :]), (*strides[:dim], *strides[dim + 1 :]))


def _unbind(given: Arguments) -> list[FakeTensor]:
    x = given.first
    dim = given.get("dim", 0) % len(x.shape)
    layouts = [_without(x.layout, dim)] * x.shape[dim]
    return parted(given.run, "unbind", x, layouts, "stack")


def _split(given: Arguments) -> list[FakeTensor]:
    """Part a tensor as captured; sizes along the batch's dimension are as many times as large."""
    x = given.first
    captured = given.operands.first().full
    dim = given.get("dim", 0) % len(x.shape)
    count = x.shape[dim] // captured[dim]
    outputs = given.operands.operation.outputs
    sizes = [given.operands.tensors[number].shape[dim] * count for number in outputs]
    layouts = []
    for size in sizes:
        shape = (*x.shape[:dim], size, *x.shape[dim + 1 :])
        layouts.append(Layout(shape, x.layout.strides))
    if given.name == "tensor_split":
        return [narrow(given.run, x, layout) for layout in layouts]
    return parted(given.run, "split", x, layouts, "cat")


def _unfold(given: Arguments) -> FakeTensor:
    """See windows along a dimension, side by side in a last one (`Tensor.unfold`)."""
    x = given.first
    dim, size, step = given.get("dimension") % len(x.shape), given.get("size"), given.get("step")
    shape, strides = x.layout.shape, x.layout.strides
    windows = (shape[dim] - size) // step + 1
    laid = Layout(
        (*shape[:dim], windows, *shape[dim + 1 :], size),
        (*strides[:dim], strides[dim] * step, *strides[dim + 1 :], strides[dim]),
    )
    return narrow(given.run, x, laid, "unfold")


def _same(given: Arguments) -> FakeTensor:
    return given.first


def _alias(given: Arguments) -> FakeTensor:
    x = given.first
    return seen_as(given.run, "alias", x, x.layout, lambda gradient: gradient)


def _detached(given: Arguments) -> FakeTensor:
    return given.first.viewed(given.first.layout)


# --- copies, where they are needed ---


def _contiguous(given: Arguments) -> FakeTensor:
    x = given.first
    if "channels_last" in str(given.get("memory_format", "")):
        return clone(given.run, x)
    return x if x.layout.contiguous else clone(given.run, x)


def _to(given: Arguments) -> FakeTensor:
    """Copy to another dtype, or another device, which is none here."""
    x, size = given.first, given.itemsize
    source = given.operands.first().tensor.dtype
    if source == given.operands.output.tensor.dtype and not given.get("copy", False):
        return x
    own = x.itemsize
    run = given.run
    made = new(run, elementwise(x.layout), size, "_to_copy")
    if not given.learned:
        return made

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        if own == gradient.itemsize:
            return [gradient]
        return [new(run, elementwise(gradient.layout), own, "_to_copy")]

    return attach(run, "to", made, [x], (), back)


VIEWS: dict[str, Program] = {
    **dict.fromkeys(("view", "_unsafe_view", "reshape", "reshape_as", "view_as"), _view),
    "flatten": _view,
    "unflatten": _view,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "permute": _permute,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims", "t", "mT", "adjoint"), _transpose),
    "movedim": _movedim,
    "expand": _expand,
    "expand_as": _expand,
    "broadcast_to": _expand,
    "slice": _slice,
    "narrow": _narrow,
    "select": _select,
    "unbind": _unbind,
    **dict.fromkeys(("chunk", "split", "split_with_sizes", "tensor_split"), _split),
    "unsafe_chunk": _split,
    "unsafe_split": _split,
    "unfold": _unfold,
    "alias": _alias,
    "detach": _detached,
    "lift_fresh": _same,
    "lift_fresh_copy": _same,
    "contiguous": _contiguous,
    "to": _to,
    "_to_copy": _to,
    "type_as": _to,
}
"""By torch's name of an operator what it does."""
