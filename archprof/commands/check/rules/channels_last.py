"""The network's input is written as height x width x channels, as TensorFlow has it.

archprof and torch count channels first: of 32x32x3, a convolution takes 32
channels of 32x3 pixels, and its parameters and MACs are those of another
network. Warned of is a square image of 1 or 3 channels that goes straight into
a convolution, a pooling or a batch norm. A permute before it, for images that
are stored so, is left alone.

PASS:
```yaml
name: channels_first
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3, padding: 1}]
```

PASS:
```yaml
name: permuted
input: 32x32x3
layers:
- {op: permute, order: [2, 0, 1]}
- {op: conv2d, out: 8, kernel: 3, padding: 1}
```

FAIL:
```yaml
name: channels_last  # 3*3*32*8 + 8 parameters, not 3*3*3*8 + 8
input: 32x32x3
layers: [{op: conv2d, out: 8, kernel: 3, padding: 1}]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.commands.check.rules.forgotten_flatten import OF_IMAGES


def check(subject: CheckedNetwork) -> Iterator[tuple[int, Remark]]:
    """Yield the first layer that takes such an input for an image."""
    given = subject.graph.input
    if len(given) != 3:
        return
    height, width, channels = given
    if height != width or channels not in (1, 3) or channels >= height:
        return
    for i, node in enumerate(subject.graph.nodes):
        if -1 in node.inputs and node.kind in OF_IMAGES:
            yield (
                i,
                Remark(
                    f"`{node.path}` ({node.kind}) takes the input {units.shape(given)} for {height}"
                    f" channels of {width}x{channels} pixels",
                    f"channels come first: write {units.shape((channels, height, width))}",
                ),
            )
            return
