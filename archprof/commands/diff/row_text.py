"""Text of changed layers: what a layer is or became, its settings, and paths as a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from archprof import units
from archprof.commands.diff.difference import Change, ChangedSetting, LayerSide
from archprof.ops.base import shown
from archprof.show.field import field_text
from archprof.show.folding import describe

MOST_VALUES = 3  # of one setting in a row
MOST_ITEMS = 4  # of a list that is a setting


def path_text(change: Change) -> str:
    """Return the layer's path, both of them where it was renamed."""
    new = change.layer.row.node.path
    old = change.old.row.node.path if change.old else new
    return new if old == new else f"{old} -> {new}"


def change_text(change: Change) -> str:
    """Return what a layer is, or what became of it."""
    if change.state != "affected":
        if change.settings:
            return settings_text(change.settings)
        return describe(change.layer.row)
    reshaped = settings_text(change.reshaped[:1])
    if reshaped:
        return reshaped
    old, new = change.old, change.new
    field_differs = old is not None and new is not None and old.row.sight != new.row.sight
    return f"{describe(change.layer.row)}: its {'field' if field_differs else 'memory'}"


def settings_text(settings: Iterable[ChangedSetting], most: int = MOST_VALUES) -> str:
    """Return settings and how they changed: out 64 -> 96, 128 -> 192; groups 1 -> 32.

    Each change of a setting is there once, at most `most` of them.
    """
    found: dict[str, dict[str, None]] = {}
    for s in settings:
        change = f"{setting_text(s.old)} -> {setting_text(s.new)}"
        found.setdefault(s.name, {})[change] = None
    parts = []
    for name, changes in found.items():
        parts.append(f"{name} {units.some([*changes], most)}")
    return "; ".join(parts)


def setting_text(value: object) -> str:
    """Return a setting as a spec writes it: 3x3, true, none."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, tuple) and value:
        return _tuple_text(value)
    return shown(value)


def _tuple_text(value: tuple[object, ...]) -> str:
    """Return shapes, names, a pair or a shape as a spec writes them."""
    if all(isinstance(part, tuple) for part in value):
        return " and ".join(units.shape(part) for part in value if isinstance(part, tuple))
    names = [part for part in value if isinstance(part, str)]
    if len(names) == len(value):
        return f"[{units.some(names, MOST_ITEMS)}]"
    if len(value) == 2:
        return units.pair(*value)
    numbers = [part for part in value if isinstance(part, int)]
    return units.shape(numbers) if len(numbers) == len(value) else shown(value)


def field_change(old: LayerSide | None, new: LayerSide | None) -> str:
    """Return a receptive field before and after, "-" where it is the same."""
    before, after = (field_text(layer.row.sight) if layer else "" for layer in (old, new))
    if before == after:
        return "-"
    return " -> ".join(filter(None, (before, after)))


def pattern(paths: Sequence[str]) -> str:
    """Return paths as one: layer3.6-22, layer*.*.conv2.

    Paths with different numbers of parts are *.conv, or the first and the last.
    """
    if len(paths) == 1:
        return paths[0]
    parts = [re.split(r"([. ])", path) for path in paths]
    if len({len(p) for p in parts}) > 1:
        names = {p[-1] for p in parts}
        return f"*.{names.pop()}" if len(names) == 1 else f"{paths[0]} … {paths[-1]}"
    columns = list(zip(*parts, strict=True))
    alone = sum(len(set(column)) > 1 for column in columns) == 1
    return "".join(
        column[0] if len(set(column)) == 1 else _starred(column, alone) for column in columns
    )


def _starred(texts: Sequence[str], alone: bool) -> str:
    """Return numbers without a gap as 6-22 where nothing else differs (`alone`).

    Other texts are what all of them begin with, and a *.
    """
    if alone and all(text.isdigit() for text in texts):
        first = int(texts[0])
        if [int(text) for text in texts] == list(range(first, first + len(texts))):
            return f"{texts[0]}-{texts[-1]}"
    common = takewhile(lambda characters: len(set(characters)) == 1, zip(*texts, strict=False))
    return "".join(characters[0] for characters in common) + "*"
