"""A step of training in a comparison: whether it is asked about, and how it is run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archprof.analysis.analysis import Analysis
from archprof.commands.diff.fail_conditions import OF_STEP, Condition
from archprof.graph.freezing import matching
from archprof.graph.graph import Graph
from archprof.problem import ProblemError


def asks_for_step(conditions: Iterable[Condition], options: Iterable[object]) -> bool:
    """Return whether a condition is of a step, or an option of one is given."""
    return any(options) or any(condition.quantity in OF_STEP for condition in conditions)


def with_step(analysis: Analysis) -> Analysis:
    """Return the analysis, its step worked out. Raises ProblemError where that is not known."""
    for name in OF_STEP.values():
        analysis.known_total(name)
    return analysis


class Freezing:
    """The patterns of --freeze, each for those of the networks that have what it names."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns
        self.unmatched: dict[str, ProblemError | None] = dict.fromkeys(patterns)
        self._found: set[str] = set()

    def of(self, graph: Graph) -> list[str]:
        """Return the patterns that name a parameter of a network."""
        own = []
        for pattern in self.patterns:
            try:
                matching([graph], [pattern])
            except ProblemError as error:
                self.unmatched[pattern] = error
            else:
                own.append(pattern)
                self._found.add(pattern)
        return own

    def check(self) -> None:
        """Raise ProblemError for a pattern that names no parameter of any network."""
        for pattern, error in self.unmatched.items():
            if pattern not in self._found and error is not None:
                raise error
