"""Who watches a sweep in tests."""

from __future__ import annotations

from archprof.sweeping.engines.engine import RowRange


class Listener:
    """What a watcher received."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.notes: list[str] = []

    def made(self, shard: RowRange) -> None:
        self.numbers.append(shard.number)

    def note(self, text: str) -> None:
        self.notes.append(text)
