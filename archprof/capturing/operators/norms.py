"""Normalization."""

from __future__ import annotations

from archprof.capturing.operands import Operands
from archprof.capturing.operators.row import (
    Keeps,
    Operator,
    broadcast,
    per_output,
    size,
)
from archprof.ops import OPS
from archprof.ops.answers import Cost, Saved
from archprof.ops.base import Op
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same


def _batch_norm(operands: Operands) -> Op | None:
    axes = len(operands.tensor("input").full) - 2
    kind = OPS.get(f"batch_norm{max(1, axes)}d")  # of vectors as of sequences
    if kind is None or not operands.has("running_mean"):
        return None
    return kind(
        affine=operands.has("weight"),
        eps=operands.get("eps", 1e-5),
        momentum=operands.get("momentum", 0.1),
    )


def _keep_batch_norm(operands: Operands) -> Keeps:
    channels = operands.output.full[1]
    statistic = Saved("own", elements=channels, at_least=4, per_sample=False)
    return [operands.kept("input"), statistic, statistic]


def _instance_norm(operands: Operands) -> Op | None:
    """Return the op of a norm that takes its statistics from its input alone."""
    kind = OPS.get(f"instance_norm{len(operands.tensor('input').full) - 2}d")
    if kind is None or operands.has("running_mean"):
        return None
    return kind(affine=operands.has("weight"), eps=operands.get("eps", 1e-5))


def _layer_norm(operands: Operands) -> Op | None:
    if len(operands.get("normalized_shape", [])) != 1:
        return None
    return OPS["layer_norm"](affine=operands.has("weight"), eps=operands.get("eps", 1e-5))


def _rms_norm(operands: Operands) -> Op | None:
    if len(operands.get("normalized_shape", [])) != 1 or not operands.has("weight"):
        return None
    if operands.get("eps") is None:
        return None  # the smallest step of the dtype, which is not a number of a spec
    return OPS["rms_norm"](eps=operands.get("eps"))


def _keep_rms_norm(operands: Operands) -> Keeps:
    """Return what torch keeps of its composition: the input, the inverse root of each row, and the
    normalised input for the weight.
    """
    normalized = len(operands.get("normalized_shape", []))
    rows = size(operands.output.shape[: len(operands.output.shape) - normalized])
    keeps = [operands.kept("input"), Saved("own", elements=rows, at_least=4)]
    if operands.has("weight"):
        keeps.append(Saved("own", elements=size(operands.output.shape), at_least=4))
    return keeps


def _keep_instance_norm(operands: Operands) -> Keeps:
    """Return what a batch norm over each sample's channels keeps: the input, two statistics and a
    copy of the weight for each.
    """
    channels = operands.output.full[1]
    statistic = Saved("own", elements=channels, at_least=4)
    copied = [Saved("own", elements=channels)] if operands.has("weight") else []
    return [operands.kept("input"), statistic, statistic, *copied]


def _group_norm(operands: Operands) -> Op | None:
    return OPS["group_norm"](
        groups=operands.get("num_groups"),
        affine=operands.has("weight"),
        eps=operands.get("eps", 1e-5),
    )


def _keep_layer_norm(operands: Operands) -> Keeps:
    normalized = len(operands.get("normalized_shape", []))
    rows = size(operands.output.shape[: len(operands.output.shape) - normalized])
    statistic = Saved("own", elements=rows, at_least=4)
    return [operands.kept("input"), statistic, statistic]


def _read_last(operands: Operands) -> tuple[Reading | None, ...]:
    """Return the reading of a norm over the last dimensions."""
    whole = len(operands.get("normalized_shape", []))
    rank = len(operands.output.shape)
    reading = tuple(Same(i) if i < rank - whole else New() for i in range(rank))
    return tuple(
        reading if each.shape == operands.output.shape else None for each in operands.inputs
    )


def _response_norm(operands: Operands) -> Cost:
    rate = 2 * operands.get("size", 5) + 3
    return Cost(0, rate * operands.output.elements)


_BATCH_NORM = Operator(
    "normalization",
    per_output(RATES["batch_norm2d"]),
    "2 per output",
    _batch_norm,
    _keep_batch_norm,
    broadcast,
)

NORMS: dict[str, Operator] = {
    "batch_norm": _BATCH_NORM,
    # below autograd, where a capture that stops is seen
    "native_batch_norm": _BATCH_NORM,
    "_native_batch_norm_legit_no_training": _BATCH_NORM,
    "layer_norm": Operator(
        "normalization",
        per_output(RATES["layer_norm"]),
        "7 per output",
        _layer_norm,
        _keep_layer_norm,
        _read_last,
    ),
    "native_layer_norm": Operator(
        "normalization",
        per_output(RATES["layer_norm"]),
        "7 per output",
        keeps=_keep_layer_norm,
        reads=_read_last,
    ),
    "rms_norm": Operator(
        "normalization",
        per_output(RATES["rms_norm"]),
        "4 per output",
        _rms_norm,
        _keep_rms_norm,
        _read_last,
    ),
    "group_norm": Operator(
        "normalization", per_output(RATES["group_norm"]), "7 per output", _group_norm
    ),
    "native_group_norm": Operator("normalization", per_output(RATES["group_norm"]), "7 per output"),
    "instance_norm": Operator(
        "normalization",
        per_output(RATES["group_norm"]),
        "7 per output",
        _instance_norm,
        _keep_instance_norm,
    ),
    "local_response_norm": Operator("normalization", _response_norm, "2*size + 3 per output"),
}
"""Norms, in evaluation."""
