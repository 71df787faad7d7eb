"""The geometry of a resizing: what each output takes of the inputs, never with a minus."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def resized(m: Any, x: Tensor, antialias: bool = False) -> Tensor:
    """Resize axis by axis with the absolute weights: those of a cubic may be negative."""
    for axis in range(2, x.ndim):
        taken = _along(m, x, axis, antialias)
        x = torch.tensordot(x.movedim(axis, -1), taken, 1).movedim(-1, axis)
    return x


def _along(m: Any, x: Tensor, axis: int, antialias: bool) -> Tensor:
    """Return what the outputs of a resizing along one axis take of each input, as a matrix.

    It is seen along the last axis: along another, where the last one has a single pixel, torch 2.13
    gives all outputs of an antialiased image the first one's value.
    """
    size, others = x.shape[axis], [1] * (x.ndim - 3)
    one_hot = torch.eye(size, dtype=x.dtype, device=x.device).view(1, size, *others, size)
    along = axis - 2
    found = functional.interpolate(
        one_hot,
        size=None if m.size is None else [*others, m.size[along]],
        scale_factor=None if m.scale_factor is None else [*others, m.scale_factor[along]],
        mode=m.mode,
        align_corners=m.align_corners,
        antialias=antialias,
    )
    return found.abs().reshape(size, -1)
