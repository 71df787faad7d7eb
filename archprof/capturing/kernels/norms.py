"""What norms do in training."""

from __future__ import annotations

from archprof.autograd.chains import chained
from archprof.autograd.norms import batch_norm, group_norm, instance_norm, layer_norm
from archprof.autograd.pointwise import multiply
from archprof.autograd.reductions import average
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, attach
from archprof.capturing.arguments import Arguments, Program


def _batch_norm(given: Arguments) -> FakeTensor:
    return batch_norm(given.run, given["input"], given.maybe("weight"), given.maybe("bias"))


def _layer_norm(given: Arguments) -> FakeTensor:
    count = len(given.get("normalized_shape"))
    return layer_norm(given.run, given["input"], given.maybe("weight"), given.maybe("bias"), count)


def _group_norm(given: Arguments) -> FakeTensor:
    groups = given.get("num_groups", given.get("group"))
    return group_norm(given.run, given["input"], groups, given.maybe("weight"), given.maybe("bias"))


def _instance_norm(given: Arguments) -> FakeTensor:
    """Return a batch norm over each sample's channels, the weights repeated for each."""
    return instance_norm(given.run, given["input"], given.maybe("weight"), given.maybe("bias"))


def _rms_norm(given: Arguments) -> FakeTensor:
    """Return x * rsqrt(mean(x^2) + eps) * weight, as torch composes it."""
    run, x = given.run, given["input"]
    rank = len(x.shape)
    dims = list(range(rank - len(given.get("normalized_shape")), rank))
    squares = chained(run, x, "pow", "input", "pow mul mul")
    mean = average(run, squares, dims, True)
    mean = _shifted_in_place(run, mean)
    root = chained(run, mean, "rsqrt", "output", "pow mul mul")
    del squares, mean
    made = multiply(run, x, root)
    del root
    weight = given.maybe("weight")
    return made if weight is None else multiply(run, made, weight)


def _shifted_in_place(run: Run, x: FakeTensor) -> FakeTensor:
    made = x.viewed(x.layout)
    return attach(run, "add_", made, [x], (), lambda gradient: [gradient])


NORMS: dict[str, Program] = {
    "batch_norm": _batch_norm,
    "native_batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "native_layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "native_group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "rms_norm": _rms_norm,
}
"""By torch's name of an operator what it does."""
