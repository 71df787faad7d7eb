"""All variants through the layers of their network, one layer after the other."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from archprof.column import Column, Differs
from archprof.column_groups import taken
from archprof.language.document import BUILT_IN, Block, Body, Document, Layer, Template
from archprof.language.expand.frame import LayerFailed
from archprof.language.names_read import targets
from archprof.language.network import Network
from archprof.limits import usual
from archprof.sweeping.composing.evaluating import (
    Evaluator,
    as_read,
    columns_in,
    plain_in,
    values_read,
)
from archprof.sweeping.composing.keys import Array, KnownRows, distinct
from archprof.sweeping.composing.parts import APART, ENDS, FAULT, STEPS, LayerPlace, PartAnalyser
from archprof.sweeping.composing.reads import (
    ARRIVING,
    Reader,
    Uses,
    closed,
    is_chain,
    own_names,
    reads_turns,
)
from archprof.sweeping.composing.states import States
from archprof.sweeping.composing.tally import Tally

Scope = dict[str, Any]


class NoChain(Exception):
    """A network whose layers do not each take what the one before it gives, in words."""


class Walk:
    """Takes `count` variants through a network; `codes` are the states of their tensors."""

    def __init__(
        self, network: Network, count: int, codes: Array, states: States, parts: PartAnalyser
    ):
        self.network, self.count, self.codes = network, count, codes
        self.states, self.parts = states, parts
        self.evaluator = Evaluator(count, parts.faults)
        self.tally = Tally(count)
        self.reader = Reader()
        self._files: dict[str, Scope] = {}  # the values of files that `use:` names
        self._known: dict[
            Hashable, KnownRows
        ] = {}  # parts of repeats, by what is alike in all rows

    def go(self, scope: Scope) -> None:
        """Take all variants through the body of the network's file, with its values.

        Raises NoChain, and Differs for rows that have to go by themselves.
        """
        document = self.network.document
        body = document.body
        if body is None or not is_chain(body):
            raise NoChain("its layers are no chain: one takes what is not directly before it")
        rows = np.flatnonzero(self.evaluator.reasons == 0)
        self._body(body, LayerPlace(document, scope | {"index": 0, "count": 1}, False), rows)
        self.evaluator.apart |= self.tally.too_many(usual())

    def file_scope(self, document: Document, given: Mapping[str, Any], rows: Array) -> Scope:
        """Return the parameters and lets of a file; `given` replaces defaults."""
        scope = {name: value for name, value in given.items() if name in document.params}
        for name, template in (*document.params.items(), *document.lets.items()):
            if name not in scope and template is not None:
                self._define(scope, name, template, LayerPlace(document, scope, False), rows)
        return scope

    def _define(
        self, scope: Scope, name: str, template: Template, place: LayerPlace, rows: Array
    ) -> None:
        """Put a value into a scope; where it cannot be evaluated the name is missing."""
        try:
            scope[name] = self.evaluator.value(
                template, place.document, place.scope, self.evaluator.sound(rows)
            )
        except LayerFailed:
            scope.pop(name, None)

    def _body(self, body: Body, place: LayerPlace, rows: Array) -> None:
        for layer in body.layers:
            rows = self.evaluator.sound(rows)
            if len(rows):
                self._entry(layer, place, rows)

    def _entry(self, layer: Layer, place: LayerPlace, rows: Array) -> None:
        """Take rows through an entry, those that have it as often as they have it."""
        place = self._arriving(layer, place, rows)
        if layer.when is not None:
            rows = self.evaluator.true(layer.when, place.document, place.scope, rows)
        if not len(rows):
            return
        if layer.repeat is None:
            self._turn(layer, place, rows, None)
            return
        times = self.evaluator.turns(layer.repeat, place.document, place.scope, rows)
        uses = self.reader.of_layer(layer, place.document)
        steady = not reads_turns(uses)
        for turn in range(int(times[rows].max(initial=0))):
            live = self.evaluator.sound(rows[times[rows] > turn])
            if not len(live):
                break
            built_in = {"index": turn, "count": Column(times)}
            inner = place._replace(scope={**place.scope, **built_in})
            before = self.codes[live]
            added = self._turn(layer, inner, live, turn)
            if steady and turn and added is not None:
                self._rest(live, before, added, times, turn)

    def _rest(self, rows: Array, before: Array, added: Array, times: Array, turn: int) -> None:
        """Add the turns that are left where what a turn gave is what had arrived: all of them are
        alike.
        """
        left = times[rows] - turn - 1
        steps = added[:, STEPS:].reshape(len(rows), -1, 3)[:, :, 2]
        alike = (self.codes[rows] == before) & (steps == 1).all(axis=1) & (left > 0)
        if alike.any():
            self.tally.again(rows[alike], added[alike], left[alike])
            times[rows[alike]] = turn + 1

    def _turn(self, layer: Layer, place: LayerPlace, rows: Array, turn: int | None) -> Array | None:
        """Take rows through a layer once; return what was added, None where it has layers of its
        own that were gone through.
        """
        place = self._arriving(layer, place, rows)
        if layer.body is not None and is_chain(layer.body):
            frozen = self._frozen(layer, place, rows)
            self._body(layer.body, place._replace(scope=dict(place.scope), frozen=frozen), rows)
            return None
        if layer.body is not None and not closed(layer.body):
            raise NoChain(f"`{layer.key}` takes what is outside it")
        uses = self.reader.of_layer(layer, place.document)
        if layer.target_kind != "block":
            return self._part(layer, place, rows, turn, self._values(layer, place, uses, rows))
        block, home = self._block(layer, place, rows)
        frozen = self._frozen(layer, place, rows)
        own = self.reader.of_block(block, home)
        scope = self._block_scope(block, home, layer, place, rows, turn, own)
        if self._has_repeats(block.body, home):
            self._body(block.body, LayerPlace(home, scope, frozen), rows)
            return None
        uses = self.reader.of_body(block.body, home)
        return self._part(layer, place, rows, turn, values_read(scope, uses))

    def _has_repeats(self, body: Body, home: Document) -> bool:
        """Whether a block is gone through layer by layer: a chain with repeats in it."""
        if not is_chain(body):
            return False
        for layer in body.layers:
            if layer.repeat is not None:
                return True
            inner = layer.body
            if inner is not None and self._has_repeats(inner, home):
                return True
        return False

    def _frozen(self, layer: Layer, place: LayerPlace, rows: Array) -> bool:
        if layer.frozen is None:
            return place.frozen
        true = self.evaluator.true(layer.frozen, place.document, place.scope, rows)
        if 0 < len(true) < len(rows):
            raise Differs(_mask(true, self.count))
        return len(true) > 0

    def _arriving(self, layer: Layer, place: LayerPlace, rows: Array) -> LayerPlace:
        """Return a place whose scope has the shape of what arrives, where that is read."""
        if not self._reads_arriving(layer, place.document):
            return place
        forms = self.states.by_form(self.codes[rows])
        if len({form.rank for form, _, _ in forms}) > 1:
            raise Differs(_mask(rows[forms[0][1]], self.count))
        rank = forms[0][0].rank
        shape = np.ones((rank, self.count), np.int64)
        for _, group, numbers in forms:
            shape[:, rows[group]] = numbers[:, :rank].T
        columns = [Column(each) for each in shape]
        arriving = {"shape": columns, "channels": columns[0] if columns else 1}
        return place._replace(scope={**place.scope, **arriving})

    def _reads_arriving(self, layer: Layer, document: Document) -> bool:
        if own_names(layer) & set(ARRIVING):
            return True
        if layer.target_kind != "block":
            return False
        uses = (self.reader.of_block(*one) for one in targets(layer, document))
        return any(name in use for use in uses for name in ARRIVING)

    def _block(self, layer: Layer, place: LayerPlace, rows: Array) -> tuple[Block, Document]:
        """Return the block that an entry stands for. Raises Differs, and NoChain for none."""
        assert layer.target is not None  # noqa: S101 - a layer is an op, a block or a group
        name = self.evaluator.value(layer.target, place.document, place.scope, rows)
        document = place.document
        if isinstance(name, str) and name in document.blocks:
            return document.blocks[name], document
        if isinstance(name, str) and name in document.homes:
            home = document.homes[name]
            return home.blocks[name], home
        raise NoChain("an expression chooses a block that is not there")

    def _block_scope(
        self,
        block: Block,
        home: Document,
        layer: Layer,
        place: LayerPlace,
        rows: Array,
        turn: int | None,
        used: Uses,
    ) -> Scope:
        """Return the values that a block's layers see, as far as totals depend on them."""
        arguments = {**layer.settings, **layer.first} if turn == 0 else layer.settings
        if home is place.document:
            known = {*home.params, *home.lets}
            scope = {name: value for name, value in place.scope.items() if name in known}
        else:
            if home.file not in self._files:
                self._files[home.file] = self.file_scope(home, {}, rows)
            scope = dict(self._files[home.file])
        scope |= {name: place.scope[name] for name in BUILT_IN if name in place.scope}
        inner = LayerPlace(home, scope, place.frozen)
        for name, default in block.params.items():
            scope.pop(name, None)
            if name not in used:
                continue
            if name in arguments:
                self._define(scope, name, arguments[name], place, rows)
            elif default is not None:
                self._define(scope, name, default, inner, rows)
        for name, template in block.lets.items():
            scope.pop(name, None)
            if name in used:
                self._define(scope, name, template, inner, rows)
        return scope

    def _values(self, layer: Layer, place: LayerPlace, uses: Uses, rows: Array) -> list[Any]:
        """Return what the totals of an op or a closed group read: the values of its settings, or of
        the names in it.
        """
        if layer.target_kind != "op":
            return values_read(place.scope, uses)
        document, scope = place.document, place.scope
        found = [
            as_read(self.evaluator.value(layer.settings[name], document, scope, rows), use)
            for name, use in self.reader.of_settings(layer).items()
        ]
        if layer.target is not None:  # texts are alike for all rows, or Differs is raised
            self.evaluator.value(layer.target, document, scope, rows)
        return found

    def _part(
        self, layer: Layer, place: LayerPlace, rows: Array, turn: int | None, values: list[Any]
    ) -> Array:
        """Take rows through a part that is analysed as a whole; return what each adds."""
        rows = self.evaluator.sound(rows)
        alike = [*(column[rows] for column in columns_in(values)), self.codes[rows]]
        kinds, first = distinct(alike, len(rows))
        chosen = rows[first]

        def analysed(wanted: Array) -> Array:
            some = chosen[wanted]
            scope = {name: taken(value, some) for name, value in place.scope.items()}
            return self.parts.of(layer, place._replace(scope=scope), self.codes[some], turn)

        if turn is None:
            found = analysed(np.arange(len(chosen)))
        else:
            known = self._known.setdefault((id(layer), place.frozen, plain_in(values)), KnownRows())
            found = known.completed([column[first] for column in alike], analysed)
        added: Array = found[kinds]
        fault = added[:, FAULT]
        if fault.any():
            self.evaluator.apart[rows[fault == APART]] = True
            self.evaluator.reasons[rows[fault > 0]] = fault[fault > 0]
        self.codes[rows] = added[:, ENDS]
        self.tally.add(rows, added)
        return added


def _mask(rows: Array, count: int) -> Array:
    mask = np.zeros(count, bool)
    mask[rows] = True
    return mask
