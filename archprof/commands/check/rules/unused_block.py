"""A block that no layer uses.

It is read and never built, so nothing checks its shapes. A file of blocks alone
is for others to `use:`, and has none that are unused. A block whose name stands
among the values of parameters or in an expression counts as used, as one that
is chosen by `block: $kind` is.

PASS:
```yaml
name: used
input: 3x32x32
blocks:
  unit: {layers: [{op: conv2d, out: 8, kernel: 3}, {op: relu}]}
layers: [{block: unit}]
```

FAIL:
```yaml
name: forgotten
input: 3x32x32
blocks:
  unit: {layers: [{op: conv2d, out: 8, kernel: 3}, {op: relu}]}
layers: [{op: relu}]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archprof.commands.check import document_walk
from archprof.language.document import Document
from archprof.language.expression import Expression
from archprof.problem import Problem


def check(document: Document) -> Iterator[Problem]:
    """Yield blocks that cannot be reached from the layers by any name."""
    if document.body is None:
        return
    variants = [variant.values for variant in document.variants.values()]
    found = words(document_walk.values(document.params, document.lets, variants))
    found |= words(document_walk.of_body(document.body))
    waiting = [name for name in document.blocks if name in found]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            named = words(document_walk.of_block(document.blocks[name]))
            waiting += (other for other in named if other in document.blocks)
    for name, block in document.blocks.items():
        if name not in reached:
            yield Problem(
                block.mark,
                "unused-block",
                f"no layer uses the block `{name}`",
                "remove it, or move it into a file of blocks for others to use",
            )


def words(found: Iterator[str | Expression]) -> set[str]:
    """Return the texts, and those in quotes inside expressions."""
    texts: set[str] = set()
    for value in found:
        if isinstance(value, Expression):
            texts.update(re.findall(r"['\"]([^'\"]*)['\"]", value.text))
        else:
            texts.add(value)
    return texts
