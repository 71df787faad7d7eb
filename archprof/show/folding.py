"""A graph's layers gathered into rows: whole, or by block, with repeats that are alike made one
row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof import units
from archprof.analysis.analysis import LayerAnalysis
from archprof.analysis.totals import Sum
from archprof.graph.graph import Instance
from archprof.record import Record

AUTO_ROWS = 48  # a network of so many layers or fewer is shown layer by layer


class Row(Record):
    """One line of a summary: the layers that it sums up, in order; `times` alike blocks side by
    side.
    """

    label: str
    what: str  # the op with its settings, or the block's name
    layers: Sequence[LayerAnalysis]
    times: int = 1

    def total(self, quantity: str) -> Sum:
        """Return a quantity added up over the row's layers."""
        return Sum.of(getattr(layer, quantity) for layer in self.layers)

    @property
    def last(self) -> LayerAnalysis:
        return self.layers[-1]


def rows(
    layers: Sequence[LayerAnalysis], depth: int | None, full: bool, hidden: bool = False
) -> list[Row]:
    """Return the rows to show: every layer, layers to a depth of path, or (by default) each
    outermost block as one.

    Neighbouring blocks of the same name, shapes and cost become one row "×N" whose numbers are
    their sum. A block that has most of the layers is opened, so that a network which is one block
    has rows. What only looks at a tensor in another way has no row unless `full` or `hidden`.
    """
    if not full and not hidden:
        layers = [layer for layer in layers if not layer.node.entry.hidden]
    if full or (depth is None and len(layers) <= AUTO_ROWS):
        return [Row(layer.node.path, describe(layer), [layer]) for layer in layers]
    groups: list[tuple[str, str, list[LayerAnalysis]]] = []
    opened = _opened(layers)
    for layer in layers:
        key, what = _group(layer, depth, opened)
        if groups and groups[-1][0] == key and what is not None:
            groups[-1][2].append(layer)
        else:
            groups.append((key, what or "", [layer]))
    return _merged(groups)


def _merged(groups: Sequence[tuple[str, str, list[LayerAnalysis]]]) -> list[Row]:
    """Return a row for each group, of neighbouring groups that are alike one for all."""
    folded: list[tuple[list[str], str, list[LayerAnalysis]]] = []
    previous = None
    for key, what, members in groups:
        signature = None
        if key != members[0].node.path:
            signature = key.rpartition(".")[0], what, [_cost(member) for member in members]
        if signature is not None and signature == previous:
            keys, _, so_far = folded[-1]
            keys.append(key)
            so_far += members
        else:
            folded.append(([key], what, [*members]))
        previous = signature
    return [
        Row(_label(keys), _named(what, members), members, len(keys))
        for keys, what, members in folded
    ]


def _cost(layer: LayerAnalysis) -> tuple[Any, ...]:
    """Return what layers that are alike have in common."""
    node = layer.node
    return node.kind, node.output, node.params, layer.flops, node.aux


def _named(what: str, members: Sequence[LayerAnalysis]) -> str:
    """Return what a row is of: its only layer, its block, or so many layers."""
    if len(members) == 1:
        return describe(members[0])
    return what if what else f"{len(members)} layers"


def _label(keys: Sequence[str]) -> str:
    """Return paths of one parent as one: layer1.1-2, layers.encoder_layer_0-11, stage.a-b, and
    block1.block1-0…5 where a dash is part of the names.
    """
    first, last = keys[0], keys[-1]
    if first == last:
        return first
    start, end = first.rpartition(".")[2], last.rpartition(".")[2]
    stem = end.rstrip("0123456789")
    between = "…" if "-" in start else "-"
    if start.rstrip("0123456789") == stem:
        end = end.removeprefix(stem)
    return f"{first}{between}{end}"


def _opened(layers: Sequence[LayerAnalysis]) -> set[str]:
    """Return the paths of the blocks that have blocks inside, and more than half of all layers."""
    sizes: dict[str, int] = {}
    outer: set[str] = set()
    for layer in layers:
        instance, inside = layer.node.instance, False
        while instance is not None:
            if _is_block(instance):
                sizes[instance.path] = sizes.get(instance.path, 0) + 1
                if inside:
                    outer.add(instance.path)
                inside = True
            instance = instance.parent
    return {path for path in outer if 2 * sizes[path] > len(layers)}


def _is_block(instance: Instance) -> bool:
    return bool(instance.block and instance.path and not instance.path.endswith("."))


def _group(layer: LayerAnalysis, depth: int | None, opened: set[str]) -> tuple[str, str | None]:
    """Return what a layer is gathered under: a path prefix, or its outermost block that is not
    opened; None where it is alone.
    """
    path = layer.node.path
    if depth is not None:
        parts = path.split(".")
        if len(parts) <= depth:
            return path, None
        prefix = ".".join(parts[:depth])
        return prefix, _block_at(layer.node.instance, prefix)
    found: Instance | None = None
    instance = layer.node.instance
    while instance is not None:
        if _is_block(instance) and instance.path not in opened:
            found = instance
        instance = instance.parent
    return (found.path, found.block) if found else (path, None)


def _block_at(instance: Instance | None, path: str) -> str:
    while instance is not None:
        if instance.path == path:
            return instance.block
        instance = instance.parent
    return ""


def describe(layer: LayerAnalysis) -> str:
    """Return the op and the settings one reads first: conv2d 3x3/2, linear, max_pool2d 2x2/2."""
    op, text = layer.node.op, layer.node.kind
    window = op.sliding_window()
    if window is not None:
        text += f" {units.shape(window.kernel)}"
        if max(window.stride) > 1:
            text += f"/{units.pair(*window.stride)}"
    groups = op.given().get("groups", 1)  # norms and shuffles have groups too
    if groups != 1:
        text += f" g{groups}"
    return text
