"""A linear layer on channels x height x width multiplies along the width alone.

torch's Linear works on the last dimension, whatever it is: on 512x7x7 it has 7
inputs, not 25,088, and nothing fails. A flatten is missing before it, or, where
it is meant for each pixel's channels, a permute to height x width x channels,
as in Swin and ConvNeXt. Tensors count as channels x height x width from the
network's input, and from every convolution, pooling or batch norm, until a
permute, a reshape, a flatten, a norm over the last dimension or a linear layer.
One that keeps a width above 1 is left alone: it mixes columns on purpose, as
sMLPNet's do (Tang et al. 2021, arXiv 2109.05422).

PASS:
```yaml
name: flattened
input: 512x7x7
layers: [{op: flatten}, {op: linear, out: 10}]
```

PASS:
```yaml
name: channels_last
input: 96x7x7
layers:
- {op: permute, order: [1, 2, 0]}
- {op: linear, out: 384}
- {op: gelu}
- {op: linear, out: 96}
- {op: permute, order: [2, 0, 1]}
```

FAIL:
```yaml
name: forgotten  # (7 + 1)*10 parameters, 512x7x10 out
input: 512x7x7
layers: [{op: relu}, {op: linear, out: 10}]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.commands.check.base import Remark, Subject
from archprof.graph.graph import Graph
from archprof.ops.attention import Attention, MultiheadAttention
from archprof.ops.convolution import Conv2d, ConvTranspose2d
from archprof.ops.linear import Linear
from archprof.ops.normalization import (
    BatchNorm2d,
    GlobalResponseNorm,
    LayerNorm,
    LayerNorm2d,
    RmsNorm,
)
from archprof.ops.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from archprof.ops.reshape import Flatten, Permute, Reshape, WindowPartition, WindowReverse
from archprof.ops.resize import Interpolate

REARRANGES = (
    Linear,
    Permute,
    Reshape,
    Flatten,
    LayerNorm,
    RmsNorm,
    GlobalResponseNorm,
    Attention,
    MultiheadAttention,
    WindowPartition,
    WindowReverse,
)
"""Ops whose output is not channels x height x width, or that would make no sense on it."""


OF_IMAGES = (
    Conv2d,
    ConvTranspose2d,
    MaxPool2d,
    AvgPool2d,
    AdaptiveAvgPool2d,
    BatchNorm2d,
    LayerNorm2d,
    Interpolate,
)
"""Ops that make sense on nothing else."""


def check(subject: Subject) -> Iterator[tuple[int, Remark]]:
    """Yield linear layers on images."""
    nodes = subject.graph.nodes
    if not any(isinstance(node.op, Linear) for node in nodes):
        return
    images = _images(subject.graph)
    for i, node in enumerate(nodes):
        if not isinstance(node.op, Linear) or node.inputs[0] not in images:
            continue
        shape = node.facts.inputs[0]
        if node.op.out != shape[-1] or shape[-1] == 1:
            yield (
                i,
                Remark(
                    f"`{node.path}` (linear) on {units.shape(shape)} multiplies along the width,"
                    f" {shape[-1]} to {node.op.out}, in each of {shape[0]} channels",
                    "a flatten before it, or a permute that puts the channels last",
                ),
            )


def _images(graph: Graph) -> set[int]:
    """Return the nodes whose output is channels x height x width, -1 for the network's input."""
    images = {-1} if len(graph.input) == 3 else set()
    for i, node in enumerate(graph.nodes):
        keeps = not images.isdisjoint(node.inputs) and not isinstance(node.op, REARRANGES)
        if len(node.output) == 3 and (keeps or isinstance(node.op, OF_IMAGES)):
            images.add(i)
    return images
