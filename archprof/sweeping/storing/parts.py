"""Parts of a sweep: Parquet files that are written whole or not at all, and read with bounds.

A part may be a stranger's, or broken: its footer is compared with what a sweep writes before any
column is read, and nothing in it is taken for a path.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from archprof.language.reading import opened, refuse_link_out
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.sweeping.storing.identity import (
    Foreign,
    Shard,
    SweepIdentity,
    Totalled,
    read,
    written,
)
from archprof.sweeping.storing.tabulating import MESSAGE, ROW, TEXT, WHY
from archprof.sweeping.variants import TOTALS
from archprof.units import number_of

KEY = b"archprof"
COMPRESSION = "zstd"
MOST_BYTES = 2**30  # of a part, in the file and in memory
MOST_COLUMNS = 2_000
MOST_FOOTER = 50_000_000  # bytes of texts, and items of lists, in a footer
KINDS = (pa.int64(), pa.float64(), pa.bool_(), TEXT)


class StoredPart(Record):
    """A part that lies in a folder, with what it says of itself."""

    path: Path
    identity: SweepIdentity
    shard: Shard
    how: Totalled
    columns: tuple[str, ...]
    numbers: tuple[str, ...]


def write_part(
    folder: Path, identity: SweepIdentity, shard: Shard, table: pa.Table, how: Totalled
) -> Path:
    """Write a part beside its place and move it there; return its path.

    Raises ProblemError where the folder cannot be written, or is full.
    """
    path = folder / shard.file
    # the name is chosen before the file is there, so that no signal between the two leaves it
    temporary = folder / f".{shard.file}.{os.urandom(6).hex()}"
    marked = table.replace_schema_metadata({KEY: written(identity, shard, how)})
    try:
        refuse_link_out(path)
        parquet.write_table(marked, temporary, compression=COMPRESSION)
        os.replace(temporary, path)
    except OSError as error:
        raise _unwritten(folder, error) from None
    finally:
        with suppress(OSError):  # it is gone where all went well, or was never there
            temporary.unlink()
    return path


def written_bytes(table: pa.Table) -> int:
    """Return how many bytes a table takes as a part."""
    stream = pa.BufferOutputStream()
    parquet.write_table(table, stream, compression=COMPRESSION)
    return int(stream.getvalue().size)


def read_part(path: Path) -> StoredPart:
    """Return what a part says of itself, from its footer. Raises ProblemError."""
    with _open(path) as file:
        return _described(path, file)


def read_columns(
    path: Path, identity: SweepIdentity, names: Sequence[str] | None = None
) -> pa.Table:
    """Return columns of a part, or all. Raises ProblemError, also for one of another sweep."""
    with _open(path) as file:
        part = _described(path, file)
        if part.identity != identity:
            raise foreign(path, "it is a part of another sweep than the first part here")
        table = file.read(columns=None if names is None else list(names), use_threads=False)
        # what was read may be less than the footer says
        if table.num_rows != part.shard.last - part.shard.first:
            raise foreign(path, "it has fewer rows than it says")
        return table


def foreign(
    path: Path, why: str, hint: str = "delete it to have it made again, or give another folder"
) -> ProblemError:
    """Return the error of a file that is not the part whose name it has."""
    return ProblemError.of(Mark(str(path)), "part", why, hint)


@contextmanager
def _open(path: Path) -> Iterator[parquet.ParquetFile]:
    try:
        with opened(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MOST_BYTES:
                raise Foreign(f"it has {size:,} bytes, a part at most {MOST_BYTES:,}")
            yield parquet.ParquetFile(
                file,
                thrift_string_size_limit=MOST_FOOTER,
                thrift_container_size_limit=MOST_FOOTER,
            )
    except Foreign as error:
        raise foreign(path, str(error)) from None
    except OSError as error:
        if error.errno is None:  # one of pyarrow's
            raise _unreadable(path) from None
        raise foreign(path, error.strerror or str(error)) from None
    except (pa.ArrowException, ValueError):
        raise _unreadable(path) from None


def _unreadable(path: Path) -> ProblemError:
    return foreign(path, "it cannot be read as Parquet: it is cut off, damaged, or something else")


def _described(path: Path, file: parquet.ParquetFile) -> StoredPart:
    """Return what a footer says. Raises Foreign for what no sweep writes."""
    footer, schema = file.metadata, file.schema_arrow
    if footer.num_columns > MOST_COLUMNS:
        raise Foreign(f"it has {footer.num_columns:,} columns, a part at most {MOST_COLUMNS:,}")
    content = (schema.metadata or {}).get(KEY)
    if content is None:
        raise Foreign("it is Parquet, but no part of a sweep: it lacks archprof's metadata")
    identity, shard, how = read(content)
    if shard.file != path.name:
        raise Foreign(f"it is {shard.file} by its own word: it was renamed")
    rows = shard.last - shard.first
    if footer.num_rows != rows:
        raise Foreign(f"it has {number_of(footer.num_rows, 'row')}, expected {rows:,}")
    size = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
    if size > MOST_BYTES:
        raise Foreign(f"it takes {size:,} bytes in memory, a part at most {MOST_BYTES:,}")
    names = tuple(schema.names)
    others = [field.name for field in schema if field.type not in KINDS]
    if others or len(set(names)) != len(names):
        raise Foreign("its columns are not those of a sweep")
    if not {ROW, WHY, MESSAGE, *TOTALS} <= set(names):
        raise Foreign("it lacks columns of a sweep")
    numbers = tuple(f.name for f in schema if f.type in (pa.int64(), pa.float64()))
    return StoredPart(path, identity, shard, how, names, numbers)


def _unwritten(folder: Path, error: OSError) -> ProblemError:
    """Return the error of a folder that a part cannot be written into."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "make room, or give another folder; parts that are there are kept"
        return ProblemError.of(Mark(str(folder)), "file", "there is no room left on it", hint)
    why = os.strerror(error.errno) if error.errno else error  # pyarrow's own words have the file
    message = f"cannot write into it: {why}"
    return ProblemError.of(Mark(str(folder)), "file", message, "give another folder with -o")
