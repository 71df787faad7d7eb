"""Which names the values of a spec read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archprof.language.document import (
    Block,
    Body,
    ComputedReference,
    Document,
    Layer,
    NamePattern,
    Template,
)
from archprof.language.expression import Expression, choices

TURN = frozenset(("index", "count"))
"""The built-in names that say which turn of a repeat it is."""


def names_read(data: Any) -> set[str]:
    """Return the names that a value of a spec reads: an expression, or what has some in it."""
    if isinstance(data, Expression):
        return set(data.names)
    if isinstance(data, Template):
        return set() if data.constant else names_read(data.data)
    if isinstance(data, ComputedReference):
        return names_read(data.expressions)
    if isinstance(data, NamePattern):
        return names_read(data.parts)
    if isinstance(data, Mapping):
        data = tuple(data.values())
    if isinstance(data, (list, tuple)):
        return {name for item in data for name in names_read(item)}
    return set()


def targets(layer: Layer, document: Document) -> list[tuple[Block, Document]]:
    """Return the blocks that an entry may stand for, each with its file."""
    target = layer.target
    wanted: Iterable[str] | None = None
    if target is not None:
        wanted = [target.data] if target.constant else choices(target.data)
    if wanted is None:
        wanted = (*document.blocks, *document.homes)
    found = []
    for name in sorted(wanted):
        if name in document.blocks:
            found.append((document.blocks[name], document))
        elif name in document.homes:
            home = document.homes[name]
            found.append((home.blocks[name], home))
    return found


class TurnReaders:
    """Finds the blocks that read which turn of a repeat around them it is."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}  # by the block's identity

    def read_by(self, block: Block, home: Document) -> bool:
        """Whether a block of the file `home` reads the turn that it is used in, or may."""
        found = self._known.get(id(block))
        if found is None:
            self._known[id(block)] = True  # of a block inside itself it is taken for granted
            own = bool(TURN & names_read((block.params, block.lets)))
            found = self._known[id(block)] = own or self._body(block.body, home)
        return found

    def _body(self, body: Body, document: Document) -> bool:
        own = bool(TURN & names_read(body.output))
        return own or any(self._layer(layer, document) for layer in body.layers)

    def _layer(self, layer: Layer, document: Document) -> bool:
        around = (layer.when, layer.repeat, layer.sources)
        if TURN & names_read(around):
            return True
        if layer.repeat is not None:  # the rest reads its own turns
            return False
        own = (layer.target, layer.settings, layer.first, layer.name)
        others = (layer.shape, layer.share, layer.init, layer.frozen)
        if TURN & names_read((own, others)):
            return True
        if layer.body is not None:
            return self._body(layer.body, document)
        return layer.target_kind == "block" and any(
            self.read_by(inner, home) for inner, home in targets(layer, document)
        )
