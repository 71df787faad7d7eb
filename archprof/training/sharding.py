"""Training on several devices, on paper: bytes on each device, and bytes that each one sends.

The formulas are published, and nothing is run. Rajbhandari, Rasley, Ruwase, He: ZeRO: Memory
Optimizations Toward Training Trillion Parameter Models, 2020, arXiv:1910.02054: section 5 (what
each stage divides) and section 7 (what it communicates). Patarasuk, Yuan: Bandwidth optimal
all-reduce algorithms for clusters of workstations, 2009: a ring sends 2 (n-1)/n of the data.
"""

from __future__ import annotations

from typing import NamedTuple


class Scheme(NamedTuple):
    """A way to share the work: what is divided by the number of devices; the rest is on each."""

    name: str
    called: str
    weights: bool = False
    gradients: bool = False
    state: bool = False


SCHEMES = (
    Scheme("ddp", "data parallel"),
    Scheme("zero1", "ZeRO-1", state=True),
    Scheme("zero2", "ZeRO-2", gradients=True, state=True),
    Scheme("zero3", "ZeRO-3, FSDP", weights=True, gradients=True, state=True),
)
"""By what is divided: nothing; the optimizer's state (P_os); gradients too (P_os+g); weights too.
"""


class DeviceBytes(NamedTuple):
    """Bytes on a device at one moment of a step; `rest` are activations and the batch.

    `gathered`: the layer that has most weights, which ZeRO-3 collects whole before it runs.
    """

    weights: int
    gradients: int
    state: int
    rest: int
    gathered: int = 0


def divided(one: DeviceBytes, scheme: Scheme, devices: int, layer: int) -> DeviceBytes:
    """Return what of a moment on one device is on each of several.

    A part is rounded up, as padding is. `layer`: bytes of the largest layer's weights.
    """
    return DeviceBytes(
        _part(one.weights, scheme.weights, devices),
        _part(one.gradients, scheme.gradients, devices),
        _part(one.state, scheme.state, devices),
        one.rest,
        layer if scheme.weights and devices > 1 else 0,
    )


def _part(whole: int, is_divided: bool, devices: int) -> int:
    return -(-whole // devices) if is_divided else whole


def sent_bytes(scheme: Scheme, weights: int, gradients: int, devices: int, passes: int = 1) -> int:
    """Return the bytes that each device sends in a step of so many passes through the network.

    With Psi bytes of weights and as many of gradients data parallel sends 2 Psi (n-1)/n: the ring
    adds the gradients up and hands the sums around. ZeRO-1 and -2 send as much: the gradients are
    added up, each part where its state is, and the new weights handed around. ZeRO-3 sends
    3 Psi (n-1)/n: the weights are collected for the forward pass, and again for the backward pass.
    Of several passes ZeRO-3 does so in each; who divides gradients adds them up in each.
    """
    if scheme.weights:
        moved = passes * (2 * weights + gradients)
    elif scheme.gradients:
        moved = passes * gradients + gradients
    else:
        moved = 2 * gradients
    return moved * (devices - 1) // devices
