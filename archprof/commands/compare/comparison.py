"""Networks side by side: totals, stages, and what differs between them in structure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.graph.origin import changed_parameters
from archprof.ops.base import Shape

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
"""The settings whose change is a change of structure: none that only says how much of the same there
is (`out`), or how it is computed (`eps`, `inplace`).
"""


@dataclass(frozen=True)
class Stage:
    """What one network spends at one resolution.

    `factor`: how many times smaller than the input, to a power of 2; None: no pixels left.
    """

    factor: int | None
    layers: int
    params: int
    macs: int
    output: Shape


@dataclass(frozen=True)
class Change:
    """Layers of the same path whose settings changed alike (name, before, after), and what that
    did to them in all.
    """

    kind: str
    settings: tuple[tuple[str, object, object], ...]
    paths: tuple[str, ...]
    params: int
    macs: int


@dataclass(frozen=True)
class Difference:
    """From one network to another: changed settings, and what only one of them has (layers of a
    kind, their params and MACs).
    """

    parameters: tuple[tuple[str, object, object], ...]  # of the spec, where both come from one
    changes: tuple[Change, ...]
    only_first: tuple[tuple[str, int, int, int], ...]  # what, how many, params, MACs
    only_second: tuple[tuple[str, int, int, int], ...]
    shared: int  # layers of the same path


def stages(analysis: Analysis) -> list[Stage]:
    """What the network spends at each resolution, largest first."""
    return [
        Stage(
            factor,
            len(rows),
            sum(r.params for r in rows),
            sum(r.macs for r in rows),
            rows[-1].node.output,
        )
        for factor, rows in by_stage(analysis).items()
    ]


def by_stage(analysis: Analysis) -> dict[int | None, list[LayerAnalysis]]:
    """The layers of the main path cut where the resolution changes for good, each resolution once,
    largest first; by `Stage.factor`.

    A layer belongs to the resolution its outermost block ends at: what a squeeze-and-excitation
    does on 1x1 counts where it stands.
    """
    height = analysis.graph.input[1] if len(analysis.graph.input) == 3 else None
    found: dict[int | None, list[LayerAnalysis]] = {}
    current: int | None = 1
    for group in _blocks(analysis):
        current = _factor(group[-1], height, current)
        found.setdefault(current, []).extend(group)
    return found


def _blocks(analysis: Analysis) -> list[list[LayerAnalysis]]:
    """The layers of the main path by outermost block; a layer outside any block stands alone."""
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


def _factor(row: LayerAnalysis, height: int | None, current: int | None) -> int | None:
    """How many times smaller the layer's output is than the input; tokens and permuted tensors
    keep the resolution they come from.
    """
    output = row.node.output
    if len(output) == 1 or height is None:
        return None
    if len(output) == 3:
        for rows, columns in ((output[1], output[2]), (output[0], output[1])):
            if rows == columns:
                return None if rows == 1 else 2 ** max(0, round(math.log2(height / rows)))
    return current


def describe_kind(row: LayerAnalysis) -> str:
    """A layer's kind for counting: conv2d 3x3 depthwise, max_pool2d 2x2, batch_norm2d."""
    window, text = row.node.op.sliding_window(), row.node.kind
    if window is None:
        return text
    text += f" {window.kernel[0]}x{window.kernel[1]}"
    if text.startswith("conv") and window.groups is not None and window.groups > 1:
        text += " depthwise" if window.groups == row.node.facts.inputs[0][0] else " grouped"
    return text


def difference(first: Analysis, second: Analysis) -> Difference:
    """What becomes of the first network on the way to the second."""
    ours, theirs = ({row.node.path: row for row in a.layers} for a in (first, second))
    shared = [
        path for path in ours if path in theirs and ours[path].node.kind == theirs[path].node.kind
    ]
    grouped: dict[tuple[str, tuple[tuple[str, object, object], ...]], list[str]] = {}
    for path in shared:
        a, b = ours[path].node.op, theirs[path].node.op
        changed = tuple(
            (name, getattr(a, name), getattr(b, name))
            for name in STRUCTURAL
            if name in a.settings and getattr(a, name) != getattr(b, name)
        )
        if changed:
            grouped.setdefault((ours[path].node.kind, changed), []).append(path)
    changes = [
        Change(
            kind,
            changed,
            tuple(paths),
            sum(theirs[p].params - ours[p].params for p in paths),
            sum(theirs[p].macs - ours[p].macs for p in paths),
        )
        for (kind, changed), paths in grouped.items()
    ]
    same = set(shared)
    return Difference(
        changed_parameters(first.graph.network, second.graph.network),
        tuple(changes),
        _only(first, same),
        _only(second, same),
        len(shared),
    )


def _only(analysis: Analysis, shared: set[str]) -> tuple[tuple[str, int, int, int], ...]:
    rows = [row for row in analysis.layers if row.node.path not in shared]
    counts = Counter(describe_kind(row) for row in rows)
    return tuple(
        (
            kind,
            n,
            sum(r.params for r in rows if describe_kind(r) == kind),
            sum(r.macs for r in rows if describe_kind(r) == kind),
        )
        for kind, n in counts.most_common()
    )


def kinds(analyses: Sequence[Analysis]) -> dict[str, list[int]]:
    """How many layers of each kind each network has, the most frequent first."""
    counts = [Counter(describe_kind(row) for row in a.layers if not row.node.aux) for a in analyses]
    return {kind: [c[kind] for c in counts] for kind, _ in sum(counts, Counter()).most_common()}
