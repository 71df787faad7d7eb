"""What the totals of a layer depend on: which names its expressions read, and how closely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archprof.language.document import (
    BUILT_IN,
    AnyReference,
    Block,
    Body,
    ComputedReference,
    Document,
    Layer,
    Template,
)
from archprof.language.expression import Expression
from archprof.ops import OPS
from archprof.ops.settings import Reads

Uses = dict[str, Reads]
"""By name what the totals read of it, "value" or "ends"; what they do not read is left out."""

ARRIVING = ("channels", "shape")
"""The built-in names that the state of what arrives says."""


def names(data: Any) -> set[str]:
    """Return the names that a value of a spec reads: an expression, or what has some in it."""
    if isinstance(data, Expression):
        return set(data.names)
    if isinstance(data, Template):
        return set() if data.constant else names(data.data)
    if isinstance(data, Mapping):
        data = tuple(data.values())
    if isinstance(data, (list, tuple)):
        return {name for item in data for name in names(item)}
    return set()


def own_names(layer: Layer) -> set[str]:
    """Return the names that an entry itself reads, without what is inside a block or a group."""
    own = (layer.when, layer.repeat, layer.target, layer.frozen, layer.settings, layer.first)
    return names(own)


def is_chain(body: Body) -> bool:
    """Whether each entry takes what the one before it gives, and nothing else."""
    return body.output is None and all(
        layer.sources is None and layer.share is None and not layer.aux and not layer.parallel
        for layer in body.layers
    )


def closed(body: Body) -> bool:
    """Whether a group's layers name only each other, and what arrives at the group."""
    own = {layer.key for layer in body.layers} | {"input", "previous"}
    own |= {layer.plain_name for layer in body.layers}
    references = [*(body.output or ())]
    for layer in body.layers:
        references += [*(layer.sources or ()), *((layer.share,) if layer.share else ())]
    return all(not isinstance(r, ComputedReference) and r.parts[0] in own for r in references)


def shares_outwards(document: Document) -> bool:
    """Whether a block of the document uses the weights of a layer outside it."""
    used = (home.blocks[name] for name, home in document.homes.items())
    return any(not _keeps_within(block.body) for block in (*document.blocks.values(), *used))


def _keeps_within(body: Body, around: frozenset[str] = frozenset()) -> bool:
    """Whether the layers of a block share with its own alone; `around`: those outside a group."""
    own = around | {layer.plain_name or layer.key or "" for layer in body.layers}
    for layer in body.layers:
        share = layer.share
        if share and (isinstance(share, ComputedReference) or share.parts[0] not in own):
            return False
        if layer.body is not None and not _keeps_within(layer.body, own):
            return False
    return True


class Reader:
    """Finds what totals read, each block once."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[str, str], Uses] = {}

    def of_body(self, body: Body, document: Document) -> Uses:
        """Return what the totals of a body read of the names that its layers see."""
        found: Uses = {}
        for layer in body.layers:
            _add(found, self.of_layer(layer, document))
        return found

    def of_layer(self, layer: Layer, document: Document) -> Uses:
        """Return what the totals of an entry read of the names that it sees."""
        found: Uses = {}
        values: list[Any] = [layer.when, layer.repeat, layer.target, layer.frozen]
        values += _expressions((*(layer.sources or ()), layer.share))
        if layer.name is not None:
            values += layer.name.parts
        _add(found, dict.fromkeys(names(values), "value"))
        if layer.body is not None:
            _add(found, self.of_body(layer.body, document))
        given = [*layer.settings.items(), *layer.first.items()]
        inner = self._of_target(layer, document)
        for name, template in given:
            _add(found, passed(template, inner.get(name, "nothing")))
        for name, use in inner.items():
            if layer.target_kind == "block" and self._outer(name, layer, document):
                _add(found, {name: use})
        return found

    def of_block(self, block: Block, home: Document) -> Uses:
        """Return what a block's totals read: of its parameters and lets, and of its file's names.

        Lets and defaults are followed to what they read.
        """
        key = (home.file, block.name)
        if key not in self._blocks:
            self._blocks[key] = {}  # a block inside itself reads no more than it does here
            found = self.of_body(block.body, home)
            self._blocks[key] = found
            for name in (*reversed(block.lets), *reversed(block.params)):
                template = block.lets.get(name) or block.params.get(name)
                if name in found and template is not None:
                    _add(found, passed(template, found[name]))
        return self._blocks[key]

    def _of_target(self, layer: Layer, document: Document) -> Uses:
        """Return what the totals read of an op's settings, or of a block's names."""
        if layer.target_kind == "op":
            return self.of_settings(layer)
        found: Uses = {}
        if layer.target_kind == "network":
            return dict.fromkeys((*layer.settings, *layer.first), "value")
        if layer.target_kind == "block":
            for block, home in targets(layer, document):
                _add(found, self.of_block(block, home))
        return found

    def of_settings(self, layer: Layer) -> Uses:
        """Return what the totals read of the settings of an op; all that it might be, where an
        expression chooses it.
        """
        target = layer.target
        kind = OPS.get(target.data) if target is not None and target.constant else None
        found: Uses = {}
        for name in layer.settings:
            declared = kind.settings.get(name) if kind is not None else None
            found[name] = "value" if declared is None else declared.totals
        return {name: use for name, use in found.items() if use != "nothing"}

    def _outer(self, name: str, layer: Layer, document: Document) -> bool:
        """Whether a name that a block reads is its file's, or of the place where it is used."""
        for block, home in targets(layer, document):
            if name not in block.params and name not in block.lets and home is document:
                return name not in ARRIVING
        return False


def targets(layer: Layer, document: Document) -> list[tuple[Block, Document]]:
    """Return the blocks that an entry may stand for, each with its file."""
    known = [*document.blocks, *document.homes]
    target = layer.target
    wanted = [target.data] if target is not None and target.constant else known
    found = []
    for name in wanted:
        if name in document.blocks:
            found.append((document.blocks[name], document))
        elif name in document.homes:
            home = document.homes[name]
            found.append((home.blocks[name], home))
    return found


def passed(template: Template, use: Reads) -> Uses:
    """Return what is read of the names of an expression whose value is used so."""
    if use == "nothing":
        return {}
    bare = isinstance(template.data, Expression) and template.data.text.strip("$ ").isidentifier()
    return dict.fromkeys(names(template), use if bare else "value")


def _expressions(references: Iterable[AnyReference | None]) -> list[Any]:
    """Return the expressions in references whose names are computed."""
    computed = (one for one in references if isinstance(one, ComputedReference))
    return [expression for one in computed for expression in one.expressions]


def _add(found: Uses, more: Uses) -> None:
    """Add uses; what is read closely somewhere is read closely."""
    for name, use in more.items():
        if found.get(name) != "value":
            found[name] = use


def reads_turns(uses: Uses) -> bool:
    """Whether totals may differ from turn to turn of a repeat though the same arrives."""
    return any(name in uses for name in BUILT_IN if name not in ARRIVING)
