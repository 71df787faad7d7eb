"""Weights: initialisation as a spec states it, and the deterministic fill that fingerprints are
taken with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from zlib import crc32

import torch
from torch import Tensor, nn

from archprof.graph.graph import Graph, Node

Initializer = Callable[[Tensor, Any], Any]

SCHEMES: dict[str, Initializer] = {
    "normal": lambda t, std: nn.init.normal_(t, std=std),
    "trunc_normal": lambda t, std: nn.init.trunc_normal_(t, std=std),  # cut at ±2, torch's default
    "normal_fan_in": lambda t, gain: nn.init.normal_(
        t, std=gain / math.sqrt(math.prod(t.shape[1:]))
    ),
    "trunc_normal_fan_in": lambda t, gain: nn.init.trunc_normal_(
        t, std=gain / math.sqrt(math.prod(t.shape[1:]))
    ),
    "uniform": lambda t, bound: nn.init.uniform_(t, -bound, bound),
    "constant": lambda t, value: nn.init.constant_(t, value),
    "kaiming_normal": lambda t, mode: nn.init.kaiming_normal_(t, mode=mode, nonlinearity="relu"),
    "kaiming_uniform": lambda t, mode: nn.init.kaiming_uniform_(t, mode=mode, nonlinearity="relu"),
    "xavier_normal": lambda t, gain: nn.init.xavier_normal_(t, gain=gain),
    "xavier_uniform": lambda t, gain: nn.init.xavier_uniform_(t, gain=gain),
}
"""By the name a spec gives it; the value in the spec is the one argument."""


def initialize(module: nn.Module, graph: Graph) -> None:
    """Overwrite torch's own initialisation where the spec's `init:` (by op, or at the layer) says
    otherwise.
    """
    tensors: dict[str, Tensor] = dict(module.named_parameters())
    for node in graph.nodes:
        for name, how in (node.init or {}).items() if node.shares is None else ():
            key = _key(node, name)
            if key in tensors:
                scheme, argument = (
                    next(iter(how.items())) if isinstance(how, dict) else ("constant", how)
                )
                with torch.no_grad():
                    SCHEMES[scheme](tensors[key], argument)


def _key(node: Node, weight: str) -> str:
    return f"{node.path}.{weight}" if weight and "" not in node.facts.weights else node.path


def fill(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a deterministic state dict of the same keys and shapes: murmur3's finaliser over
    element numbers, seeded by the key's CRC-32.

    Every tensor by its last name: running_var 1 + u/2, running_mean and biases u/10, tensors of two
    or more dimensions u·sqrt(3/fan_in), the others 3/4 + u/4, with u in [-1, 1). Integer tensors
    stay.
    """
    return {
        key: _filled(key, value) if value.is_floating_point() else value
        for key, value in state.items()
    }


def uniform(key: str, count: int) -> Tensor:
    """Return `count` float64 numbers in [-1, 1) that depend on the key alone."""
    mask = 0xFFFFFFFF
    # exact: count·2654435761 < 2^63
    h = (torch.arange(count, dtype=torch.int64) * 2654435761 + crc32(key.encode())) & mask
    h ^= h >> 16
    h = _times(h, 0x85EBCA6B)
    h ^= h >> 13
    h = _times(h, 0xC2B2AE35)
    h ^= h >> 16
    return h.to(torch.float64) / 2**31 - 1


def _times(h: Tensor, factor: int) -> Tensor:
    """Return h·factor modulo 2^32, in halves so that int64 does not overflow."""
    low, high = factor & 0xFFFF, factor >> 16
    return (h * low + (((h * high) & 0xFFFF) << 16)) & 0xFFFFFFFF


def _filled(key: str, like: Tensor) -> Tensor:
    u = uniform(key, like.numel()).reshape(like.shape)
    leaf = key.rpartition(".")[2]
    if leaf == "running_var":
        u = 1 + 0.5 * u
    elif leaf == "running_mean" or leaf == "bias" or leaf.endswith("_bias"):
        u = 0.1 * u
    elif like.ndim >= 2:
        u = u * math.sqrt(3 / math.prod(like.shape[1:]))
    else:
        u = 0.75 + 0.25 * u
    return u.to(like.dtype)
