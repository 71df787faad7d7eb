"""The networks of the specs on one side of a comparison, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from archprof.allowance import Allowance
from archprof.analysis.analysis import Analysis
from archprof.commands.diff.touched_specs import Tree
from archprof.language.loader import load_file
from archprof.language.network import Network, networks
from archprof.limits import usual
from archprof.problem import Problem, ProblemError

if TYPE_CHECKING:
    from archprof.targets import Source

Analyse = Callable[["Source"], Analysis]
"""Raises ProblemError where there are no numbers: see `review.whole`."""

Answer = tuple[Analysis | None, tuple[Problem, ...]]
"""The analysis of a network, or the problems that it has instead."""

Key = tuple[str, str]
"""The file of a network, as a path from the root, and its name."""


class SpecSide:
    """The networks of some specs at one time.

    `files` has the problems of files that cannot be read, `faults` those of all files and networks.
    """

    def __init__(self, tree: Tree, specs: Mapping[str, tuple[str, ...]], analyse: Analyse):
        self.analyse = analyse
        self.networks: dict[Key, Network] = {}
        self.files: dict[str, tuple[Problem, ...]] = {}
        self.faults: list[Problem] = []
        # by file, so that a hostile one cannot keep the others from being reported
        self.allowances: dict[str, Allowance] = {}
        for path in specs:
            if path not in tree.files:
                continue
            try:
                with self.allowed(path):
                    document = load_file(tree.root / path, tree.called(path), tree)
            except ProblemError as error:
                self.files[path] = error.problems
                self.faults += error.problems
                continue
            for network in networks(document):
                self.networks[path, network.name] = network

    def allowed(self, path: str) -> Allowance:
        """Return what all networks of a file may use together."""
        if path not in self.allowances:
            self.allowances[path] = Allowance(usual(), path)
        return self.allowances[path]

    def analysis(self, key: Key) -> Answer:
        """Return the analysis of a network, or why there is none."""
        if key not in self.networks:
            return None, self.files.get(key[0], ())
        try:
            with self.allowed(key[0]):
                return self.analyse(self.networks[key]), ()
        except ProblemError as error:
            self.faults += error.problems
            return None, error.problems
