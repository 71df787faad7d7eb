"""Where in a spec a change was made: a line that the old files do not have."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.diff.difference import Change, Difference
from archprof.language.document import Document, Template
from archprof.language.network import Network
from archprof.language.text import lines
from archprof.problem import Mark


class Causes:
    """The places in the new files whose line is in none of the old files."""

    def __init__(self, found: Difference):
        self.network = found.new.graph.network
        old = {
            row.strip() for text in found.old.graph.network.texts().values() for row in lines(text)
        }
        self.fresh: set[Mark] = set()
        for file, text in self.network.texts().items():
            for number, row in enumerate(lines(text), 1):
                if row.strip() not in old:
                    self.fresh.add(Mark(file, number))

    def of(self, change: Change, block: Mark | None = None) -> Mark:
        """Return the place of a change: the innermost one whose line is new.

        Places go from the setting itself out to the variant's values; where no line is new, the
        place is the layer's own. `block` is where a block is used that came or went as a whole with
        the layer; it comes first. A layer that is gone has no line: its place is the network's,
        unless one of the network's parameters was changed.
        """
        places = list(self.places(change))
        if block and change.new:
            places.insert(0, block)
        for mark in places:
            if Mark(mark.file, mark.line) in self.fresh:
                return mark
        return places[0] if change.new else self.network.mark

    def places(self, change: Change) -> Iterator[Mark]:
        """Yield the places where a change may have been made, the innermost first."""
        if change.new:
            node = change.new.row.node
            yield from filter(
                None, (node.entry.setting_mark(setting.name) for setting in change.settings)
            )
            yield node.mark
            instance = node.instance
            while instance is not None:
                yield instance.mark
                instance = instance.parent
        network = self.network
        # only a spec is a document whose lines can be the cause
        if not isinstance(network, Network):
            return
        documents: list[Document] = [network.document]
        for document in documents:
            for block in document.blocks.values():
                yield from _marks(block.params, block.lets)
            yield from _marks(document.params, document.lets)
            documents += [home for home in document.homes.values() if home not in documents]
        if network.variant:
            yield from _marks(network.variant.values)
        if stated := network.inputs_stated:
            yield stated.mark


def _marks(*values: dict[str, Template] | dict[str, Template | None]) -> Iterator[Mark]:
    for part in values:
        yield from (template.mark for template in part.values() if template is not None)
