"""Small networks of which every number is known by hand."""

from __future__ import annotations

from archprof.analysis.analysis import Analysis, analyze
from tests.small import graph_of

SIZE = (4, 6, 8)
MAP = 4 * 6 * 8 * 4  # bytes of a 4x6x8 map in float32: 768
CONV = "op: conv2d, out: 4, kernel: 1, bias: false"
PARAMS = 4 * 4
MACS = 4 * 4 * 6 * 8  # 768
FLOPS = 2 * MACS
MOVED = MAP + 4 * PARAMS + MAP  # input, weights, output: 1600


def chain(*names: str, layer: str = CONV) -> Analysis:
    """Return convolutions one behind the other, over 4 channels of 6x8 places."""
    return analyze(graph_of(dict.fromkeys(names, layer), SIZE), count="macs")
