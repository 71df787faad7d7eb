"""What operators do in training that move elements, or make tensors of nothing."""

from __future__ import annotations

import math

from archprof.autograd.layout import contiguous, elementwise, like
from archprof.autograd.padding import KERNELS, padded_by_itself, wrapped
from archprof.autograd.run import Run
from archprof.autograd.tensor import Allocation, FakeTensor, attach, new
from archprof.autograd.views import clone, concat, expand, gathered, moved, roll, stack, view
from archprof.capturing.arguments import Arguments, Program
from archprof.capturing.samples_in import with_samples


def _clone(given: Arguments) -> FakeTensor:
    x = given.first
    kept = str(given.get("memory_format", "preserve"))
    laid = contiguous(x.shape) if "contiguous" in kept else elementwise(x.layout)
    return clone(given.run, x, laid)


def _concat(given: Arguments) -> FakeTensor:
    """Put tensors in a row. One that is one for all samples is repeated for each."""
    run, parts = given.run, given.listed("tensors")
    dim = given.get("dim", 0)
    rank = len(parts[0].shape)
    dim %= rank
    sizes = [max(each.shape[d] for each in parts) for d in range(rank)]
    for place, each in enumerate(parts):
        wanted = tuple(each.shape[d] if d == dim else sizes[d] for d in range(rank))
        if wanted != each.shape:
            parts[place] = expand(run, each, wanted)
    shape = (*sizes[:dim], sum(each.shape[dim] for each in parts), *sizes[dim + 1 :])
    laid = contiguous(shape)
    if all(each.layout.channels_last for each in parts):
        laid = like(shape, parts[0].layout)
    return concat(run, parts, laid)


def _stack(given: Arguments) -> FakeTensor:
    parts = given.listed("tensors")
    own = parts[0].shape
    dim = given.get("dim", 0) % (len(own) + 1)
    return stack(given.run, parts, (*own[:dim], len(parts), *own[dim:]), dim)


_BY_ITSELF = [f"{kernel}{axes}d" for kernel in KERNELS.values() for axes in (1, 2, 3)]


def _pad(given: Arguments) -> FakeTensor:
    x = given.first
    sides = list(given.get("pad", given.get("padding", [])))
    shape = list(x.shape)
    for place, (before, after) in enumerate(zip(sides[::2], sides[1::2], strict=True)):
        shape[len(shape) - 1 - place] += before + after
    mode = given.get("mode", "constant")
    if mode == "circular":
        around = zip(sides[::2], sides[1::2], strict=True)
        return wrapped(given.run, x, list(around)[::-1])
    laid = like(tuple(shape), x.layout)
    if given.name in _BY_ITSELF:
        return padded_by_itself(given.run, x, given.name, laid)
    if mode in KERNELS:
        return padded_by_itself(given.run, x, f"{KERNELS[mode]}{len(shape) - 2}d", laid)
    if not any(sides):
        return _elsewhere(given.run, x, "constant_pad_nd")
    return moved(given.run, x, "constant_pad_nd", laid)


def _roll(given: Arguments) -> FakeTensor:
    return roll(given.run, given.first)


def _turned(given: Arguments) -> FakeTensor:
    """Move elements to other places of a tensor of the same shape, and their gradients back."""
    return _elsewhere(given.run, given.first, given.name)


def _elsewhere(run: Run, x: FakeTensor, name: str) -> FakeTensor:
    made = new(run, elementwise(x.layout), x.itemsize, name)
    return attach(
        run,
        name,
        made,
        [x],
        (),
        lambda gradient: [new(run, elementwise(gradient.layout), gradient.itemsize, name)],
    )


def _rearranged(given: Arguments) -> FakeTensor:
    """Move elements into a tensor of another shape, and their gradients back: `pixel_shuffle`."""
    run, x, name = given.run, given.first, given.name
    source, size = x.layout, x.itemsize
    made = new(run, like((x.shape[0], *given.captured[1:]), source), size, name)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        return [new(run, like(source.shape, gradient.layout), size, name + "_backward")]

    return attach(run, name, made, [x], (), back)


def _unfolded(given: Arguments) -> FakeTensor:
    """Put windows side by side (`im2col`), or add them up (`col2im`). Either output begins as large
    as its input, and keeps that memory where it needs less.
    """
    run, x, name = given.run, given.first, given.name
    source, size = x.shape, x.itemsize
    shape = (x.shape[0], *given.captured[1:])
    most = max(math.prod(source), math.prod(shape)) * size

    def resized(wanted: tuple[int, ...]) -> FakeTensor:
        made = FakeTensor(run, contiguous(wanted), size, Allocation(run, most))
        made.view = False
        run.note(name)
        return made

    return attach(run, name, resized(shape), [x], (), lambda _: [resized(source)])


