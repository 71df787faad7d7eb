"""The parts of a network that charts have rows and bands for: its stages, or its layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archprof.analysis.analysis import Analysis, LayerAnalysis
from archprof.analysis.totals import Sum
from archprof.draw.tree import Item, network_tree
from archprof.show.folding import describe


class NetworkPart(NamedTuple):
    """Some layers under one label, by their indices."""

    label: str
    what: str
    layers: tuple[int, ...]

    def total(self, analysis: Analysis, quantity: str) -> Sum:
        """Return a quantity summed up; arithmetic and outputs without auxiliary heads."""
        rows = (analysis.layers[i] for i in self.layers)
        main = quantity != "params"
        return Sum.of(getattr(row, quantity) for row in rows if not (main and row.node.aux))


def stages(analysis: Analysis) -> list[NetworkPart]:
    """Return what a network is made of at the top: its groups and blocks, and what is before,
    between and behind them as stem and head.

    A wrapper around nearly all layers, such as torchvision's `features`, is looked into.
    """
    root = network_tree(analysis).root
    found: list[NetworkPart] = []
    loose: list[Item] = []
    seen = False
    for item in _unwrapped(root, len(root.layers)):
        if item.layer is not None:
            loose.append(item)
            continue
        if loose:
            found.append(_gathered(loose, "middle" if seen else "stem"))
            loose = []
        seen = True
        found.append(NetworkPart(_label(item), item.block, tuple(item.layers)))
    if loose:
        found.append(_gathered(loose, "head" if seen else "layers"))
    if len(found) == 1:
        return layer_parts(analysis)
    return found


def _label(item: Item) -> str:
    return f"{item.id} ×{item.times}" if item.members else item.id


def _unwrapped(item: Item, total: int) -> list[Item]:
    found: list[Item] = []
    for child in item.children:
        wraps = child.layer is None and not child.members and 5 * len(child.layers) > 4 * total
        found += _unwrapped(child, total) if wraps else [child]
    return found


def _gathered(items: Sequence[Item], label: str) -> NetworkPart:
    layers = tuple(layer for item in items for layer in item.layers)
    if len(items) == 1:
        return NetworkPart(items[0].id, "", layers)
    return NetworkPart(label, f"{items[0].name} … {items[-1].name}", layers)


def layer_parts(analysis: Analysis) -> list[NetworkPart]:
    """Return each layer that computes, or that a lecture's table has: those with weights or MACs,
    and poolings. Where there is none, return all layers.
    """
    parts = [
        NetworkPart(row.node.path, describe(row), (i,)) for i, row in enumerate(analysis.layers)
    ]
    rows = analysis.layers
    listed = [part for part in parts if _is_listed(rows[part.layers[0]])]
    return listed or parts


def _is_listed(row: LayerAnalysis) -> bool:
    return bool(row.params) or row.macs != 0 or row.node.op.family == "pooling"
