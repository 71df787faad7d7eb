"""A name in a `from` may be meant for a layer outside, and is that of one inside.

A layer inside a group has the name of one outside that the group can see, and a
`from` further down in the group says it: that takes the inner one, silently,
where the outer one may have been meant.

PASS:
```yaml
name: apart
input: 3x32x32
layers:
  stem: {op: conv2d, out: 8, kernel: 3, padding: 1}
  body:
    layers:
      conv: {op: conv2d, out: 8, kernel: 3, padding: 1}
      add: {op: add, from: [conv, stem]}
```

PASS:
```yaml
name: named_alike  # as a head's own norm is, in public implementations
input: 3x32x32
layers:
  norm: {op: batch_norm2d}
  head: {layers: {norm: {op: batch_norm2d}, relu: {op: relu}}}
```

FAIL:
```yaml
name: hidden
input: 3x32x32
layers:
  conv: {op: conv2d, out: 8, kernel: 3, padding: 1}
  body:
    layers:
      conv: {op: conv2d, out: 8, kernel: 3, padding: 1}
      add: {op: add, from: [conv, input]}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archprof.commands.check import document_walk
from archprof.language.document import Body, Document
from archprof.problem import Mark, Problem


def check(document: Document) -> Iterator[Problem]:
    """Yield names of inner layers that a body around them has already, and that are taken."""
    if document.body:
        yield from _inside(document.body, {})
    for block in document.blocks.values():
        yield from _inside(block.body, dict.fromkeys(block.inputs, block.mark))


def _inside(body: Body, outer: Mapping[str, Mark]) -> Iterator[Problem]:
    """Yield those in a body; `outer` has the names around it and their places."""
    seen = dict(outer)
    for place, layer in enumerate(body.layers):
        if layer.key and layer.key in outer and layer.key in _taken(body, place + 1):
            yield Problem(
                layer.mark,
                "shadow",
                f"layer `{layer.key}` hides the `{layer.key}` of line {outer[layer.key].line}",
                "choose another name",
            )
        if layer.body:
            yield from _inside(layer.body, seen)
        if layer.key:
            seen[layer.key] = layer.mark


def _taken(body: Body, start: int) -> set[str]:
    """Return the first parts of the names that a body's layers take, from one of them on."""
    below = body.replaced(layers=body.layers[start:])
    return {str(name).partition(".")[0] for name in document_walk.references(below)}
