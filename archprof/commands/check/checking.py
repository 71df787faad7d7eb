"""One file held to the rules; whatever it holds, the next one is checked all the same."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from archprof import units
from archprof.allowance import Allowance
from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.check import rules
from archprof.commands.check.base import Budget, Finding, Subject
from archprof.commands.check.conditions import NATIVE, Conditions
from archprof.commands.check.config import Config
from archprof.commands.check.merging import Layers
from archprof.commands.check.suppress import Suppressions
from archprof.graph.graph import Graph
from archprof.language.document import Document
from archprof.language.expand import expand
from archprof.language.files import Source
from archprof.language.network import Network, networks
from archprof.language.override import override
from archprof.language.text import with_lines
from archprof.limits import usual
from archprof.problem import STATED, Mark, Problem, ProblemError, Severity

# rules whose findings name no network of themselves
APART = frozenset({"shape", "shape-assertion"})
Said = frozenset[tuple[Mark, str]]  # places that suppress something, each with its rule


class Options(NamedTuple):
    """What is asked of every file: the rules to run (None: those its configuration selects, or
    all) and not to run, whether warnings are errors, and the conditions of budgets and of rules
    about shapes.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    strict: bool = False
    at: Conditions = NATIVE

    def rules(self, config: Config) -> frozenset[str]:
        """The rules to run on the files of a configuration."""
        return (
            self.select
            if self.select is not None
            else frozenset(rules.RULES if config.select is None else config.select)
        ) - self.ignore

    def severity(self, rule: str, config: Config) -> Severity:
        """What a finding of this rule weighs there."""
        own = rules.RULES[rule].severity if rule in rules.RULES else Severity.error
        return Severity.error if own is Severity.warning and (self.strict or config.strict) else own


class Report(NamedTuple):
    """What one file came to.

    `networks` are those that were looked at; `bug` is the traceback of a fault of this program's
    own.

    `latencies` are the budgets that a device could answer, with what to say where none does. `idle`
    is by rule what to say of the suppressions in the file where nothing needs them, `used` are
    those that were needed, in this file or in others, `exempted` those of the configuration that
    were; `borrowed` are the files whose blocks it uses. `complete`: every rule could look at all of
    it.
    """

    name: str
    findings: tuple[Finding, ...]
    networks: tuple[str, ...]
    latencies: tuple[tuple[Budget, Finding], ...]
    idle: tuple[tuple[str, Problem], ...]
    used: Said
    exempted: Said
    borrowed: frozenset[str]
    complete: bool
    bug: str = ""


def check(source: Source, config: Config, options: Options) -> Report:
    """Every problem of one file. Raises nothing but KeyboardInterrupt."""
    checker, bug = _Checker(source, config, options), ""
    try:
        with Allowance(usual().lowered(**config.limits._asdict()), source.name):
            checker.run()
    except ProblemError as error:  # of the allowance: all others are noted where they arise
        checker.cut_short(error.problems)
    except MemoryError:
        checker.stop("limit", "there is not enough memory for this file", "a smaller network")
    except RecursionError:
        checker.stop("limit", "nested too deep", "name a block and use it")
    except Exception as error:  # noqa: BLE001 - a fault of this program's must not stop the other files; it is reported as the bug it is
        bug = "".join(traceback.format_exception(error))
        checker.stop(
            "bug",
            f"a bug in archprof: {type(error).__name__}: {str(error)[:200]}",
            "please report it",
        )
    return checker.report(bug)


