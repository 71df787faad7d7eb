"""A layer inside a group has the name of one outside that the group can see.

From there on the name means the inner layer: a `from` further down in the
group, written for the outer one, silently takes the other.

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

from archprof.language.document import Body, Document
from archprof.problem import Mark, Problem


def check(document: Document) -> Iterator[Problem]:
    """Yield names of inner layers that a body around them has already."""
    if document.body:
        yield from _inside(document.body, {})
    for block in document.blocks.values():
        yield from _inside(block.body, dict.fromkeys(block.inputs, block.mark))


def _inside(body: Body, outer: Mapping[str, Mark]) -> Iterator[Problem]:
    """Yield those in a body; `outer` has the names around it and their places."""
    seen = dict(outer)
    for layer in body.layers:
        if layer.key and layer.key in outer:
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
