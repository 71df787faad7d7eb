"""A sweep as Python asks it: with the network of each row, ready for questions."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from archprof.allowance import ensured
from archprof.loaded import Loaded
from archprof.problem import Mark, ProblemError
from archprof.sweeping.checking import in_words
from archprof.sweeping.engines.choosing import chosen_engine
from archprof.sweeping.engines.engine import RowRange
from archprof.sweeping.planning import made, planned, refuse_without_room
from archprof.sweeping.space.library import read_space
from archprof.sweeping.storing.folder import open_folder
from archprof.sweeping.sweep import Sweep
from archprof.sweeping.wanted_sample import with_sample


class LoadedSweep(Sweep):
    """A sweep whose rows can be loaded."""

    def __repr__(self) -> str:
        return f"<archprof sweep {self.stored.identity.name}: {self.stored.rows:,} variants>"

    def load(self, row: int) -> Loaded:
        """Return the network of a row, ready for questions.

        Raises ProblemError for a row that is none, and where the sweep was opened without its
        space.
        """
        loaded = Loaded(self.network(row))
        _ = loaded.graph  # what does not fit is refused now, not at the first question
        return loaded


class _Unwatched:
    """Nobody is shown how far a sweep is."""

    def made(self, shard: RowRange) -> None:
        pass

    def note(self, text: str) -> None:
        pass


def swept(
    space: str | Path,
    sample: int | str | None,
    seed: int | None,
    workers: int,
    out: Path | None,
    check: int,
) -> LoadedSweep:
    """Return a sweep, made where it does not lie there. Raises ProblemError as `sweep` does."""
    for name, value, least in (
        ("seed", seed or 0, 0),
        ("workers", workers, 1),
        ("check", check, 0),
    ):
        if value < least:
            raise ProblemError.of(Mark(name), "option", f"{value}, expected at least {least}")
    with ensured():
        found = with_sample(read_space(space), sample, seed)
    folder = out or Path(tempfile.mkdtemp(prefix="archprof-sweep-"))
    try:
        plan = planned(found, folder)
        refuse_without_room(plan, workers)
        engine = chosen_engine(len(plan.missing), workers)
        result, ran = made(plan, engine, _Unwatched(), check)
        if ran.checked.differing:
            message = in_words(ran.checked)
            raise ProblemError.of(Mark(found.file), "self-check", message)
    except BaseException:
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    loaded = LoadedSweep(result.stored, result.space)
    if out is None:
        weakref.finalize(loaded.stored, shutil.rmtree, folder, ignore_errors=True)
    return loaded


def opened_sweep(folder: Path) -> LoadedSweep:
    """Return the sweep whose parts lie in a folder. Raises ProblemError where there is none."""
    found = open_folder(folder)
    if found is None:
        message = "no part of a sweep lies in this folder"
        raise ProblemError.of(Mark(str(folder)), "file", message, "archprof sweep SPACE -o FOLDER")
    return LoadedSweep(found)
