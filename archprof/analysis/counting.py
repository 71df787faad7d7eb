"""Counting conventions as data: the same network as each tool and the lectures count it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from archprof.ops.base import Cost


class Convention(NamedTuple):
    """What one count is called, how it follows from a layer's cost, and what it means."""

    unit: str
    counted: Callable[[Cost], int]
    meaning: str


def _fvcore(cost: Cost) -> int:
    return cost.macs if cost.fvcore is None else cost.fvcore


CONVENTIONS: dict[str, Convention] = {
    "full": Convention("FLOPs", lambda c: c.flops, "all arithmetic: 2 per MAC, 1 per bias add, the rest by the table of `archprof conventions`"),
    "macs": Convention("MACs", lambda c: c.macs,
                       "multiply-accumulates of convolutions, linear layers and matrix products; what papers and torchvision call FLOPs"),
    "torch": Convention("FLOPs", lambda c: 2 * c.macs, "torch.utils.flop_counter.FlopCounterMode: 2 per MAC and nothing else"),
    "fvcore": Convention("fvcore flops", _fvcore,
                         "fvcore.nn.FlopCountAnalysis: 1 per MAC, 2 per batch-norm and 5 per layer- or group-norm element, 1 per input element "
                         "of an adaptive average pool, 4 per bilinear output, 0 for fused attention"),
    "timm": Convention("timm GMACs", _fvcore, "fvcore as timm's benchmark calls it: evaluation mode, one image"),
    "lecture": Convention("lecture FLOPs", lambda c: c.macs + c.lecture, "1 per MAC, and k*k per output of a pooling layer (the UMich AlexNet table)"),
}
"""By the name `--count` takes."""

DTYPES: dict[str, int] = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
"""Bytes per element."""

OPTIMIZERS: dict[str, int] = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
"""Copies of the parameters an optimizer keeps as its state."""

LECTURE_LAYERS = ("conv2d", "conv_transpose2d", "linear", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d")
"""The layers whose outputs a lecture adds up as "memory": one per conv, pool and fc."""
