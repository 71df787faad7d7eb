"""Files and folders checked: their specs found, configured, checked and counted together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from archprof.allowance import share
from archprof.capturing.inputs import input_specs
from archprof.capturing.targets import target
from archprof.cli.options import standard_input
from archprof.commands.check.base import Finding
from archprof.commands.check.captured_source import CapturedSource
from archprof.commands.check.check_options import Options
from archprof.commands.check.check_run import Outcome, Work, outcome, run
from archprof.commands.check.config_files import Configs
from archprof.commands.check.file_report import FileReport
from archprof.commands.check.idle_budgets import idle_budgets
from archprof.language import files
from archprof.language.files import Source
from archprof.language.recognition import looks_like_either
from archprof.language.text import MAX_BYTES
from archprof.problem import Mark, Problem, ProblemError

if TYPE_CHECKING:
    from archprof.commands.check.baseline import Baseline


def check_paths(
    paths: Sequence[str],
    options: Options,
    config: Path | None = None,
    base: str | None = None,
    device: str | None = None,
    jobs: int = 1,
    inputs: Sequence[str] = (),
) -> Outcome:
    """Return what the checks of these files and folders find.

    `config` is a configuration in place of the nearest ones, `base` the git revision whose rules
    and budgets count, `device` where latency budgets are measured, `jobs` the number of processes,
    `inputs` what --input gives the modules among them.
    Raises ProblemError for no path, and for a configuration or a revision that cannot be read.
    """
    if not paths:
        hint = "give files or folders, such as `archprof check specs`"
        raise _refused("check", "there is nothing to check", hint)
    missing: list[Problem] = []
    passed_over: set[str] = set()
    targets = [found for path in paths if (found := target(path)) is not None]
    specs = [path for path in paths if target(path) is None]
    wanted = files.find(specs, missing, passed_over, looks_like_either)
    sources = [_read(source) for source in wanted]
    if inputs:
        _refuse_inputs(sources, options)
    captured = [CapturedSource(one, input_specs(inputs)) for one in targets]
    share(len(sources) + len(targets))

    def checked(opened: ExitStack) -> Outcome:
        configs: Configs = Configs(config)
        if base is not None:
            configs = _baseline(base, config, files.folders(specs), opened)
        work = _configured([*sources, *captured], configs)
        reports = run(work, options, jobs)
        about_rules = configs.findings(sources, reports[: len(sources)], options)
        more = [*_latencies(work, reports, options, device), *about_rules]
        if base is None and any(Path(path).is_dir() for path in specs):
            more += idle_budgets(work, reports, options)
        return outcome(work, reports, options, missing, more)

    result = _with_what_it_opens(checked)
    return result._replace(passed_over=len(passed_over), missing=len(missing))


def _with_what_it_opens(checked: Callable[[ExitStack], Outcome]) -> Outcome:
    """Run checks, and close what they opened, in a function so short that its end needs no memory
    (tests/cli/test_memory.py).
    """
    with ExitStack() as opened:
        return checked(opened)


def _refuse_inputs(sources: Sequence[Source], options: Options) -> None:
    """Raise ProblemError for inputs of modules beside specs, or beside an input of --at."""
    if options.at.input is not None:
        message = "--at input=… gives an input too"
        raise _refused("--input", message, "give one of them")
    if sources:
        message = f"{sources[0].name} is a spec, which has one input"
        hint = "--at input=3x320x320 gives specs another one; check modules apart from them"
        raise _refused("--input", message, hint)


def _read(source: Source) -> Source:
    """Return the source with its content where that is standard input."""
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


def _configured(sources: Sequence[Source | CapturedSource], configs: Configs) -> list[Work]:
    """Return each file with its configuration. Raises ProblemError with all that is wrong."""
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


def _refused(option: str, message: str, hint: str) -> ProblemError:
    return ProblemError([Problem(Mark(option), "option", message, hint)])
