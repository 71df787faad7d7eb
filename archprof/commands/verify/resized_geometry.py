"""The geometry of a resizing: what each output takes of the inputs, never with a minus."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def resized(m: Any, x: Tensor) -> Tensor:
    """Resize axis by axis with the absolute weights: those of a cubic may be negative."""
    for axis in range(2, x.ndim):
        size = x.shape[axis]
        places = [1] * (x.ndim - 2)
        places[axis - 2] = size
        one_hot = torch.eye(size, dtype=x.dtype, device=x.device).view(1, size, *places)
        x = torch.tensordot(x.movedim(axis, -1), _along(m, one_hot, axis - 2), 1).movedim(-1, axis)
    return x


def _along(m: Any, x: Tensor, axis: int) -> Tensor:
    """Return what the outputs of a resizing along one axis take of each input, as a matrix."""
    keeps = [1] * (x.ndim - 2)
    if m.size is None:
        keeps[axis] = m.scale_factor[axis]
        found = functional.interpolate(
            x, scale_factor=keeps, mode=m.mode, align_corners=m.align_corners
        )
    else:
        keeps[axis] = m.size[axis]
        found = functional.interpolate(x, size=keeps, mode=m.mode, align_corners=m.align_corners)
    return found.abs().reshape(x.shape[1], -1)
