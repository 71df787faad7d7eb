"""Kernels that move elements or only look at them otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from archprof.autograd.casting import widest
from archprof.autograd.layout import (
    Layout,
    as_row,
    contiguous,
    elementwise,
    like,
    of_row,
    permuted,
    viewed,
)
from archprof.autograd.run import Run
from archprof.autograd.tensor import (
    Base,
    FakeTensor,
    GradFunction,
    KeptTensors,
    attach,
    before,
    new,
)

Back = Callable[[FakeTensor], FakeTensor]


def seen_as(run: Run, name: str, x: FakeTensor, layout: Layout, back: Back) -> FakeTensor:
    """Return a view; `back` makes the gradient of its base."""
    made = x.viewed(layout)
    if x.function is not None:
        made.base = x.base or Base(x.layout, (x.function, x.slot))
    return attach(run, name, made, [x], (), lambda gradient: [back(gradient)])


def overwrite(
    run: Run,
    name: str,
    x: FakeTensor,
    others: Sequence[FakeTensor],
    keeps: FakeTensor | None,
    gradients: Callable[[FakeTensor], Sequence[FakeTensor | None]],
) -> FakeTensor:
    """Return a tensor that a kernel has overwritten in place.

    Where it is a view, its gradient is put into one of the base's shape, which is copied; the part
    that was overwritten is taken out in another copy, and its own gradient is put in its place:
    torch's AsStridedBackward and CopySlices.
    """
    made = x.viewed(x.layout)
    run.note(name)
    base, part = x.base, x.layout
    kept = [made] if keeps is x else [keeps]
    if base is None:
        return attach(run, name, made, [x, *others], kept, gradients)

    def copy_slices(gradient: FakeTensor) -> list[FakeTensor | None]:
        whole = new(run, elementwise(base.layout), gradient.itemsize, "new_empty_strided")
        piece = new(run, elementwise(part), gradient.itemsize, "clone")
        found = list(gradients(piece))
        return [whole, *found[1:]]

    def whole_again(gradient: FakeTensor) -> list[FakeTensor]:
        return [new(run, elementwise(base.layout), gradient.itemsize, "new_zeros")]

    attach(run, name, made, [x, *others], kept, copy_slices)
    function = made.function
    if isinstance(function, GradFunction):
        function.edges[0] = base.edge
        made.function = GradFunction(run, "as_strided", [made], KeptTensors(), whole_again)
        made.base = Base(base.layout, (function, 0))
    return made


def view(run: Run, x: FakeTensor, shape: Sequence[int]) -> FakeTensor:
    """Return the tensor under another shape: a view, or that of a copy where only a copy will do
    (`Tensor.reshape`).

    Raises ValueError for a shape of another number of elements.
    """
    before, wanted = x.shape, tuple(shape)
    if math.prod(before) != math.prod(wanted):
        raise ValueError(f"{before} cannot be seen as {wanted}")
    layout = viewed(x.layout, wanted)
    if layout is None:
        x, layout = clone(run, x), contiguous(wanted)

    def back(gradient: FakeTensor) -> FakeTensor:
        laid = viewed(gradient.layout, before)
        if laid is None:
            return new(run, contiguous(before), gradient.itemsize, "clone")
        return gradient.viewed(laid)

    return seen_as(run, "view", x, layout, back)


def as_image(run: Run, x: FakeTensor) -> FakeTensor:
    """Return N×C×L as an image of one row, N×C×1×L."""
    return seen_as(
        run,
        "unsqueeze",
        x,
        as_row(x.layout),
        lambda gradient: gradient.viewed(of_row(gradient.layout)),
    )


def of_image(run: Run, x: FakeTensor) -> FakeTensor:
    """Return an image of one row, N×C×1×L, as N×C×L."""
    return seen_as(
        run,
        "squeeze",
        x,
        of_row(x.layout),
        lambda gradient: gradient.viewed(as_row(gradient.layout)),
    )


def permute(run: Run, x: FakeTensor, order: Sequence[int]) -> FakeTensor:
    """Return a view with the dimensions in another order."""
    inverse = tuple(order.index(i) for i in range(len(order)))
    return seen_as(
        run,
        "permute",
        x,
        permuted(x.layout, tuple(order)),
        lambda gradient: gradient.viewed(permuted(gradient.layout, inverse)),
    )


def transpose(run: Run, x: FakeTensor, first: int, second: int) -> FakeTensor:
    """Return a view with two dimensions exchanged."""
    order = list(range(len(x.shape)))
    order[first], order[second] = order[second], order[first]
    return permute(run, x, order)


def narrow(run: Run, x: FakeTensor, layout: Layout | None, name: str = "slice") -> FakeTensor:
    """Return a view of a part; its gradient is a whole tensor of zeros but for that part."""
    if layout is None:
        raise ValueError(f"a {name} is a view, and has a layout")
    shape = x.shape
    kernel = name + "_backward"
    return seen_as(
        run,
        name,
        x,
        layout,
        lambda gradient: new(run, contiguous(shape), gradient.itemsize, kernel),
    )


def repeated(source: Layout, shape: tuple[int, ...]) -> Layout:
    """Return how a tensor lies whose dimensions of 1 are repeated: these have no stride."""
    strides = tuple(
        0 if own == 1 != wanted else stride
        for own, wanted, stride in zip(source.shape, shape, source.strides, strict=True)
    )
    return Layout(shape, strides)


def expand(run: Run, x: FakeTensor, shape: tuple[int, ...]) -> FakeTensor:
    """Return a view that repeats dimensions of 1; its gradient is summed over them."""
    before = x.shape

    def back(gradient: FakeTensor) -> FakeTensor:
        if gradient.shape == before:
            return gradient
        return new(run, contiguous(before), gradient.itemsize, "sum")

    return seen_as(run, "expand", x, repeated(x.layout, shape), back)


def clone(
    run: Run, x: FakeTensor, layout: Layout | None = None, kernel: str = "clone"
) -> FakeTensor:
    """Return a copy, contiguous where no layout is given; its gradient passes through."""
    made = new(run, layout or contiguous(x.shape), x.itemsize, kernel)
    return attach(run, kernel, made, [x], (), lambda gradient: [gradient])


def contiguously(run: Run, x: FakeTensor) -> FakeTensor:
    """Return the tensor in the order of its indices: a copy unless it lies so (`contiguous`)."""
    return x if x.layout.contiguous else clone(run, x)


def moved(run: Run, x: FakeTensor, kernel: str, layout: Layout, grown: bool = False) -> FakeTensor:
    """Return a new tensor with the elements elsewhere, padded or rolled; its gradient is moved
    back into a tensor like the input. `grown`: no side is cropped, so that torch clones a part of
    the gradient, in the order of its memory.
    """
    own = x.layout
    made = new(run, layout, x.itemsize, kernel)

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        laid = like(own.shape, gradient.layout)
        if grown:
            laid = elementwise(Layout(own.shape, gradient.layout.strides))
        return [new(run, laid, gradient.itemsize, kernel)]

    return attach(run, kernel, made, [x], (), back)


def roll(run: Run, x: FakeTensor) -> FakeTensor:
    """Return the tensor rolled along its dimensions, and its gradient rolled back."""
    made = new(run, like(x.shape, x.layout), x.itemsize, "roll")
    return attach(
        run,
        "roll",
        made,
        [x],
        (),
        lambda gradient: [new(run, contiguous(gradient.shape), gradient.itemsize, "roll")],
    )


def concat(run: Run, tensors: list[FakeTensor], layout: Layout) -> FakeTensor:
    """Return the tensors in a row; their gradients are views of one tensor."""
    tensors = widest(run, tensors)
    shapes = [each.shape for each in tensors]
    made = new(run, layout, tensors[0].itemsize, "cat")
    return attach(
        run,
        "cat",
        made,
        tensors,
        (),
        lambda gradient: [gradient.viewed(Layout(s, gradient.layout.strides)) for s in shapes],
    )


def stack(run: Run, tensors: list[FakeTensor], shape: tuple[int, ...], dim: int) -> FakeTensor:
    """Return the tensors side by side along a new dimension."""
    part = tensors[0].shape

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        strides = gradient.layout.strides
        laid = Layout(part, (*strides[:dim], *strides[dim + 1 :]))
        return [gradient.viewed(laid) for _ in range(shape[dim])]

    made = new(run, contiguous(shape), tensors[0].itemsize, "stack")
    return attach(run, "stack", made, tensors, (), back)


def parted(
    run: Run, name: str, x: FakeTensor, layouts: Sequence[Layout], kernel: str
) -> list[FakeTensor]:
    """Return views of all parts of a tensor, made by one function, whose gradient waits for those
    of all parts and is one new tensor (`unbind`, `split`). In place of one that does not come there
    are zeros: a single one that is repeated for `unbind`.
    """
    function = None
    whole, itemsize = x.shape, x.itemsize
    if x.trains:

        def back(*gradients: FakeTensor | None) -> list[FakeTensor]:
            zeros = []
            for gradient, layout in zip(gradients, layouts, strict=True):
                if gradient is None:
                    shape = () if name == "unbind" else layout.shape
                    zeros.append(new(run, contiguous(shape), itemsize, "zeros"))
            return [new(run, contiguous(whole), itemsize, kernel)]

        function = GradFunction(run, name, [x], KeptTensors(), back, len(layouts))
    parts = []
    for slot, layout in enumerate(layouts):
        part = x.viewed(layout)
        part.function, part.slot = function, slot
        parts.append(part)
    return parts


def gathered(
    run: Run, x: FakeTensor, shape: tuple[int, ...], indices: FakeTensor | None
) -> FakeTensor:
    """Return `x[indices]` of this shape; its gradient is put into a tensor of zeros, which gives a
    further one. The indices are kept.
    """
    whole, size = contiguous(x.shape), x.itemsize

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        zeros = new(run, whole, size, "new_zeros")
        put = new(run, whole, size, "index_put")
        del zeros
        return [put]

    before(run, x.trains and indices is not None, indices)
    made = new(run, contiguous(shape), size, "index")
    return attach(run, "index", made, [x], [indices], back)