class _Checker:
    def __init__(self, source: Source, config: Config, options: Options):
        self.source, self.config, self.options = source, config, options
        self.file = source.path.absolute() if source.path else source.folder / source.name
        self.findings: list[Finding] = []
        self.networks: list[str] = []
        self.tried: list[str] = []
        self.apart: list[Finding] = []  # what may differ by variant, until all have been looked at
        self.latencies: list[tuple[Budget, Finding]] = []
        self.exempted: set[tuple[Mark, str]] = set()
        self.texts: dict[str, str] = {}
        self.hidden = Suppressions({})
        self.rules = options.rules(config)
        self.complete = True

    def report(self, bug: str) -> Report:
        name = self.source.name
        self.findings = [*_told_apart(self.apart, len(self.tried)), *self.findings]
        idle = tuple(
            (rule, with_lines([problem], self.texts)[0]) for rule, problem in self.hidden.idle(name)
        )
        return Report(
            name,
            tuple(dict.fromkeys(self.findings)),
            tuple(self.networks),
            tuple(self.latencies),
            idle,
            frozenset(self.hidden.used),
            frozenset(self.exempted),
            frozenset(self.texts.keys() - {name}),
            self.complete,
            bug,
        )

    def stop(self, rule: str, message: str, hint: str) -> None:
        """Notes why the file was not looked at to its end."""
        self.complete = False
        self.findings.append(
            Finding(Problem(Mark(self.source.name), rule, message, hint), Severity.error)
        )

    def cut_short(self, problems: Iterable[Problem]) -> None:
        """Notes the limit at which the work on the file ended, in the file where it was."""
        self.complete = False
        self.findings += (
            Finding(problem, Severity.error) for problem in with_lines(list(problems), self.texts)
        )

    def add(self, problems: Iterable[Problem], network: str = "") -> None:
        """Notes what is asked for and not suppressed."""
        for finding in self.kept(problems, network):
            (self.apart if network and finding.problem.rule in APART else self.findings).append(
                finding
            )

    def kept(self, problems: Iterable[Problem], network: str) -> Iterator[Finding]:
        for problem in with_lines(list(problems), self.texts):
            if problem.rule in rules.RULES and not rules.needed(problem.rule):
                if problem.rule not in self.rules or self.hidden.hides(problem):
                    continue
                exempting = {
                    (mark, problem.rule)
                    for mark in self.config.exempts(self.file, network, problem.rule)
                }
                self.exempted |= exempting
                if exempting:
                    continue
            else:
                self.complete = False
            yield Finding(problem, self.options.severity(problem.rule, self.config), network)

    def run(self) -> None:
        source = self.source
        try:
            document = source.document()
        except ProblemError as error:
            self.add(error.problems)
            return
        self.texts = document.texts()
        self.hidden = Suppressions(self.texts)
        self.add(problem for problem in self.hidden.problems if problem.mark.file == source.name)
        for name in self.running("document"):
            self.add(rules.module(name).check(document))
        layers = Layers()
        for network in networks(document):
            self.network(network, document, layers)
        for problem, name in layers.problems(self.texts, len(self.networks) > 1):
            self.add([problem], name)

    def running(self, looks_at: str) -> Iterator[str]:
        """The rules of a kind that are asked for."""
        return (
            name
            for name, entry in rules.RULES.items()
            if entry.looks_at == looks_at and name in self.rules
        )

    def network(self, network: Network, document: Document, layers: Layers) -> None:
        """One network: what its spec says must hold as the spec has it, then the rules under the
        conditions asked for.
        """
        self.tried.append(network.name)
        try:
            graph = self.graph(network)
        except ProblemError as error:
            self.add(error.problems, network.name)
            return
        if graph is None:
            return
        subject = Subject(
            analyze(graph, self.options.at.batch, self.options.at.dtype),
            tuple(self.budgets(network, document)),
        )
        for name in self.running("network"):
            if name != "latency":
                self.add(rules.module(name).check(subject), network.name)
                continue
            for budget, problem in rules.module(name).asked(subject):
                self.latencies += (
                    (budget, finding) for finding in self.kept([problem], network.name)
                )
        for name in self.running("layer"):
            layers.add(name, subject, rules.module(name).check(subject))

    def graph(self, network: Network) -> Graph | None:
        """The graph under the conditions asked for; None where it has problems that leave it in
        pieces.
        """
        asked = self.options.at.input
        graph = expand(network)
        self.networks.append(network.name)
        self.add(Analysis(graph).problems(), network.name)
        if asked is not None and asked != graph.input and not _broken(graph):
            graph = expand(override(network, {}, asked))
            self.add(
                (
                    Problem(
                        p.mark,
                        p.rule,
                        f"{p.message} (at {units.shape(asked)})",
                        p.hint,
                        p.chain,
                        p.source_line,
                    )
                    for p in graph.problems
                ),
                network.name,
            )
        return None if _broken(graph) else graph

    def budgets(self, network: Network, document: Document) -> Iterator[Budget]:
        """The spec's own, those of the blocks it knows, and the configuration's."""
        stated = [
            about["budget"].data
            for about in (document.about, network.variant.about if network.variant else {})
            if "budget" in about
        ]
        for name, template in {
            key: limit for limits in stated for key, limit in limits.items()
        }.items():
            yield Budget(name, template.data, template.mark)
        for block in (
            *document.blocks.values(),
            *(home.blocks[name] for name, home in document.homes.items()),
        ):
            for name, template in block.budget.items():
                yield Budget(name, template.data, template.mark, block=block.name)
        for allowance in self.config.allowances:
            if allowance.holds_for(network):
                for name, value, mark in allowance.limits:
                    yield Budget(
                        name,
                        value,
                        network.mark,
                        f"the budget stands in {mark}",
                        allowance.block,
                        allowance.device,
                    )


def _told_apart(findings: Iterable[Finding], networks: int) -> Iterator[Finding]:
    """The findings of so many networks, each once; what does not hold for all of them begins
    with those it is found in.
    """
    found: dict[Problem, dict[str, Finding]] = {}
    for finding in findings:
        found.setdefault(finding.problem, {}).setdefault(finding.network, finding)
    for problem, those in found.items():
        names, first = list(those), next(iter(those.values()))
        said = ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more"
        yield (
            first
            if len(names) == networks
            else first._replace(problem=replace(problem, message=f"{said}: {problem.message}"))
        )


def _broken(graph: Graph) -> bool:
    return any(problem.rule not in STATED for problem in graph.problems)
