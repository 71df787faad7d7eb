"""Shards of a sweep made by an engine, and the engine that is this process."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from contextvars import Context
from functools import lru_cache
from typing import Protocol, TypeVar

from archprof.allowance import paused
from archprof.problem import Mark, Problem, ProblemError
from archprof.record import Record

AGAIN = "run the same command again: what is made is kept, and only the rest is made"

Note = Callable[[str], object]
"""What shows a sentence about the state of an engine, such as that it waits."""


class RowRange(Protocol):
    """A shard: the rows of a sweep from `first` up to `last`, which is no longer of it.

    It can be a key, and be sent to another process.
    """

    @property
    def number(self) -> int:
        """The number of the shard in the sweep, from 0."""

    @property
    def first(self) -> int:
        """Its first row."""

    @property
    def last(self) -> int:
        """The row behind its last one."""


S = TypeVar("S", bound=RowRange)


class Job(Protocol[S]):
    """What decides a sweep, as a record: it can be a key, and be sent to another process.

    A shard is a function of the job and of itself, so that it may be made anywhere, and again.
    """

    def __hash__(self) -> int:
        """Jobs that are the same sweep are equal."""

    def make(self, shard: S) -> None:
        """Write the part of a shard as a whole or not at all; it may be there already.

        Raises ProblemError.
        """

    def missing(self) -> list[S]:
        """Return the shards whose parts are not there."""


class Watcher(Protocol):
    """Who is shown how far a sweep is."""

    def made(self, shard: RowRange) -> None:
        """Take note that a shard is made."""

    def note(self, text: str) -> None:
        """Take note of the state of the engine."""


class Engine(Protocol):
    """What makes shards."""

    def made(self, job: Job[S], shards: Sequence[S], note: Note) -> Generator[S, None, None]:
        """Yield each shard when its part is there, in any order.

        Closing the iterator, or an exception, ends whatever was started. Raises ProblemError: that
        of the job, or the engine's where it cannot go on.
        """


def run_shards(job: Job[S], shards: Sequence[S], engine: Engine, watcher: Watcher) -> Iterator[S]:
    """Make shards, and yield each when its part is there. Raises ProblemError as engines do.

    The limits of the command do not count meanwhile: every variant has limits of its own.
    """
    with paused(), closing(engine.made(job, shards, watcher.note)) as made:
        for shard in made:
            watcher.made(shard)
            yield shard


class InProcess(Record):
    """This process makes the shards, one after the other."""

    def made(self, job: Job[S], shards: Sequence[S], note: Note) -> Generator[S, None, None]:
        for shard in shards:
            # as in another process: no allowance is open, so that every variant has one of its own
            Context().run(job.make, shard)
            yield shard


@lru_cache(maxsize=1)
def kept(job: Job[S]) -> Job[S]:
    """Return the job that was sent first and equals this one: what it has worked out is kept."""
    return job


def given_up(place: str, shard: RowRange, why: str, hint: str) -> ProblemError:
    """Return the error of a shard that cannot be made."""
    rows = f"rows {shard.first:,} to {shard.last - 1:,}"
    message = f"shard {shard.number} ({rows}) cannot be made: {why}"
    return ProblemError([Problem(Mark(place), "engine", message, hint)])
