"""The training of an op that says no more than what it keeps, as one kernel forwards and one
backwards.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
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
    itemsize = _floats(run, [*inputs, *weights.values()])
    layouts = laid(inputs)
    layout = op.layout(layouts, shape, True)
    shares = op.storage(training=True) != "new" and layout is not None
    if shares and inputs:
        made = inputs[0].viewed(layout or contiguous(shape))
    elif shares and weights:
        made = next(iter(weights.values())).viewed(layout or contiguous(shape))
    else:
        made = FakeTensor(run, layout or contiguous(shape), op.itemsize or itemsize)
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
    used = [*inputs, *weights.values()]
    likes = [(elementwise(t.layout), t.itemsize) if t.trains else None for t in used]
    wanted = sum(like is not None for like in likes)

    def back(*gradients: FakeTensor) -> list[FakeTensor | None]:
        if shares and len(likes) == 1 and math.prod(used_shape) == math.prod(shape):
            return [gradients[0].viewed(contiguous(used_shape))]
        found = [None if like is None else FakeTensor(run, *like) for like in likes]
        run.note(op.name + "_backward")
        run.count(macs * min(wanted, MATRIX_PRODUCTS), 0 if macs else math.prod(shape))
        return list(found)

    used_shape = used[0].shape if used else ()
    return attach(run, op.name, made, used, kept, back)


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
    copied = op.copied(item, laid(inputs))
    if itemsize < item.at_least:
        copied = math.prod(inputs[item.number].shape)
    if copied:
        return FakeTensor(run, contiguous((copied,)), max(itemsize, item.at_least))
    return inputs[item.number]


def wanted(item: Saved, op: Op, layouts: tuple[Layout, ...], trained: Container[str]) -> bool:
    """Return whether autograd keeps an item: torch picks its algorithm, and an input or a weight
    for whose gradient it is kept wants one. `trained`: the weights that do.
    """
    if item.algorithm and item.algorithm != op.algorithm(layouts):
        return False
    return item.wanted([each.trains for each in layouts], trained)
