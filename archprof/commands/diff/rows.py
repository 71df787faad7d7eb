"""Changes of layers gathered into rows: a line of the spec that acts in sixteen blocks is one
row, a new block another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from typing import Any, NamedTuple

from archprof import units
from archprof.commands.diff.cause import Causes
from archprof.commands.diff.difference import Change, Difference, Layer, Setting, Share
from archprof.graph.graph import Instance
from archprof.ops.base import shown
from archprof.problem import Mark
from archprof.show.field import field_text
from archprof.show.folding import describe

MOST = {"changed": 24, "added": 12, "removed": 12, "affected": 8, "renamed": 4}
"""Rows of a state that are shown where not all are asked for: the first ones, for they stand in
the order of the network.
"""

MOST_VALUES = 3  # of one setting in a row


class Row(NamedTuple):
    """Changes told in one line: which layers, what became of them, and what that did to the
    totals in all.
    """

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
    """A layer, or a block that is new or gone as a whole."""

    path: str
    what: str
    key: tuple[Any, ...]
    changes: tuple[Change, ...]
    block: Mark | None = None  # where the block is used


def rows(found: Difference, full: bool = False) -> list[Row]:
    """The changes as rows whose shares sum to the change of the totals: own changes first, then
    what follows from them.

    `full`: every layer in a row of its own.
    """
    causes = Causes(found)
    parts = (
        [_Part(_path(c), _what(c), (i,), (c,)) for i, c in enumerate(found.changes)]
        if full
        else list(_parts(found))
    )
    gathered: dict[tuple[Any, ...], list[_Part]] = {}
    for part in parts:
        gathered.setdefault((part.changes[0].state, *part.key), []).append(part)
    result = [_row(group, causes) for group in gathered.values()]
    result.sort(key=lambda row: (list(MOST).index(row.state), row.mark is None))
    if any(found.input):
        old, new = (units.shape(side.graph.input) for side in (found.old, found.new))
        result.insert(
            0,
            Row(
                "affected",
                "input",
                f"{old} -> {new}" if old != new else "held by the caller",
                found.input,
                "-",
                None,
                (),
            ),
        )
    return (
        result
        if full
        else [
            row
            for state, group in groupby(result, lambda r: r.state)
            for row in _shortened(list(group), MOST[state])
        ]
    )


def _parts(found: Difference) -> Iterator[_Part]:
    """The changes one by one, those of a block that is new or gone as a whole together."""
    whole = {id(i) for side in ("old", "new") for i in _whole(found, side)}
    for (_, instance), group in groupby(found.changes, lambda c: (c.state, _outermost(c, whole))):
        changes = tuple(group)
        if instance is not None:
            what = f"{instance.block or 'layers'}, {units.number_of(len(changes), 'layer')}"
            yield _Part(
                instance.path,
                what,
                (instance.block, instance.mark, len(changes)),
                changes,
                instance.mark,
            )
            continue
        for change in changes:
            node = change.layer.row.node
            idle = change.state == "affected" and not any(change.share[:2])
            key = ("idle",) if idle else (node.kind, node.mark, *(s.name for s in change.settings))
            yield _Part(_path(change), "" if idle else _what(change), key, (change,))


def _whole(found: Difference, side: str) -> Iterator[Instance]:
    """The uses of blocks whose layers are all new, or all gone."""
    layers = (found.new if side == "new" else found.old).layers
    touched = [
        layer.row.node.instance
        for c in found.changes
        if c.state in ("added", "removed") and (layer := getattr(c, side))
    ]
    counts: dict[int, int] = {}
    known: dict[int, Instance] = {}
    for instance in touched:
        for one in _chain(instance):
            counts[id(one)] = counts.get(id(one), 0) + 1
            known[id(one)] = one
    for row in layers:
        for one in _chain(row.node.instance):
            if id(one) in counts:
                counts[id(one)] -= 1
    yield from (
        one
        for key, one in known.items()
        if counts[key] == 0 and one.path and not one.path.endswith(".")
    )


def _outermost(change: Change, whole: set[int]) -> Instance | None:
    found = None
    for instance in (
        _chain(change.layer.row.node.instance) if change.state in ("added", "removed") else ()
    ):
        found = instance if id(instance) in whole else found
    return found


def _chain(instance: Instance | None) -> Iterator[Instance]:
    while instance is not None:
        yield instance
        instance = instance.parent


def _row(group: Sequence[_Part], causes: Causes) -> Row:
    changes = tuple(change for part in group for change in part.changes)
    first = changes[0]
    what = group[0].what or (_what(first) if len(group) == 1 else "")
    if first.settings:
        what = _settings([s for c in changes for s in c.settings])
    elif what and first.state == "affected":
        # where the input changed, the output says little more
        what = _settings([s for c in changes for s in c.reshaped[:1]], 1) or what
    times = f" ×{len(group)}" if len(group) > 1 else ""
    where = "" if not what and len(group) > 1 else pattern([part.path for part in group])
    last = changes[-1]
    share, mark = Share.total([c.share for c in changes]), None
    if what:  # where a layer stood that is gone, or what made it so
        mark = first.layer.row.node.mark if first.new is None else causes.of(first, group[0].block)
    return Row(
        first.state,
        where + times if where else f"{len(group)} layers",
        what or "shapes, fields or memory alone",
        share,
        _field(last.old, last.new),
        mark,
        changes,
    )


def _shortened(found: list[Row], most: int) -> list[Row]:
    """So many rows and one for the rest of them."""
    if len(found) <= most:
        return found
    rest = found[most - 1 :]
    changes = tuple(change for row in rest for change in row.changes)
    return [
        *found[: most - 1],
        Row(
            rest[0].state,
            f"{len(rest)} more",
            f"{len(changes)} layers",
            Share.total([r.share for r in rest]),
            "-",
            None,
            changes,
        ),
    ]


def _path(change: Change) -> str:
    """The layer's path, both where it was renamed."""
    new = change.layer.row.node.path
    old = change.old.row.node.path if change.old else new
    return new if old == new else f"{old} -> {new}"


