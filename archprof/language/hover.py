"""The texts that an editor shows over the words of a spec.

Ops have their docstrings, their settings the sentences where they are declared, keys the sentences
here.
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
    "network-inputs": (
        "The network's inputs by name, where it has several: {image: 3x224x224, tokens: {shape: 77,"
        " dtype: int64, below: 49408}}. The first is what the first layer takes."
    ),
    "inputs": (
        "Names for what the block is given, where that is more than one tensor. `others...` at the"
        " end are all that is left."
    ),
    "op": "The operation: `archprof ops` lists them.",
    "block": "The block to put here, by name.",
    "with": "Values for the block's parameters.",
    "first": "Values for the first turn of the `repeat` alone.",
    "network": "A shipped network to put here, by name: `archprof list`.",
    "shape": (
        "What must come out here, such as 96x55x55; the error shows the arithmetic where something"
        " else does."
    ),
    "share": (
        "The layer, block, group or network whose weights this one uses, layer by layer; they count"
        " once."
    ),
    "layer-init": (
        "How this layer's weights start: {weight: 0}, or a scheme such as {weight: {normal: 0.01}}."
    ),
}
INPUT: dict[str, str] = {
    "shape": "Its shape, the batch not counted: 77, 3x224x224.",
    "dtype": "Its own dtype, of whole numbers. Without it, fractions of the dtype asked for.",
    "below": "All of its whole numbers are from 0 to below this: of tokens, the vocabulary's size.",
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
    "max_training_memory": (
        "At most so many bytes at the peak of a step of training: 25_769_803_776, or 24 GiB."
    ),
    "max_step_flops": "At most so many FLOPs in a step of training: 12_300_000_000, or 12.3G.",
    "max_depth": "At most so many convolutions and linear layers on the longest path.",
    "min_receptive_field": "A layer must see so many pixels at least.",
    "max_latency_ms": "At most so many milliseconds, where there is a device to measure on.",
}
CONDITIONS: dict[str, str] = {
    "batch": "The images at a time, under which the limits beside it hold; 1 without it.",
    "dtype": "The dtype of activations and weights; float32 without it.",
    "optimizer": "Of a step of training: sgd, adamw and others; behind it words: [adamw, fused].",
    "amp": "Of a step of training: torch.autocast with bfloat16 or float16.",
    "freeze": "Of a step of training: patterns of parameters that are not trained: [features.*].",
    "checkpoint": (
        "Of a step of training: a block, or paths, that run again in the backward pass; auto: what"
        " lets it keep to its max_training_memory for the fewest FLOPs."
    ),
    "accumulate": "Of a step of training: batches whose gradients are added up for one update.",
    "device": "Of a step of training: by whose rules it is run, cuda (the usual) or cpu.",
}


def of_op(op: type[Op]) -> str:
    """Return what an op is: its docstring, each paragraph in one line."""
    return "\n\n".join(" ".join(part.split()) for part in (inspect.getdoc(op) or "").split("\n\n"))


def of_setting(op: type[Op], setting: str) -> str:
    """Return what a setting of the op means, what it expects, and its default."""
    declared = op.settings[setting]
    default = "" if declared.required else f" Default: {written(declared.default)}."
    return f"{declared.about} Expects {declared.kind.expected}.{default}".strip()


def written(value: Any) -> str:
    """Return a default as a spec writes it."""
    if isinstance(value, tuple):
        pair = len(value) == 2 and value[0] == value[1]
        return str(value[0]) if pair else str(list(value))
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)
