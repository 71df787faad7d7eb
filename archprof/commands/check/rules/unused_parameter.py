"""A parameter, or a value of `let`, that no expression uses.

Whoever sets it changes nothing. The parameters of blocks that are chosen by an
expression are left alone: such blocks take each other's arguments, needed or
not.

PASS:
```yaml
name: used
input: 3x32x32
params: {width: 16}
layers: [{op: conv2d, out: $width, kernel: 3}]
```

FAIL:
```yaml
name: forgotten
input: 3x32x32
params: {width: 16}
layers: [{op: conv2d, out: 16, kernel: 3}]
```

FAIL:
```yaml
name: of_a_block
input: 3x32x32
blocks:
  unit:
    params: {out: , stride: 1}
    layers: [{op: conv2d, out: $out, kernel: 3}]
layers: [{block: unit, with: {out: 8}}]
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archprof.commands.check import document_walk
from archprof.commands.check.rules.unused_block import words
from archprof.language.document import Document, Template
from archprof.problem import Mark, Problem


def check(document: Document) -> Iterator[Problem]:
    """Yield names that a file and its blocks do not use, and names of a block that it does not."""
    everywhere = document_walk.used(
        document_walk.values(document.params, document.lets, document.init)
    )
    everywhere |= document_walk.used(document_walk.of_body(document.body))
    for block in document.blocks.values():
        everywhere |= document_walk.used(document_walk.of_block(block))
    yield from _unused("the spec", document.params, document.lets, everywhere, document.mark)
    chosen = chosen_blocks(document)
    for name, block in document.blocks.items():
        if name not in chosen:
            yield from _unused(
                f"block `{name}`",
                block.params,
                block.lets,
                document_walk.used(document_walk.of_block(block)),
                block.mark,
            )


def chosen_blocks(document: Document) -> set[str]:
    """Return the words that may be the name of a block which an expression chooses."""
    variants = [variant.values for variant in document.variants.values()]
    chosen = words(document_walk.values(document.params, document.lets, variants))
    for body in document_walk.bodies(document):
        for layer in body.layers:
            if layer.target_kind == "block" and layer.target and not layer.target.constant:
                chosen |= words(document_walk.values(layer.target))
    return chosen


def _unused(
    owner: str,
    params: dict[str, Template | None],
    lets: Mapping[str, Template],
    found: set[str],
    mark: Mark,
) -> Iterator[Problem]:
    """Yield the parameters and values of an owner that are not among the names found."""
    for what, names in (("parameter", params), ("value", lets)):
        for name, default in names.items():
            if name not in found:
                yield Problem(
                    default.mark if default else mark,
                    "unused-parameter",
                    f"nothing uses the {what} `{name}` of {owner}",
                    f"write ${name} where it matters, or remove it",
                )
