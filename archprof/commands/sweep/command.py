"""`archprof sweep`: all variants of a space, and what is asked of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.ranges import refused

if TYPE_CHECKING:
    from archprof.commands.sweep.answers import SweepQuestion
    from archprof.sweeping.planning import Ran
    from archprof.sweeping.space.space import Space
    from archprof.sweeping.sweep import Sweep


class SweepFormat(StrEnum):
    """How the answers of a sweep are written."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"
    html = "html"


def complete_space(incomplete: str) -> list[str]:
    """Return the shipped spaces that begin with what is typed."""
    from archprof.sweeping.space.library import shipped_spaces

    return [name for name in shipped_spaces() if name.startswith(incomplete)]


SPACE_HELP = (
    "A space: a shipped one's name or a file; or the folder of a sweep, of which more is asked."
)


def sweep(
    space: Annotated[
        str, Argument(help=SPACE_HELP, autocompletion=complete_space, show_default=False)
    ],
    out: Annotated[
        Path | None,
        Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Where the table of all variants is kept; what lies there is not made again.",
            show_default=False,
        ),
    ] = None,
    sample: Annotated[
        str | None,
        Option(
            metavar="N",
            help="Which variants: 1M at random, sobol:100K of a Sobol sequence, or all.",
            show_default="as the space has it",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        Option(min=0, metavar="N", help="What they are drawn with.", show_default=False),
    ] = None,
    set: Annotated[
        list[str] | None,
        Option(
            "--set",
            metavar="NAME=VALUES",
            help="Other values of a parameter than the space's: groups=1,32 or width=16..64."
            " Repeatable.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        Option(
            metavar="CONDITIONS",
            help="Other conditions than the space's: 'batch=32,optimizer=adamw,amp=bfloat16'.",
            show_default=False,
        ),
    ] = None,
    train: Annotated[
        bool,
        Option(
            "--train",
            help="Simulate each variant's step of training: training_peak_bytes, step_flops.",
        ),
    ] = False,
    where: Annotated[
        list[str] | None,
        Option(
            "--where",
            metavar="CONDITION",
            help="Only variants that meet it: 'params <= 40M and sum(depths) > 20'. Repeatable.",
        ),
    ] = None,
    front: Annotated[
        str,
        Option(
            metavar="OBJECTIVES",
            help="The variants that no other beats: 'min macs, max params'.",
            show_default="as the space has it",
        ),
    ] = "",
    best: Annotated[
        list[str] | None,
        Option(
            "--best",
            metavar="OBJECTIVES",
            help="The best variants by the first, then by the next: 'max depth'. Repeatable.",
        ),
    ] = None,
    steps: Annotated[
        list[str] | None,
        Option(
            "--steps",
            metavar="ROW",
            help="What one step of each parameter costs, from a row, from `front` or from `best`."
            " Repeatable.",
        ),
    ] = None,
    rows: Annotated[
        int,
        Option(min=1, max=100_000, metavar="N", help="So many rows of a front, or best ones."),
    ] = 20,
    workers: Annotated[
        int | None,
        Option(
            min=1,
            max=4096,
            metavar="N",
            help="So many processes.",
            show_default="one for each core",
        ),
    ] = None,
    dask: Annotated[
        str | None,
        Option(
            metavar="ADDRESS",
            help="The workers of a Dask scheduler, such as tcp://10.0.0.1:8786.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        int,
        Option(
            min=0,
            max=1_000_000,
            metavar="N",
            help="So many rows, drawn at random, are analysed in full and compared.",
        ),
    ] = 64,
    format: Annotated[
        SweepFormat,
        Option("--format", "-f", metavar="NAME", help="table, json, csv, md or html."),
    ] = SweepFormat.table,
) -> int:
    """What all variants of a space cost, exactly: their table, the front, the best under a budget,
    and what a step costs.

    Example: archprof sweep resnet --sample 10K --best 'max depth' --where 'macs <= 4G'
    """
    from archprof.sweeping.extra import require_sweeping

    require_sweeping()
    from archprof.commands.sweep.answers import SweepQuestion, answering
    from archprof.sweeping.opening import opened
    from archprof.sweeping.space.conditions_reader import with_conditions
    from archprof.sweeping.sweep import Sweep
    from archprof.sweeping.variants import OF_STEP

    question = SweepQuestion(front, tuple(best or ()), tuple(steps or ()), rows)
    if Path(space).is_dir():
        stored = opened(
            Path(space),
            sample=sample,
            seed=seed,
            set=set,
            at=at,
            train=train or None,
            out=out,
            workers=workers,
            dask=dask,
        )
        return print_answers(Sweep(stored), None, where or [], question, format)
    found = with_conditions(_sampled(space, set or [], sample, seed), at)
    found = answering(found.asked(OF_STEP) if train else found, where or [], question)
    with _folder(out, dask) as folder:
        made, ran = _made(found, folder, out is None, workers, dask, check)
        status = print_answers(made, ran, where or [], question, format)
    return _complained(ran) or status


def _sampled(space: str, given: list[str], sample: str | None, seed: int | None) -> Space:
    from archprof.sweeping.space.given import with_given
    from archprof.sweeping.space.library import read_space
    from archprof.sweeping.wanted_sample import with_sample

    return with_sample(with_given(read_space(space), given), sample, seed)


@contextmanager
def _folder(out: Path | None, dask: str | None) -> Iterator[Path]:
    """Yield the folder of the parts; one that nobody named is removed in the end."""
    import tempfile

    if out is not None:
        yield out
        return
    if dask is not None:
        message = "workers of other machines write into a folder, and none is given"
        raise refused("--dask", message, "-o DIR, on a disk that all machines share")
    with tempfile.TemporaryDirectory(prefix="archprof-sweep-") as folder:
        yield Path(folder)


def _made(
    space: Space,
    folder: Path,
    is_temporary: bool,
    workers: int | None,
    dask: str | None,
    check: int,
) -> tuple[Sweep, Ran]:
    """Make what is missing of a sweep. Raises ProblemError."""
    from archprof.commands.sweep.announcement import announcement, what_is_kept
    from archprof.commands.sweep.progress import SweepProgress
    from archprof.sweeping.engines.choosing import chosen_engine, process_count
    from archprof.sweeping.planning import made, planned, refuse_without_room

    plan = planned(space, folder)
    engine = chosen_engine(len(plan.missing), workers, dask)
    count = process_count(len(plan.missing), workers)
    if dask is None:
        refuse_without_room(plan, count)
    _print(announcement(plan, count, dask))
    try:
        with SweepProgress(plan.rows) as progress:
            return made(plan, engine, progress, check)
    except KeyboardInterrupt:
        _print([what_is_kept(plan, is_temporary)])
        raise


def _print(lines: Iterable[str]) -> None:
    """Print what is not an answer."""
    from archprof.units import inert, printable

    for line in lines:
        print(inert(printable(line)), file=sys.stderr)


def print_answers(
    sweep: Sweep,
    ran: Ran | None,
    where: list[str],
    question: SweepQuestion,
    format: SweepFormat,
) -> int:
    """Print what a sweep answers, and return the exit code."""
    from archprof.commands.sweep.answers import answers
    from archprof.commands.sweep.sweep_tables import sweep_tables
    from archprof.show import terminal
    from archprof.show.table import put

    for text in where:
        sweep = sweep.where(text)
    found = answers(sweep, ran, question)
    if format is SweepFormat.json:
        import json

        from archprof.commands.sweep.sweep_data import sweep_data

        terminal.emit(json.dumps(sweep_data(found), indent=1), None)
    elif format is SweepFormat.html:
        from archprof.commands.sweep.sweep_page import sweep_page

        terminal.emit(sweep_page(found, sweep_tables(found, question.rows)), None)
    else:
        most = None if format is SweepFormat.csv else question.rows
        put(sweep_tables(found, most), format.value, None)
    return 0


def _complained(ran: Ran) -> int:
    """Report rows that differ from their full analysis, and return the exit code."""
    from archprof.cli.options import complain
    from archprof.problem import Mark, Problem
    from archprof.sweeping.checking import in_words

    if not ran.checked.differing:
        return 0
    return complain([Problem(Mark("check"), "self-check", in_words(ran.checked))])
