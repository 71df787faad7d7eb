"""torchvision's deformable convolution."""

from __future__ import annotations

from archprof.capturing.operands import Operands
from archprof.capturing.operators.row import Keeps, Operator, macs, size
from archprof.ops import OPS
from archprof.ops.answers import Cost
from archprof.ops.base import Op
from archprof.ops.rates import RATES
from archprof.ops.reading import New, Reading, Same

_KEPT = ("input", "weight", "offset", "mask", "bias")


def _is_weight(operands: Operands, name: str) -> bool:
    """Whether an argument is a weight; torchvision computes zeros where there is no bias."""
    return operands.has(name) and operands.tensor(name).number not in operands.placed


def _cost(operands: Operands) -> Cost:
    weight, image = operands.tensor("weight").full, operands.tensor("input").full
    elements, places = operands.output.elements, size(operands.output.full[2:])
    sampled = image[0] * image[1] * size(weight[2:]) * places
    bilinear = RATES["interpolate_bilinear"] + bool(operands.get("use_mask"))
    added = elements if _is_weight(operands, "bias") else 0
    return macs(elements * size(weight[1:]), added + bilinear * sampled, fvcore=0)


def _becomes(operands: Operands) -> Op | None:
    """Return the op; none of one that torchvision gives zeros in place of a mask or of a bias,
    which are inputs more.
    """
    if operands.has("mask") and not operands.get("use_mask"):
        return None
    weight = operands.tensor("weight").full
    axes = ("h", "w")
    return OPS["deform_conv2d"](
        out=weight[0],
        kernel=list(weight[2:]),
        stride=[operands.get(f"stride_{axis}") for axis in axes],
        padding=[operands.get(f"pad_{axis}") for axis in axes],
        dilation=[operands.get(f"dilation_{axis}") for axis in axes],
        groups=operands.get("groups", 1),
        bias=_is_weight(operands, "bias"),
    )


def _keeps(operands: Operands) -> Keeps:
    return [operands.kept(name) for name in _KEPT]


def _reads(operands: Operands) -> tuple[Reading | None, ...]:
    """Return that an output reads the image anywhere, and the offsets and the mask at its own
    place.
    """
    own_place = {operands.tensor("offset").number}
    if operands.get("use_mask"):
        own_place.add(operands.tensor("mask").number)
    anywhere: Reading = (New(), New(), New())
    return tuple(
        (New(), Same(1), Same(2)) if number in own_place else anywhere for number in operands.placed
    )


DEFORM_CONV2D = Operator(
    "convolution",
    _cost,
    "2 per MAC, 1 per bias add; MACs: outputs * inputs of one group * kernel; per element sampled"
    " the 7 of a bilinear resize, 1 for a mask",
    _becomes,
    _keeps,
    _reads,
)
