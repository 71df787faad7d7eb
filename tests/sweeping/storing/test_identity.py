"""What a part says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archprof.sweeping.running import identity_of
from archprof.sweeping.storing.identity import (
    Foreign,
    Shard,
    SweepIdentity,
    Totalled,
    difference,
    read,
    written,
)
from tests.sweeping.tiny import POINTS, tiny


@pytest.fixture
def identity(tmp_path: Path) -> SweepIdentity:
    return identity_of(tiny(tmp_path), 40)


def test_shards_cover_all_rows(identity: SweepIdentity) -> None:
    """96 rows are two shards of 40 and one of 16."""
    assert identity.rows == POINTS == 96
    expected = [Shard(0, 0, 40), Shard(1, 40, 80), Shard(2, 80, 96)]
    assert identity.shards() == expected
    assert [identity.shard(number) for number in range(3)] == expected
    assert [shard.file for shard in expected[1:]] == ["part-00001.parquet", "part-00002.parquet"]


def test_what_is_written_is_read(identity: SweepIdentity) -> None:
    how = Totalled(False, "a join across blocks")
    shard = identity.shard(2)
    assert read(written(identity, shard, how)) == (identity, shard, how)
    assert identity.budget == ("params <= 10000",)
    assert identity.front == ("min macs", "max params")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": 1}, "not of format 2"),
        ({"rows": -1}, "another form"),
        ({"rows": True}, "another form"),
        ({"rows": 10**15}, "another form"),
        ({"per_shard": 0}, "another form"),
        ({"per_shard": 10**7}, "another form"),
        ({"space": None}, "another form"),
        ({"budget": 3}, "another form"),
        ({"front": [3]}, "another form"),
        ({"sample": []}, "another form"),
        ({"sample": {"method": "best", "count": None, "seed": 0}}, "another form"),
        ({"conditions": {}}, "another form"),
        ({"shard": {"number": 5, "first": 200, "last": 240}}, "contradicts itself"),
        ({"shard": {"number": 1, "first": 0, "last": 40}}, "contradicts itself"),
    ],
)
def test_what_no_sweep_has_written(
    identity: SweepIdentity, changes: dict[str, Any], said: str
) -> None:
    data = json.loads(written(identity, identity.shard(1), Totalled(True)))
    with pytest.raises(Foreign, match=said):
        read(json.dumps({**data, **changes}).encode())


@pytest.mark.parametrize("key", ["version", "name", "rows", "sample", "shard", "composed"])
def test_what_lacks_something(identity: SweepIdentity, key: str) -> None:
    data = json.loads(written(identity, identity.shard(1), Totalled(True)))
    del data[key]
    with pytest.raises(Foreign, match="lacks something"):
        read(json.dumps(data).encode())


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b"[" * 100_000, b'"' + b"x" * 2_000_000])
def test_what_is_no_metadata(content: bytes) -> None:
    with pytest.raises(Foreign):
        read(content)


def test_a_difference_is_said(identity: SweepIdentity) -> None:
    assert difference(identity, identity) == ""
    assert (
        difference(identity.replaced(version="9.9"), identity) == "its version: '9.9', here '0.1.0'"
    )
    other = identity.replaced(conditions=identity.conditions.replaced(batch=8))
    assert "batch 8" in difference(other, identity)
    assert "another" in difference(identity.replaced(digest="0"), identity)
    other = identity.replaced(sample=identity.sample.replaced(seed=8))
    assert "seed 8, here method grid, count None, seed 0" in difference(other, identity)
    assert (
        difference(identity.replaced(per_shard=50), identity) == "its rows in a part: 50, here 40"
    )
