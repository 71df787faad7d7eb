"""`archprof check`: check whether spec files are as they say, and keep to the rules."""

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
    from archprof.commands.check.check_options import Options
    from archprof.commands.check.check_run import Outcome, Work
    from archprof.commands.check.config_files import Configs
    from archprof.commands.check.file_report import FileReport
    from archprof.language.files import Source
    from archprof.problem import Problem, ProblemError


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
            help="Only these rules; what keeps a network from being built is always reported.",
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
            help="Check budgets and rules about shapes at input=3x320x320,batch=8,dtype=float16.",
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
        from archprof.commands.check.rule_selection import explain_rule, list_rules

        if explain is not None:
            explain_rule(explain, output)
        else:
            list_rules(output)
        return 0
    from archprof.allowance import share
    from archprof.commands.check.check_options import NATIVE, Options, parse_conditions
    from archprof.commands.check.check_run import outcome, run
    from archprof.commands.check.config_files import Configs
    from archprof.commands.check.rule_selection import ignored_rules, selected_rules
    from archprof.language import files

    if not paths:
        raise _refused(
            "check",
            "there is nothing to check",
            "give files or folders, such as `archprof check specs`",
        )
    options = Options(
        selected_rules(select),
        ignored_rules(ignore),
        strict,
        parse_conditions(at) if at is not None else NATIVE,
    )
    missing: list[Problem] = []
    passed_over: set[str] = set()
    sources = [_read(source) for source in files.find(paths, missing, passed_over)]
    share(len(sources))
    with ExitStack() as opened:
        if base is None:
            configs = Configs(config)
        else:
            configs = _baseline(base, config, files.folders(paths), opened)
        work = _configured(sources, configs)
        reports = run(work, options, jobs or os.cpu_count() or 1)
        changed = configs.findings(sources, reports, options)
        more = [*_latencies(work, reports, options, device), *changed]
        result = outcome(work, reports, options, missing, more)
    result = result._replace(passed_over=len(passed_over))
    _write(result, format or _usual_style(output), output)
    return _exit_code(result, bool(missing))


def _refused(option: str, message: str, hint: str) -> ProblemError:
    from archprof.problem import Mark, Problem, ProblemError

    return ProblemError([Problem(Mark(option), "option", message, hint)])


def _read(source: Source) -> Source:
    """Return the source with its content where that is standard input."""
    from archprof.cli.options import standard_input
    from archprof.language.text import MAX_BYTES

    return source if source.path else source._replace(content=standard_input(MAX_BYTES + 1))


def _baseline(
    revision: str, config: Path | None, folders: Iterable[Path], opened: ExitStack
) -> Baseline:
    """Return the configurations of a revision. Raises ProblemError."""
    from archprof.commands.check.baseline import Baseline
    from archprof.language.revisions import Repository

    if config is not None:
        raise _refused(
            "--config", "--config and --base both say which rules count", "give one of them"
        )
    return Baseline(opened.enter_context(Repository()), revision, folders)


def _configured(sources: Sequence[Source], configs: Configs) -> list[Work]:
    """Return each file with its configuration. Raises ProblemError with all that is wrong."""
    from archprof.problem import ProblemError

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


def _latencies(
    work: Sequence[Work], reports: Sequence[FileReport], options: Options, device: str | None
) -> list[Finding]:
    """Return the findings of the latency budgets, which only a device can answer."""
    if device is None:
        return [finding for report in reports for _, finding in report.latencies]
    from archprof.commands.check.measured_budgets import answers

    return answers(work, reports, options, device)


def _usual_style(output: Path | None) -> Style:
    """Return annotations where GitHub's runner reads standard output, text elsewhere."""
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    return Style.github if output is None and on_github else Style.text


def _write(result: Outcome, style: Style, output: Path | None) -> None:
    """Write the findings, and how many there are to standard error."""
    from archprof.commands.check.text_report import counted
    from archprof.show import terminal

    if style is Style.sarif:
        from archprof.commands.check.sarif import sarif as written
    elif style is Style.junit:
        from archprof.commands.check.junit import junit as written
    elif style is Style.github:
        from archprof.commands.check.text_report import as_commands as written
    elif style is Style.json:
        from archprof.commands.check.text_report import as_json as written
    else:
        from archprof.commands.check.text_report import text as written
    text = written(result)
    if text or output is not None:
        terminal.emit(text, output)
    sys.stdout.flush()
    print(counted(result), file=sys.stderr)


def _exit_code(result: Outcome, missing: bool) -> int:
    """Return the exit code, after reporting a bug in archprof as one."""
    from archprof.problem import Severity

    if result.bugs:
        from archprof.cli.main import BUG, bug

        bug(result.bugs[0].strip().rpartition("\n")[2], result.bugs[0])
        return BUG
    if missing:
        return 2
    return 1 if result.count(Severity.error) else 0
