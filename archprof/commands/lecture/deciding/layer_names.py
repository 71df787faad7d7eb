"""The names of layers that lectures use, `conv3_1` and `fc6`, where a network has other paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archprof import units
from archprof.graph.graph import Node
from archprof.problem import closest, nearest

_IN_STAGE = re.compile(r"(?i)conv([0-9]{1,3})[_-]([0-9]{1,3})\Z")
_COUNTED = re.compile(r"(?i)(fc|pool)[_-]?([0-9]{1,3})\Z")
MOST_NAMED = 8  # layers of a hint
_NUMBERED = re.compile(r"(?i)(fc|conv)[_-]?[0-9]+(?:[_-][0-9]+)?\Z")
_CALLED = {
    "fc": (("linear",), "linear layers"),
    "conv": (("conv1d", "conv2d", "conv3d"), "convolutions"),
}
"""By what lectures number: the ops, and what their layers are called in a sentence."""


def path_of(name: str, nodes: Sequence[Node]) -> str:
    """Return the path of the layer that lectures call so, the name itself where it is a path.

    Of a chain of layers `conv3_2` is the second convolution of the third stage, which a max pooling
    ends: `pool3`. Linear layers are counted on behind the convolutions, as AlexNet's `fc6`, or
    behind the stages, as VGG's, or from `fc1`.
    """
    if any(node.path == name or node.path.startswith(f"{name}.") for node in nodes):
        return name
    if any(len(node.inputs) > 1 for node in nodes):
        return name
    stages = _stages(nodes)
    if found := _IN_STAGE.match(name):
        stage, place = int(found[1]), int(found[2])
        convolutions = stages[stage - 1].convolutions if 0 < stage <= len(stages) else []
        return convolutions[place - 1] if 0 < place <= len(convolutions) else name
    found = _COUNTED.match(name)
    if found is None:
        return name
    number = int(found[2])
    if found[1].lower() == "pool":
        return stages[number - 1].pool if 0 < number <= len(stages) else name
    linear = [node.path for node in nodes if node.kind == "linear"]
    before = sum(len(stage.convolutions) for stage in stages), len(stages), 0
    places = (number - counted for counted in before)
    return next((linear[place - 1] for place in places if 0 < place <= len(linear)), name)


class _Stage(NamedTuple):
    """The convolutions up to a max pooling, and that, by their paths."""

    convolutions: list[str]
    pool: str


def _stages(nodes: Iterable[Node]) -> list[_Stage]:
    found, convolutions = [], list[str]()
    for node in nodes:
        if node.kind == "conv2d":
            convolutions.append(node.path)
        elif node.kind == "max_pool2d":
            found.append(_Stage(convolutions, node.path))
            convolutions = []
    return found


def layer_hint(name: str, nodes: Sequence[Node], known: Iterable[str]) -> str:
    """Return the way out for a name that is none of `known`, paths of layers and blocks.

    `fc6` of VGG-16 is not a slip for any of its paths: the hint names the network's linear layers.
    """
    known = list(known)
    numbered = _NUMBERED.match(name)
    if numbered is None or closest(name, known):
        return nearest(name, known)
    ops, called = _CALLED[numbered[1].lower()]
    paths = [node.path for node in nodes if node.kind in ops]
    if not paths:
        return nearest(name, known)
    return f"`{name}` is a lecture's name; the {called} here are {units.some(paths, MOST_NAMED)}"