def _repeat(given: Arguments) -> FakeTensor:
    """Repeat a tensor along its dimensions; those of the batch are the capture's."""
    run, x = given.run, given.first
    times = list(given.get("repeats", given.get("dims", [])))
    if all(n == 1 for n in times) and len(times) > 1 and given.count == 1:
        times[0] = run.batch
    own = (*[1] * (len(times) - len(x.shape)), *x.shape)
    times = [*[1] * (len(own) - len(times)), *times]
    shape = tuple(n * size for n, size in zip(times, own, strict=True))
    source, size = x.shape, x.itemsize
    made = new(run, contiguous(shape), size, "repeat")
    repeats = any(n > 1 for n in times)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        if not repeats:
            return [gradient.viewed(contiguous(source))]
        return [new(run, contiguous(source), size, "sum")]

    return attach(run, "repeat", made, [x], (), back)


def _repeat_each(given: Arguments) -> FakeTensor:
    """Repeat each element along a dimension: it is expanded, and copied."""
    run, x = given.run, given.first
    times = given.get("repeats", 1)
    dim = given.get("dim", 0) % len(x.shape)
    shape = x.shape
    beside = view(run, x, (*shape[: dim + 1], 1, *shape[dim + 1 :]))
    beside = expand(run, beside, (*shape[: dim + 1], times, *shape[dim + 1 :]))
    copied = clone(run, beside)
    del beside
    return view(run, copied, (*shape[:dim], shape[dim] * times, *shape[dim + 1 :]))


# --- by index ---


def _index(given: Arguments) -> FakeTensor:
    x = given["self"]
    indices = given.listed("indices")
    return gathered(given.run, x, given.shape, indices[0] if indices else None)


def _picked(given: Arguments) -> FakeTensor:
    """Return what indices pick, from zeros of the same size the gradient comes back."""
    run, x, index = given.run, given["self"], given.maybe("index")
    whole, size = contiguous(x.shape), x.itemsize
    keeps = [x, index] if given.name == "gather" else [index]
    kernel = "scatter_add" if given.name == "gather" else "index_add"
    made = new(run, contiguous(given.shape), size, given.name)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        zeros = new(run, whole, size, "new_zeros")
        found = new(run, whole, size, kernel)
        del zeros
        return [found]

    return attach(run, given.name, made, [x], keeps, back)


def _embedding(given: Arguments) -> FakeTensor:
    run, table, indices = given.run, given["weight"], given["indices"]
    whole, size = contiguous(table.shape), table.itemsize
    made = new(run, contiguous((*indices.shape, table.shape[1])), size, "embedding")
    return attach(
        run,
        "embedding",
        made,
        [table],
        [indices],
        lambda _: [new(run, whole, size, "embedding_dense_backward")],
    )


# --- of nothing ---

RANDOM = frozenset(["bernoulli", "empty", "new_empty", "rand", "randn"])


def _made(given: Arguments) -> FakeTensor:
    """Make a tensor without gradients; random numbers are made for each sample."""
    if given.inplace:
        return given.first.viewed(given.first.layout)
    shape = given.captured
    if given.name.endswith("_like") or (given.name == "bernoulli" and given.all):
        return new(given.run, elementwise(given.first.layout), given.itemsize, given.name)
    if given.name in RANDOM and len(shape) > 1 and shape[0] == 1:
        shape = with_samples(shape, given.run.batch)
    return new(given.run, contiguous(shape), given.itemsize, given.name)


_CREATED = [
    "arange",
    "linspace",
    "logspace",
    "zeros",
    "ones",
    "full",
    "empty",
    "eye",
    "tensor",
    "scalar_tensor",
    "tril_indices",
    "triu_indices",
    "new_zeros",
    "new_ones",
    "new_full",
    "new_empty",
    "zeros_like",
    "ones_like",
    "full_like",
    "empty_like",
    "rand",
    "randn",
    "randint",
    "rand_like",
    "randn_like",
    "randperm",
    "bernoulli",
    "hann_window",
    "normal",
]

MOVES: dict[str, Program] = {
    "clone": _clone,
    "cat": _concat,
    "concat": _concat,
    "stack": _stack,
    **dict.fromkeys(("pad", "constant_pad_nd", *_BY_ITSELF), _pad),
    "roll": _roll,
    "flip": _turned,
    "channel_shuffle": _turned,
    "native_channel_shuffle": _turned,
    **dict.fromkeys(("pixel_shuffle", "pixel_unshuffle"), _rearranged),
    **dict.fromkeys(("im2col", "col2im"), _unfolded),
    "repeat": _repeat,
    "tile": _repeat,
    "repeat_interleave": _repeat_each,
    "index": _index,
    "gather": _picked,
    "index_select": _picked,
    "embedding": _embedding,
    **dict.fromkeys(_CREATED, _made),
}
"""By torch's name of an operator what it does."""
