"""What the rules on layers find, once for each place in a spec: a block used ten times in five
variants is one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archprof.commands.check.base import Remark, Subject
from archprof.problem import Mark, Problem


class Layers:
    """The remarks on the layers of a file's networks, as they come; the first of each place is
    kept, the others are counted.
    """

    def __init__(self) -> None:
        self.first: dict[tuple[Mark, str], tuple[Remark, str]] = {}
        self.more: dict[tuple[Mark, str], int] = {}

    def add(self, rule: str, subject: Subject, remarks: Iterable[tuple[int, Remark]]) -> None:
        """Takes in what one rule says of one network."""
        for index, remark in remarks:
            key = remark.mark or subject.graph.nodes[index].mark, rule
            if key in self.first:
                self.more[key] += 1
            else:
                self.first[key], self.more[key] = (remark, subject.network.name), 0

    def problems(self, files: Iterable[str], several: bool) -> Iterator[tuple[Problem, str]]:
        """The problems in these files, and the network of each; what stands in the file of a
        shipped network that is a layer here is its own.

        `several`: the file has several networks, so that a message says which.
        """
        for (mark, rule), (remark, network) in self.first.items():
            if mark.file in files:
                more = self.more[mark, rule]
                also = ", ".join(
                    [f"in {network}"] * several + [f"and {more:,} more like it"] * bool(more)
                )
                yield (
                    Problem(
                        mark,
                        rule,
                        f"{remark.message} ({also})" if also else remark.message,
                        remark.hint,
                    ),
                    network,
                )
