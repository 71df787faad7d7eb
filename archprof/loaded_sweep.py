"""A sweep as Python asks it: with the network of each row, ready for questions."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archprof.allowance import ensured
from archprof.loaded import Loaded
from archprof.problem import Mark, ProblemError
from archprof.sweeping.checking import in_words
from archprof.sweeping.engines.choosing import chosen_engine
from archprof.sweeping.engines.engine import RowRange
from archprof.sweeping.opening import opened
from archprof.sweeping.planning import made, planned, refuse_without_room
from archprof.sweeping.space.conditions_reader import with_conditions
from archprof.sweeping.space.given import with_given
from archprof.sweeping.space.library import read_space
from archprof.sweeping.space.space import Space
from archprof.sweeping.sweep import Sweep
from archprof.sweeping.variants import OF_STEP
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
    values: Mapping[str, Any],
    workers: int | None,
    dask: str | None,
    out: Path | None,
    check: int,
    at: str | None,
    train: bool,
) -> LoadedSweep:
    """Return a sweep, made where it does not lie there. Raises ProblemError as `sweep` does."""
    for name, value, least in (
        ("seed", seed or 0, 0),
        ("workers", workers or 1, 1),
        ("check", check, 0),
    ):
        if value < least:
            raise ProblemError.of(Mark(name), "option", f"{value}, expected at least {least}")
    with ensured():
        given = [_written(name, value) for name, value in values.items()]
        found = with_sample(with_given(read_space(space), given), sample, seed)
        found = with_conditions(found, at)
    if dask is not None and out is None:
        message = "workers of other machines write into a folder, and none is given"
        raise ProblemError.of(Mark("dask"), "option", message, "out=DIR, on a disk that all share")
    folder = out or Path(tempfile.mkdtemp(prefix="archprof-sweep-"))
    try:
        result = _made(found.asked(OF_STEP) if train else found, folder, workers, dask, check)
    except BaseException:
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    loaded = LoadedSweep(result.stored, result.space)
    if out is None:
        weakref.finalize(loaded.stored, shutil.rmtree, folder, ignore_errors=True)
    return loaded


def _made(space: Space, folder: Path, workers: int | None, dask: str | None, check: int) -> Sweep:
    """Make what is missing of a sweep, by this process where nobody else is named.

    Raises ProblemError, also for rows that differ from their full analysis.
    """
    plan = planned(space, folder)
    if dask is None:
        workers = workers or 1
        refuse_without_room(plan, workers)
    result, ran = made(plan, chosen_engine(len(plan.missing), workers, dask), _Unwatched(), check)
    if ran.checked.differing:
        raise ProblemError.of(Mark(space.file), "self-check", in_words(ran.checked))
    return result


def _written(name: str, value: Any) -> str:
    """Return the values of a parameter as `--set` has them: a text as it is, a list as choices."""
    if isinstance(value, (list, tuple)):
        value = json.dumps({"choice": value})
    return f"{name}={value}"


def opened_sweep(folder: Path, **making: object) -> LoadedSweep:
    """Return the sweep whose parts lie in a folder. Raises ProblemError as `opened` does."""
    return LoadedSweep(opened(folder, **making))
