"""A window whose stride does not come out even drops the last pixels of its input.

`floor((N + 2P - K)/S) + 1` windows fit; where the division leaves a remainder,
rows and columns at the far edge may be read by no window. What falls into the
padding is not a loss, and neither is what a stride larger than the kernel skips
everywhere.

PASS:
```yaml
name: even
input: 3x33x33
layers: [{op: conv2d, out: 8, kernel: 3, stride: 2}]
```

PASS:
```yaml
name: into_the_padding  # (32 + 2 - 3)/2 + 1 = 16.5: dropped is a row of zeros
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3, stride: 2, padding: 1}]
```

FAIL:
```yaml
name: odd  # (32 - 3)/2 + 1 = 15.5: 15 windows end at row 31
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 3, stride: 2}]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.commands.check.windows import windows


def check(subject: CheckedNetwork) -> Iterator[tuple[int, Remark]]:
    """Yield layers that drop rows or columns behind the last window.

    There are more of them than the stride skips between windows.
    """
    for i, node in enumerate(subject.graph.nodes):
        for window in windows(node):
            seen = (window.number - 1) * window.stride + window.last + 1
            dropped = window.size - seen
            if dropped > max(0, window.stride - window.span):
                way_out = ", or ceil_mode: true" if "ceil_mode" in node.op.settings else ""
                yield (
                    i,
                    Remark(
                        f"`{node.path}` ({node.kind}) never reads the last {dropped} of"
                        f" {window.size} {window.axis}: {'; '.join(node.facts.notes)}",
                        f"an input of {seen} {window.axis}, or padding{way_out}",
                    ),
                )
                break
