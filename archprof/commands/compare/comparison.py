"""Networks side by side: totals, stages, and what differs between them in structure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.layer_kind import describe_kind
from archprof.analysis.receptive import rank
from archprof.analysis.totals import Sum
from archprof.commands.diff.matching import match
from archprof.graph.graph import Node
from archprof.graph.origin import changed_parameters
from archprof.ops.base import Op, Shape

STRUCTURAL = (
    "kernel",
    "stride",
    "padding",
    "dilation",
    "groups",
    "bias",
    "heads",
    "mode",
    "approximate",
    "size",
    "ceil_mode",
    "factor",
)
"""The settings whose change is a change of structure.

None of them only says how much of the same there is (`out`), or how it is computed (`eps`).
"""


Settings = tuple[tuple[str, object, object], ...]
"""Settings that changed: name, before, after."""

Matched = tuple[LayerAnalysis, LayerAnalysis]
"""A layer of the first network and what it is in the second."""

OnlyOne = tuple[str, int, int, int | None]
"""Layers of a kind that only one network has: how many, their params and their MACs."""


@dataclass(frozen=True)
class Stage:
    """What a network spends at one resolution.

    `factor` is how many times smaller than the input it is, rounded to a power of 2; None where no
    pixels are left. `macs` are a lower bound unless `complete`: the cost of a layer is unknown.
    """

    factor: int | None
    layers: int
    params: int
    macs: int
    output: Shape
    complete: bool = True


@dataclass(frozen=True)
class SettingsChange:
    """Matched layers whose settings changed alike (name, before, after); paths of the first.

    `params` and `macs` are what that added to all of them together; None: unknown.
    """

    kind: str
    settings: Settings
    paths: tuple[str, ...]
    params: int
    macs: int | None


@dataclass(frozen=True)
class StructureDifference:
    """What differs between two networks: changed settings, and what only one of them has.

    `only_first` and `only_second` have for each kind of layer how many there are, their params and
    their MACs, None where these are unknown.
    """

    parameters: tuple[tuple[str, object, object], ...]  # of the spec, where both come from one
    changes: tuple[SettingsChange, ...]
    only_first: tuple[OnlyOne, ...]
    only_second: tuple[OnlyOne, ...]
    shared: int  # layers of the same path
    same: bool  # layer by layer they do the same, whatever the layers are called
    renamed: int  # layers of another path that are matched


def stages(analysis: Analysis) -> list[Stage]:
    """Return what the network spends at each resolution, the largest resolution first."""
    found = []
    for factor, rows in by_stage(analysis).items():
        params, macs = sum(row.params for row in rows), Sum.of(row.macs for row in rows)
        output = rows[-1].node.output
        found.append(Stage(factor, len(rows), params, macs.known, output, macs.complete))
    return found


def by_stage(analysis: Analysis) -> dict[int | None, list[LayerAnalysis]]:
    """Return the layers of the main path by `Stage.factor`, the largest resolution first.

    A layer belongs to the resolution at which its outermost block ends: the layers of a
    squeeze-and-excitation, which work on 1x1, count to the block around them.
    """
    axes = rank(analysis.graph)
    # of a volume the height, because frames are often kept
    side = analysis.graph.input[max(1, axes - 1)] if axes else None
    found: dict[int | None, list[LayerAnalysis]] = {}
    current: int | None = 1
    for group in _blocks(analysis):
        current = _factor(group[-1], axes, side, current)
        found.setdefault(current, []).extend(group)
    return found


def _blocks(analysis: Analysis) -> list[list[LayerAnalysis]]:
    """Return the layers of the main path by outermost block; one outside any block is alone."""
    groups: list[tuple[str, list[LayerAnalysis]]] = []
    for row in analysis.layers:
        if row.node.aux:
            continue
        instance, key = row.node.instance, row.node.path
        while instance is not None:
            if instance.block and instance.path and not instance.path.endswith("."):
                key = instance.path
            instance = instance.parent
        if groups and groups[-1][0] == key:
            groups[-1][1].append(row)
        else:
            groups.append((key, [row]))
    return [rows for _, rows in groups]


def _factor(row: LayerAnalysis, axes: int, side: int | None, current: int | None) -> int | None:
    """Return how many times smaller the layer's output is than the input, which has this side and
    so many axes.

    Tokens and permuted tensors keep the resolution they come from, `current`.
    """
    output = row.node.output
    if len(output) == 1 or side is None:
        return None
    own = _side(output, axes)
    if own is None:
        return current
    return None if own == 1 else 2 ** max(0, round(math.log2(side / own)))


def _side(output: Shape, axes: int) -> int | None:
    """Return the length of a sequence, the side of a square image or of a volume's frames; None
    where a tensor is none of these.
    """
    if len(output) != 1 + axes:
        return None
    if axes == 1:
        return output[1]
    squares = [output[-2:], output[:2]] if axes == 2 else [output[-2:]]
    return next((rows for rows, columns in squares if rows == columns), None)


def structure_difference(first: Analysis, second: Analysis) -> StructureDifference:
    """Return what differs in structure from the first network to the second."""
    pairs = _pairs(first, second)
    grouped: dict[tuple[str, Settings], list[Matched]] = {}
    for one, other in pairs:
        changed = _changed(one.node, other.node)
        if changed:
            grouped.setdefault((one.node.kind, changed), []).append((one, other))
    changes = [
        SettingsChange(
            kind,
            changed,
            tuple(one.node.path for one, _ in alike),
            sum(other.params - one.params for one, other in alike),
            _less(_macs(other for _, other in alike), _macs(one for one, _ in alike)),
        )
        for (kind, changed), alike in grouped.items()
    ]
    shared = sum(one.node.path == other.node.path for one, other in pairs)
    return StructureDifference(
        changed_parameters(first.graph.network, second.graph.network),
        tuple(changes),
        _only(first, {one.node.path for one, _ in pairs}),
        _only(second, {other.node.path for _, other in pairs}),
        shared,
        _structure(first) == _structure(second),
        len(pairs) - shared,
    )


def _pairs(first: Analysis, second: Analysis) -> list[Matched]:
    """Return the layers that both networks have: those of the same path and kind, and of the
    others those that `diff` finds renamed.
    """
    ours, theirs = ({row.node.path: row for row in a.layers} for a in (first, second))
    found = [
        (row, theirs[path])
        for path, row in ours.items()
        if path in theirs and theirs[path].node.kind == row.node.kind
    ]
    if len(found) in (len(ours), len(theirs)):  # there is nothing to be renamed to
        return found
    shared = {one.node.path for one, _ in found}
    for i, j in match(first.graph, second.graph):
        if i is None or j is None:
            continue
        one, other = first.layers[i], second.layers[j]
        alone = one.node.path not in shared and other.node.path not in shared
        if alone and one.node.kind == other.node.kind:
            found.append((one, other))
    return found


def _changed(first: Node, second: Node) -> Settings:
    """Return what differs of structure, and of what is trained: name, before, after."""
    one, other = first.op, second.op
    found: list[tuple[str, object, object]] = [
        (name, getattr(one, name), getattr(other, name))
        for name in STRUCTURAL
        if name in one.settings
        and hasattr(other, name)
        and getattr(one, name) != getattr(other, name)
    ]
    if first.frozen_setting != second.frozen_setting:
        found.append(("frozen", first.frozen_setting, second.frozen_setting))
    return tuple(found)


def _structure(analysis: Analysis) -> list[tuple[Op, tuple[Shape, ...], tuple[int, ...]]]:
    """Return what each layer does, on which shapes, and where these come from.

    What passes its input on in evaluation is left out.
    """
    graph = analysis.graph
    found: list[tuple[Op, tuple[Shape, ...], tuple[int, ...]]] = []
    places = {-1: -1}
    for i, node in enumerate(graph.nodes):
        if node.op.family == "identity":
            places[i] = places[node.inputs[0]]
            continue
        places[i] = len(found)
        found.append((node.op, node.facts.inputs, tuple(places[s] for s in node.inputs)))
    return found


def _only(analysis: Analysis, shared: set[str]) -> tuple[OnlyOne, ...]:
    """Return the layers whose paths are not shared, by kind: how many, their params, their MACs."""
    by_kind: dict[str, list[LayerAnalysis]] = {}
    for row in analysis.layers:
        if row.node.path not in shared:
            by_kind.setdefault(describe_kind(row), []).append(row)
    found = [
        (kind, len(rows), sum(row.params for row in rows), _macs(rows))
        for kind, rows in by_kind.items()
    ]
    return tuple(sorted(found, key=lambda one: -one[1]))


def _macs(rows: Iterable[LayerAnalysis]) -> int | None:
    """Return the MACs of layers together, None where those of one are unknown."""
    found = Sum.of(row.macs for row in rows)
    return found.known if found.complete else None


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other


def kinds(analyses: Sequence[Analysis]) -> dict[str, list[int]]:
    """Return how many layers of each kind each network has, the most frequent kind first."""
    counts = [Counter(describe_kind(row) for row in a.layers if not row.node.aux) for a in analyses]
    return {kind: [c[kind] for c in counts] for kind, _ in sum(counts, Counter()).most_common()}
