"""The problems of a network being expanded, each noted once, in the place where it is written."""

from __future__ import annotations

from typing import NoReturn

from archprof.graph.graph import Instance
from archprof.language.expand.frame import LayerFailed
from archprof.problem import Mark, Problem

MAX_PROBLEMS = 100


class Complaints:
    """Notes problems; `texts` has the text of every file, by the name that messages call it."""

    def __init__(self, texts: dict[str, str]):
        self.texts = texts
        self.problems: list[Problem] = []
        self._chains: dict[tuple[Mark, str], tuple[str, ...]] = {}  # of the first at each place

    def add(
        self, mark: Mark, rule: str, message: str, hint: str = "", instance: Instance | None = None
    ) -> None:
        """Note a problem of what is written at `mark`, used by way of `instance`."""
        self.note(Problem(mark, rule, message, hint, instance.chain() if instance else ()))

    def fail(
        self, mark: Mark, rule: str, message: str, hint: str = "", instance: Instance | None = None
    ) -> NoReturn:
        """Note a problem that keeps a layer from being built. Raises LayerFailed."""
        self.add(mark, rule, message, hint, instance)
        raise LayerFailed

    def note(self, problem: Problem) -> None:
        """Keep the problem unless its place already has one from another use of the same block:
        a faulty block used ten times is one fault.
        """
        if len(self.problems) >= MAX_PROBLEMS:
            return
        first = self._chains.setdefault((problem.mark, problem.rule), problem.chain)
        if first == problem.chain:
            self.problems.append(problem)


def cycle_of(instance: Instance | None) -> list[str]:
    """Return the innermost way from a block to itself, nothing where none is inside itself."""
    names: list[str] = []
    outer = instance
    while outer is not None:
        if outer.block:
            name = f"`{outer.block}`"
            if name in names:
                return [name, *names[names.index(name) :][::-1]]
            names.append(name)
        outer = outer.parent
    return []
