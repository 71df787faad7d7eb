"""The difference of two networks, layer by layer, and what each change adds to the totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.counting import OPTIMIZERS
from archprof.commands.diff.matching import Pair, match
from archprof.graph.origin import changed_parameters
from archprof.ops.elements import DTYPES


class Share(NamedTuple):
    """What one layer adds to each total that is a sum.

    `peak` is its weights and its memory that is alive at the peak of inference.
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
        """Return the change from the other."""
        return Share(*(a - b for a, b in zip(self, other, strict=True)))

    @staticmethod
    def total(shares: Sequence[Share]) -> Share:
        """Return the sum, quantity by quantity."""
        return Share(*map(sum, zip(*shares, strict=True))) if shares else Share()


class LayerSide(NamedTuple):
    """A layer on one side of the comparison, and its share of the totals."""

    row: LayerAnalysis
    share: Share


class ChangedSetting(NamedTuple):
    """An attribute that changed: a setting of the op, or `op`, `from`, `share`, `aux`, `frozen`,
    `init`.
    """

    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Change:
    """One layer that differs.

    `state` is "added", "removed", "changed" (its own attributes), "affected" (only what it receives
    or what is kept of it) or "renamed".
    """

    state: str
    old: LayerSide | None
    new: LayerSide | None
    settings: tuple[ChangedSetting, ...] = ()

    @property
    def layer(self) -> LayerSide:
        """Return the new layer, or the one that is gone."""
        layer = self.new or self.old
        if layer is None:
            raise ValueError("a change is of a layer")
        return layer

    @property
    def share(self) -> Share:
        """Return what the change adds to each total.

        Summed over all changes and `Difference.input` it is the change of the total, exactly.
        """
        old = self.old.share if self.old else Share()
        new = self.new.share if self.new else Share()
        return new.less(old)

    @property
    def reshaped(self) -> tuple[ChangedSetting, ...]:
        """Return input and output as settings where their shapes changed."""
        if self.old is None or self.new is None:
            return ()
        a, b = self.old.row.node.facts, self.new.row.node.facts
        return tuple(
            ChangedSetting(name, x, y)
            for name, x, y in (("input", a.inputs, b.inputs), ("output", (a.output,), (b.output,)))
            if x != y
        )


@dataclass(frozen=True)
class Difference:
    """From one network to another: the layers that differ, in order, and how many do not.

    `parameters` are those of a spec that both networks come from (name, old, new); `input` is what
    the input itself adds to the peak.
    """

    old: Analysis
    new: Analysis
    changes: tuple[Change, ...]
    same: int
    parameters: tuple[tuple[str, object, object], ...]
    input: Share

    @property
    def identical(self) -> bool:
        """Return whether nothing differs, names of layers included."""
        return (
            not self.changes
            and self.old.totals == self.new.totals
            and self.old.graph.input == self.new.graph.input
        )

    @property
    def share(self) -> Share:
        """Return the change of each total that is a sum."""
        return Share.total([self.input, *(change.share for change in self.changes)])


class _Partners:
    """Which layer of the new network each layer of the old one became, by index."""

    def __init__(self, new: dict[int, int]):
        self.new = new
        # the layers of the new network that were in the old one, and the input
        self.known = {*new.values(), -1}


def difference(old: Analysis, new: Analysis) -> Difference:
    """Return what differs from the old network to the new one.

    Both must be analysed under the same batch, dtype and optimizer.
    """
    first, second = shares(old), shares(new)
    pairs = match(old.graph, new.graph)
    partners = _Partners({i: j for i, j in pairs if i is not None and j is not None})
    changes = []
    same = 0
    for i, j in pairs:
        before = None if i is None else LayerSide(old.layers[i], first[i])
        after = None if j is None else LayerSide(new.layers[j], second[j])
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
        Share(peak=_alive_at_peak(new).get(-1, 0) - _alive_at_peak(old).get(-1, 0)),
    )


def shares(analysis: Analysis) -> list[Share]:
    """Return what each layer adds to the totals.

    With the input's part of the peak the shares sum to the totals exactly. Raises ProblemError
    where the cost of a layer is unknown.
    """
    copies = (1 + OPTIMIZERS[analysis.optimizer] + analysis.ema) * DTYPES[analysis.dtype]
    alive = _alive_at_peak(analysis)
    result = []
    for i, row in enumerate(analysis.layers):
        main, trained = not row.node.aux, row.params - row.node.untrained
        result.append(
            Share(
                row.params,
                row.known("macs") * main,
                row.known("flops") * main,
                row.weight_bytes,
                row.output_bytes * main,
                row.weight_bytes + alive.get(i, 0),
                row.known("saved_bytes"),
                row.weight_bytes + copies * trained + row.known("saved_bytes"),
            )
        )
    return result


def _alive_at_peak(analysis: Analysis) -> dict[int, int]:
    """Return the bytes alive at the peak of inference by the node that owns them.

    The input is -1; bytes that are not listed by node count to it.
    """
    alive = dict(analysis.peak.alive)
    if analysis.peak.inside:
        alive[analysis.peak.node] = alive.get(analysis.peak.node, 0) + analysis.peak.inside
    rest = (
        analysis.peak.bytes - sum(row.weight_bytes for row in analysis.layers) - sum(alive.values())
    )
    return {**alive, -1: alive.get(-1, 0) + rest}


def _change(
    old: Analysis,
    new: Analysis,
    pair: Pair,
    partners: _Partners,
    a: LayerSide | None,
    b: LayerSide | None,
) -> Change | None:
    """Return what became of a matched pair of layers, None where nothing did."""
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


def _settings(a: LayerAnalysis, b: LayerAnalysis) -> Iterator[ChangedSetting]:
    """Yield the attributes of two layers that differ, wiring apart."""
    first, second = a.node, b.node
    if first.kind != second.kind:
        yield ChangedSetting("op", first.kind, second.kind)
    if first.op != second.op:
        for name in first.op.settings:
            if name in second.op.settings:
                x, y = getattr(first.op, name), getattr(second.op, name)
                if x != y:
                    yield ChangedSetting(name, x, y)
    if first.aux != second.aux:
        yield ChangedSetting("aux", first.aux, second.aux)
    if first.frozen_setting != second.frozen_setting:
        yield ChangedSetting("frozen", first.frozen_setting, second.frozen_setting)
    if (first.init or None) != (second.init or None):
        yield ChangedSetting("init", first.init or None, second.init or None)


def _wiring(
    old: Analysis, new: Analysis, pair: Pair, partners: _Partners
) -> Iterator[ChangedSetting]:
    """Yield `from` and `share` where a layer reads, or takes its weights from, another layer.

    A layer that took the place of a removed one, or was put in between, is not a change.
    """
    i, j = pair
    if i is None or j is None:
        return
    a, b = old.graph.nodes[i], new.graph.nodes[j]
    moved = [partners.new.get(x, x if x < 0 else None) for x in a.inputs]
    differs = len(a.inputs) != len(b.inputs) or any(
        x is not None and y in partners.known and x != y
        for x, y in zip(moved, b.inputs, strict=True)
    )
    if differs:
        yield ChangedSetting("from", _paths(old, a.inputs), _paths(new, b.inputs))
    expected = None if a.shares is None else partners.new.get(a.shares)
    if expected != b.shares:
        before = None if a.shares is None else old.graph.nodes[a.shares].path
        after = None if b.shares is None else new.graph.nodes[b.shares].path
        yield ChangedSetting("share", before, after)


def _paths(analysis: Analysis, indices: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(analysis.graph.nodes[i].path if i >= 0 else "input" for i in indices)
