"""The numbers of one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from archprof.analysis.receptive import Sight
from archprof.graph.graph import Node, unknown_answer
from archprof.problem import ProblemError

if TYPE_CHECKING:
    from fractions import Fraction

    from archprof.analysis.analysis import Analysis


class LayerAnalysis(NamedTuple):
    """One layer's numbers, each worked out where it is needed.

    MACs, FLOPs and activations are for the whole batch; bytes are of the chosen dtype. None:
    unknown, as the op does not tell.
    """

    node: Node
    analysis: Analysis
    place: int

    @property
    def params(self) -> int:
        return self.node.params

    @property
    def buffers(self) -> int:
        return self.node.buffers

    @property
    def macs(self) -> int | None:
        cost = self.node.facts.cost
        return None if cost is None else cost.macs * self.analysis.samples[self.place]

    @property
    def flops(self) -> int | None:
        cost = self.node.facts.cost
        return None if cost is None else cost.flops * self.analysis.samples[self.place]

    @property
    def counted(self) -> int | None:
        """The arithmetic under the analysis's own convention."""
        return self.counted_by(self.analysis.count)

    @property
    def weight_bytes(self) -> int:
        """The bytes of its parameters and buffers, none where they are another layer's."""
        return 0 if self.node.shares is not None else self.analysis.weights[self.place]

    @property
    def output_bytes(self) -> int:
        return self.analysis.sizes[self.place]

    @property
    def bytes_moved(self) -> int:
        """The inputs and weights read, and the output written; none for a view."""
        analysis, place = self.analysis, self.place
        if self.node.facts.storage == "view" and analysis.stored.owner[place] != place:
            return 0
        read = sum(analysis.sizes[source] for source in set(self.node.inputs))
        return read + analysis.weights[place] + analysis.sizes[place]

    def counted_by(self, count: str) -> int | None:
        """Return the arithmetic under another convention, by its name; None: unknown."""
        return self.analysis.counted(self.place, count)

    def known_by(self, count: str) -> int:
        """Return the same number. Raises ProblemError naming the layer where it is unknown."""
        value = self.analysis.counted(self.place, count)
        if value is None:
            raise self._unknown("cost")
        return value

    @property
    def saved_bytes(self) -> int | None:
        """What autograd keeps because of this layer."""
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
