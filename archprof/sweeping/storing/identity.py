"""What decides every row of a sweep, and how a part of it says so."""

from __future__ import annotations

import json
from typing import Any

from archprof.ops.base import shown
from archprof.record import Record
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.space.sample import METHODS, MOST_ROWS, SEARCHES, Sample

SCHEMA = 2
MOST_TEXT = 1_000_000  # characters of a part's metadata, most of them the space's text
MOST_IN_SHARD = 1_000_000
MOST_ROOM = 2**62  # bytes that checkpoints make a step fit into


def part_name(number: int) -> str:
    """Return the name of the file of a part."""
    return f"part-{number:05d}.parquet"


class Shard(Record):
    """Rows of a sweep that are stored together: `first` up to, but not with, `last`."""

    number: int
    first: int
    last: int

    @property
    def file(self) -> str:
        """The name of the file that they are stored in."""
        return part_name(self.number)


class SweepIdentity(Record):
    """What decides every row of a sweep: parts in which any of it differs are of different sweeps.

    `space`: the text of the space's file, `digest` a hash of all that its variants are made from.
    `budget` and `front` are what the space asks for of its variants, in words.
    """

    version: str
    name: str
    space: str
    digest: str
    sample: Sample
    conditions: SweepConditions
    rows: int
    per_shard: int
    budget: tuple[str, ...] = ()
    front: tuple[str, ...] = ()

    def shards(self) -> list[Shard]:
        """Return all shards in order; the last may have fewer rows."""
        size, rows = self.per_shard, self.rows
        starts = range(0, rows, size)
        return [Shard(n, first, min(first + size, rows)) for n, first in enumerate(starts)]

    def shard(self, number: int) -> Shard:
        """Return one of the shards."""
        first = number * self.per_shard
        return Shard(number, first, min(first + self.per_shard, self.rows))


class Totalled(Record):
    """How the totals of a part were found: whether they were composed, or why not."""

    composed: bool
    refused: str = ""


def written(identity: SweepIdentity, shard: Shard, how: Totalled) -> bytes:
    """Return the metadata of a part."""
    data = {
        "schema": SCHEMA,
        **_plain(identity),
        "shard": {"number": shard.number, "first": shard.first, "last": shard.last},
        **_plain(how),
    }
    return json.dumps(data, ensure_ascii=False, sort_keys=True).encode()


def _plain(record: Record) -> dict[str, Any]:
    """Return a record as JSON has it."""
    data = {}
    for name in record._names:
        value = getattr(record, name)
        data[name] = _plain(value) if isinstance(value, Record) else value
    return data


class Foreign(ValueError):
    """Metadata that no sweep of this version of archprof has written."""


def read(content: bytes) -> tuple[SweepIdentity, Shard, Totalled]:
    """Return what the metadata of a part says. Raises Foreign."""
    if len(content) > MOST_TEXT:
        raise Foreign(f"its metadata has more than {MOST_TEXT:,} bytes")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise Foreign("its metadata cannot be read") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise Foreign(f"its metadata is not of format {SCHEMA}")
    try:
        sample, shard = data["sample"], data["shard"]
        identity = SweepIdentity(
            _text(data["version"]),
            _text(data["name"]),
            _text(data["space"]),
            _text(data["digest"]),
            Sample(
                _one_of(sample["method"], (*METHODS, *SEARCHES)),
                None if sample["count"] is None else _whole(sample["count"]),
                _whole(sample["seed"]),
            ),
            _conditions(data["conditions"]),
            _whole(data["rows"]),
            _whole(data["per_shard"], 1, MOST_IN_SHARD),
            tuple(map(_text, data["budget"])),
            tuple(map(_text, data["front"])),
        )
        numbers = (_whole(shard[name]) for name in ("number", "first", "last"))
        found = Shard(*numbers)
        how = Totalled(data["composed"] is True, _text(data["refused"]))
    except (KeyError, TypeError):
        raise Foreign("its metadata lacks something, or has it in another form") from None
    if found != identity.shard(found.number) or found.first >= found.last:
        raise Foreign("its metadata contradicts itself")
    return identity, found, how


def _conditions(data: dict[str, Any]) -> SweepConditions:
    return SweepConditions(
        _whole(data["batch"]),
        _text(data["dtype"]),
        _text(data["count"]),
        _text(data["optimizer"]),
        data["ema"] is True,
        _text(data["amp"]),
        tuple(map(_text, data["freeze"])),
        _text(data["checkpoint"]),
        _whole(data["accumulate"]),
        _text(data["device"]),
        None if data["room"] is None else _whole(data["room"], most=MOST_ROOM),
        data["train"] is True,
    )


def difference(found: SweepIdentity, expected: SweepIdentity) -> str:
    """Return in words in what two sweeps differ, "" for in nothing."""
    labels = {"digest": "space", "per_shard": "rows in a part"}
    for name in ("version", "sample", "conditions", "rows", "per_shard", "digest"):
        one, other = getattr(found, name), getattr(expected, name)
        if one != other:
            if name == "digest":
                return "its space, or the network of that, is another"
            return f"its {labels.get(name, name)}: {_in_words(one)}, here {_in_words(other)}"
    return ""


def _in_words(value: Any) -> str:
    if isinstance(value, Record):
        return ", ".join(f"{name} {getattr(value, name)}" for name in value._names)
    return shown(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: Any, least: int = 0, most: int = MOST_ROWS) -> int:
    if type(value) is not int or not least <= value <= most:
        raise TypeError
    return value


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise TypeError
    return str(value)
