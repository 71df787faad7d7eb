"""The numbers of one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from archprof.analysis.receptive import Sight
from archprof.analysis.totals import weight_size
from archprof.graph.graph import Node, unknown_answer
from archprof.problem import ProblemError

if TYPE_CHECKING:
    from fractions import Fraction

    from archprof.analysis.analysis import Analysis


class LayerAnalysis(NamedTuple):
    """One layer's numbers.

    MACs, FLOPs and activations are for the whole batch; bytes are of the chosen dtype.

    `counted` is the arithmetic under the chosen convention; `saved_bytes` what autograd keeps
    because of this layer. None: unknown, as the op does not tell.
    """

    node: Node
    params: int
    buffers: int
    macs: int | None
    flops: int | None
    counted: int | None
    weight_bytes: int
    output_bytes: int
    bytes_moved: int
    analysis: Analysis
    place: int

    def counted_by(self, count: str) -> int | None:
        """Return the arithmetic under another convention, by its name; None: unknown."""
        return self.analysis.counted(self.place, count)

    def known_by(self, count: str) -> int:
        """Return the same number. Raises ProblemError naming the layer where it is unknown."""
        value = self.counted_by(count)
        if value is None:
            raise self._unknown("cost")
        return value

    @property
    def saved_bytes(self) -> int | None:
        return self.analysis.saved[self.place]

    def known(self, quantity: Literal["macs", "flops", "counted", "saved_bytes"]) -> int:
        """Return a number that may be unknown. Raises ProblemError naming the layer if it is."""
        value: int | None = getattr(self, quantity)
        if value is None:
            raise self._unknown("saved memory" if quantity == "saved_bytes" else "cost")
        return value

    def _unknown(self, answer: str) -> ProblemError:
        return unknown_answer(f"layer `{self.node.path}` ({self.node.kind})", answer)

    @property
    def sight(self) -> Sight:
        return self.analysis.sights[self.place]

    @property
    def intensity(self) -> Fraction | None:
        """FLOPs per byte moved; None where nothing moves or the FLOPs are unknown."""
        from fractions import Fraction  # whose import takes time, and which a summary is without

        if self.flops is None or not self.bytes_moved:
            return None
        return Fraction(self.flops, self.bytes_moved)


def layers(analysis: Analysis, itemsize: int) -> tuple[LayerAnalysis, ...]:
    """Return one row per node, in order of execution; `itemsize`: bytes of an element."""
    graph, held, batch = analysis.graph, analysis.stored, analysis.batch
    rows = []
    for i, node in enumerate(graph.nodes):
        facts = node.facts
        cost = facts.cost
        weights = weight_size(node, itemsize)
        output_bytes = held.size(graph, i, batch, itemsize)
        read = sum(held.size(graph, s, batch, itemsize) for s in dict.fromkeys(node.inputs))
        moved = read + weights + output_bytes
        if facts.storage == "view" and held.owner[i] != i:
            moved = 0
        rows.append(
            LayerAnalysis(
                node,
                node.params,
                node.buffers,
                None if cost is None else cost.macs * held.samples[i],
                None if cost is None else cost.flops * held.samples[i],
                analysis.counted(i, analysis.count),
                0 if node.shares is not None else weights,
                output_bytes,
                moved,
                analysis,
                i,
            )
        )
    return tuple(rows)
