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
from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.graph.graph import Graph
from archprof.ops import OPS
from archprof.ops.family import Family


def _ops(families: tuple[Family, ...], *names: str) -> frozenset[str]:
    """Return the names of all ops of these families, and these names."""
    return frozenset(names).union(name for name, op in OPS.items() if op.family in families)


REARRANGES = _ops(
    ("linear", "attention", "product"),
    "permute",
    "reshape",
    "flatten",
    "layer_norm",
    "rms_norm",
    "global_response_norm",
    "window_partition",
    "window_reverse",
)
"""Ops whose output is not channels x height x width, or that would make no sense on it: which norms
and movements do that is not a matter of their families.
"""

OF_IMAGES = _ops(("convolution", "pooling", "resize"), "batch_norm2d", "layer_norm2d")
"""Ops that make sense on nothing else."""


def check(subject: CheckedNetwork) -> Iterator[tuple[int, Remark]]:
    """Yield linear layers on images."""
    nodes = subject.graph.nodes
    if not any(node.op.family == "linear" for node in nodes):
        return
    images = _images(subject.graph)
    for i, node in enumerate(nodes):
        if node.op.family != "linear" or len(node.inputs) != 1 or images.isdisjoint(node.inputs):
            continue
        (shape,), out = node.facts.inputs, node.output[-1]
        if out != shape[-1] or shape[-1] == 1:
            yield (
                i,
                Remark(
                    f"`{node.path}` (linear) on {units.shape(shape)} multiplies along the width,"
                    f" {shape[-1]} to {out}, in each of {shape[0]} channels",
                    "a flatten before it, or a permute that puts the channels last",
                ),
            )


def _images(graph: Graph) -> set[int]:
    """Return the nodes whose output is channels x height x width, -1 for the network's input."""
    images = {-1} if len(graph.input) == 3 else set()
    for i, node in enumerate(graph.nodes):
        keeps = not images.isdisjoint(node.inputs) and node.kind not in REARRANGES
        if len(node.output) == 3 and (keeps or node.kind in OF_IMAGES):
            images.add(i)
    return images
