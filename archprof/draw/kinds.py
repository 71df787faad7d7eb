"""Kinds of layers: their colours by `palette.KINDS`, their forms for those who see no colours."""

from __future__ import annotations

from collections.abc import Iterable

from archprof.draw.shapes import Form
from archprof.graph.graph import Node

OF_FAMILY = {
    "convolution": "conv",
    "linear": "linear",
    "attention": "linear",
    "product": "linear",
    "normalization": "norm",
    "activation": "act",
    "pooling": "pool",
    "reduction": "pool",
    "merge": "join",
}
FORMS: dict[str, Form] = {
    "conv": "square",
    "linear": "diamond",
    "norm": "bar",
    "act": "up",
    "pool": "down",
    "join": "cross",
    "rest": "circle",
}
NAMES = {
    "conv": "convolution",
    "linear": "linear, attention",
    "norm": "normalization",
    "act": "activation",
    "pool": "pooling",
    "join": "add, concat",
    "rest": "other",
}


def kind(node: Node) -> str:
    """Return the kind of a layer, a key of `FORMS`."""
    return OF_FAMILY.get(node.op.family, "rest")


def kinds(nodes: Iterable[Node]) -> list[str]:
    """Return the kinds that there are, in the order of a legend."""
    found = {kind(node) for node in nodes}
    return [name for name in FORMS if name in found]
