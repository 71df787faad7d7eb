"""Autocast: which kernels get narrower copies of their arguments, and which float32 ones.

The rules are lists of torch's functions for each device, with the names they have in
aten/src/ATen/autocast_mode.h and autocast_mode.cpp. What stands in no list takes its arguments as
they come.
"""

from __future__ import annotations

from typing import TypeVar

from archprof.autograd.layout import elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeParameter, FakeTensor, attach, new

NARROW, WIDE = 2, 4  # bytes of an element: bfloat16 or float16, float32

_PRODUCTS = (
    "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d linear matmul mm bmm"
    " addmm addbmm baddbmm prelu scaled_dot_product_attention"
)
LOWERED: dict[str, frozenset[str]] = {
    "cpu": frozenset(_PRODUCTS.split()),
    "cuda": frozenset((_PRODUCTS + " addmv addr mv einsum linalg_vecdot").split()),
}
"""Functions that get copies in the narrower dtype."""

RAISED: dict[str, frozenset[str]] = {
    "cpu": frozenset(
        [
            "avg_pool3d",
            "max_pool3d",
            "adaptive_avg_pool3d",
            "adaptive_max_pool3d",
            "reflection_pad1d",
            "reflection_pad2d",
            "replication_pad1d",
            "replication_pad2d",
            "replication_pad3d",
            "log_softmax",
            "nll_loss",
            "nll_loss2d",
            "mse_loss",
            "deform_conv2d",
        ]
    ),
    "cuda": frozenset(
        [
            "layer_norm",
            "group_norm",
            "rms_norm",
            "softmax",
            "log_softmax",
            "softplus",
            "nll_loss",
            "nll_loss2d",
            "mse_loss",
            "deform_conv2d",
            "pow",
            "rsqrt",
            "linalg_vector_norm",
            "sum",
            "prod",
            "cumsum",
            "upsample_nearest1d",
            "upsample_nearest2d",
            "upsample_nearest3d",
            "_upsample_nearest_exact1d",
            "_upsample_nearest_exact2d",
            "_upsample_nearest_exact3d",
            "upsample_linear1d",
            "upsample_bilinear2d",
            "_upsample_bilinear2d_aa",
            "upsample_trilinear3d",
            "upsample_bicubic2d",
            "_upsample_bicubic2d_aa",
        ]
    ),
}
"""Functions that get copies in float32; deform_conv2d by torchvision's own kernels of autocast."""


Maybe = TypeVar("Maybe", FakeTensor, "FakeTensor | None")


def cast(run: Run, function: str, tensor: Maybe) -> Maybe:
    """Return what autocast hands to a function in place of an argument.

    The last argument is copied first: C++ compilers evaluate them from the right.
    """
    if not run.autocast:
        return tensor
    if function in LOWERED[run.device]:
        return narrowed(run, tensor)
    if function in RAISED[run.device] and tensor is not None and tensor.itemsize == NARROW:
        return copied(run, tensor, WIDE)
    return tensor


def narrowed(run: Run, tensor: Maybe) -> Maybe:
    """Return a copy in the narrower dtype of a float32 tensor; of a parameter that trains, the
    same one until autocast ends.
    """
    if tensor is None or tensor.itemsize != WIDE:
        return tensor
    remembered = isinstance(tensor, FakeParameter) and tensor.trains
    if remembered and id(tensor) in run.narrowed:
        return run.narrowed[id(tensor)]
    made = copied(run, tensor, NARROW)
    if remembered:
        run.narrowed[id(tensor)] = made
    return made


def widest(run: Run, tensors: list[FakeTensor]) -> list[FakeTensor]:
    """Return the tensors, all of the widest dtype among them: what autocast promotes."""
    size = max(each.itemsize for each in tensors)
    if not run.autocast:
        return tensors
    return [each if each.itemsize == size else copied(run, each, size) for each in tensors]


def copied(run: Run, tensor: FakeTensor, itemsize: int) -> FakeTensor:
    """Return a copy of another dtype, whose gradient is copied back: `Tensor.to`."""
    own = tensor.itemsize
    made = new(run, elementwise(tensor.layout), itemsize, "_to_copy")
    return attach(
        run,
        "to",
        made,
        [tensor],
        (),
        lambda gradient: [new(run, elementwise(gradient.layout), own, "_to_copy")],
    )


def as_wide(run: Run, gradient: FakeTensor, itemsize: int) -> FakeTensor:
    """Return a gradient in the dtype of the tensor that it is of."""
    if gradient.itemsize == itemsize:
        return gradient
    return new(run, elementwise(gradient.layout), itemsize, "_to_copy")
