"""The names that slides have for a network's layers: conv3_1 and fc6 for features.10 and
classifier.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from archprof.graph.graph import Node

_PLACE = re.compile(r".+\.[0-9]+")


def slide_names(nodes: Sequence[Node]) -> dict[str, str]:
    """Return what slides call the layers of a chain whose own names are only places in it.

    `conv3_2` is the second convolution of the third stage, which `pool3` ends; linear layers are
    counted on behind the stages. Layers that have names of their own, and those of a network that
    branches, keep them.
    """
    if any(len(node.inputs) > 1 for node in nodes):
        return {}
    return {path: name for path, name in _counted(nodes) if _PLACE.fullmatch(path)}


def _counted(nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    stage, place, linear = 1, 0, 0
    stages = 1 + sum(node.kind == "max_pool2d" for node in nodes)
    for node in nodes:
        if node.kind == "conv2d":
            place += 1
            yield node.path, f"conv{stage}_{place}"
        elif node.kind == "max_pool2d":
            yield node.path, f"pool{stage}"
            stage, place = stage + 1, 0
        elif node.kind == "linear":
            yield node.path, f"fc{stages + linear}"
            linear += 1


def with_slide_names(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the slides' names of layers in place of their paths."""
    if not names:
        return text
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(rf"(?<![\w.])(?:{known})(?![\w.]*\w)", lambda found: names[found[0]], text)
