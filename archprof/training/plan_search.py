"""The dynamic programme over the parts of a network, and plans that neighbour its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archprof.training.intervals import Intervals

Choice = tuple[tuple[int, int, bool], ...]
"""Parts of a chain in a row, `end` not among them, and whether they run again."""

LONGEST = 10  # parts of one checkpoint in the programme; neighbouring plans may have longer ones
GRAIN = 512  # of two states nearer than the budget divided by this, the cheaper one is kept


class _State(NamedTuple):
    """The forward pass up to a place: the bytes held, the FLOPs that run again, and the choice and
    the state that led here.
    """

    held: int
    flops: int
    choice: tuple[int, int, bool] | None = None
    before: _State | None = None


class Programme:
    """The cheapest choices under budgets."""

    def __init__(self, intervals: Intervals) -> None:
        self.intervals = intervals
        self.count = len(intervals.parts)
        own = [intervals.of(i, i + 1, False).gradients for i in range(self.count)]
        self.after = [sum(own[i:]) for i in range(self.count + 1)]

    def cheapest(self, budget: int) -> Choice | None:
        """Return the choice that runs the fewest FLOPs again, None where none fits.

        A state is known by where it is, and whether the value there is held by what comes before.
        """
        fronts: dict[tuple[int, bool], list[_State]] = {(0, True): [_State(0, 0)]}
        for place in range(self.count):
            for held in (True, False):
                states = _thinned(fronts.pop((place, held), []), budget // GRAIN)
                for end, again in self._options(place):
                    self._extend(fronts, states, held, (place, end, again), budget)
        last = [*fronts.pop((self.count, True), []), *fronts.pop((self.count, False), [])]
        if not last:
            return None
        return _choices(min(last, key=lambda state: state.flops))

    def _options(self, place: int) -> Iterator[tuple[int, bool]]:
        yield place + 1, False
        for end in range(place + 1, min(self.count, place + LONGEST) + 1):
            if self.intervals.is_safe(place, end):
                yield end, True

    def _extend(
        self,
        fronts: dict[tuple[int, bool], list[_State]],
        states: list[_State],
        held: bool,
        choice: tuple[int, int, bool],
        budget: int,
    ) -> None:
        """Add to the states at the end of a part those that fit, from all at its start."""
        if not states:
            return
        start, end, again = choice
        part = self.intervals.of(start, end, again)
        source = 0 if held else self.intervals.given[start].bytes
        lives_on = source if part.keeps_source else 0
        forward = source + part.forward
        backward = lives_on + part.backward + self.after[end]
        room = budget - self.intervals.static - max(forward, backward)
        is_held = part.keeps_result
        if part.passes_on:
            is_held = held or part.keeps_source
        found = fronts.setdefault((end, is_held), [])
        for state in states:
            if state.held <= room:
                kept = state.held + lives_on + part.kept
                found.append(_State(kept, state.flops + part.flops, choice, state))


def _thinned(states: list[_State], grain: int) -> list[_State]:
    """Return the states of which no other has less held and is no dearer; of those with nearly the
    same bytes held, the cheapest.
    """
    front: list[_State] = []
    for state in sorted(states):
        if not front or state.flops < front[-1].flops:
            if len(front) > 1 and state.held - front[-2].held < grain:
                front.pop()
            front.append(state)
    return front


def _choices(state: _State) -> Choice:
    found = []
    while state.choice is not None and state.before is not None:
        found.append(state.choice)
        state = state.before
    return tuple(reversed(found))


def neighbours(choice: Choice) -> Iterator[Choice]:
    """Return the plans that differ in one step: a part kept that ran again or the other way round,
    two parts that run again joined, one divided, or a boundary moved by one part.
    """
    for place, (start, end, again) in enumerate(choice):
        before, behind = choice[:place], choice[place + 1 :]
        if again:
            yield (*before, *((i, i + 1, False) for i in range(start, end)), *behind)
            for middle in range(start + 1, end):
                yield (*before, (start, middle, True), (middle, end, True), *behind)
                if middle == start + 1:
                    yield (*before, (start, middle, False), (middle, end, True), *behind)
                if middle == end - 1:
                    yield (*before, (start, middle, True), (middle, end, False), *behind)
        else:
            yield (*before, (start, end, True), *behind)
        if behind:
            yield from _with_next(before, (start, end, again), behind)


def _with_next(before: Choice, one: tuple[int, int, bool], behind: Choice) -> Iterator[Choice]:
    (start, middle, first), (_, end, second) = one, behind[0]
    if first or second:
        yield (*before, (start, end, True), *behind[1:])
    if first and second:
        for other in (middle - 1, middle + 1):
            if start < other < end:
                yield (*before, (start, other, True), (other, end, True), *behind[1:])
