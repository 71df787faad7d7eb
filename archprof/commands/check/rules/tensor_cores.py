"""A channel count that is not a multiple of 8 leaves tensor cores idle in half precision.

Matrix units multiply in tiles: in float16 and bfloat16 channel counts in
multiples of 8 fill them, others are padded or fall back to slower kernels
(NVIDIA, Deep Learning Performance, Convolutional Layers User's Guide). Looked
at are the channels that one dense convolution or linear layer hands to the
next: the input's three and the number of classes are not yours to choose, and
depthwise and grouped convolutions go their own ways. What works on a single
position, as squeeze-and-excitation does, waits for its weights and not for its
arithmetic.

PASS:
```yaml
name: full
input: 3x32x32
layers:
- {op: conv2d, out: 24, kernel: 3}
- {op: relu}
- {op: conv2d, out: 10, kernel: 1}
```

FAIL:
```yaml
name: idle
input: 3x32x32
layers:
- {op: conv2d, out: 20, kernel: 3}
- {op: relu}
- {op: conv2d, out: 10, kernel: 1}
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.graph.graph import Node

TILE = 8  # elements of 2 bytes


def check(subject: CheckedNetwork) -> Iterator[tuple[int, Remark]]:
    """Dense layers whose own channels are not a multiple of 8, before another dense layer.

    How many offsets and masks a deformable convolution takes is not a choice.
    """
    nodes = subject.graph.nodes
    before: list[bool] = [False] * len(nodes)  # whether a dense layer comes later
    for i in range(len(nodes) - 1, -1, -1):
        width = _width(nodes[i])
        if width % TILE and before[i]:
            more = -(-width // TILE) * TILE
            yield (
                i,
                Remark(
                    f"`{nodes[i].path}` ({nodes[i].kind}) gives {width} channels, no multiple of"
                    f" {TILE}: tensor cores idle in half precision",
                    (f"{more - TILE} or " if more > TILE else "") + f"{more} channels",
                ),
            )
        inputs = nodes[i].inputs[:1] if nodes[i].op.family == "convolution" else nodes[i].inputs
        for source in inputs:
            if source >= 0:
                before[source] |= before[i] or width > 0


def _width(node: Node) -> int:
    """The output channels of a layer that is one matrix product over several positions, 0 of any
    other.
    """
    window = node.op.sliding_window()
    if not node.output:  # a captured product that gives one number
        return 0
    if node.op.family == "linear":
        width = node.output[-1]
    elif node.op.family == "convolution" and window is not None and window.groups == 1:
        width = node.output[0]
    else:
        return 0
    return width if math.prod(node.output) > width else 0
