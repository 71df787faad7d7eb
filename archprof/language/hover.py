"""The texts that an editor shows over the words of a spec.

Ops have their docstrings, settings and keys the sentences here.
"""

from __future__ import annotations

import inspect
from typing import Any

from archprof.ops.base import Op

KEYS: dict[str, str] = {
    "year": "When it was published.",
    "aliases": "Other names that the command line knows it by.",
    "init": (
        "How weights start, by op: {conv2d: {weight: {kaiming_normal: fan_out}, bias: 0}}. Without"
        " it, as torch's own modules do."
    ),
    "blocks": "Named pieces with parameters, for `block:` to put in place.",
    "layers": (
        "The layers in order: a mapping names them, a list numbers them as nn.Sequential does. Each"
        " takes what the one above gives."
    ),
    "output": "The layers whose outputs it gives; without it, the last one's.",
    "variants": (
        "The networks of a family: names, each with values for the parameters and what it says of"
        " itself in the family's place."
    ),
    "inputs": "Names for what the block is given, where that is more than one tensor.",
    "op": "The operation: `archprof conventions` lists them.",
    "block": "The block to put here, by name.",
    "with": "Values for the block's parameters.",
    "first": "Values for the first turn of the `repeat` alone.",
    "network": "A shipped network to put here, by name: `archprof list`.",
    "shape": (
        "What must come out here, such as 96x55x55; the error shows the arithmetic where something"
        " else does."
    ),
    "share": "The layer whose weights this one uses; they count once.",
    "layer-init": (
        "How this layer's weights start: {weight: 0}, or a scheme such as {weight: {normal: 0.01}}."
    ),
}
EXPECT: dict[str, str] = {
    "params": "Trainable elements, auxiliary heads included; a shared weight counts once.",
    "buffers": "Elements of running statistics and tables.",
    "macs": (
        "Multiply-accumulates of convolutions, linear layers and matrix products: what papers call"
        " FLOPs."
    ),
    "flops": "All arithmetic in evaluation, 2 per MAC.",
    "depth": "Convolutions and linear layers on the longest path.",
    "weight_bytes": "Parameters and buffers in float32.",
    "peak_inference_bytes": (
        "The largest sum of weights, input and outputs still needed, for one image in float32."
    ),
    "saved_bytes": "What autograd keeps for the backward pass, for one image in float32.",
    "output": "The shape that the network gives.",
    "receptive_field": (
        "Pixels seen by the layer that sees most without seeing everything: by its widest unit,"
        " padding included."
    ),
}
BUDGET: dict[str, str] = {
    "max_params": "At most so many parameters: 25_600_000, or 25.6M.",
    "max_macs": "At most so many multiply-accumulates: 4_100_000_000, or 4.1G.",
    "max_peak_memory": "At most so many bytes at the peak of inference: 125_829_120, or 120 MiB.",
    "max_depth": "At most so many convolutions and linear layers on the longest path.",
    "min_receptive_field": "A layer must see so many pixels at least.",
    "max_latency_ms": "At most so many milliseconds, where there is a device to measure on.",
}
SETTINGS: dict[str, str] = {
    "out": "Channels, or features, that it gives.",
    "kernel": "Height and width of the window.",
    "stride": "How far the window moves from one output to the next.",
    "padding": "Pixels added on each side.",
    "dilation": "How far apart the taps of the window lie.",
    "groups": (
        "Channels are cut into so many groups, each seen on its own; as many as there are channels"
        " is depthwise."
    ),
    "bias": "Whether a learned bias is added.",
    "table": "For each output channel the input channels that it sees, from 0.",
    "output_padding": (
        "Rows and columns added to the output at one side, where the stride leaves several sizes to"
        " choose from."
    ),
    "gamma": "The gain of the activation before it.",
    "eps": "Added to what is divided by.",
    "size": "The size.",
    "value": "What it starts from.",
    "dim": "The dimension, the batch not counted; from the end where negative.",
    "factor": "How many times.",
    "inplace": "Overwrites its input, which then needs no memory of its own.",
    "batched": "Whether the weight's shape begins with a batch of 1.",
    "heads": "How many heads the channels are divided into.",
    "window": "The side of a window, in tokens.",
    "persistent": "Whether the state dict has its index.",
    "height": "Height of the map, in tokens.",
    "width": "Width of the map, in tokens.",
    "shift": "How far the map was rolled.",
    "buffer": "Whether the mask is kept, outside the state dict, instead of made anew each time.",
    "ceil_mode": "Rounds the output size up instead of down.",
    "count_include_pad": "Whether the mean counts the padding.",
    "momentum": "The weight of a new batch in the running statistics.",
    "affine": "Whether a scale and a shift are learned.",
    "alpha": "alpha of its formula.",
    "beta": "beta of its formula.",
    "k": "k of its formula.",
    "slope": "The slope below zero.",
    "per_channel": "Whether each channel has a slope of its own.",
    "approximate": "Whether the formula with tanh stands in for the exact one.",
    "start": "The first one.",
    "stop": "The one behind the last.",
    "step": "From each to the next.",
    "mode": "nearest or bilinear.",
    "end": "The last dimension of those that are joined.",
    "order": "Where each dimension comes from, the batch not counted.",
    "sides": "Pixels added at [left, right, top, bottom]; negative ones crop.",
    "channels": "Channels added [before, after].",
    "lowest": "Pads with minus infinity instead of zeros, for a max pooling.",
    "shifts": "How far it moves along each of `dims`.",
    "dims": "The dimensions it moves along, the batch not counted.",
    "p": "The probability.",
}
OF_OP: dict[tuple[str, str], str] = {
    ("group_norm", "groups"): "Channels are normalised in so many groups.",
    ("channel_shuffle", "groups"): "Channels are dealt out in so many groups.",
    ("scale", "size"): "The shape of the learned tensor; [] is a single number.",
    ("parameter", "size"): "The shape of the learned tensor.",
    ("adaptive_avg_pool2d", "size"): "Height and width of the output; 1 is global average pooling.",
    ("local_response_norm", "size"): "How many neighbouring channels.",
    ("reshape", "size"): "The new shape, the batch not counted; one dimension may be -1.",
    ("pad", "value"): "What is put around the pixels.",
    ("scale_by", "factor"): "The constant.",
    (
        "pixel_shuffle",
        "factor",
    ): "How many times higher and wider; the channels become fewer by its square.",
    (
        "pixel_unshuffle",
        "factor",
    ): "How many times lower and narrower; the channels become more by its square.",
    ("interpolate", "factor"): "How many times higher and wider.",
    ("pad_same", "kernel"): "Height and width of the window that follows.",
    ("pad_same", "stride"): "The stride of the window that follows.",
    ("pad_same", "dilation"): "The dilation of the window that follows.",
    ("flatten", "start"): "The first dimension of those that are joined, the batch not counted.",
    ("dropout", "p"): "The probability that an element is dropped in training.",
    ("drop_path", "p"): "The probability that a sample's branch is dropped in training.",
}


def of_op(op: type[Op]) -> str:
    """Return what an op is: its docstring, each paragraph in one line."""
    return "\n\n".join(" ".join(part.split()) for part in (inspect.getdoc(op) or "").split("\n\n"))


def of_setting(name: str, op: type[Op], setting: str) -> str:
    """Return what a setting of the op `name` means, what it expects, and its default."""
    declared = op.settings[setting]
    default = "" if declared.required else f" Default: {_written(declared.default)}."
    meaning = OF_OP.get((name, setting), SETTINGS.get(setting, ""))
    return f"{meaning} Expects {declared.kind.expected}.{default}".strip()


def _written(value: Any) -> str:
    """Return a default as a spec writes it."""
    if isinstance(value, tuple):
        pair = len(value) == 2 and value[0] == value[1]
        return str(value[0]) if pair else str(list(value))
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)
