"""Check one file; whatever goes wrong in it, the next file is checked all the same."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator

from archprof import units
from archprof.allowance import Allowance
from archprof.analysis.analysis import Analysis
from archprof.commands.check import rules
from archprof.commands.check.base import Budget, CheckedNetwork, Finding, Unanswered
from archprof.commands.check.budgets import network_budgets
from archprof.commands.check.captured_source import CapturedSource, captured_budgets
from archprof.commands.check.check_options import Options
from archprof.commands.check.config import Config, KnownAs, known
from archprof.commands.check.file_report import FileReport
from archprof.commands.check.layer_findings import LayerFindings
from archprof.commands.check.space_source import is_space, read_space
from archprof.commands.check.suppressions import Suppressions
from archprof.graph.graph import Graph
from archprof.language.document import Document
from archprof.language.expand import expand
from archprof.language.files import Source
from archprof.language.network import Network, networks
from archprof.language.override import override
from archprof.language.text import with_lines
from archprof.limits import usual
from archprof.problem import STATED, Mark, Problem, ProblemError, Severity

UNNAMED = frozenset({"shape", "shape-assertion"})
"""Rules whose messages do not name a network; it is added where not all networks are concerned."""


def check(source: Source | CapturedSource, config: Config, options: Options) -> FileReport:
    """Return all findings in one file. Raises nothing but KeyboardInterrupt."""
    checker, bug = _FileCheck(source, config, options), ""
    try:
        _run(checker)
    # a bug in archprof must not stop the other files; it is reported as the bug it is
    except Exception as error:  # noqa: BLE001
        bug = checker.stopped_by(error)
    return checker.report(bug)


def _run(checker: _FileCheck) -> None:
    """Check the file as far as time and memory go."""
    config = checker.config
    try:
        with Allowance(usual().lowered(**config.limits._asdict()), checker.source.name):
            checker.run()
    except ProblemError as error:  # of the allowance: all others are noted where they arise
        checker.cut_short(error.problems)
    except MemoryError:
        checker.stop("limit", "there is not enough memory for this file", "a smaller network")
    except RecursionError:
        checker.stop("limit", "nested too deep", "name a block and use it")


class _FileCheck:
    """The check of one file: reads it, builds its networks, runs the rules, collects findings."""

    def __init__(self, source: Source | CapturedSource, config: Config, options: Options):
        self.source, self.config, self.options = source, config, options
        self.file = source.path.absolute() if source.path else source.folder / source.name
        self.rules = options.rules(config)
        self.tried: list[str] = []  # the networks that were looked at
        self.networks: list[str] = []  # those of them that could be built
        self.known: list[KnownAs] = []
        self.findings: list[Finding] = []
        self.unnamed: list[Finding] = []  # those of UNNAMED, until all networks have been looked at
        self.latencies: list[tuple[Budget, Finding]] = []
        self.texts: dict[str, str] = {}
        self.suppressions = Suppressions({})
        self.exempted: set[tuple[Mark, str]] = set()
        self.complete = True
        self.space = False

    def stopped_by(self, error: Exception) -> str:
        """Note a bug in archprof, and return its traceback."""
        message = f"a bug in archprof: {type(error).__name__}: {str(error)[:200]}"
        self.stop("bug", message, "please report it")
        return "".join(traceback.format_exception(error))

    def report(self, bug: str) -> FileReport:
        """Return the result; `bug` is the traceback of a bug in archprof."""
        name = self.source.name
        findings = [*_with_networks(self.unnamed, len(self.tried)), *self.findings]
        idle = tuple(
            (rule, with_lines([problem], self.texts)[0])
            for rule, problem in self.suppressions.idle(name)
        )
        return FileReport(
            name,
            tuple(dict.fromkeys(findings)),
            tuple(self.networks),
            tuple(self.known),
            tuple(self.latencies),
            idle,
            frozenset(self.suppressions.used),
            frozenset(self.exempted),
            frozenset(self.texts.keys() - {name}),
            self.complete,
            bug,
            self.space,
        )

    # --- what is found ---

    def stop(self, rule: str, message: str, hint: str) -> None:
        """Note why the file was not checked to its end."""
        self.complete = False
        problem = Problem(Mark(self.source.name), rule, message, hint)
        self.findings.append(Finding(problem, Severity.error))

    def cut_short(self, problems: Iterable[Problem]) -> None:
        """Note the limit at which the check ended, at the place it had reached."""
        self.complete = False
        for problem in with_lines(list(problems), self.texts):
            self.findings.append(Finding(problem, Severity.error))

    def add(self, problems: Iterable[Problem], network: str = "") -> None:
        """Note the problems of selected rules that are not suppressed."""
        for finding in self.kept(problems, network):
            if network and finding.problem.rule in UNNAMED:
                self.unnamed.append(finding)
            else:
                self.findings.append(finding)

    def kept(self, problems: Iterable[Problem], network: str) -> Iterator[Finding]:
        """Yield as findings the problems of selected rules that are not suppressed."""
        for problem in with_lines(list(problems), self.texts):
            rule = problem.rule
            if rule not in rules.RULES or rules.needed(rule):
                self.complete = False
            elif rule not in self.rules or self.hidden(problem, network):
                continue
            severity = self.options.severity(rule, self.config)
            if isinstance(problem, Unanswered):
                severity = Severity.note
            yield Finding(problem, severity, network)

    def hidden(self, problem: Problem, network: str) -> bool:
        """Return whether the spec or its configuration suppresses a problem, and note which did."""
        if self.suppressions.hides(problem):
            return True
        marks = self.config.exempts(self.file, network, problem.rule)
        exempting = {(mark, problem.rule) for mark in marks}
        self.exempted |= exempting
        return bool(exempting)

    # --- how it is looked for ---

    def run(self) -> None:
        """Check the document, then its networks one by one, then their layers together."""
        source = self.source
        if isinstance(source, CapturedSource):
            self.captured(source)
            return
        try:
            self.space = is_space(source)
            if self.space:
                self.texts = read_space(source).texts()
                return
            document = source.document()
        except ProblemError as error:
            self.add(error.problems)
            return
        self.texts = document.texts()
        self.suppressions = Suppressions(self.texts, source.name)
        self.add(p for p in self.suppressions.problems if p.mark.file == source.name)
        for name in self.selected("document"):
            self.add(rules.document_rule(name).check(document))
        layers = LayerFindings()
        for network in networks(document):
            self.network(network, document, layers)
        for problem, name in layers.problems(self.texts, len(self.networks) > 1):
            self.add([problem], name)

    def selected(self, looks_at: str) -> Iterator[str]:
        """Yield the rules of a kind that are to be run."""
        for name, entry in rules.RULES.items():
            if entry.looks_at == looks_at and name in self.rules:
                yield name

    def network(self, network: Network, document: Document, layers: LayerFindings) -> None:
        """Check one network: what its spec states as it is written, then the rules under `--at`."""
        self.tried.append(network.name)
        self.known.append(known(network))
        try:
            graph = self.graph(network)
        except ProblemError as error:
            self.add(error.problems, network.name)
            return
        if graph is None:
            return
        self.apply(graph, tuple(network_budgets(network, document, self.config)), layers)

    def captured(self, source: CapturedSource) -> None:
        """Check a captured network: its budgets, and its layers."""
        self.tried.append(source.name)
        layers = LayerFindings()
        try:
            graph = self._checked_captured(source, layers)
        except ProblemError as error:
            self.add(error.problems, source.name)
            return
        files = {node.mark.file for node in graph.nodes}
        for problem, name in layers.problems(files, several=False):
            self.add([problem], name)

    def _checked_captured(self, source: CapturedSource, layers: LayerFindings) -> Graph:
        """Apply the rules to a captured network. Raises ProblemError for what is none."""
        graph = source.graph(self.options.at.input)
        self.networks.append(source.name)
        self.known.append(source.known(graph))
        budgets = tuple(captured_budgets(source, self.known[-1], self.config))
        self.apply(graph, budgets, layers)
        return graph

    def apply(self, graph: Graph, budgets: tuple[Budget, ...], layers: LayerFindings) -> None:
        """Apply the rules over networks and layers under the conditions of `--at`."""
        network = graph.network
        at = self.options.at
        try:
            subject = CheckedNetwork(at.analysis(graph), budgets, at)
        except ProblemError as error:  # a pattern of `freeze` that names no parameter
            self.add((p.replaced(mark=Mark("--at")) for p in error.problems), network.name)
            return
        for name in self.selected("network"):
            self.add(rules.network_rule(name).check(subject), network.name)
        for name in self.selected("measurement"):
            for budget, problem in rules.measured_rule(name).unmeasured(subject):
                for finding in self.kept([problem], network.name):
                    self.latencies.append((budget, finding))
        for name in self.selected("layer"):
            layers.add(name, subject, rules.layer_rule(name).check(subject))

    def graph(self, network: Network) -> Graph | None:
        """Return the graph under the conditions of `--at`, None where it cannot be built."""
        requested = self.options.at.input
        graph = expand(network)
        self.networks.append(network.name)
        self.add(Analysis(graph).problems(), network.name)
        if requested is not None and requested != graph.input and not _broken(graph):
            graph = expand(override(network, {}, requested))
            where = f" (at {units.shape(requested)})"
            self.add((p.replaced(message=p.message + where) for p in graph.problems), network.name)
        return None if _broken(graph) else graph


def _with_networks(findings: Iterable[Finding], networks: int) -> Iterator[Finding]:
    """Yield each finding once.

    The message of one that not all of the networks have begins with those that have it.
    """
    found: dict[Problem, dict[str, Finding]] = {}
    for finding in findings:
        found.setdefault(finding.problem, {}).setdefault(finding.network, finding)
    for problem, by_network in found.items():
        names, first = list(by_network), next(iter(by_network.values()))
        if len(names) == networks:
            yield first
            continue
        listed = ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more"
        yield first._replace(problem=problem.replaced(message=f"{listed}: {problem.message}"))


def _broken(graph: Graph) -> bool:
    return any(problem.rule not in STATED for problem in graph.problems)
