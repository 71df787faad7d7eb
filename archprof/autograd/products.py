"""Convolutions and matrix products."""

from __future__ import annotations

import math

from archprof.autograd.casting import cast, copied
from archprof.autograd.layout import contiguous, like, permuted
from archprof.autograd.pointwise import add
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, KeptTensors, attach, before, new
from archprof.autograd.views import clone, moved, narrow, overwrite, permute, view


def convolution(
    run: Run,
    x: FakeTensor,
    weight: FakeTensor,
    bias: FakeTensor | None,
    shape: tuple[int, ...],
    transposed: bool = False,
    padded: tuple[int, ...] | None = None,
    plain: bool = False,
) -> FakeTensor:
    """Return a convolution's output of this shape, batch first.

    `padded`: the shape of the copy of the input with the odd row or column of uneven padding.
    `plain`: all that it makes is contiguous.

    Its gradients are of one kernel: like the input, like the weight (channels-last where the input
    is), and the bias's. On the CPU oneDNN, which runs where there are several threads, makes the
    weight's whenever it makes the bias's.
    """
    rank = len(shape) - 2
    bias = cast(run, f"conv{'_transpose' * transposed}{rank}d", bias)
    weight = cast(run, f"conv{'_transpose' * transposed}{rank}d", weight)
    x = cast(run, f"conv{'_transpose' * transposed}{rank}d", x)
    given = x  # which lives to the end, as torch's argument does
    if padded is not None:
        x = moved(run, given, "constant_pad_nd", like(padded, x.layout))
    before(run, x.trains or weight.trains, x, weight)
    source = contiguous(x.shape) if plain else x.layout
    made = new(run, like(shape, source), x.itemsize, "convolution")
    arriving = math.prod(x.shape) if transposed else math.prod(shape)
    macs = arriving * math.prod(weight.shape[1:])
    run.count(macs)
    weights, size = weight.layout, x.itemsize
    lies = source if source.channels_last and len(weights.shape) == len(shape) else weights
    wants = x.trains, weight.trains, bias is not None and bias.trains
    with_bias = wants[2] and run.device == "cpu"
    outputs = math.prod(shape)

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found: list[FakeTensor | None] = [None, None, None]
        if wants[0]:
            found[0] = FakeTensor(run, like(source.shape, source), size)
        if wants[1] or with_bias:
            found[1] = FakeTensor(run, like(weights.shape, lies), size)
        if wants[2]:
            found[2] = FakeTensor(run, contiguous((shape[1],)), size)
        run.note("convolution_backward")
        run.count(macs * (wants[0] + (wants[1] or with_bias)), outputs * wants[2])
        if not wants[1]:
            found[1] = None
        return found

    return attach(run, "convolution", made, [x, weight, bias], [x, weight], back)


def deformable_convolution(
    run: Run,
    sampled: tuple[FakeTensor, FakeTensor, FakeTensor | None],
    weight: FakeTensor,
    bias: FakeTensor | None,
    shape: tuple[int, ...],
    macs: int,
) -> FakeTensor:
    """Return the output of torchvision's kernel, of this shape; `sampled`: the image, the offsets
    and the mask.

    It gets zeros in place of a mask and of a bias. Its gradients are of one kernel, which makes all
    five, whether they are wanted or not.
    """
    x, offset, mask = sampled
    given = x.itemsize
    if mask is None:
        mask = new(run, contiguous((shape[0], 1)), given, "new_zeros")
    if bias is None:
        bias = new(run, contiguous((shape[1],)), given, "new_zeros")
    arguments = [x, weight, offset, mask, bias]  # which live to the end
    inputs = [cast(run, "deform_conv2d", each) for each in reversed(arguments)]
    inputs.reverse()
    before(run, any(each.trains for each in inputs), *inputs)
    made = new(run, contiguous(shape), inputs[0].itemsize, "deform_conv2d")
    run.count(macs)
    likes = [(each.shape, each.itemsize, each.trains) for each in inputs]
    outputs = math.prod(shape)

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found = [FakeTensor(run, contiguous(shape), size) for shape, size, _ in likes]
        run.note("deform_conv2d_backward")
        run.count(2 * macs, outputs)
        wanted = [trains for *_, trains in likes]
        return [each if wants else None for each, wants in zip(found, wanted, strict=True)]

    attach(run, "deform_conv2d", made, inputs, inputs, back)
    return made if made.itemsize == given else copied(run, made, given)


