"""A search by Optuna, trials in batches, with the table that a sweep has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import optuna
import pyarrow as pa
from optuna.samplers import BaseSampler, NSGAIISampler, TPESampler
from optuna.trial import Trial, TrialState

from archprof.record import Record
from archprof.sweeping.searching.asked_search import AskedSearch
from archprof.sweeping.searching.distributions import distributions
from archprof.sweeping.searching.evaluating import Evaluated, evaluated
from archprof.sweeping.searching.outside import Judge
from archprof.sweeping.storing.identity import Shard, Totalled

if TYPE_CHECKING:
    from archprof.sweeping.space.space import Space

POPULATION = 100
"""Trials of a generation of NSGA-II, which are evaluated together."""

TOGETHER = 50
"""Trials of TPE that are evaluated together: it supposes that those without an answer are bad."""

Watch = Callable[[Shard], object]
"""Called with the trials that were made, after each batch."""


def _unwatched(trials: Shard) -> None:
    """Nobody is shown how far a search is."""


class Searched(Record):
    """The table of a search, a row for each trial, and how totals were found.

    `complete`: whether all trials were made; Ctrl-C ends a search, and what was found stays.
    """

    table: pa.Table
    how: Totalled
    complete: bool


def search(
    space: Space,
    asked: AskedSearch,
    judge: Judge | None = None,
    watch: Watch = _unwatched,
) -> Searched:
    """Return what a search of a space finds; the same seed finds the same.

    A variant that is none is a failed trial. Raises ProblemError where the user's own objective
    fails, and KeyboardInterrupt where nothing was found before it.
    """
    study = _study(asked)
    suggested = distributions(space.axes)
    together = POPULATION if asked.sampler == "nsga2" else TOGETHER
    batches: list[Evaluated] = []
    done = 0
    try:
        while done < asked.trials:
            trials = [study.ask(suggested) for _ in range(min(together, asked.trials - done))]
            found = evaluated(space, asked, judge, done, [trial.params for trial in trials])
            _tell(study, trials, done, found)
            batches.append(found)
            watch(Shard(len(batches) - 1, done, done + len(trials)))
            done += len(trials)
    except KeyboardInterrupt:
        if not batches:
            raise
    table = pa.concat_tables([one.table for one in batches]).unify_dictionaries()
    slow = next((one.how for one in batches if not one.how.composed), Totalled(True))
    return Searched(table.combine_chunks(), slow, done == asked.trials)


def _study(asked: AskedSearch) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(sampler=_sampler(asked), directions=["minimize"] * len(asked.front))


def _sampler(asked: AskedSearch) -> BaseSampler:
    if asked.sampler == "nsga2":
        size = max(2, min(POPULATION, asked.trials))
        return NSGAIISampler(population_size=size, seed=asked.seed)
    return TPESampler(seed=asked.seed, multivariate=True, constant_liar=True)


def _tell(study: optuna.Study, trials: Sequence[Trial], first: int, found: Evaluated) -> None:
    for row, trial in enumerate(trials, first):
        outcome = found.outcomes.get(row)
        if outcome is None:
            study.tell(trial, state=TrialState.FAIL)
            continue
        for number, broken in enumerate(outcome.broken):
            trial.set_constraint(str(number), broken)
        study.tell(trial, list(outcome.costs))
