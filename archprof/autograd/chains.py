"""Functions of each element whose gradients torch computes in several kernels, in turn."""

from __future__ import annotations

import math
from collections.abc import Sequence

from archprof.autograd.casting import as_wide
from archprof.autograd.layout import Layout, contiguous, elementwise
from archprof.autograd.pointwise import Keeps, summed_to
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach, before, new

_TRUTHS = frozenset(["eq", "ne", "lt", "le", "gt", "ge", "isnan", "logical_and"])
RESULT = "*"
"""Marks the kernel whose tensor is the gradient, where that is not the last one."""

Gradients = Sequence[tuple[int, str]]
"""For the inputs, in the order in which their gradients are made: the number of one, and the names
of the kernels. A gradient without kernels is passed on as it comes.
"""


def in_steps(run: Run, kernels: str, gradient: FakeTensor, others: Sequence[Layout]) -> FakeTensor:
    """Return a gradient that these kernels make; all that they make lives until the last has run:
    C++ keeps what an expression makes until its end.
    """
    laid = elementwise(gradient.layout, *others)
    chosen = elementwise(*others, gradient.layout)  # a `where` lies as the truths that it is given
    made: list[FakeTensor] = []
    result = -1
    for place, marked in enumerate(kernels.split()):
        kernel = marked.rstrip(RESULT)
        if marked != kernel:
            result = place
        if kernel == "scalar_tensor":
            made.append(new(run, contiguous(()), gradient.itemsize, kernel))
        elif kernel in _TRUTHS:
            made.append(new(run, chosen, 1, kernel))
        elif kernel == "where":
            made.append(new(run, chosen, gradient.itemsize, kernel))
        else:
            made.append(new(run, laid, gradient.itemsize, kernel))
    run.count(0, len(made) * math.prod(gradient.shape))
    return made[result]


def chained(
    run: Run, x: FakeTensor, name: str, keeps: Keeps, kernels: str, inplace: bool = False
) -> FakeTensor:
    """Return a function of each element. One that works in place, and needs its input for the
    backward pass, copies it first.
    """
    kept = None
    if inplace:
        if keeps == "input" and x.trains:
            kept = new(run, elementwise(x.layout), x.itemsize, "clone")
        made = x.viewed(x.layout)
        run.note(name + "_")
    else:
        if keeps == "input":
            before(run, x.trains, x)
            kept = x
        made = new(run, elementwise(x.layout), x.itemsize, name)
    if keeps == "output":
        kept = made
    others = [] if kept is None else [kept.layout]

    def back(gradient: FakeTensor) -> list[FakeTensor]:
        return [in_steps(run, kernels, gradient, others)]

    return attach(run, name, made, [x], [kept], back)


def clamp(
    run: Run, x: FakeTensor, least: bool, most: bool, inplace: bool = False, name: str = "clamp"
) -> FakeTensor:
    """Return the tensor no smaller than a number, no larger than one, or both."""
    kernels = ["scalar_tensor", *["ge"] * least, *["le"] * most, "where"]
    return chained(run, x, name, "input", " ".join(kernels), inplace)


def combined(
    run: Run,
    name: str,
    inputs: Sequence[FakeTensor],
    keeps: Sequence[FakeTensor | None],
    gradients: Gradients,
    inplace: bool = False,
) -> FakeTensor:
    """Return an elementwise function of several tensors that broadcast, in place in the first of
    them; sums over what was broadcast come when all gradients are there.
    """
    if inplace:
        made = inputs[0].viewed(inputs[0].layout)
        run.note(name + "_")
    else:
        size = max(each.itemsize for each in inputs)
        before(run, any(each.trains for each in inputs), *keeps)
        made = new(run, elementwise(*(each.layout for each in inputs)), size, name)
    wanted = [(each.shape, each.trains) for each in inputs]
    sizes = [each.itemsize for each in inputs]
    others = [each.layout for each in keeps if each is not None]

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found: list[FakeTensor | None] = [None] * len(wanted)
        for place, kernels in gradients:
            if not wanted[place][1]:
                continue
            if kernels:
                found[place] = in_steps(run, kernels, gradient, others)
            else:
                found[place] = gradient
        found = _summed(run, found, [shape for shape, _ in wanted])
        return [each and as_wide(run, each, size) for each, size in zip(found, sizes, strict=True)]

    return attach(run, name, made, list(inputs), list(keeps), back)


def added_product(
    run: Run, x: FakeTensor, first: FakeTensor, second: FakeTensor, inplace: bool = False
) -> FakeTensor:
    """Return x + value * first * second (`addcmul`): each factor's gradient is that of the output
    times the other one, which is first multiplied by the value.
    """
    if inplace:
        made = x.viewed(x.layout)
        run.note("addcmul_")
    else:
        laid = elementwise(x.layout, first.layout, second.layout)
        made = new(run, laid, max(x.itemsize, first.itemsize, second.itemsize), "addcmul")
    wanted = [(each.shape, each.trains) for each in (x, first, second)]
    layouts = first.layout, second.layout

    def times(gradient: FakeTensor, other: Layout) -> FakeTensor:
        run.count(0, 2 * math.prod(gradient.shape))
        factor = new(run, elementwise(other), gradient.itemsize, "mul.Scalar")
        found = new(run, elementwise(gradient.layout, other), gradient.itemsize, "mul")
        del factor
        return found

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found: list[FakeTensor | None] = [gradient if wanted[0][1] else None, None, None]
        if wanted[1][1]:
            found[1] = times(gradient, layouts[1])
        if wanted[2][1]:
            found[2] = times(gradient, layouts[0])
        return _summed(run, found, [shape for shape, _ in wanted])

    keeps = [first if second.trains else None, second if first.trains else None]
    return attach(run, "addcmul", made, [x, first, second], keeps, back)


def _summed(
    run: Run, found: list[FakeTensor | None], shapes: Sequence[tuple[int, ...]]
) -> list[FakeTensor | None]:
    """Sum gradients over what was broadcast, one after the other."""
    for place, shape in enumerate(shapes):
        made = found[place]
        found[place] = None
        if made is not None:
            found[place] = summed_to(run, made, shape)
    return found


def unlearned(
    run: Run, name: str, inputs: Sequence[FakeTensor], itemsize: int, layout: Layout | None = None
) -> FakeTensor:
    """Return the output of a kernel through which no gradient goes, such as a comparison."""
    laid = layout or elementwise(*(each.layout for each in inputs))
    return new(run, laid, itemsize, name)
