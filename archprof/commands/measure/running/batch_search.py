"""The largest batch that fits, found by trying: where to try next, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from archprof.cli.ranges import MOST

FITS = "fits"
FULL = "out_of_memory"

PRECISION = 50
"""The search ends where the next batch that was refused is larger by one, or by one in fifty."""


class BatchTry(NamedTuple):
    """What became of one batch: `fits`, or the status and the message of what cannot run.

    `peak_bytes` are the allocator's most, None where it is not known. `spoilt`: whether the process
    that tried can no longer be relied on.
    """

    batch: int
    status: str
    message: str = ""
    peak_bytes: int | None = None
    spoilt: bool = False

    def data(self) -> dict[str, Any]:
        """Return the try as the JSON has it."""
        found = self._asdict()
        del found["spoilt"]
        return found


class BatchSearch(NamedTuple):
    """A search in the order of its tries, one at least.

    It ended before its end where the last try is neither `fits` nor out of memory.
    """

    tries: tuple[BatchTry, ...]

    @property
    def largest(self) -> int | None:
        """Return the largest batch that fits, None where none does."""
        return max((one.batch for one in self.tries if one.status == FITS), default=None)

    @property
    def refused(self) -> int | None:
        """Return the smallest batch for which there was no memory, None for none."""
        return min((one.batch for one in self.tries if one.status == FULL), default=None)

    def data(self) -> dict[str, Any]:
        """Return the search as the JSON has it."""
        return {
            "largest": self.largest,
            "refused": self.refused,
            "tries": [one.data() for one in self.tries],
        }


def search(start: int, attempt: Callable[[int], BatchTry]) -> BatchSearch:
    """Search the largest batch that fits, from `start` on, by trying.

    The batch is doubled or halved until one fits and another does not; between them the interval is
    halved, until they are one apart, or two in a hundred. What fails for another reason than memory
    ends the search: nothing follows from it for smaller or larger batches. Where nothing has fitted
    before, as where `start` is more than a kernel's index can count, the search begins anew at 1.
    """
    batch: int | None = max(1, min(start, MOST))
    found = BatchSearch(())
    while batch is not None:
        tried = attempt(batch)
        found = BatchSearch((*found.tries, tried))
        if tried.status in (FITS, FULL):
            batch = _following(found.largest or 0, found.refused)
        elif found.largest is None and batch > 1:
            batch = 1
        else:
            break
    return found


def _following(fits: int, refused: int | None) -> int | None:
    """Return the batch to try next, None where the search is over; 0 fits always."""
    if refused is None:
        return min(2 * fits, MOST) if fits < MOST else None
    if refused - fits <= max(1, fits // PRECISION):
        return None
    middle = (fits + refused) // 2
    # far below it where the search began anew
    return min(2 * fits, middle) if fits else middle


def searched_text(data: dict[str, Any]) -> str:
    """Return in words what a search has found, of its record in the JSON."""
    last = data["tries"][-1]
    largest, refused = data["largest"], data["refused"]
    fits = "no batch fits" if largest is None else f"batch {largest:,} fits"
    if last["status"] not in (FITS, FULL):
        return f"{fits}, and batch {last['batch']:,} ended the search: {last['message']}"
    if refused is None:
        return f"{fits}, and no larger one is tried"
    words = next(one["message"] for one in data["tries"] if one["batch"] == refused)
    return f"{fits}, {refused:,} does not: {words}"
