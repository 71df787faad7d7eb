"""An input of a block that no layer of it takes.

What a caller sends there is lost. Its name is missing in a `from`, or it can go.
The first of a block's inputs is what its first layer takes without a `from`. The
inputs of blocks that are chosen by an expression are left alone: such blocks take
each other's, needed or not.

PASS:
```yaml
name: taken
input: 3x32x32
blocks:
  merge:
    inputs: [now, before]
    layers: {conv: {op: conv2d, out: 3, kernel: 1}, add: {op: add, from: [conv, before]}}
layers: {conv: {op: conv2d, out: 3, kernel: 1}, merge: {block: merge, from: [conv, input]}}
```

FAIL:
```yaml
name: lost
input: 3x32x32
blocks:
  merge:
    inputs: [now, before]
    layers: {conv: {op: conv2d, out: 3, kernel: 1}}
layers: {conv: {op: conv2d, out: 3, kernel: 1}, merge: {block: merge, from: [conv, input]}}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.check import document_walk
from archprof.commands.check.rules.unused_parameter import chosen_blocks
from archprof.language.document import Block, Document
from archprof.problem import Problem


def check(document: Document) -> Iterator[Problem]:
    """Yield inputs that no `from` and no `output` of their block names."""
    chosen = chosen_blocks(document)
    for name, block in document.blocks.items():
        if name not in chosen:
            yield from _unused(block)


def _unused(block: Block) -> Iterator[Problem]:
    """Yield a block's inputs whose names nothing begins with."""
    named = [str(reference) for reference in document_walk.references(block.body)]
    first = block.body.layers[0] if block.body.layers else None
    flows = first is not None and first.sources is None
    for name in block.inputs[flows:]:
        # a computed name may be any that begins as it does
        taken = any(
            text == name or text.startswith((f"{name}.", f"{name} ")) or _computed(text, name)
            for text in named
        )
        if not taken:
            yield Problem(
                block.mark,
                "unused-input",
                f"nothing in block `{block.name}` takes its input `{name}`",
                f"name it in a `from`, as from: {name}, or remove it from `inputs`",
            )


def _computed(text: str, name: str) -> bool:
    """Return whether a name that is computed may turn out as this one."""
    before, brace, _ = text.partition("{")
    return bool(brace) and name.startswith(before)
