"""Whether this torch multiplies in float8 on a CPU, as tests without a device need it."""

from __future__ import annotations

import pytest
import torch


def _multiplies() -> bool:
    one = torch.ones(())
    square = torch.ones(16, 16).to(torch.float8_e4m3fn)
    try:
        torch._scaled_mm(square, square.t(), scale_a=one, scale_b=one, out_dtype=torch.bfloat16)
    except (NotImplementedError, RuntimeError):
        return False
    return True


needs_float8 = pytest.mark.skipif(
    not _multiplies(), reason=f"torch {torch.__version__} has no products in float8 on a CPU"
)
