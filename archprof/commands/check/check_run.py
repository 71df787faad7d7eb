"""Check many files, in this process or in several, and put their findings together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from archprof.commands.check.base import Finding
from archprof.commands.check.captured_source import CapturedSource
from archprof.commands.check.check_file import check
from archprof.commands.check.check_options import Options
from archprof.commands.check.conditions import NATIVE
from archprof.commands.check.config import Config
from archprof.commands.check.file_report import FileReport
from archprof.commands.check.rules import RULES
from archprof.commands.check.suppressions import idle
from archprof.language.files import Source
from archprof.problem import Problem, Severity

Work = tuple[Source | CapturedSource, Config]


class Outcome(NamedTuple):
    """The result of a run over files.

    `findings`: in order of place.
    `files`: by name the networks of each file.
    `bugs`: the tracebacks of bugs in archprof.
    `stopped`: the files that an error kept from being checked at all.
    `configurations`: by file the configuration that counted.
    `passed_over`: how many YAML files in folders did not look like specs.
    `missing`: how many of the paths have no file.
    `spaces`: how many of the files are spaces of variants.
    """

    findings: tuple[Finding, ...]
    files: dict[str, tuple[str, ...]]
    bugs: tuple[str, ...]
    stopped: tuple[str, ...] = ()
    configurations: Mapping[str, str] = MappingProxyType({})
    passed_over: int = 0
    missing: int = 0
    spaces: int = 0

    def count(self, *severities: Severity) -> int:
        """Return how many findings have one of these severities."""
        return sum(finding.severity in severities for finding in self.findings)


def run(work: Sequence[Work], options: Options, jobs: int = 1) -> list[FileReport]:
    """Return the reports in order, made by `jobs` processes; one process is this one."""
    if jobs == 1 or len(work) < 2:
        return [check(source, config, options) for source, config in work]
    from archprof.commands.check.parallel import in_processes

    return in_processes(work, options, min(jobs, len(work)))


def outcome(
    work: Sequence[Work],
    reports: Sequence[FileReport],
    options: Options,
    missing: Iterable[Problem] = (),
    more: Iterable[Finding] = (),
) -> Outcome:
    """Return the findings of all files, each once: several files may find the same in a block.

    `missing` are the paths at which there was no file, `more` findings from elsewhere.
    """
    found = [Finding(problem, Severity.error) for problem in missing]
    for report in reports:
        found += report.findings
    found += [*more, *_idle_suppressions(work, reports, options)]
    unique = {_key(finding.problem): finding for finding in reversed(found)}
    ordered = sorted(
        unique.values(), key=lambda f: (f.problem.mark, f.problem.rule, f.problem.message)
    )
    return Outcome(
        tuple(ordered),
        {report.name: report.networks for report in reports},
        tuple(report.bug for report in reports if report.bug),
        tuple(report.name for report in reports if _is_stopped(report)),
        {source.name: config.file for source, config in work if config.file},
        spaces=sum(report.space for report in reports),
    )


def _is_stopped(report: FileReport) -> bool:
    """Whether an error kept all networks of a spec from being checked."""
    return not report.complete and not report.networks and not report.space


def _key(problem: Problem) -> tuple[object, ...]:
    """Return what makes two findings the same one.

    Findings in a layer of a block differ by the network that uses the block; one is enough.
    """
    of_layer = problem.rule in RULES and RULES[problem.rule].looks_at == "layer"
    return (problem.mark, problem.rule) if of_layer else (problem,)


def _idle_suppressions(
    work: Sequence[Work], reports: Sequence[FileReport], options: Options
) -> Iterator[Finding]:
    """Yield a finding for each suppression that nothing needed.

    Under other conditions than the spec's own a suppression may have nothing to do.
    """
    if options.at == NATIVE:
        yield from _idle_in_files(work, reports, options)
        yield from _idle_in_configurations(work, reports, options)


def _idle_in_files(
    work: Sequence[Work], reports: Sequence[FileReport], options: Options
) -> Iterator[Finding]:
    """Yield those in files, as far as the file and all that use its blocks were checked whole."""
    used = frozenset().union(*(report.used for report in reports))
    borrowers: dict[str, list[FileReport]] = {}
    for report in reports:
        for name in report.borrowed:
            borrowers.setdefault(name, []).append(report)
    for (_, config), report in zip(work, reports, strict=True):
        users = borrowers.get(report.name, [])
        if not report.networks and not users:  # a file of blocks that no file of this run uses
            continue
        if not all(one.complete for one in (report, *users)):
            continue
        for rule, problem in report.idle:
            if (problem.mark, rule) not in used:
                yield from _finding(problem, rule, config, options)


def _idle_in_configurations(
    work: Sequence[Work], reports: Sequence[FileReport], options: Options
) -> Iterator[Finding]:
    """Yield those in configurations, as far as all files that they are for were checked whole."""
    exempted = frozenset().union(*(report.exempted for report in reports))
    for config in dict.fromkeys(config for _, config in work):
        for exemption in config.exemptions:
            covered = [
                report
                for (source, other), report in zip(work, reports, strict=True)
                if other == config
                and source.path
                and config.covers(exemption, source.path.absolute())
            ]
            if not covered or not all(report.complete for report in covered):
                continue
            for rule in exemption.rules:
                if (exemption.mark, rule) not in exempted:
                    problem = idle(exemption.mark, rule, exemption.row)
                    yield from _finding(problem, rule, config, options)


def _finding(problem: Problem, rule: str, config: Config, options: Options) -> Iterator[Finding]:
    """Yield the finding about a suppression of a rule, if both rules run."""
    running = options.rules(config)
    if rule in running and "unused-suppression" in running:
        yield Finding(problem, options.severity(problem.rule, config))
