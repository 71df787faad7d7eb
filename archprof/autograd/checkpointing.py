"""torch.utils.checkpoint without reentrance: a block's functions keep nothing until the backward
pass needs it; then the block runs forwards again, up to the last tensor that is missing.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archprof.autograd.run import Run
    from archprof.autograd.tensor import FakeTensor, KeptTensors


class EndOfReplay(Exception):
    """A block that runs again has made all that was missing; `kernel_ran`: by a kernel that ran, or
    before the last one, of which only the inputs were missing.
    """

    def __init__(self, kernel_ran: bool) -> None:
        super().__init__()
        self.kernel_ran = kernel_ran


class Checkpoint:
    """A checkpointed block: what its functions would keep, empty until its forward runs again.

    `again` runs it. `holds`: its input, which lives as long as one of the block's functions has not
    run. `autocast`: whether it was on, as it then is in the second run.
    """

    def __init__(
        self, again: Callable[[], object], holds: KeptTensors, autocast: bool = False
    ) -> None:
        self.kept: list[weakref.ref[KeptTensors]] = []
        self.again, self.holds, self.autocast = again, holds, autocast
        self.restored = 0
        self.has_run_again = False

    def record(self, kept: KeptTensors) -> None:
        """Drop what a function keeps, in the first run."""
        if kept.allocations:
            kept.release()
            kept.checkpoint = self
            self.kept.append(weakref.ref(kept))

    def restore(self, kept: KeptTensors) -> None:
        """Give a function what it keeps, in the second run. Raises EndOfReplay after the last."""
        if not kept.allocations:
            return
        first = self.kept[self.restored]()
        if first is not None:
            first.take(kept)
        self._next(kernel_ran=True)

    def end_before(self, inputs: Sequence[FakeTensor | None]) -> None:
        """Give the last function its inputs before its kernel runs: torch packs inputs before, and
        outputs after. Raises EndOfReplay.
        """
        if self.restored < len(self.kept) - 1:
            return
        last = self.kept[self.restored]()
        if last is not None:
            last.keep(inputs)
        self._next(kernel_ran=False)

    def _next(self, kernel_ran: bool) -> None:
        self.restored += 1
        if self.restored == len(self.kept):
            raise EndOfReplay(kernel_ran)

    def replay(self, run: Run) -> None:
        """Run the block forwards again, once, under autocast if it was on, which then copies the
        parameters anew.
        """
        if self.has_run_again:
            return
        self.has_run_again = True
        path, run.path = run.path, ""
        run.replaying, run.autocast = self, self.autocast
        with suppress(EndOfReplay):
            self.again()
        run.replaying, run.autocast, run.path = None, False, path
        run.narrowed.clear()
