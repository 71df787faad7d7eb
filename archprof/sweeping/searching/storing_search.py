"""What a search has found, in a folder as a sweep is: the same answers can be asked of it."""

from __future__ import annotations

from pathlib import Path

from archprof.problem import Mark, ProblemError
from archprof.sweeping.running import identity_of
from archprof.sweeping.searching.asked_search import AskedSearch
from archprof.sweeping.searching.search import Searched
from archprof.sweeping.space.sample import Sample
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import open_folder
from archprof.sweeping.storing.parts import write_part
from archprof.sweeping.sweep import Sweep


def prepared(folder: Path) -> Path:
    """Return a folder that a search can be written into, made where it is not there.

    Raises ProblemError for one that cannot be made, and one that has a table already: a search is
    made whole, and no other is written over.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot be made: {error.strerror or error}"
        raise ProblemError.of(Mark(str(folder)), "file", message, "another folder") from None
    if open_folder(folder) is not None:
        message = "there is a sweep or a search in it already"
        hint = "give another folder; archprof sweep DIR asks of what lies there"
        raise ProblemError.of(Mark(str(folder)), "file", message, hint)
    return folder


def stored_search(space: Space, asked: AskedSearch, found: Searched, folder: Path) -> Sweep:
    """Write the table of a search as one part, a row for each trial, and return it as a sweep.

    Raises ProblemError where the folder cannot be written.
    """
    rows = found.table.num_rows
    sample = Sample(asked.sampler, rows, asked.seed)
    chosen = space.replaced(sample=sample, front=asked.front)
    identity = identity_of(chosen, rows)
    write_part(folder, identity, identity.shard(0), found.table, found.how)
    stored = open_folder(folder)
    if stored is None:
        raise ProblemError.of(Mark(str(folder)), "file", "its part is gone")
    return Sweep(stored, chosen, asked.filters)
