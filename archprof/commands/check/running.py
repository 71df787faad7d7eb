"""Many files, in this process or in several, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from archprof.commands.check.base import Finding
from archprof.commands.check.checking import Options, Report, check
from archprof.commands.check.conditions import NATIVE
from archprof.commands.check.config import Config
from archprof.commands.check.rules import RULES
from archprof.commands.check.suppress import idle
from archprof.language.files import Source
from archprof.problem import Problem, Severity

Work = tuple[Source, Config]


class Outcome(NamedTuple):
    """What a run came to: findings in order of place, the files by name, their networks, and the
    tracebacks of bugs.

    `stopped` are the files of which no network could be looked at because of an error,
    `configurations` by file those that counted. `passed_over`: how many YAML files of folders did
    not look like specs.
    """

    findings: tuple[Finding, ...]
    files: dict[str, tuple[str, ...]]
    bugs: tuple[str, ...]
    stopped: tuple[str, ...] = ()
    configurations: Mapping[str, str] = MappingProxyType({})
    passed_over: int = 0

    def count(self, *severities: Severity) -> int:
        """How many findings weigh so much."""
        return sum(finding.severity in severities for finding in self.findings)


def run(work: Sequence[Work], options: Options, jobs: int = 1) -> list[Report]:
    """The reports in order, by so many processes; one process is this one."""
    if jobs == 1 or len(work) < 2:
        return [check(source, config, options) for source, config in work]
    from archprof.commands.check.parallel import in_processes

    return in_processes(work, options, min(jobs, len(work)))


def outcome(
    work: Sequence[Work],
    reports: Sequence[Report],
    options: Options,
    missing: Iterable[Problem] = (),
    more: Iterable[Finding] = (),
) -> Outcome:
    """Findings of all files, each once: what several find in a file of blocks is one.

    `missing` are the paths that were no file.
    """
    found = [
        *(Finding(problem, Severity.error) for problem in missing),
        *(f for report in reports for f in report.findings),
        *more,
        *_unused(work, reports, options),
    ]
    unique = {_key(finding.problem): finding for finding in reversed(found)}
    ordered = sorted(
        unique.values(), key=lambda f: (f.problem.mark, f.problem.rule, f.problem.message)
    )
    return Outcome(
        tuple(ordered),
        {report.name: report.networks for report in reports},
        tuple(report.bug for report in reports if report.bug),
        tuple(report.name for report in reports if not report.complete and not report.networks),
        {source.name: config.file for source, config in work if config.file},
    )


def _key(problem: Problem) -> tuple[object, ...]:
    """What makes two findings one.

    What a rule finds in a layer of a block differs by the network that uses it, and is said once
    all the same.
    """
    layer = problem.rule in RULES and RULES[problem.rule].looks_at == "layer"
    return (problem.mark, problem.rule) if layer else (problem,)


def _unused(work: Sequence[Work], reports: Sequence[Report], options: Options) -> Iterator[Finding]:
    """Suppressions that nothing needed.

    Under other conditions than the spec's own that says nothing.
    """
    if options.at != NATIVE:
        return
    used = frozenset().union(*(report.used for report in reports))
    borrowers: dict[str, list[Report]] = {}
    for report in reports:
        for name in report.borrowed:
            borrowers.setdefault(name, []).append(report)
    for (_, config), report in zip(work, reports, strict=True):
        around = [*([report] if report.networks else []), *borrowers.get(report.name, [])]
        if around and all(r.complete for r in (report, *around)):
            for rule, problem in report.idle:
                if (problem.mark, rule) not in used:
                    yield from _finding(problem, rule, config, options)
    exempted = frozenset().union(*(report.exempted for report in reports))
    for config in dict.fromkeys(config for _, config in work):
        mine = [
            (source, report)
            for (source, other), report in zip(work, reports, strict=True)
            if other is config or other == config
        ]
        for exemption in config.exemptions:
            covered = [
                report
                for source, report in mine
                if source.path and config.covers(exemption, source.path.absolute())
            ]
            if covered and all(report.complete for report in covered):
                for rule in exemption.rules:
                    if (exemption.mark, rule) not in exempted:
                        yield from _finding(
                            idle(exemption.mark, rule, exemption.row), rule, config, options
                        )


def _finding(problem: Problem, rule: str, config: Config, options: Options) -> Iterator[Finding]:
    running = options.rules(config)
    if rule in running and "unused-suppression" in running:
        yield Finding(problem, options.severity(problem.rule, config))
