"""torch.utils.checkpoint without reentrance: a block's functions keep nothing until the backward
pass needs it; then the block runs forwards again, up to the last tensor that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archprof.autograd.run import Run
    from archprof.autograd.tensor import FakeTensor, Kept


class EndOfReplay(Exception):
    """A block that runs again has made all that was missing."""


class Block:
    """A checkpointed block: what its functions would keep, empty until its forward runs again.

    `again` runs it; it may hold the block's input, which then lives as long as the block.
    """

    def __init__(self, again: Callable[[], object]) -> None:
        self.kept: list[Kept] = []
        self.again: Callable[[], object] | None = again
        self.restored = 0

    def record(self, kept: Kept) -> None:
        """Drop what a function keeps, in the first run."""
        if kept.allocations:
            kept.release()
            kept.block = self
            self.kept.append(kept)

    def restore(self, kept: Kept) -> None:
        """Give a function what it keeps, in the second run. Raises EndOfReplay after the last."""
        if not kept.allocations:
            return
        self.kept[self.restored].take(kept)
        self._next()

    def end_before(self, inputs: Sequence[FakeTensor | None]) -> None:
        """Give the last function its inputs before its kernel runs: torch packs inputs before, and
        outputs after. Raises EndOfReplay.
        """
        if self.restored == len(self.kept) - 1:
            self.kept[self.restored].keep(inputs)
            self._next()

    def _next(self) -> None:
        self.restored += 1
        if self.restored == len(self.kept):
            raise EndOfReplay

    def replay(self, run: Run) -> None:
        """Run the block forwards again, once."""
        again, self.again = self.again, None
        if again is None:
            return
        path, run.replaying = run.path, self
        with suppress(EndOfReplay):
            again()
        run.replaying, run.path = None, path
        self.kept = []
