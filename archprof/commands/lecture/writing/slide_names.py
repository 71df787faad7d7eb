"""The names that slides have for a network's layers: conv3_1 and fc6 for features.10 and
classifier.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from archprof.commands.lecture.claims.document import (
    Every,
    Law,
    Modules,
    Order,
    Series,
    Stated,
    Statement,
    Subject,
    leaves,
)
from archprof.commands.lecture.deciding.subjects import Subjects
from archprof.graph.graph import Node

_CALLED = {"conv2d": "conv", "linear": "fc", "relu": "relu", "dropout": "drop"}
_PLACE = re.compile(r".+\.[0-9]+")


def slide_names(nodes: Sequence[Node]) -> dict[str, str]:
    """Return what slides call the layers of a chain whose own names are only places in it.

    Of convolutions that are all of one size, as VGG's, `conv3_2` is the second of the third stage,
    which `pool3` ends, and `fc6` stands behind the five stages; others are counted through, as
    AlexNet's conv1 to fc8. Layers that have names of their own, and those of a network that
    branches, keep them.
    """
    if any(len(node.inputs) > 1 for node in nodes):
        return {}
    windows = {node.op.sliding_window() for node in nodes if node.kind == "conv2d"}
    sizes = {window.kernel for window in windows if window is not None}
    named = _in_stages(nodes) if len(sizes) == 1 else _counted(nodes)
    return {path: name for path, name in named if _PLACE.fullmatch(path)}


def _in_stages(nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    stage, place, linear = 1, 0, 0
    for node in nodes:
        if node.kind == "conv2d":
            place += 1
        elif node.kind == "linear":
            stage, place, linear = stage + bool(place), 0, linear + 1
        if node.kind in _CALLED:
            number = f"{stage}_{place}" if place else str(stage + linear - 1)
            yield node.path, f"{_CALLED[node.kind]}{number}"
        elif node.kind == "max_pool2d":
            yield node.path, f"pool{stage}"
            stage, place = stage + 1, 0


def _counted(nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    number = 0
    for node in nodes:
        number += node.kind in ("conv2d", "linear")
        if node.kind in _CALLED:
            yield node.path, f"{_CALLED[node.kind]}{number}"
        elif node.kind == "max_pool2d":
            yield node.path, f"pool{number}"


def with_slide_names(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the slides' names of layers in place of their paths."""
    if not names:
        return text
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(
        rf"(?<!\w)(?<!\w\.)(?:{known})(?!\w)(?!\.\w)", lambda found: names[found[0]], text
    )


def names_in(statement: Statement, subjects: Subjects) -> dict[str, str]:
    """Return the slides' names of the layers of the networks that a statement is about."""
    found: dict[str, str] = {}
    for subject in _subjects_of(statement):
        found |= slide_names(subjects.analysis(subject).graph.nodes)
    return found


def _subjects_of(statement: Statement) -> list[Subject]:
    match statement:
        case Stated():
            return [quantity.subject for quantity in leaves(statement.of)]
        case Order():
            return [quantity.subject for side in statement.sides for quantity in leaves(side)]
        case Every() | Modules() | Law() | Series():
            return [statement.subject]
    return []
