"""Which names the values of a spec read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archprof.language.document import (
    BUILT_IN,
    Block,
    Body,
    ComputedReference,
    Document,
    Layer,
    NamePattern,
    Template,
)
from archprof.language.expression import Expression, choices
from archprof.ops import OPS

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
        # by the identities of the repeat and of the block
        self._rates: dict[tuple[int, int], list[Layer] | None] = {}

    def read_by(self, block: Block, home: Document) -> bool:
        """Whether a block of the file `home` reads the turn that it is used in, or may."""
        found = self._known.get(id(block))
        if found is None:
            self._known[id(block)] = True  # of a block inside itself it is taken for granted
            own = bool(TURN & names_read((block.params, block.lets)))
            found = self._known[id(block)] = own or self._body(block.body, home, TURN)
        return found

    def rates(self, layer: Layer, block: Block, home: Document) -> list[Layer] | None:
        """Return the layers in a block whose rates alone read the turn of its repeat `layer`: most
        often none; None where more than a rate reads the turn, or may.
        """
        place = id(layer), id(block)
        if place not in self._rates:
            rates: list[Layer] = []
            more = self._body(block.body, home, _from_turn(layer, block), rates)
            self._rates[place] = None if more else rates
        return self._rates[place]

    def _body(
        self,
        body: Body,
        document: Document,
        names: frozenset[str],
        rates: list[Layer] | None = None,
    ) -> bool:
        """Whether a body reads one of the names; layers of which only rates do are put into
        `rates`, where it is given.
        """
        own = bool(names & names_read(body.output))
        return own or any(self._layer(layer, document, names, rates) for layer in body.layers)

    def _layer(
        self, layer: Layer, document: Document, names: frozenset[str], rates: list[Layer] | None
    ) -> bool:
        around = (layer.when, layer.repeat, layer.sources)
        if names & names_read(around):
            return True
        if layer.repeat is not None:  # the rest reads its own turns
            names -= TURN
        settings = {key: one for key, one in layer.settings.items() if names & names_read(one)}
        if settings and rates is not None and _are_rates(layer, settings):
            rates.append(layer)
        elif settings:
            return True
        own = (layer.target, layer.first, layer.name)
        others = (layer.shape, layer.share, layer.init, layer.frozen)
        if names & names_read((own, others)):
            return True
        if layer.body is not None:
            return self._body(layer.body, document, names, rates)
        return (
            layer.target_kind == "block"
            and names >= TURN
            and any(self.read_by(inner, home) for inner, home in targets(layer, document))
        )


def _from_turn(layer: Layer, block: Block) -> frozenset[str]:
    """Return the names that may have another value in each turn of a block's repeat."""
    names = {*TURN, *(key for key, one in layer.settings.items() if TURN & names_read(one))}
    for name, value in (*block.params.items(), *block.lets.items()):
        if name not in layer.settings and names & names_read(value):
            names.add(name)
    return frozenset(names)


def _are_rates(layer: Layer, settings: Mapping[str, Template]) -> bool:
    """Whether settings of a layer are rates, such as that of a dropout, on which no shape depends;
    and read nothing but the block's values, which are the same everywhere in it.
    """
    if layer.target_kind != "op" or layer.target is None or not layer.target.constant:
        return False
    known = OPS[layer.target.data].settings if layer.target.data in OPS else {}
    rates = {name for name, setting in known.items() if setting.totals == "ends"}
    return settings.keys() <= rates and not names_read(settings).intersection(BUILT_IN)
