"""What kind of layer one is, finer than its op."""

from __future__ import annotations

from archprof import units
from archprof.analysis.layer_analysis import LayerAnalysis


def describe_kind(row: LayerAnalysis) -> str:
    """Return a layer's kind in words: conv2d 3x3 depthwise, max_pool2d 2x2, batch_norm2d."""
    window, text = row.node.op.sliding_window(), row.node.kind
    if window is None:
        return text
    text += f" {units.shape(window.kernel)}"
    if text.startswith("conv") and window.groups is not None and window.groups > 1:
        text += " depthwise" if window.groups == row.node.facts.inputs[0][0] else " grouped"
    return text
