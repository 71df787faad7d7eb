"""A search as Python asks it: an objective of the user's own is a function of a loaded network."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from archprof.allowance import ensured, paused
from archprof.language.network import Network
from archprof.loaded import Loaded
from archprof.loaded_sweep import LoadedSweep
from archprof.sweeping.searching.asked_search import asked_search
from archprof.sweeping.searching.search import search
from archprof.sweeping.searching.storing_search import prepared, stored_search
from archprof.sweeping.space.library import read_space

Objective = Callable[[Loaded], Any]


def searched(
    space: str | Path,
    objective: Objective | None,
    sampler: str,
    trials: int,
    seed: int,
    front: str | Sequence[str],
    where: str | Sequence[str],
    out: Path | None,
) -> LoadedSweep:
    """Return what a search finds. Raises ProblemError as `archprof.search` does."""
    conditions = [where] if isinstance(where, str) else list(where)
    with ensured():
        found = read_space(space)
        outside = objective is not None
        asked = asked_search(found, sampler, trials, seed, front, conditions, outside)
        found = found.asked(asked.names)
    judge = None if objective is None else _of_loaded(objective)
    folder = prepared(out or Path(tempfile.mkdtemp(prefix="archprof-search-")))
    try:
        with paused():
            result = stored_search(found, asked, search(found, asked, judge), folder)
    except BaseException:
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    loaded = LoadedSweep(result.stored, result.space, result.filters)
    if out is None:
        weakref.finalize(loaded.stored, shutil.rmtree, folder, ignore_errors=True)
    return loaded


def _of_loaded(objective: Objective) -> Callable[[Network], Any]:
    return lambda network: objective(Loaded(network))
