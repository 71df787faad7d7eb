"""Parts are written whole or not at all, and a stranger's are read with bounds."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from archprof.problem import ProblemError
from archprof.sweeping.running import identity_of
from archprof.sweeping.storing import parts
from archprof.sweeping.storing.identity import SweepIdentity, Totalled, written
from archprof.sweeping.storing.parts import KEY, read_columns, read_part, write_part
from archprof.sweeping.storing.tabulating import tabulated
from tests.sweeping.tiny import tiny

Made = tuple[SweepIdentity, pa.Table]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    space = tiny(tmp_path)
    return identity_of(space, 40), tabulated(space, np.arange(40))[0]


def part(folder: Path, made: Made) -> Path:
    identity, table = made
    return write_part(folder, identity, identity.shard(0), table, Totalled(True))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".yaml")


def test_a_part_is_read_as_it_was_written(tmp_path: Path, made: Made) -> None:
    path = part(tmp_path, made)
    assert left(tmp_path) == ["part-00000.parquet"]
    found = read_part(path)
    assert (found.identity, found.shard, found.how) == (made[0], made[0].shard(0), Totalled(True))
    assert read_columns(path, made[0]).replace_schema_metadata(None) == made[1]
    assert read_columns(path, made[0], ["macs", "row"]).column_names == ["macs", "row"]


def test_the_same_rows_are_the_same_bytes(tmp_path: Path, made: Made) -> None:
    first = part(tmp_path, made).read_bytes()
    assert part(tmp_path, made).read_bytes() == first


def said(path: Path) -> str:
    with pytest.raises(ProblemError) as error:
        read_part(path)
    assert str(error.value).startswith(f"{path}: error: ")
    assert "hint: delete it to have it made again, or give another folder" in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_one_that_is_cut_off(tmp_path: Path, made: Made, share: float) -> None:
    path = part(tmp_path, made)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "it cannot be read as Parquet" in said(path)


def test_one_that_is_damaged_anywhere_ends_in_words(tmp_path: Path, made: Made) -> None:
    """Of 200 parts with a byte that is another none ends in a traceback, or in other columns."""
    path = part(tmp_path, made)
    content = path.read_bytes()
    random = np.random.default_rng(3)
    for place in random.integers(0, len(content), 200).tolist():
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(random.integers(8))
        path.write_bytes(damaged)
        with suppress(ProblemError):
            assert read_columns(path, made[0]).num_rows == 40


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 1000, b"hello" * 100])
def test_one_that_is_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "part-00000.parquet"
    path.write_bytes(content)
    assert "it cannot be read as Parquet" in said(path)


def rewritten(path: Path, table: pa.Table, metadata: bytes | None, **options: Any) -> Path:
    marks = None if metadata is None else {KEY: metadata}
    parquet.write_table(table.replace_schema_metadata(marks), path, **options)
    return path


def test_parquet_of_others(tmp_path: Path, made: Made) -> None:
    identity, table = made
    path, own = (
        tmp_path / "part-00000.parquet",
        written(identity, identity.shard(0), Totalled(True)),
    )
    assert "no part of a sweep" in said(rewritten(path, table, None))
    assert "format 2" in said(rewritten(path, table, b'{"schema": 7}'))
    assert "it has 39 rows, expected 40" in said(rewritten(path, table.slice(1), own))
    assert "lacks columns" in said(rewritten(path, table.drop_columns(["macs"]), own))
    other = table.set_column(0, "row", pa.array(["x"] * 40))
    assert "not those of a sweep" in said(rewritten(path, other, own))
    nested = table.append_column("deep", pa.array([[1]] * 40))
    assert "not those of a sweep" in said(rewritten(path, nested, own))
    twice = table.append_column("macs", table["macs"])
    assert "not those of a sweep" in said(rewritten(path, twice, own))
    second = written(identity, identity.shard(1), Totalled(True))
    assert "it is part-00001.parquet by its own word" in said(rewritten(path, table, second))


def test_one_that_would_fill_the_memory(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """40 rows of one text of a megabyte are few bytes of a file."""
    identity, table = made
    own = written(identity, identity.shard(0), Totalled(True))
    path = tmp_path / "part-00000.parquet"
    large = table.set_column(
        table.column_names.index("message"),
        "message",
        pa.array([str(i) + "x" * 1_000_000 for i in range(40)]).dictionary_encode(),
    )
    rewritten(path, large, own, compression="zstd")
    assert path.stat().st_size < 1_000_000
    monkeypatch.setattr(parts, "MOST_BYTES", 10_000_000)
    assert "bytes in memory, a part at most 10,000,000" in said(path)
    monkeypatch.setattr(parts, "MOST_BYTES", 1_000)
    assert "bytes, a part at most 1,000" in said(path)


def test_a_pipe_and_a_folder_are_no_parts(tmp_path: Path) -> None:
    path = tmp_path / "part-00000.parquet"
    os.mkfifo(path)
    assert "it is a pipe" in said(path)
    path.unlink()
    path.mkdir()
    assert "it is a directory" in said(path)


def test_a_part_of_another_sweep_is_not_mixed_in(tmp_path: Path, made: Made) -> None:
    path = part(tmp_path, made)
    with pytest.raises(ProblemError, match="another sweep than the first part"):
        read_columns(path, made[0].replaced(version="9.9"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(table: pa.Table, path: Path, **options: Any) -> None:
        path.write_bytes(b"PAR1")
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(parquet, "write_table", full)
    with pytest.raises(ProblemError, match="there is no room left on it") as error:
        part(tmp_path, made)
    assert "parts that are there are kept" in str(error.value)
    assert left(tmp_path) == []


def test_an_interruption_leaves_no_half_part(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = part(tmp_path, made).read_bytes()

    def interrupted(table: pa.Table, path: Path, **options: Any) -> None:
        path.write_bytes(b"PAR1")
        raise KeyboardInterrupt

    monkeypatch.setattr(parquet, "write_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        part(tmp_path, made)
    assert left(tmp_path) == ["part-00000.parquet"]
    assert (tmp_path / "part-00000.parquet").read_bytes() == before


def test_a_folder_that_cannot_be_written(tmp_path: Path, made: Made) -> None:
    with pytest.raises(ProblemError, match="cannot write into it: No such file"):
        part(tmp_path / "missing", made)
    (tmp_path / "file").write_text("")
    with pytest.raises(ProblemError, match="cannot write into it: Not a directory"):
        part(tmp_path / "file", made)
    if os.geteuid():  # who may write everywhere is root
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(ProblemError, match="cannot write into it: Permission denied"):
            part(tmp_path / "closed", made)
