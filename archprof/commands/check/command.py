"""`archprof check`: check whether spec files are as they say, and keep to the rules."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Output

if TYPE_CHECKING:
    from archprof.commands.check.check_run import Outcome


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
        Argument(
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
        Option(
            metavar="A,B,…",
            help="Only these rules; what keeps a network from being built is always reported.",
            show_default=False,
        ),
    ] = None,
    ignore: Annotated[
        str | None, Option(metavar="A,B,…", help="Not these rules.", show_default=False)
    ] = None,
    strict: Annotated[bool, Option("--strict", help="Warnings are errors.")] = False,
    at: Annotated[
        str | None,
        Option(
            metavar="CONDITIONS",
            help="Check budgets and rules about shapes at input=3x320x320,batch=8,dtype=float16.",
            show_default=False,
        ),
    ] = None,
    input: Annotated[
        list[str] | None,
        Option(
            "--input",
            metavar="CxHxW",
            help=(
                "The input of the modules to check, such as 3x224x224; of several NAME=3x224x224"
                " or NAME=77:int64 for each."
            ),
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="Measure latency budgets there: cuda, cpu. Needs torch.",
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None,
        Option(
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
        Option(
            metavar="FILE", help="This archprof.toml instead of the nearest.", show_default=False
        ),
    ] = None,
    jobs: Annotated[
        int,
        Option(
            "--jobs", "-j", min=0, max=1024, metavar="N", help="Processes; 0: one per processor."
        ),
    ] = 1,
    format: Annotated[
        Style | None,
        Option(
            "--format",
            "-f",
            metavar="NAME",
            help="text, github (annotations), json, sarif or junit.",
            show_default="text, github in GitHub Actions",
        ),
    ] = None,
    output: Output = None,
    rules: Annotated[bool, Option("--rules", help="List the rules.")] = False,
    explain: Annotated[
        bool,
        Option(
            "--explain",
            help="Explain rules by name, such as conv-bias, with examples; without one, list all.",
        ),
    ] = False,
) -> int:
    """Check spec files: structure, shapes, `shape:` and `expect:`, budgets and rules; every problem
    of every file in one run.

    A file that is named is a spec. In a folder a .yaml file is one, broken or not, that has
    `layers`, `blocks` or `variants` at its top.

    Example: archprof check specs/
    """
    if explain or rules:
        from archprof.commands.check.rule_selection import explain_rules

        explain_rules(paths if explain and paths else (), output)
        return 0
    from archprof.commands.check.check_options import Options, parse_conditions
    from archprof.commands.check.check_paths import check_paths
    from archprof.commands.check.conditions import NATIVE
    from archprof.commands.check.rule_selection import ignored_rules, selected_rules

    options = Options(
        selected_rules(select),
        ignored_rules(ignore),
        strict,
        parse_conditions(at) if at is not None else NATIVE,
    )
    jobs = jobs or os.cpu_count() or 1
    result = check_paths(paths or (), options, config, base, device, jobs, input or ())
    _write(result, format or _usual_style(output), output)
    return _exit_code(result)


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


def _exit_code(result: Outcome) -> int:
    """Return the exit code, after reporting a bug in archprof as one."""
    from archprof.problem import Severity

    if result.bugs:
        from archprof.cli.main import BUG, bug

        bug(result.bugs[0].strip().rpartition("\n")[2], result.bugs[0])
        return BUG
    if result.missing:
        return 2
    return 1 if result.count(Severity.error) else 0
