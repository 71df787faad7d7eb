"""Findings of the rules about layers, one for each place in a spec.

A block that is used ten times in each of five variants has one finding, not fifty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archprof.commands.check.base import CheckedNetwork, Remark
from archprof.problem import Mark, Problem


class LayerFindings:
    """The remarks on the layers of a file's networks: the first of each place, and a count."""

    def __init__(self) -> None:
        self.first: dict[tuple[Mark, str], tuple[Remark, str]] = {}
        self.more: dict[tuple[Mark, str], int] = {}

    def add(
        self, rule: str, subject: CheckedNetwork, remarks: Iterable[tuple[int, Remark]]
    ) -> None:
        """Add the remarks of one rule on one network."""
        for index, remark in remarks:
            key = remark.mark or subject.graph.nodes[index].mark, rule
            if key in self.first:
                self.more[key] += 1
            else:
                self.first[key] = (remark, subject.network.name)
                self.more[key] = 0

    def problems(self, files: Iterable[str], several: bool) -> Iterator[tuple[Problem, str]]:
        """Yield the problems in these files, each with its network.

        A layer may come from the file of a shipped network, which has its own findings. With
        `several` networks in the file a message names the network.
        """
        for (mark, rule), (remark, network) in self.first.items():
            if mark.file not in files:
                continue
            more = self.more[mark, rule]
            also = []
            if several:
                also.append(f"in {network}")
            if more:
                also.append(f"and {more:,} more like it")
            message = f"{remark.message} ({', '.join(also)})" if also else remark.message
            yield Problem(mark, rule, message, remark.hint), network