def _what(change: Change) -> str:
    """What a layer is, or what became of it."""
    if change.state == "affected":
        sees = (
            change.old is not None
            and change.new is not None
            and change.old.row.sight != change.new.row.sight
        )
        return (
            _settings(change.reshaped[:1])
            or f"{describe(change.layer.row)}: its {'field' if sees else 'memory'}"
        )
    return _settings(change.settings) if change.settings else describe(change.layer.row)


def _settings(settings: Iterable[Setting], most: int = MOST_VALUES) -> str:
    """Attributes and how they changed, each change once: out 64 -> 96, 128 -> 192; groups 1 ->
    32.
    """
    found: dict[str, dict[str, None]] = {}
    for s in settings:
        found.setdefault(s.name, {})[f"{text(s.old)} -> {text(s.new)}"] = None
    return "; ".join(
        f"{name}"
        f" {', '.join(list(values)[:most])}{f' and {len(values) - most} more' if len(values) > most else ''}"
        for name, values in found.items()
    )


def text(value: object) -> str:
    """A setting as a spec writes it: 3x3, true, none."""
    if isinstance(value, tuple) and value:
        if all(isinstance(part, tuple) for part in value):
            return " and ".join(map(units.shape, value))
        if all(isinstance(part, str) for part in value):
            return (
                "["
                + ", ".join(value[:4])
                + (f" and {len(value) - 4} more" if len(value) > 4 else "")
                + "]"
            )
        return (
            units.pair(*value)
            if len(value) == 2
            else units.shape(value)
            if all(isinstance(n, int) for n in value)
            else shown(value)
        )
    return value if isinstance(value, str) else "none" if value is None else shown(value)


def _field(old: Layer | None, new: Layer | None) -> str:
    """A receptive field before and after, "-" where it is the same."""
    before, after = (field_text(layer.row.sight) if layer else "" for layer in (old, new))
    return (
        "-"
        if before == after
        else f"{before} -> {after}".strip(" ->")
        if before and after
        else before or after
    )


def pattern(paths: Sequence[str]) -> str:
    """Paths as one: layer3.6-22, layer*.*.conv2; *.conv or the first and the last where they
    have not as many parts.
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
    """Numbers without a gap as 6-22 where nothing else differs; otherwise what the texts begin
    with, and a *.
    """
    if (
        alone
        and all(text.isdigit() for text in texts)
        and [int(text) for text in texts] == list(range(int(texts[0]), int(texts[0]) + len(texts)))
    ):
        return f"{texts[0]}-{texts[-1]}"
    first, last = min(texts), max(texts)  # what these two begin with, all begin with
    return f"{''.join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))}*"
