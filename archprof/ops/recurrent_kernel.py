"""The training of a recurrent layer at the least: torch runs several kernels for each step of the
sequence, which are not followed, and this is one forwards and one backwards.
"""

from __future__ import annotations

from collections.abc import Mapping

from archprof.autograd.layout import contiguous, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import Allocation, FakeTensor, attach
from archprof.ops.base import Op, Shape

PRODUCTS = 2  # backwards for each forwards: the input's gradient and the weights'


def in_one_kernel(
    op: Op, run: Run, sequence: FakeTensor, weights: Mapping[str, FakeTensor], shape: Shape
) -> FakeTensor:
    """Return the output; the step is noted as one that is not known.

    Backwards it makes a gradient of the sequence and of every weight that wants one.
    """
    run.unknown.append(run.path)
    used = [sequence, *weights.values()]
    itemsize = max(each.itemsize for each in used) if run.autocast else run.itemsize
    layout = op.layout((sequence.layout,), shape, training=True) or contiguous(shape)
    made = FakeTensor(run, layout, itemsize)
    scratch = Allocation(run, op.inside((sequence.layout,), shape, itemsize))
    kept = _kept(op, run, sequence, weights, made)
    run.note(op.name)
    del scratch
    cost = op.cost((sequence.shape[1:],), shape[1:])
    macs = cost.macs * shape[0] if cost is not None else 0
    run.count(macs)
    likes = [(elementwise(each.layout), each.itemsize) if each.trains else None for each in used]
    products = min(sum(like is not None for like in likes), PRODUCTS)

    def back(gradient: FakeTensor) -> list[FakeTensor | None]:
        found = [None if like is None else FakeTensor(run, *like) for like in likes]
        run.note(f"{op.name}_backward")
        run.count(macs * products)
        return list(found)

    return attach(run, op.name, made, used, kept, back)


def _kept(
    op: Op, run: Run, sequence: FakeTensor, weights: Mapping[str, FakeTensor], made: FakeTensor
) -> list[FakeTensor]:
    """Return what autograd keeps, as far as the op knows it."""
    trained = {name for name, weight in weights.items() if weight.trains}
    found = []
    for item in op.saved((sequence.shape[1:],), made.shape[1:]) or ():
        if not item.wanted([sequence.trains], trained):
            continue
        if item.what == "own":
            size = item.own_bytes(made.shape[0], made.itemsize)
            found.append(FakeTensor(run, contiguous((size,)), 1))
        else:
            found.append(made if item.what == "output" else sequence)
    return found
