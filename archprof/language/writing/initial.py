"""How weights start, said once for each op, and again only where a layer differs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from archprof.graph.graph import Node

Init = Mapping[str, Any]
"""By weight a number, or a scheme with its argument."""


def of_ops(nodes: Sequence[Node]) -> dict[str, Init]:
    """Return by op what most of its layers have, of the weights that all of them state."""
    stated: dict[str, list[Init]] = {}
    for node in nodes:
        stated.setdefault(node.kind, []).append(node.init or {})
    found: dict[str, Init] = {}
    for kind, inits in stated.items():
        common = set(inits[0]).intersection(*inits)
        base = {name: _most([init[name] for init in inits]) for name in inits[0] if name in common}
        if base:
            found[kind] = base
    return found


def _most(values: Sequence[Any]) -> Any:
    """Return the value that is there most often, the first of several."""
    keys = [_key(value) for value in values]
    return values[keys.index(max(dict.fromkeys(keys), key=keys.count))]


def _key(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple(value.items())
    return (type(value), value)


def own(node: Node, bases: Mapping[str, Init]) -> Init:
    """Return what a layer must state itself."""
    base = bases.get(node.kind, {})
    return {
        name: how
        for name, how in (node.init or {}).items()
        if name not in base or _key(base[name]) != _key(how)
    }
