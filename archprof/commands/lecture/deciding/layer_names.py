"""The names of layers that lectures use, `fc6` and `conv3`, where a network has other paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from archprof.graph.graph import Node
from archprof.problem import closest, nearest

MOST_NAMED = 8  # layers of a hint
_NUMBERED = re.compile(r"(?i)(fc|conv)[_-]?[0-9]+(?:[_-][0-9]+)?\Z")
_CALLED = {
    "fc": (("linear",), "linear layers"),
    "conv": (("conv1d", "conv2d", "conv3d"), "convolutions"),
}
"""By what lectures number: the ops, and what their layers are called in a sentence."""


def layer_hint(name: str, nodes: Sequence[Node], known: Iterable[str]) -> str:
    """Return the way out for a name that is none of `known`, paths of layers and blocks.

    `fc6` of VGG-16 is no slip for any of its paths: the hint names the network's linear layers.
    """
    known = list(known)
    numbered = _NUMBERED.match(name)
    if numbered is None or closest(name, known):
        return nearest(name, known)
    ops, called = _CALLED[numbered[1].lower()]
    paths = [node.path for node in nodes if node.kind in ops]
    if not paths:
        return nearest(name, known)
    listed = ", ".join(paths[:MOST_NAMED])
    if len(paths) > MOST_NAMED:
        listed += f" and {len(paths) - MOST_NAMED} more"
    return f"`{name}` is a lecture's name; the {called} here are {listed}"
