"""A network of four layers, its times and a device's peaks, made of paper."""

from __future__ import annotations

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.measure.judging.roofline import Peaks
from archprof.commands.measure.layers.times import LayerTime, LayerTimes
from tests.small import graph_of

PEAKS = Peaks("paper", "float32", 1e9, 1e8, ((1024, 4e8), (10**6, 1e8)), 1e-6)


TIMES = LayerTimes(
    (
        LayerTime(0, "c", 0.040),
        LayerTime(1, "r", 0.010),
        LayerTime(2, "d", 0.020),
        LayerTime(3, "f", 0.0001),
    ),
    0.075,
    0.0004,
    20,
)


def analysis(batch: int = 100) -> Analysis:
    """FLOPs: 9,216,000 = 100*(2*16*9 + 0)*... of each convolution; the rest by the table."""
    layers = {
        "c": "op: conv2d, out: 4, kernel: 3, padding: 1, bias: false",
        "r": "op: relu",
        "d": "op: conv2d, out: 4, kernel: 3, padding: 1, bias: false",
        "f": "op: flatten",
    }
    return analyze(graph_of(layers, (4, 8, 8)), batch)
