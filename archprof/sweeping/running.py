"""A sweep that is made: what decides it, and how one shard of it becomes a part."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from archprof import __version__
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.space.bounds import Bound
from archprof.sweeping.space.given import with_given
from archprof.sweeping.space.reader import parse_space
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import kept
from archprof.sweeping.storing.identity import Shard, SweepIdentity
from archprof.sweeping.storing.parts import write_part
from archprof.sweeping.storing.tabulating import tabulated


class SpaceOrigin(Record):
    """What a space is read from again in another process: expressions cannot be sent there."""

    text: str
    path: Path
    file: str
    sample: Sample
    conditions: SweepConditions
    given: tuple[str, ...] = ()


class SweepJob(Record):
    """What makes the parts of one sweep in a folder, in any process that has the folder."""

    folder: Path
    origin: SpaceOrigin
    identity: SweepIdentity

    def make(self, shard: Shard) -> None:
        """Write the part of a shard, whole or not at all. Raises ProblemError."""
        space = read_again(self.origin)
        if space.hash != self.identity.digest:
            message = "the space or its network is another here than where the sweep was begun"
            hint = "give all machines the same files"
            raise ProblemError.of(Mark(self.origin.file), "space", message, hint)
        table, how = tabulated(space, np.arange(shard.first, shard.last))
        write_part(self.folder, self.identity, shard, table, how)

    def missing(self) -> list[Shard]:
        """Return the shards whose parts do not lie in the folder. Raises ProblemError for a part
        of another sweep.
        """
        there = {shard.number for shard in kept(self.folder, self.identity)}
        return [shard for shard in self.identity.shards() if shard.number not in there]


@lru_cache(maxsize=2)
def read_again(origin: SpaceOrigin) -> Space:
    """Return a space as it was read before. Raises ProblemError."""
    space = parse_space(origin.text, origin.path, origin.file)
    given = with_given(space, origin.given).sampled(origin.sample)
    return given.replaced(conditions=origin.conditions)


def origin_of(space: Space) -> SpaceOrigin:
    """Return what a space is read from."""
    path = space.path.absolute()
    return SpaceOrigin(space.text, path, space.file, space.sample, space.conditions, space.given)


def identity_of(space: Space, per_shard: int) -> SweepIdentity:
    """Return what decides all rows of a sweep of a space."""
    return SweepIdentity(
        __version__,
        space.name or space.path.stem,
        space.text,
        space.hash,
        space.sample,
        space.conditions,
        space.count,
        per_shard,
        tuple(map(bound_text, space.budget)),
        tuple(map(str, space.front)),
    )


def bound_text(bound: Bound) -> str:
    """Return a limit as a condition over columns."""
    return f"{bound.quantity} {'>=' if bound.least else '<='} {bound.value}"
