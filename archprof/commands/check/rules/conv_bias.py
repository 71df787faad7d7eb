"""A convolution's bias right before a batch norm does nothing.

Batch norm subtracts each channel's mean, and with it whatever was added to the
whole channel: the bias is trained, stored and added for nothing (Ioffe, Szegedy
2015, arXiv 1502.03167, Section 3.2). Public implementations that keep it keep
it for the weights they were published with: suppress it there, and say so.

PASS:
```yaml
name: without
input: 3x32x32
layers:
  conv: {op: conv2d, out: 16, kernel: 3, bias: false}
  norm: {op: batch_norm2d}
```

FAIL:
```yaml
name: with
input: 3x32x32
layers:
  conv: {op: conv2d, out: 16, kernel: 3}
  norm: {op: batch_norm2d}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof import units
from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.ops.normalization import BatchNorm2d


def check(subject: CheckedNetwork) -> Iterator[tuple[int, Remark]]:
    """Biases that only batch norms read; a bias that two layers share is left alone."""
    nodes = subject.graph.nodes
    shared = {node.shares for node in nodes}
    for i, node in enumerate(nodes):
        if (
            node.op.family != "convolution"
            or "bias" not in node.facts.weights
            or node.shares is not None
            or i in shared
            or i in subject.kept
        ):
            continue
        followers = subject.followers[i]
        if followers and all(isinstance(nodes[f].op, BatchNorm2d) for f in followers):
            bias, norm = units.exact(node.facts.weights["bias"].elements), nodes[followers[0]].path
            yield (
                i,
                Remark(
                    f"`{node.path}` adds a bias, and `{norm}` (batch_norm2d) takes it away again:"
                    f" {bias} parameters that do nothing",
                    "bias: false",
                ),
            )
