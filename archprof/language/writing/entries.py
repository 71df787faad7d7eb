"""The entries of a spec before they are text: their words in order, and bodies inside them."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.language.writing.blanks import Blank, Value, blanks
from archprof.language.writing.literals import quoted
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


def with_name(words: dict[str, Value], name: str) -> dict[str, Value]:
    """Return the words with a `name` behind what the layer is."""
    name = quoted(name)
    first = next((key for key in ("op", "block") if key in words), None)
    if first is None:
        return {"name": name, **words}
    return {first: words[first], "name": name, **words}


def with_word_before(words: dict[str, Value], key: str, new: str, value: Value) -> dict[str, Value]:
    """Return the words with one more, before that of a key where there is such."""
    found: dict[str, Value] = {}
    for name, old in words.items():
        if name == key:
            found[new] = value
        found[name] = old
    found.setdefault(new, value)
    return found
