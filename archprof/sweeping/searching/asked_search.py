"""What a search is asked for: by which sampler, in how many trials, what small and what large."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError, nearest
from archprof.record import Record
from archprof.sweeping.answering.filters import Filter, condition
from archprof.sweeping.answering.objectives import objectives
from archprof.sweeping.searching.outside import OUTSIDE
from archprof.sweeping.space.axis import Choices
from archprof.sweeping.space.bounds import Objective
from archprof.sweeping.space.sample import SEARCHES
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import known_names
from archprof.sweeping.storing.tabulating import column_of
from archprof.sweeping.variants import OF_STEP, TOTALS

MOST_TRIALS = 1_000_000


class AskedSearch(Record):
    """A search: its sampler, its trials and its seed, what is wanted, and what rows have to meet.

    What the space's budget demands is demanded too.
    """

    sampler: str
    trials: int
    seed: int
    front: tuple[Objective, ...]
    filters: tuple[Filter, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The numbers that it asks for."""
        several = (name for one in self.filters for name in one.names)
        return (*(one.quantity for one in self.front), *several)

    @property
    def outside(self) -> bool:
        """Whether it wants the user's own objective."""
        return any(one.quantity == OUTSIDE for one in self.front)


def asked_search(
    space: Space,
    sampler: str,
    trials: int,
    seed: int = 0,
    front: str | Sequence[str] = (),
    where: Sequence[str] = (),
    outside: bool = False,
) -> AskedSearch:
    """Return what is asked for, of words as they are typed; without `front` the space's.

    `outside`: whether there is an objective of the user's own, called `objective`, which is wanted
    large where `front` does not have it. Raises ProblemError.
    """
    if sampler not in SEARCHES:
        message = f"there is no sampler {shown(sampler)}"
        hint = nearest(sampler, SEARCHES, "samplers")
        raise ProblemError.of(Mark("--search"), "option", message, hint)
    if not 1 <= trials <= MOST_TRIALS:
        message = f"found {trials:,} trials, expected 1 to {MOST_TRIALS:,}"
        raise ProblemError.of(Mark("--trials"), "option", message, "--trials 4000")
    numbers = [column_of(axis.name) for axis in space.axes if _is_number(axis.values)]
    if outside:
        numbers.append(OUTSIDE)
    texts = front or ([f"max {OUTSIDE}"] if outside else [str(one) for one in space.front])
    if not texts:
        message = "a search needs something to be small or large"
        raise ProblemError.of(Mark("--front"), "option", message, "--front 'min macs, max params'")
    wanted = objectives(texts, numbers)
    if outside and not any(one.quantity == OUTSIDE for one in wanted):
        message = "there is an objective of your own, and `front` does not want it"
        hint = f"front=['max {OUTSIDE}', 'min macs']"
        raise ProblemError.of(Mark("front"), "option", message, hint)
    columns = [column_of(axis.name) for axis in space.axes]
    known = known_names((*columns, *TOTALS, *OF_STEP))
    filters = tuple(condition(text, known) for text in where)
    return AskedSearch(sampler, trials, seed, wanted, filters)


def _is_number(values: object) -> bool:
    return not isinstance(values, Choices) or values.numbers
