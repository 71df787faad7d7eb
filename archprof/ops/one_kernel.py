"""The training of an op that says no more than what it keeps, as one kernel forwards and one
backwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from typing import TYPE_CHECKING

from archprof.autograd.casting import NARROW, WIDE
from archprof.autograd.layout import Layout, contiguous, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import Allocation, FakeTensor, attach

if TYPE_CHECKING:
    from archprof.ops.answers import Saved
    from archprof.ops.base import Op

MATRIX_PRODUCTS = 2  # backward multiply-accumulates for each forward one: input's and weight's


def laid(tensors: Sequence[FakeTensor]) -> tuple[Layout, ...]:
    """Return layouts that say whether autograd wants a gradient, as an op is asked with them."""
    return tuple(each.layout._replace(trains=each.trains) for each in tensors)


def one_kernel(
    op: Op,
    run: Run,
    inputs: Sequence[FakeTensor],
    weights: Mapping[str, FakeTensor],
    shape: tuple[int, ...],
) -> FakeTensor:
    """Return the output of an op by its answers: `layout` and `storage` say whose memory it has,
    `inside` and `saved` what it makes beside.

    Backwards it makes a gradient of every input and of every weight that wants one, dense in the
    order of its strides. Its multiply-accumulates come twice, once where one gradient is wanted.
    """
    used = [*inputs, *weights.values()]
    itemsize = _floats(run, used)
    layouts = laid(inputs)
    layout = op.layout(layouts, shape, True)
    shares = op.storage(training=True) != "new" and layout is not None and bool(used)
    whole = layout or contiguous(shape)
    made = used[0].viewed(whole) if shares else FakeTensor(run, whole, op.itemsize or itemsize)
    inside = op.inside(layouts, shape, itemsize)
    scratch = Allocation(run, inside) if inside else None
    kept = _kept(op, run, inputs, weights, made, itemsize)
    run.note(op.name)
    del scratch
    cost = op.cost(tuple(each.shape[1:] for each in inputs), shape[1:])
    macs = cost.macs * shape[0] if cost is not None else 0
    run.count(macs)
    if made.itemsize != itemsize and op.itemsize is not None:
        return made  # integers and truth values have no gradients
    if shares and len(used) == 1 and math.prod(used[0].shape) == math.prod(shape):
        back = _seen_back(used[0].shape)
    else:
        back = _one_kernel_back(run, op.name, used, macs, math.prod(shape))
    return attach(run, op.name, made, used, kept, back)


Back = Callable[[FakeTensor], Sequence[FakeTensor | None]]


def _seen_back(shape: tuple[int, ...]) -> Back:
    """Return what makes the gradient of a view's base: a view of the view's."""
    return lambda gradient: [gradient.viewed(contiguous(shape))]


def _one_kernel_back(
    run: Run, name: str, used: Sequence[FakeTensor], macs: int, outputs: int
) -> Back:
    """Return what makes all gradients in one kernel; without multiply-accumulates a FLOP for each
    output.
    """
    likes = [(elementwise(each.layout), each.itemsize) if each.trains else None for each in used]
    products = macs * min(sum(like is not None for like in likes), MATRIX_PRODUCTS)

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found = [None if like is None else FakeTensor(run, *like) for like in likes]
        run.note(name + "_backward")
        run.count(products, 0 if macs else outputs)
        return list(found)

    return back


def _floats(run: Run, tensors: Sequence[FakeTensor]) -> int:
    """Return the bytes of an element of the output: under autocast those of the widest operand."""
    if not run.autocast:
        return run.itemsize
    sizes = [each.itemsize for each in tensors if each.itemsize in (NARROW, WIDE)]
    return max(sizes, default=run.itemsize)


def _kept(
    op: Op,
    run: Run,
    inputs: Sequence[FakeTensor],
    weights: Mapping[str, FakeTensor],
    made: FakeTensor,
    itemsize: int,
) -> list[FakeTensor | None]:
    saved = op.saved(tuple(each.shape[1:] for each in inputs), made.shape[1:])
    layouts = laid(inputs)
    trained = {name for name, weight in weights.items() if weight.trains}
    found: list[FakeTensor | None] = []
    for item in saved or ():
        if not wanted(item, op, layouts, trained):
            continue
        if item.what == "output":
            found.append(made)
        elif item.what == "input":
            found.append(_kept_input(op, run, item, inputs, itemsize))
        else:
            size = item.own_bytes(made.shape[0], itemsize)
            found.append(FakeTensor(run, contiguous((size,)), 1))
    return found


def _kept_input(
    op: Op, run: Run, item: Saved, inputs: Sequence[FakeTensor], itemsize: int
) -> FakeTensor:
    if copied := copied_elements(item, op, laid(inputs), itemsize):
        return FakeTensor(run, contiguous((copied,)), max(itemsize, item.at_least))
    return inputs[item.number]


def copied_elements(item: Saved, op: Op, layouts: tuple[Layout, ...], itemsize: int) -> int:
    """Return the elements of the copy of an input, in another order or a wider type, that autograd
    keeps as this item; 0 where it keeps no copy.
    """
    if item.what != "input":
        return 0
    if itemsize < item.at_least:
        return math.prod(layouts[item.number].shape)
    return op.copied(item, layouts)


def wanted(item: Saved, op: Op, layouts: tuple[Layout, ...], trained: Container[str]) -> bool:
    """Return whether autograd keeps an item: torch picks its algorithm, and an input or a weight
    for whose gradient it is kept wants one. `trained`: the weights that do.
    """
    if item.algorithm and item.algorithm != op.algorithm(layouts):
        return False
    return item.wanted([each.trains for each in layouts], trained)
