"""Walk through a document: its layers at all levels, its texts, and the names they use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archprof.language.document import (
    AnyReference,
    Block,
    Body,
    ComputedReference,
    Document,
    Layer,
    Template,
)
from archprof.language.expression import Expression


def layers(body: Body | None) -> Iterator[Layer]:
    """Yield every layer of a body, those inside groups too."""
    for layer in body.layers if body else ():
        yield layer
        yield from layers(layer.body)


def bodies(document: Document) -> Iterator[Body]:
    """Yield the bodies of the network and of its blocks, and those of the groups in them."""
    for top in (document.body, *(block.body for block in document.blocks.values())):
        if top:
            yield top
            yield from (layer.body for layer in layers(top) if layer.body)


def values(*templates: Any) -> Iterator[str | Expression]:
    """Yield the texts and expressions in templates and plain data, at all levels."""
    for data in templates:
        if isinstance(data, Template):
            yield from values(data.data)
        elif isinstance(data, (list, tuple)):
            yield from values(*data)
        elif isinstance(data, dict):
            yield from values(*data.values())
        elif isinstance(data, (str, Expression)):
            yield data


def of_layer(layer: Layer) -> Iterator[str | Expression]:
    """Yield the texts and expressions of one layer, not of those inside it."""
    parts = []
    if layer.name:
        parts = [part for part in layer.name.parts if isinstance(part, Expression)]
    # no block, though one may have its name
    named_op = layer.target_kind == "op" and layer.target is not None and layer.target.constant
    yield from values(
        None if named_op else layer.target,
        layer.settings,
        layer.first,
        layer.when,
        layer.repeat,
        layer.shape,
        layer.init,
        parts,
    )
    yield from _computed(layer.sources)
    yield from _computed((layer.share,) if layer.share else ())
    if layer.body:
        yield from _computed(layer.body.output)


def _computed(references: Sequence[AnyReference] | None) -> Iterator[Expression]:
    """Yield the expressions in the names of layers."""
    for reference in references or ():
        if isinstance(reference, ComputedReference):
            yield from reference.expressions


def references(body: Body | None) -> Iterator[AnyReference]:
    """Yield what the layers of a body take, those inside groups too, and what it gives."""
    for layer in layers(body):
        yield from layer.sources or ()
        if layer.body:
            yield from layer.body.output or ()
    if body:
        yield from body.output or ()


def of_body(body: Body | None) -> Iterator[str | Expression]:
    """Yield the texts and expressions of all layers in a body, and of its output."""
    for layer in layers(body):
        yield from of_layer(layer)
    yield from _computed(body.output if body else None)


def of_block(block: Block) -> Iterator[str | Expression]:
    """Yield the texts and expressions of a block: of parameters' defaults, values and layers."""
    yield from values(block.params, block.lets)
    yield from of_body(block.body)


def used(found: Iterator[str | Expression]) -> set[str]:
    """Return the $names that expressions use."""
    return {name for value in found if isinstance(value, Expression) for name in value.names}
