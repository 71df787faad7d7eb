"""What lies on a device before a network runs: weights, buffers, gradients, images."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn


def resident_tensors(module: nn.Module, images: Tensor) -> list[Tensor]:
    """Return what is there before a run: weights, buffers, gradients of earlier runs, images."""
    parameters = list(module.parameters())
    return [
        *parameters,
        *module.buffers(),
        *(p.grad for p in parameters if p.grad is not None),
        images,
    ]


def resident_bytes(module: nn.Module, images: Tensor, kept: Iterable[Tensor]) -> int:
    """Return the bytes of all that is there before a run, each storage once."""
    storages = [tensor.untyped_storage() for tensor in (*resident_tensors(module, images), *kept)]
    return sum({storage._cdata: storage.nbytes() for storage in storages}.values())
