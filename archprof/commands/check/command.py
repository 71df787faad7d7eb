"""`archprof check`: whether spec files hold what they say, and keep to the rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archprof.cli.options import Output

if TYPE_CHECKING:
    from archprof.commands.check.base import Finding
    from archprof.commands.check.baseline import Baseline
    from archprof.commands.check.checking import Options, Report
    from archprof.commands.check.configuring import Configs
    from archprof.commands.check.running import Outcome, Work
    from archprof.language.files import Source


class Style(StrEnum):
    """How findings are written."""

    text = "text"
    github = "github"
    json = "json"
    sarif = "sarif"
    junit = "junit"


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH…",
            help=(
                "Spec files, folders of them, globs in quotes, shipped networks; - is standard"
                " input."
            ),
            show_default=False,
        ),
    ] = None,
    select: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…",
            help="Only these rules; what keeps a network from being built is always told.",
            show_default=False,
        ),
    ] = None,
    ignore: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Not these rules.", show_default=False)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors.")] = False,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITIONS",
            help="Ask budgets and rules about shapes at input=3x320x320,batch=8,dtype=float16.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Measure latency budgets there: cuda, cpu. Needs torch.",
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REVISION",
            help=(
                "Check by the rules and budgets of this git revision; a change does not choose its"
                " own."
            ),
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="This archprof.toml instead of the nearest.", show_default=False
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=0, max=1024, metavar="N", help="Processes; 0: one per processor."
        ),
    ] = 1,
    format: Annotated[
        Style | None,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help="text, github (annotations), json, sarif or junit.",
            show_default="text, github in GitHub Actions",
        ),
    ] = None,
    output: Output = None,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules.")] = False,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="RULE", help="What a rule is about, with examples.", show_default=False
        ),
    ] = None,
) -> int:
    """Check spec files: structure, shapes, `shape:` and `expect:`, budgets and rules; every problem
    of every file in one run.

    A file that is named is a spec. In a folder a .yaml file is one, broken or not, that has
    `layers`, `blocks` or `variants` at its top.

    Example: archprof check specs/
    """
    if explain is not None or rules:
        return _manual(explain, output)
    from archprof.allowance import share
    from archprof.cli.options import standard_input
    from archprof.commands.check.checking import Options
    from archprof.commands.check.conditions import NATIVE, parse_conditions
    from archprof.commands.check.configuring import Configs
    from archprof.commands.check.findings import counted
    from archprof.commands.check.running import outcome, run
    from archprof.language import files as found
    from archprof.language.text import MAX_BYTES
    from archprof.problem import Mark, Problem, ProblemError, Severity

    if not paths:
        raise ProblemError(
            [
                Problem(
                    Mark("check"),
                    "option",
                    "there is nothing to check",
                    "give files or folders, such as `archprof check specs`",
                )
            ]
        )
    options = Options(
        _chosen("--select", select),
        _chosen("--ignore", ignore) or frozenset(),
        strict,
        parse_conditions(at) if at is not None else NATIVE,
    )
    missing: list[Problem] = []
    passed_over: set[str] = set()
    sources = [
        s if s.path else s._replace(content=standard_input(MAX_BYTES + 1))
        for s in found.find(paths, missing, passed_over)
    ]
    share(len(sources))
    with ExitStack() as opened:
        configs = (
            Configs(config)
            if base is None
            else _baseline(base, config, found.folders(paths), opened)
        )
        work = _configured(sources, configs)
        reports = run(work, options, jobs or os.cpu_count() or 1)
        changed = configs.findings(sources, reports, options)
        result = outcome(
            work, reports, options, missing, [*_latencies(work, reports, options, device), *changed]
        )._replace(passed_over=len(passed_over))
    _write(result, format or _usual(output), output)
    sys.stdout.flush()
    print(counted(result), file=sys.stderr)
    if result.bugs:
        from archprof.cli.main import BUG, bug

        bug(result.bugs[0].strip().rpartition("\n")[2], result.bugs[0])
        return BUG
    return 2 if missing else 1 if result.count(Severity.error) else 0


def _baseline(
    revision: str, config: Path | None, folders: Iterable[Path], opened: ExitStack
) -> Baseline:
    """The configurations of a revision. Raises ProblemError."""
    from archprof.commands.check.baseline import Baseline
    from archprof.language.revisions import Repository
    from archprof.problem import Mark, Problem, ProblemError

    if config is not None:
        raise ProblemError(
            [
                Problem(
                    Mark("--config"),
                    "option",
                    "--config and --base both say which rules count",
                    "give one of them",
                )
            ]
        )
    return Baseline(opened.enter_context(Repository()), revision, folders)


def _chosen(option: str, names: str | None) -> frozenset[str] | None:
    """The rules that an option names.

    Raises ProblemError for what is none, and for --ignore of what cannot be left out.
    """
    if names is None:
        return None
    from archprof.commands.check.rules import RULES, fault
    from archprof.problem import Mark, Problem, ProblemError, nearest

    chosen = [name.strip() for name in names.split(",") if name.strip()]
    wrong = (
        {name: fault(name) for name in chosen}
        if option == "--ignore"
        else {
            name: None if name in RULES else (f"there is no rule `{name}`", nearest(name, RULES))
            for name in chosen
        }
    )
    problems = [
        Problem(Mark(option), "option", found[0], found[1] or "`archprof check --rules` lists them")
        for found in wrong.values()
        if found
    ]
    if not chosen:
        problems = [
            Problem(Mark(option), "option", "names no rule", "`archprof check --rules` lists them")
        ]
    if problems:
        raise ProblemError(problems)
    return frozenset(chosen)


def _configured(sources: Sequence[Source], configs: Configs) -> list[Work]:
    """Each file with its configuration. Raises ProblemError with what is wrong in any of them."""
    from archprof.problem import Problem, ProblemError

    work: list[Work] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            work.append((source, configs.of(source.folder)))
        except ProblemError as error:
            problems += error.problems
    if problems:
        raise ProblemError(problems)
    return work


def _usual(output: Path | None) -> Style:
    """Annotations where GitHub's runner reads along, text elsewhere."""
    return (
        Style.github
        if output is None and os.environ.get("GITHUB_ACTIONS") == "true"
        else Style.text
    )