def addmm(run: Run, x: FakeTensor, weight: FakeTensor, bias: FakeTensor | None) -> FakeTensor:
    """Return N×K times K×O, the weight being O×K, plus a bias.

    Gradients come one by one, in the order of the arguments' names: `addmm` has mat1, mat2 and then
    the bias; `mm`, without a bias, mat2 and then self. They are handed on in the order of the
    arguments, the bias first; the weight's through the function that turned it.
    """
    before(
        run, x.trains or weight.trains, x if weight.trains else None, weight if x.trains else None
    )
    rows, depth, columns, size = x.shape[0], x.shape[1], weight.shape[0], x.itemsize
    name = "mm" if bias is None else "addmm"
    made = new(run, contiguous((rows, columns)), size, name)
    macs = rows * depth * columns
    run.count(macs)
    wants = x.trains, weight.trains, bias is not None and bias.trains
    kept = KeptTensors([x if wants[1] else None, weight if wants[0] else None])

    def of_input() -> FakeTensor | None:
        return new(run, contiguous((rows, depth)), size, "mm") if wants[0] else None

    def of_weight() -> FakeTensor | None:
        if not wants[1]:
            return None
        turned = new(run, contiguous((columns, depth)), size, "mm")
        return turned.viewed(permuted(turned.layout, (1, 0)))

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        first = of_input() if name == "addmm" else None
        second = of_weight()
        if name == "mm":
            first = of_input()
        kept.end_of_kernels()
        third = None
        if wants[2]:  # seen without the dimension that is summed
            summed = new(run, contiguous((1, columns)), size, "sum")
            third = summed.viewed(contiguous((columns,)))
        run.count(macs * (wants[0] + wants[1]), rows * columns * wants[2])
        return [third, first, second]

    return attach(run, name, made, [bias, x, permute(run, weight, (1, 0))], kept, back)


def linear(run: Run, x: FakeTensor, weight: FakeTensor, bias: FakeTensor | None) -> FakeTensor:
    """Return a matrix product over the last dimension: the others are taken together.

    The bias is part of the product of a contiguous input, and added to that of another: in place,
    unless a tracker of tensors looks.
    """
    bias = cast(run, "linear", bias)
    weight = cast(run, "linear", weight)
    x = cast(run, "linear", x)
    if len(x.shape) == 2:
        return addmm(run, x, weight, bias)
    lead = x.shape[:-1]
    joined = bias if x.layout.contiguous else None
    flat = view(run, x, (math.prod(lead), x.shape[-1]))
    made = view(run, addmm(run, flat, weight, joined), (*lead, weight.shape[0]))
    if bias is None or joined is not None:
        return made
    made.base = None  # an unsafe view, of which autograd knows nothing
    return add(run, made, bias, inplace=not run.observed)


def zeroed_within(run: Run, bias: FakeTensor, count: int) -> FakeTensor:
    """Return a copy of a bias, in which so many neighbours are overwritten with zeros."""
    made = clone(run, bias)
    part = narrow(run, made, contiguous((count,)))

    def no_gradient(gradient: FakeTensor) -> list[FakeTensor]:
        return [new(run, gradient.layout, gradient.itemsize, "zeros_like")]

    written = overwrite(run, "zero_", part, (), None, no_gradient)
    if written.base is not None:
        made.function, made.slot = written.base.edge
    return made


def bmm(run: Run, first: FakeTensor, second: FakeTensor) -> FakeTensor:
    """Return B×N×K times B×K×M; the second factor's gradient comes first."""
    second = cast(run, "bmm", second)
    first = cast(run, "bmm", first)
    wants = first.trains, second.trains
    kept = [first if wants[1] else None, second if wants[0] else None]
    before(run, wants[0] or wants[1], *kept)
    (batch, rows, depth), columns, size = first.shape, second.shape[2], first.itemsize
    made = new(run, contiguous((batch, rows, columns)), size, "bmm")
    macs = batch * rows * depth * columns
    run.count(macs)

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        of_second = of_first = None
        if wants[1]:
            of_second = new(run, contiguous((batch, depth, columns)), size, "bmm")
        if wants[0]:
            of_first = new(run, contiguous((batch, rows, depth)), size, "bmm")
        run.count(macs * (wants[0] + wants[1]))
        return [of_first, of_second]

    return attach(run, "bmm", made, [first, second], kept, back)


def matmul(run: Run, first: FakeTensor, second: FakeTensor) -> FakeTensor:
    """Return the product over the last two dimensions of tensors of the same leading ones."""
    lead = first.shape[:-2]
    count = math.prod(lead)
    flat = view(run, first, (count, *first.shape[-2:]))
    other = view(run, second, (count, *second.shape[-2:]))
    return view(run, bmm(run, flat, other), (*lead, first.shape[-2], second.shape[-1]))
