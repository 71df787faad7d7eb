"""`archprof search`: variants of a space that Optuna searches for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from archprof.cli.declared import Argument, Option
from archprof.commands.sweep.command import SweepFormat, complete_space, print_answers


class SearchSampler(StrEnum):
    """What chooses the next trials."""

    nsga2 = "nsga2"
    tpe = "tpe"


def search(
    space: Annotated[
        str,
        Argument(
            help="A space: a shipped one's name or a file.",
            autocompletion=complete_space,
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Where the table of all trials is kept, as a sweep's is.",
            show_default=False,
        ),
    ] = None,
    sampler: Annotated[
        SearchSampler, Option("--sampler", metavar="NAME", help="nsga2 or tpe, both Optuna's.")
    ] = SearchSampler.nsga2,
    trials: Annotated[
        int, Option(min=1, max=1_000_000, metavar="N", help="So many variants are tried.")
    ] = 1000,
    seed: Annotated[int, Option(min=0, metavar="N", help="What they are drawn with.")] = 0,
    where: Annotated[
        list[str] | None,
        Option(
            "--where",
            metavar="CONDITION",
            help="A limit that the search heeds: 'params <= 40M'. Repeatable.",
        ),
    ] = None,
    front: Annotated[
        str,
        Option(
            metavar="OBJECTIVES",
            help="What is searched for: 'min macs, max params'.",
            show_default="as the space has it",
        ),
    ] = "",
    steps: Annotated[
        list[str] | None,
        Option(
            "--steps",
            metavar="ROW",
            help="What one step of each parameter costs, from a row or from `front`. Repeatable.",
        ),
    ] = None,
    rows: Annotated[
        int, Option(min=1, max=100_000, metavar="N", help="So many rows of the front.")
    ] = 20,
    format: Annotated[
        SweepFormat,
        Option("--format", "-f", metavar="NAME", help="table, json, csv, md or html."),
    ] = SweepFormat.table,
) -> int:
    """The front of a space too large to sweep: what Optuna finds in so many trials.

    Example: archprof search regnet --trials 200 --front 'min macs, max params'
    """
    from archprof.sweeping.extra import require_searching

    require_searching()
    from archprof.allowance import paused
    from archprof.commands.sweep.answers import SweepQuestion
    from archprof.commands.sweep.progress import SweepProgress
    from archprof.sweeping.searching.asked_search import asked_search
    from archprof.sweeping.searching.search import search as searched
    from archprof.sweeping.searching.storing_search import prepared, stored_search
    from archprof.sweeping.space.library import read_space

    found = read_space(space)
    asked = asked_search(found, sampler.value, trials, seed, front, where or ())
    found = found.asked(asked.names)
    searched_for = ", ".join(map(str, asked.front))
    question = SweepQuestion(searched_for, steps=tuple(steps or ()), rows=rows)
    question.refuse_steps(trials, own_front=True)
    with _folder(out) as folder, paused():
        prepared(folder)
        with SweepProgress(trials) as progress:
            result = searched(found, asked, watch=progress.made)
        sweep = stored_search(found, asked, result, folder)
        status = print_answers(sweep, None, [], question, format)
    return status if result.complete else 130


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Yield the folder of the table; one that nobody named is removed in the end."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="archprof-search-") as folder:
        yield Path(folder)
