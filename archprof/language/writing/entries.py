"""The entries of a spec before they are text: their words in order, and bodies inside them."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.language.writing.parameters import Parameter
from archprof.language.writing.slots import Slot, Value, slots


class Lines:
    """A body: its entries, which a list numbers and a mapping names, and what it gives."""

    def __init__(self, numbered: bool):
        self.numbered = numbered
        self.entries: list[Entry] = []
        self.output: str | None = None

    def slots(self) -> Iterator[Slot]:
        """Yield all slots in the order of the text."""
        for entry in self.entries:
            yield from slots(entry.words)
            if entry.body is not None:
                yield from entry.body.slots()


class Entry:
    """One layer: its key in a mapping, "" in a list, and its words; a group has a body."""

    def __init__(self, key: str, words: dict[str, Value], body: Lines | None = None):
        self.key, self.words, self.body = key, words, body


class BlockText:
    """A block: its inputs' names where it has several, its parameters, and its body."""

    def __init__(self, name: str, inputs: list[str], parameters: list[Parameter], body: Lines):
        self.name, self.inputs, self.parameters, self.body = name, inputs, parameters, body
