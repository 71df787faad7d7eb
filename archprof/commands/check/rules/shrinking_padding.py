"""Padding that is too little for its window: the layer shrinks its input though it pads.

With a stride S, N rows usually become ceil(N/S). No padding at all says that a
window keeps to its input; padding says that the size is to be kept, and then it
has to be enough. 2P >= D(K - 1) keeps the size at stride 1.

PASS:
```yaml
name: kept
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 5, padding: 2}]
```

PASS:
```yaml
name: valid
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 5}]
```

FAIL:
```yaml
name: shrunk  # 32 + 2 - 5 + 1 = 30
input: 3x32x32
layers: [{op: conv2d, out: 8, kernel: 5, padding: 1}]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.commands.check.windows import windows


def check(subject: CheckedNetwork) -> Iterator[tuple[int, Remark]]:
    """Yield layers with padding whose output is smaller than their input over the stride."""
    for i, node in enumerate(subject.graph.nodes):
        for window in windows(node):
            whole = -(-window.size // window.stride)
            if window.first < 0 and window.number < whole:
                over = f"/{window.stride}" if window.stride > 1 else ""
                way_out = "an even window keeps the size only behind a `pad` layer"
                if window.span % 2:
                    way_out = f"padding: {window.span // 2} keeps the size"
                yield (
                    i,
                    Remark(
                        f"`{node.path}` ({node.kind}) pads {-window.first}, and {window.size}{over}"
                        f" {window.axis} become {window.number}, not {whole}",
                        f"{way_out}, padding: 0 says that it is to shrink",
                    ),
                )
                break
