"""Budgets of configurations that no checked network has: a slip in a name limits nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from archprof.commands.check.base import Finding
from archprof.commands.check.check_options import Options
from archprof.commands.check.check_run import Work
from archprof.commands.check.config import BudgetTable, KnownAs
from archprof.commands.check.file_report import FileReport
from archprof.problem import Problem, Severity, nearest


def idle_budgets(
    work: Sequence[Work], reports: Sequence[FileReport], options: Options
) -> Iterator[Finding]:
    """Yield a note for each budget that fits no network of this run.

    Where a file could not be checked whole, its networks may be those of a budget.
    """
    configs = dict.fromkeys(config for _, config in work if "budget" in options.rules(config))
    for config in configs:
        own = [report for (_, other), report in zip(work, reports, strict=True) if other == config]
        if not all(report.complete for report in own):
            continue
        known = [one for report in own for one in report.known]
        for table in config.budgets:
            if not any(table.limits_some_of(one) for one in known):
                yield Finding(_idle(table, known), Severity.note)


def _idle(table: BudgetTable, known: Sequence[KnownAs]) -> Problem:
    """Return the note, with what there is of the first kind of which its glob fits nothing."""
    kinds = (
        ("network", "networks", table.network, {name for one in known for name in one.names}),
        ("family", "families", table.family, {name for one in known for name in one.families}),
        ("block", "blocks", table.block, {name for one in known for name in one.blocks}),
    )
    given = [kind for kind in kinds if kind[2] not in ("", "*")]
    wanted = " and ".join(f'{kind} = "{glob}"' for kind, _, glob, _ in given)
    hint = "no network fits all of them" if len(given) > 1 else ""
    for _, several, glob, names in given:
        if not any(fnmatchcase(name.casefold(), glob.casefold()) for name in names):
            hint = nearest(glob, names, several)
            break
    message = f"no network that is checked has this budget, which is for {wanted or 'all'}"
    return Problem(table.limits[0][2], "budget", message, hint)
