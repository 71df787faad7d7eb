"""The largest batch that fits: two points, a line through each moment, and a proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

MOST = 1_000_000  # images at a time: what the command line takes as a batch
NEAR, FAR = 2, 4  # the two points; at a batch of 1 strides are free, and some steps differ


class BatchPeaks:
    """The peaks of one step by batch, each found once.

    `lives` gives the bytes that are alive at every moment of a step with a batch.
    """

    def __init__(self, lives: Callable[[int], Sequence[int]]) -> None:
        self._lives = lives
        self._found: dict[int, Sequence[int]] = {}
        self._proven = 0  # the largest batch that was as the lines say, moment by moment

    def lives(self, batch: int) -> Sequence[int]:
        """Return the bytes alive at every moment."""
        if batch not in self._found:
            self._found[batch] = self._lives(batch)
        return self._found[batch]

    def peak(self, batch: int) -> int:
        """Return the most bytes that are alive at a moment.

        Between two batches that were as the lines say, it is as these say.
        """
        if batch not in self._found and FAR < batch < self._proven:
            return max(self._at(batch))
        return max(self.lives(batch))

    @property
    def monotone(self) -> bool:
        """Whether a larger batch took no less, of all that were looked at."""
        peaks = [self.peak(batch) for batch in sorted(self._found)]
        return peaks == sorted(peaks)

    def largest(self, room: int) -> int:
        """Return the largest batch whose peak is within `room` bytes; 0: not even one image.

        Each moment takes bytes that are the same for all batches, and bytes per image, so that two
        batches tell of any other. That is not a law, as a kernel may be chosen by its sizes: the
        answer is confirmed by a step with that batch, moment by moment, and searched step by step
        where that is another one.
        """
        guess = self._by_lines(room)
        if guess >= FAR and (guess < self._proven or self._on_lines(guess)):
            return guess
        return self._searched(max(1, guess), room)

    @cached_property
    def _lines(self) -> list[tuple[int, int]]:
        """Return by moment its fixed bytes and its bytes per image; none where steps differ."""
        near, far = self.lives(NEAR), self.lives(FAR)
        if len(near) != len(far):
            return []
        slopes = [(b - a) // (FAR - NEAR) for a, b in zip(near, far, strict=True)]
        return [(a - NEAR * slope, slope) for a, slope in zip(near, slopes, strict=True)]

    def _by_lines(self, room: int) -> int:
        lines = self._lines
        if any(fixed > room for fixed, _ in lines):
            return 0
        batches = [(room - fixed) // slope for fixed, slope in lines if slope > 0]
        return min([*batches, MOST]) if lines else FAR

    def _at(self, batch: int) -> list[int]:
        """Return by moment what the lines say of a batch."""
        return [fixed + batch * slope for fixed, slope in self._lines]

    def _on_lines(self, batch: int) -> bool:
        """Return whether a step is, at every moment, as the lines say."""
        proven = list(self.lives(batch)) == self._at(batch)
        if proven:
            self._proven = max(self._proven, batch)
        return proven

    def _searched(self, start: int, room: int) -> int:
        """Return the largest batch that fits by stepping away from a start, then by halving."""
        fits, refused, step = 0, MOST + 1, 1
        batch = min(start, MOST)
        while fits < batch < refused:
            if self.peak(batch) <= room:
                fits, batch = batch, min(batch + step, refused - 1)
            else:
                refused, batch = batch, max(batch - step, fits + 1)
            step *= 2
            if fits and refused <= MOST:
                break
        while refused - fits > 1:
            middle = (fits + refused) // 2
            if self.peak(middle) <= room:
                fits = middle
            else:
                refused = middle
        return fits
