"""How far a sweep is, in one line of a terminal that is written again and again."""

from __future__ import annotations

import sys
import time

from archprof import units
from archprof.sweeping.engines.engine import RowRange
from archprof.units import inert, printable


class Progress:
    """Shows on standard error how many rows are made, where that is a terminal, and what an engine
    has to say.
    """

    def __init__(self, rows: int):
        self.rows, self.done = rows, 0
        self.begin = time.monotonic()
        self.shown = sys.stderr.isatty()

    def made(self, shard: RowRange) -> None:
        """Take note that a shard is made."""
        self.done += shard.last - shard.first
        if not self.shown:
            return
        passed = time.monotonic() - self.begin
        left = units.duration(1e3 * passed * (self.rows - self.done) / self.done)
        sys.stderr.write(f"\r\x1b[K{self.done:,} of {self.rows:,} rows, about {left} left")
        if self.done == self.rows:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

    def note(self, text: str) -> None:
        """Write what an engine has to say in a line of its own."""
        begin = "\r\x1b[K" if self.shown else ""
        print(f"{begin}{inert(printable(text))}", file=sys.stderr)
