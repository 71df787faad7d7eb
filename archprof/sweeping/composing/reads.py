"""What the totals of a layer depend on: which names its expressions read, and how closely."""

from __future__ import annotations

from archprof.language.document import (
    Block,
    Body,
    ComputedReference,
    Document,
    Layer,
    Template,
)
from archprof.language.expression import Expression
from archprof.language.names_read import TURN, names_read, targets
from archprof.ops import OPS
from archprof.ops.settings import Reads

Uses = dict[str, Reads]
"""By name what the totals read of it, "value" or "ends"; what they do not read is left out."""

ARRIVING = ("channels", "shape")
"""The built-in names that the state of what arrives says."""


def own_names(layer: Layer) -> set[str]:
    """Return the names that an entry itself reads, without what is inside a block or a group."""
    own = (layer.when, layer.repeat, layer.target, layer.frozen, layer.settings, layer.first)
    return names_read(own)


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
        values = (layer.when, layer.repeat, layer.target, layer.frozen, layer.name)
        references = (layer.sources, layer.share)
        _add(found, dict.fromkeys(names_read((values, references)), "value"))
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


def passed(template: Template, use: Reads) -> Uses:
    """Return what is read of the names of an expression whose value is used so."""
    if use == "nothing":
        return {}
    bare = isinstance(template.data, Expression) and template.data.text.strip("$ ").isidentifier()
    return dict.fromkeys(names_read(template), use if bare else "value")


def _add(found: Uses, more: Uses) -> None:
    """Add uses; what is read closely somewhere is read closely."""
    for name, use in more.items():
        if found.get(name) != "value":
            found[name] = use


def reads_turns(uses: Uses) -> bool:
    """Whether totals may differ from turn to turn of a repeat though the same arrives."""
    return not TURN.isdisjoint(uses)
