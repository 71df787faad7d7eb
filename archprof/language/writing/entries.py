"""The entries of a spec before they are text: their words in order, and bodies inside them."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.language.writing.blanks import Blank, Value, blanks
from archprof.language.writing.parameters import BlockParameter


class BodyText:
    """A body: its entries, which a list numbers and a mapping names, and what it gives."""

    def __init__(self, numbered: bool):
        self.numbered = numbered
        self.entries: list[EntryText] = []
        self.output: str | None = None

    def blanks(self) -> Iterator[Blank]:
        """Yield all blanks in the order of the text."""
        for entry in self.entries:
            yield from blanks(entry.words)
            if entry.body is not None:
                yield from entry.body.blanks()


class EntryText:
    """One layer: its key in a mapping, "" in a list, and its words; a group has a body."""

    def __init__(self, key: str, words: dict[str, Value], body: BodyText | None = None):
        self.key, self.words, self.body = key, words, body


class BlockText:
    """A block: its inputs' names where it has several, its parameters, and its body."""

    def __init__(
        self, name: str, inputs: list[str], parameters: list[BlockParameter], body: BodyText
    ):
        self.name, self.inputs, self.parameters, self.body = name, inputs, parameters, body
