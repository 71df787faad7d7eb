"""What a rule is, what it gets to see, and what it finds."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, Protocol

from archprof.analysis.analysis import Analysis
from archprof.analysis.receptive import Sight, sights
from archprof.graph.graph import Graph, Instance
from archprof.graph.origin import Origin
from archprof.language.document import Document
from archprof.problem import Mark, Problem, Severity


class Finding(NamedTuple):
    """A problem, how much it weighs, and the network it was found in ("" where it is the
    file's).
    """

    problem: Problem
    severity: Severity
    network: str = ""

    def __str__(self) -> str:
        return self.problem.text(self.severity)


class Budget(NamedTuple):
    """One limit on a network, or on every use of a block.

    `given` says where a configuration has it, "" for the spec itself.
    """

    name: str
    value: int | Fraction
    mark: Mark
    given: str = ""
    block: str = ""
    device: str = ""


class Subject:
    """One network as the rules see it, under the conditions asked for: its graph has no
    problems.
    """

    def __init__(self, analysis: Analysis, budgets: tuple[Budget, ...] = ()):
        self.analysis, self.budgets = analysis, budgets

    @property
    def graph(self) -> Graph:
        return self.analysis.graph

    @property
    def network(self) -> Origin:
        return self.analysis.graph.network

    @cached_property
    def followers(self) -> list[list[int]]:
        """For each node those that read it."""
        found: list[list[int]] = [[] for _ in self.graph.nodes]
        for i, node in enumerate(self.graph.nodes):
            for source in set(node.inputs):
                if source >= 0:
                    found[source].append(i)
        return found

    @cached_property
    def sights(self) -> list[Sight]:
        """For each node what its units see of the input."""
        return sights(self.graph)

    def uses(self, block: str) -> list[tuple[Instance, list[int]]]:
        """Each use of the blocks whose name matches, with its nodes, auxiliary heads left out."""
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
        """The nodes that are outputs, those of auxiliary heads included."""
        return frozenset((*self.graph.outputs, *self.graph.aux_outputs))


class Remark(NamedTuple):
    """What a rule says of a layer, and the way out.

    `mark` is the place where it is not the layer's own.
    """

    message: str
    hint: str = ""
    mark: Mark | None = None


# A rule is a module: its docstring is its manual, with specs that pass and that fail, and it has
# one of these as `check`.


class DocumentRule(Protocol):
    """A rule on a file as it is written."""

    def check(self, document: Document) -> Iterable[Problem]:
        """What is wrong with it."""


class NetworkRule(Protocol):
    """A rule on a whole network."""

    def check(self, subject: Subject) -> Iterable[Problem]:
        """What is wrong with it."""


class LayerRule(Protocol):
    """A rule on the layers of a network.

    What it says of a place in the spec is printed once, however many layers stand for it.
    """

    def check(self, subject: Subject) -> Iterable[tuple[int, Remark]]:
        """The numbers of the layers with what is wrong with them."""
