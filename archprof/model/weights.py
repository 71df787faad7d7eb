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

CHUNK = 2**15
"""Numbers of the fill made at once: what they need fits into a cache."""

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
    numbers = torch.empty(count, dtype=torch.float64)
    seed = crc32(key.encode())
    within = torch.arange(min(count, CHUNK), dtype=torch.int32) * _signed(2654435761)
    for start in range(0, count, CHUNK):
        part = numbers[start : start + CHUNK]
        h = within[: len(part)] + _signed(start * 2654435761 + seed)
        h ^= _shifted(h, 16)
        h *= _signed(0x85EBCA6B)
        h ^= _shifted(h, 13)
        h *= _signed(0xC2B2AE35)
        h ^= _shifted(h, 16)
        # with its highest bit turned, h is 2^31 less than what it is without a sign
        h ^= -(2**31)
        part.copy_(h).div_(2**31)
    return numbers


def _signed(number: int) -> int:
    """Return the int32 that has the lowest 32 bits of a number."""
    return (number + 2**31) % 2**32 - 2**31


def _shifted(h: Tensor, bits: int) -> Tensor:
    """Return h shifted to the right as if it had no sign."""
    return (h >> bits) & (0xFFFFFFFF >> bits)


def _filled(key: str, like: Tensor) -> Tensor:
    u = uniform(key, like.numel()).reshape(like.shape)
    leaf = key.rpartition(".")[2]
    if leaf == "running_var":
        u.mul_(0.5).add_(1)
    elif leaf == "running_mean" or leaf == "bias" or leaf.endswith("_bias"):
        u.mul_(0.1)
    elif like.ndim >= 2:
        u.mul_(math.sqrt(3 / math.prod(like.shape[1:])))
    else:
        u.mul_(0.25).add_(0.75)
    return u.to(like.dtype)
