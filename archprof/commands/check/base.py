"""What rules look at and what they find: the records and protocols that all rules share."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, Protocol

from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import Sight, sights
from archprof.commands.check.conditions import NATIVE, Conditions
from archprof.graph.graph import Graph, Instance
from archprof.graph.origin import Origin
from archprof.language.budget_conditions import Stated
from archprof.language.document import Document
from archprof.problem import Mark, Problem, Severity


class Unanswered(Problem):
    """A problem of a network that may or may not be: a note, whatever the severity of its rule."""


class Finding(NamedTuple):
    """A problem, its severity, and the network it was found in, "" for the file as a whole."""

    problem: Problem
    severity: Severity
    network: str = ""

    def __str__(self) -> str:
        return self.problem.text(self.severity)


class Budget(NamedTuple):
    """One limit on a network, or on every use of a block.

    `given` says where in a configuration it is, "" for the spec itself. `conditions` are those that
    it states itself, in the place of `--at`.
    """

    name: str
    value: int | Fraction
    mark: Mark
    given: str = ""
    block: str = ""
    device: str = ""
    conditions: Stated = ()


class CheckedNetwork:
    """A network as the rules see it, under the conditions of `--at`; its graph has no problems."""

    def __init__(
        self, analysis: Analysis, budgets: tuple[Budget, ...] = (), at: Conditions = NATIVE
    ):
        self.analysis, self.budgets, self.at = analysis, budgets, at
        self._under: dict[Stated, Analysis] = {(): analysis}

    def under(self, stated: Stated) -> Analysis:
        """Return the network under conditions in the place of those of `--at`.

        Raises ProblemError for a pattern of `freeze` that names no parameter.
        """
        if stated not in self._under:
            graph = self.analysis.as_written or self.graph
            self._under[stated] = self.at._replace(**dict(stated)).analysis(graph)
        return self._under[stated]

    @property
    def graph(self) -> Graph:
        return self.analysis.graph

    @property
    def network(self) -> Origin:
        return self.analysis.graph.network

    @cached_property
    def followers(self) -> list[list[int]]:
        """Return for each node the nodes that read it."""
        found: list[list[int]] = [[] for _ in self.graph.nodes]
        for i, node in enumerate(self.graph.nodes):
            for source in set(node.inputs):
                if source >= 0:
                    found[source].append(i)
        return found

    @cached_property
    def sights(self) -> list[Sight]:
        """Return for each node what its units see of the input."""
        return sights(self.graph)

    def uses(self, block: str) -> list[tuple[Instance, list[int]]]:
        """Return each use of the blocks whose name matches, with its nodes but auxiliary heads."""
        found: dict[int, tuple[Instance, list[int]]] = {}
        for i in self.graph.main:
            instance = self.graph.nodes[i].instance
            while instance is not None:
                if instance.block and fnmatchcase(instance.block, block):
                    found.setdefault(id(instance), (instance, []))[1].append(i)
                instance = instance.parent
        return list(found.values())

    @cached_property
    def kept(self) -> frozenset[int]:
        """Return the nodes that are outputs, those of auxiliary heads included."""
        return frozenset((*self.graph.outputs, *self.graph.aux_outputs))


class Remark(NamedTuple):
    """A rule's message about a layer, and the way out.

    `mark` is its place where that is not the layer's own.
    """

    message: str
    hint: str = ""
    mark: Mark | None = None


# A rule is a module: its docstring is its manual, with specs that pass and that fail, and the
# module fulfils one of these protocols.


class DocumentRule(Protocol):
    """A rule about a file as it is written."""

    def check(self, document: Document) -> Iterable[Problem]:
        """Return the problems of the document."""


class NetworkRule(Protocol):
    """A rule about a whole network."""

    def check(self, subject: CheckedNetwork) -> Iterable[Problem]:
        """Return the problems of the network."""


class LayerRule(Protocol):
    """A rule about the layers of a network.

    Its remarks on one place in the spec are printed once, however many layers come from it.
    """

    def check(self, subject: CheckedNetwork) -> Iterable[tuple[int, Remark]]:
        """Return the remarks, each with the index of its layer."""


class MeasuredRule(Protocol):
    """A rule about what a device measures."""

    def unmeasured(self, subject: CheckedNetwork) -> Iterable[tuple[Budget, Problem]]:
        """Return the budgets to measure, each with the problem for where it is not measured."""