def _write(result: Outcome, style: Style, output: Path | None) -> None:
    from archprof.show import terminal

    if style is Style.sarif:
        from archprof.commands.check.sarif import sarif as written
    elif style is Style.junit:
        from archprof.commands.check.junit import junit as written
    elif style is Style.github:
        from archprof.commands.check.findings import as_commands as written
    elif style is Style.json:
        from archprof.commands.check.findings import as_json as written
    else:
        from archprof.commands.check.findings import text as written
    said = written(result)
    if said or output is not None:
        terminal.emit(said, output)


def _manual(name: str | None, output: Path | None) -> int:
    """One rule's manual, or the table of all."""
    from archprof.commands.check.rules import RULES, manual, summary
    from archprof.problem import Mark, Problem, ProblemError, nearest
    from archprof.show import terminal
    from archprof.show.table import Column, Table, put

    if name is None:
        columns = (
            Column("Rule", right=False),
            Column("Weighs", right=False),
            Column("What it finds", right=False, wraps=True),
        )
        put(
            [
                Table(
                    columns,
                    [(name, entry.severity.value, summary(name)) for name, entry in RULES.items()],
                )
            ],
            "table",
            output,
        )
        return 0
    if name not in RULES:
        raise ProblemError(
            [
                Problem(
                    Mark("--explain"),
                    "option",
                    f"there is no rule `{name}`",
                    nearest(name, RULES) or "`archprof check --rules` lists them",
                )
            ]
        )
    terminal.emit(f"{name} · {RULES[name].severity.value}\n\n{manual(name)}", output)
    return 0


def _latencies(
    work: Sequence[Work], reports: Sequence[Report], options: Options, device: str | None
) -> list[Finding]:
    """The latency budgets answered; without a device each is a note that it cannot be told."""
    if device is None:
        return [finding for report in reports for _, finding in report.latencies]
    from archprof.commands.check.measured_budgets import answers

    return answers(work, reports, options, device)
