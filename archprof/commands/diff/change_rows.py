"""Changes of layers gathered into rows.

A line of the spec that acts in sixteen blocks is one row, a new block another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from archprof import units
from archprof.commands.diff.cause import Causes
from archprof.commands.diff.difference import Change, Difference, Share
from archprof.commands.diff.row_text import (
    change_text,
    field_change,
    path_text,
    pattern,
    settings_text,
)
from archprof.graph.graph import Instance
from archprof.problem import Mark

MOST = {"changed": 24, "added": 12, "removed": 12, "affected": 8, "renamed": 4}
"""How many rows of each state are shown without --full: the first ones in the network's order."""


class ChangeRow(NamedTuple):
    """Changes in one line: which layers, what became of them, and their share of the totals."""

    state: str
    where: str
    what: str
    share: Share
    field: str  # of the last of them
    mark: Mark | None
    changes: tuple[Change, ...]

    @property
    def layers(self) -> int:
        return len(self.changes)


class _Part(NamedTuple):
    """A layer, or a block that is new or gone as a whole.

    Parts with the same `key` become one row; `block` is the place where the block is used.
    """

    path: str
    what: str
    key: tuple[Any, ...]
    changes: tuple[Change, ...]
    block: Mark | None = None


def rows(found: Difference, full: bool = False) -> list[ChangeRow]:
    """Return the changes as rows, whose shares sum to the change of the totals.

    Layers that were changed themselves come first, then those that are only affected. With `full`
    each layer has a row of its own.
    """
    causes = Causes(found)
    if full:
        parts = [
            _Part(path_text(change), change_text(change), (i,), (change,))
            for i, change in enumerate(found.changes)
        ]
    else:
        parts = list(_parts(found))
    gathered: dict[tuple[Any, ...], list[_Part]] = {}
    for part in parts:
        gathered.setdefault((part.changes[0].state, *part.key), []).append(part)
    result = [_row(group, causes) for group in gathered.values()]
    result.sort(key=lambda row: (list(MOST).index(row.state), row.mark is None))
    if any(found.input):
        result.insert(0, _input_row(found))
    if full:
        return result
    shown: list[ChangeRow] = []
    for state, group in groupby(result, lambda row: row.state):
        shown += _shortened(list(group), MOST[state])
    return shown


def _input_row(found: Difference) -> ChangeRow:
    """Return the row of the input, which has a part in the peak of memory."""
    old, new = (units.shape(side.graph.input) for side in (found.old, found.new))
    what = f"{old} -> {new}" if old != new else "kept by the caller"
    return ChangeRow("affected", "input", what, found.input, "-", None, ())


def _parts(found: Difference) -> Iterator[_Part]:
    """Yield the changes one by one, those of a block that is new or gone as a whole together."""
    whole = {id(one) for side in ("old", "new") for one in _whole_blocks(found, side)}

    def state_and_block(change: Change) -> tuple[str, Instance | None]:
        return change.state, _outermost(change, whole)

    for (_, instance), group in groupby(found.changes, state_and_block):
        changes = tuple(group)
        if instance is not None:
            yield _block_part(instance, changes)
            continue
        for change in changes:
            yield _layer_part(change)


def _block_part(instance: Instance, changes: tuple[Change, ...]) -> _Part:
    what = f"{instance.block or 'layers'}, {units.number_of(len(changes), 'layer')}"
    key = (instance.block, instance.mark, len(changes))
    return _Part(instance.path, what, key, changes, instance.mark)


def _layer_part(change: Change) -> _Part:
    """Return the part of one layer; layers whose params and MACs are the same share a row."""
    if change.state == "affected" and not any(change.share[:2]):
        return _Part(path_text(change), "", ("idle",), (change,))
    node = change.layer.row.node
    key = (node.kind, node.mark, *(setting.name for setting in change.settings))
    return _Part(path_text(change), change_text(change), key, (change,))


def _whole_blocks(found: Difference, side: str) -> Iterator[Instance]:
    """Yield the uses of blocks whose layers are all new (side "new"), or all gone ("old")."""
    unchanged: dict[int, int] = {}  # layers of a use of a block that are neither
    known: dict[int, Instance] = {}
    for change in found.changes:
        layer = change.new if side == "new" else change.old
        if change.state in ("added", "removed") and layer:
            for one in _chain(layer.row.node.instance):
                unchanged[id(one)] = unchanged.get(id(one), 0) - 1
                known[id(one)] = one
    for row in (found.new if side == "new" else found.old).layers:
        for one in _chain(row.node.instance):
            if id(one) in unchanged:
                unchanged[id(one)] += 1
    for key, one in known.items():
        if unchanged[key] == 0 and one.path and not one.path.endswith("."):
            yield one


def _outermost(change: Change, whole: set[int]) -> Instance | None:
    """Return the outermost of the `whole` blocks that an added or removed layer is in."""
    if change.state not in ("added", "removed"):
        return None
    found = None
    for instance in _chain(change.layer.row.node.instance):
        if id(instance) in whole:
            found = instance
    return found


def _chain(instance: Instance | None) -> Iterator[Instance]:
    """Yield a use of a block and those around it, innermost first."""
    while instance is not None:
        yield instance
        instance = instance.parent


def _row(group: Sequence[_Part], causes: Causes) -> ChangeRow:
    """Return the row of parts that belong together."""
    changes = tuple(change for part in group for change in part.changes)
    what = _what(group, changes)
    where = f"{len(group)} layers"
    if what or len(group) == 1:
        times = f" ×{len(group)}" if len(group) > 1 else ""
        where = pattern([part.path for part in group]) + times
    first, last = changes[0], changes[-1]
    mark = None
    if what and first.new is None:  # the place of a layer that is gone
        mark = first.layer.row.node.mark
    elif what:
        mark = causes.of(first, group[0].block)
    return ChangeRow(
        first.state,
        where,
        what or "shapes, fields or memory alone",
        Share.total([change.share for change in changes]),
        field_change(last.old, last.new),
        mark,
        changes,
    )


def _what(group: Sequence[_Part], changes: tuple[Change, ...]) -> str:
    """Return what became of the layers of a row, "" for nothing that has a name."""
    first = changes[0]
    if first.settings:
        return settings_text([setting for change in changes for setting in change.settings])
    what = group[0].what
    if not what and len(group) == 1:
        what = change_text(first)
    if what and first.state == "affected":
        # where the input changed, the output adds little
        reshaped = [setting for change in changes for setting in change.reshaped[:1]]
        return settings_text(reshaped, 1) or what
    return what


def _shortened(found: list[ChangeRow], most: int) -> list[ChangeRow]:
    """Return at most so many rows; the last one is then for all others."""
    if len(found) <= most:
        return found
    rest = found[most - 1 :]
    changes = tuple(change for row in rest for change in row.changes)
    share = Share.total([row.share for row in rest])
    where, what = f"{len(rest)} more", f"{len(changes)} layers"
    last = ChangeRow(rest[0].state, where, what, share, "-", None, changes)
    return [*found[: most - 1], last]
