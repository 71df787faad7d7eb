"""The first layer of a group reads `input`, which is the group's, not the block's.

`input` is of the innermost network, block or group. The first layer of a group
reads the group's input anyway, that is the layer above the group, so that
`from: input` there changes nothing; who writes it means the input of the block
or network around. Say so at the group.

PASS:
```yaml
name: beside
input: 8x32x32
layers:
  stem: {op: conv2d, out: 8, kernel: 3, padding: 1}
  branch:
    from: input
    layers:
    - {op: conv2d, out: 8, kernel: 1}
    - {op: relu}
  add: {op: add, from: [stem, branch]}
```

FAIL:
```yaml
name: behind  # the convolution reads `stem`
input: 8x32x32
layers:
  stem: {op: conv2d, out: 8, kernel: 3, padding: 1}
  branch:
  - {op: conv2d, from: input, out: 8, kernel: 1}
  - {op: relu}
  add: {op: add, from: [stem, branch]}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.check import document_walk
from archprof.language.document import Document, Layer
from archprof.problem import Problem


def check(document: Document) -> Iterator[Problem]:
    """Yield the first layers of groups that name `input`.

    A group that is the first layer of the body around it reads that body's input anyway.
    """
    for body in document_walk.bodies(document):
        for group in body.layers[1:]:  # the first layer's input is that of the body around
            first = _first(group)
            if first is not None and _reads_input(first):
                called = f"of group `{group.key}`" if group.key else "of this group"
                yield Problem(
                    first.mark,
                    "group-input",
                    f"`from: input` at the first layer {called} is the group's input, which it"
                    " reads anyway",
                    "for the input of what is around, give it to the group: {from: input, layers:"
                    " [...]}",
                )


def _first(group: Layer) -> Layer | None:
    """Return the layer a group begins with, None where it is none or states its own input."""
    layer: Layer | None = group
    while layer is not None and layer.body is not None:
        layer = layer.body.layers[0] if layer.body.layers and layer.sources is None else None
    return layer if layer is not group else None


def _reads_input(layer: Layer) -> bool:
    return layer.sources is not None and [str(source) for source in layer.sources] == ["input"]
