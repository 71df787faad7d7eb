"""What scaled_dot_product_attention does in training."""

from __future__ import annotations

from archprof.autograd.attention import composed, fused
from archprof.autograd.layout import contiguous, elementwise
from archprof.autograd.run import Run
from archprof.autograd.tensor import FakeTensor, new
from archprof.capturing.arguments import Arguments


def attention(given: Arguments) -> FakeTensor:
    """Return attention by the algorithm that torch picks on the CPU
    (ATen/native/transformers/sdp_utils_cpp.cpp).
    """
    run, mask = given.run, given.maybe("attn_mask")
    query, key, value = given["query"], given["key"], given["value"]
    if mask is not None and given.operands.tensor("attn_mask").tensor.dtype == "bool":
        mask = _numbers(run, mask)
    is_fused = (
        len(query.shape) == 4
        and query.shape[-1] == value.shape[-1]
        and all(each.layout.strides[-1] == 1 for each in (query, key, value))
        and (mask is None or not mask.trains)
    )
    if not is_fused:
        return composed(run, query, key, value, mask)
    made = fused(run, query, key, value, mask)
    made.layout = elementwise(query.layout)
    return made


def _numbers(run: Run, mask: FakeTensor) -> FakeTensor:
    """Return truth values as numbers to be added: 0 and minus infinity."""
    ends = [new(run, contiguous(()), run.itemsize, "scalar_tensor") for _ in range(2)]
    made = new(run, contiguous(mask.shape), run.itemsize, "where")
    del ends
    return made
