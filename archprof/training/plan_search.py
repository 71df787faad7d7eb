"""The dynamic programme over the parts of a network, and plans that neighbour its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from archprof.training.intervals import Intervals

Choice = tuple[tuple[int, int, bool], ...]
"""Parts of a chain in a row, `end` not among them, and whether they run again."""

LENGTHS = (*range(1, 9), 10, 12, 16, 20, 24, 32, 40, 48, 64)
"""How many parts of a chain a checkpoint can have. The longer ones are left out where the network
is so large that to simulate them all by themselves would take long.
"""
SIMULATED = 10_000  # nodes at most, in parts by themselves
STATES = 250_000  # at most, of all places, lengths and bytes held
GRAINS = 512  # steps that the bytes held are divided into, of each of which the cheapest is kept
CHECKPOINT = (
    1  # FLOPs that one costs beside what it runs again: of equal plans the shortest is best
)


class _State(NamedTuple):
    """The forward pass up to a place: the bytes held, the FLOPs that run again, and the choice and
    the state that led here.
    """

    held: int
    flops: int
    choice: tuple[int, int, bool] | None = None
    before: _State | None = None


class Programme:
    """The cheapest choices under budgets.

    Its time is bounded: it simulates SIMULATED nodes and a part more at most, and looks at about
    STATES states for each budget.
    """

    def __init__(self, intervals: Intervals) -> None:
        self.intervals = intervals
        self.count = len(intervals.parts)
        own = [intervals.of(i, i + 1, False).gradients for i in range(self.count)]
        self.after = [sum(own[i:]) for i in range(self.count + 1)]
        self.ends = self._ends()
        choices = sum(map(len, self.ends)) + self.count
        self.grains = max(16, min(GRAINS, STATES // choices))

    def _ends(self) -> list[list[int]]:
        """Return for each place where a checkpoint that begins there can end."""
        ends: list[list[int]] = [[] for _ in range(self.count)]
        for length in LENGTHS:
            for start in range(self.count - length + 1):
                if self.intervals.simulated > SIMULATED:
                    return ends
                if self.intervals.is_safe(start, start + length):
                    self.intervals.of(start, start + length, True)
                    ends[start].append(start + length)
        return ends

    def cheapest(self, budget: int) -> Choice | None:
        """Return the choice that runs the fewest FLOPs again, None where none fits.

        A state is known by where it is, and whether the value there is held by what comes before.
        """
        last = self._through(budget, lambda states: _thinned(states, budget // self.grains))
        if not last:
            return None
        return _choices(min(last, key=lambda state: (state.flops, state.held)))

    def fits(self, budget: int) -> bool:
        """Return whether a choice fits: of all states at a place, the one with the least held has
        the most room.
        """
        return bool(
            self._through(budget, lambda states: sorted(states, key=lambda state: state.held)[:1])
        )

    def _through(self, budget: int, kept: Callable[[list[_State]], list[_State]]) -> list[_State]:
        """Return the states at the end; `kept`: those of a place that are gone on from."""
        fronts: dict[tuple[int, bool], list[_State]] = {(0, True): [_State(0, 0)]}
        for place in range(self.count):
            for held in (True, False):
                states = kept(fronts.pop((place, held), []))
                self._extend(fronts, states, held, (place, place + 1, False), budget)
                for end in self.ends[place]:
                    self._extend(fronts, states, held, (place, end, True), budget)
        return [*fronts.pop((self.count, True), []), *fronts.pop((self.count, False), [])]

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
                flops = state.flops + part.flops + CHECKPOINT * again
                found.append(_State(kept, flops, choice, state))


def _thinned(states: list[_State], grain: int) -> list[_State]:
    """Return the states of which no other has less held and is no dearer; of those with nearly the
    same bytes held, the cheapest.
    """
    front: list[_State] = []
    for state in sorted(states, key=lambda state: state[:2]):
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
