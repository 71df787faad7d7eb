"""What became of a network, layer by layer, and what that did to its totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import DTYPES, OPTIMIZERS
from archprof.commands.diff.matching import Pair, match
from archprof.graph.origin import changed_parameters


class Share(NamedTuple):
    """What one layer adds to each total that is a sum.

    `peak`: its weights, and what of its memory is alive at the peak of inference.
    """

    params: int = 0
    macs: int = 0
    flops: int = 0
    weights: int = 0
    outputs: int = 0
    peak: int = 0
    saved: int = 0
    training: int = 0

    def less(self, other: Share) -> Share:
        """The change from the other."""
        return Share(*(a - b for a, b in zip(self, other, strict=True)))

    @staticmethod
    def total(shares: Sequence[Share]) -> Share:
        """Quantity by quantity the sum."""
        return Share(*map(sum, zip(*shares, strict=True))) if shares else Share()


class Layer(NamedTuple):
    """A layer on one side, and its share of the totals."""

    row: LayerAnalysis
    share: Share


class Setting(NamedTuple):
    """An attribute that is no longer what it was: a setting of the op, or `op`, `from`, `share`,
    `aux`, `init`.
    """

    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Change:
    """One layer that is not as it was.

    `state`: added, removed, changed (its own attributes), affected (only what it receives, or what
    is kept of it), renamed.
    """

    state: str
    old: Layer | None
    new: Layer | None
    settings: tuple[Setting, ...] = ()

    @property
    def layer(self) -> Layer:
        """The new one, or the one that is gone."""
        layer = self.new or self.old
        if layer is None:
            raise ValueError("a change is of a layer")
        return layer

    @property
    def share(self) -> Share:
        """What the change adds to each total.

        Summed over all changes and `Difference.input` it is the change of the total, exactly.
        """
        return (self.new.share if self.new else Share()).less(
            self.old.share if self.old else Share()
        )

    @property
    def reshaped(self) -> tuple[Setting, ...]:
        """Input and output where their shapes changed."""
        if self.old is None or self.new is None:
            return ()
        a, b = self.old.row.node.facts, self.new.row.node.facts
        return tuple(
            Setting(name, x, y)
            for name, x, y in (("input", a.inputs, b.inputs), ("output", (a.output,), (b.output,)))
            if x != y
        )


@dataclass(frozen=True)
class Difference:
    """From one network to another: the layers that changed, in order, and how many did not."""

    old: Analysis
    new: Analysis
    changes: tuple[Change, ...]
    same: int
    parameters: tuple[tuple[str, object, object], ...]  # of the spec, where both come from one
    input: Share  # what the input itself adds to the peak

    @property
    def identical(self) -> bool:
        """Whether nothing differs, names of layers included."""
        return (
            not self.changes
            and self.old.totals == self.new.totals
            and self.old.graph.input == self.new.graph.input
        )

    @property
    def share(self) -> Share:
        """The change of each total that is a sum."""
        return Share.total([self.input, *(change.share for change in self.changes)])


class _Partners:
    """Which layer of the new network each of the old one has become."""

    def __init__(self, new: dict[int, int]):
        self.new = new
        self.known = {*new.values(), -1}  # the new ones that are one of the old, and the input


def difference(old: Analysis, new: Analysis) -> Difference:
    """What becomes of the old network on the way to the new one; both analysed under the same
    batch, dtype and optimizer.
    """
    first, second = shares(old), shares(new)
    pairs = match(old.graph, new.graph)
    partners = _Partners({i: j for i, j in pairs if i is not None and j is not None})
    changes = []
    same = 0
    for i, j in pairs:
        before, after = (
            None if i is None else Layer(old.layers[i], first[i]),
            None if j is None else Layer(new.layers[j], second[j]),
        )
        change = _change(old, new, (i, j), partners, before, after)
        if change is None:
            same += 1
        else:
            changes.append(change)
    parameters = changed_parameters(old.graph.network, new.graph.network)
    return Difference(
        old,
        new,
        tuple(changes),
        same,
        parameters,
        Share(peak=_held(new).get(-1, 0) - _held(old).get(-1, 0)),
    )


def shares(analysis: Analysis) -> list[Share]:
    """What each layer adds to the totals; with the input's part of the peak they sum to these
    exactly.
    """
    copies = (1 + OPTIMIZERS[analysis.optimizer] + analysis.ema) * DTYPES[analysis.dtype]
    held = _held(analysis)
    result = []
    for i, row in enumerate(analysis.layers):
        main = not row.node.aux
        result.append(
            Share(
                row.params,
                row.macs * main,
                row.flops * main,
                row.weight_bytes,
                row.output_bytes * main,
                row.weight_bytes + held.get(i, 0),
                row.saved_bytes,
                row.weight_bytes + copies * row.params + row.saved_bytes,
            )
        )
    return result


def _held(analysis: Analysis) -> dict[int, int]:
    """Bytes alive at the peak of inference by the node that owns them, -1 for the input; what is
    too scattered to be listed counts there too.
    """
    held = dict(analysis.peak.alive)
    if analysis.peak.inside:
        held[analysis.peak.node] = held.get(analysis.peak.node, 0) + analysis.peak.inside
    rest = (
        analysis.peak.bytes - sum(row.weight_bytes for row in analysis.layers) - sum(held.values())
    )
    return {**held, -1: held.get(-1, 0) + rest}


def _change(
    old: Analysis, new: Analysis, pair: Pair, partners: _Partners, a: Layer | None, b: Layer | None
) -> Change | None:
    """What became of a matched pair of layers, None where nothing did."""
    if a is None or b is None:
        return Change("removed" if b is None else "added", a, b)
    settings = (*_settings(a.row, b.row), *_wiring(old, new, pair, partners))
    if settings:
        return Change("changed", a, b, settings)
    if (
        a.share != b.share
        or a.row.sight != b.row.sight
        or a.row.node.facts.inputs != b.row.node.facts.inputs
        or a.row.node.output != b.row.node.output
    ):
        return Change("affected", a, b)
    return Change("renamed", a, b) if a.row.node.path != b.row.node.path else None


def _settings(a: LayerAnalysis, b: LayerAnalysis) -> Iterator[Setting]:
    if a.node.kind != b.node.kind:
        yield Setting("op", a.node.kind, b.node.kind)
    if a.node.op != b.node.op:
        for name in a.node.op.settings:
            if name in b.node.op.settings and (x := getattr(a.node.op, name)) != (
                y := getattr(b.node.op, name)
            ):
                yield Setting(name, x, y)
    for name, x, y in (
        ("aux", a.node.aux, b.node.aux),
        ("init", a.node.init or None, b.node.init or None),
    ):
        if x != y:
            yield Setting(name, x, y)


def _wiring(old: Analysis, new: Analysis, pair: Pair, partners: _Partners) -> Iterator[Setting]:
    """Where a layer reads, or borrows its weights from, another layer than it did.

    What stands in for a layer that is gone, or was put in between, is none.
    """
    i, j = pair
    if i is None or j is None:
        return
    a, b = old.graph.nodes[i], new.graph.nodes[j]
    moved = [partners.new.get(x, x if x < 0 else None) for x in a.inputs]
    if len(a.inputs) != len(b.inputs) or any(
        x is not None and y in partners.known and x != y
        for x, y in zip(moved, b.inputs, strict=True)
    ):
        yield Setting("from", _paths(old, a.inputs), _paths(new, b.inputs))
    if (None if a.shares is None else partners.new.get(a.shares)) != b.shares:
        yield Setting(
            "share",
            *(
                None if s is None else graph.nodes[s].path
                for s, graph in ((a.shares, old.graph), (b.shares, new.graph))
            ),
        )


def _paths(analysis: Analysis, indices: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(analysis.graph.nodes[i].path if i >= 0 else "input" for i in indices)
