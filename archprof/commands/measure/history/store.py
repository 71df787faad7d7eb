"""The runs that `bench --keep` keeps: a SQLite file, written by many and read with suspicion.

Nothing of a file is run: it must have the very tables that are made here, hence no views and no
triggers (https://www.sqlite.org/security.html).
"""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_data_path

from archprof import allowance
from archprof.commands.measure.judging.run_differences import MATCHED, device_identity
from archprof.commands.measure.writing.run_file import new_run
from archprof.commands.measure.writing.run_labels import Row
from archprof.language.reading import Unsafe, refuse_link_out
from archprof.problem import Mark, ProblemError
from archprof.units import number_of

APPLICATION = 0x61726368  # "arch": SQLite's application_id says whose file it is
VERSION = 1
BUSY_SECONDS = 30.0  # another process may write so long
MOST_BYTES = 512 * 2**20  # of the file
MOST_TEXT = 8 * 2**20  # of a manifest or a measurement
MOST_READ = 256 * 2**20  # of all that is read; a file may have the same text in many rows
MOST_RUNS = 20_000
ELSEWHERE = "--keep-in FILE names another place"
OWN = "name a file that `archprof bench NET --keep` wrote, or a new one"

SCHEMA = {
    "runs": (
        "CREATE TABLE runs (id INTEGER PRIMARY KEY, date TEXT NOT NULL, device TEXT NOT NULL,"
        " versions TEXT NOT NULL, manifest TEXT NOT NULL)"
    ),
    "measurements": (
        "CREATE TABLE measurements (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES"
        " runs (id), network TEXT NOT NULL, spec_sha256 TEXT, spec_commit TEXT,"
        " conditions TEXT NOT NULL, measurement TEXT NOT NULL)"
    ),
    "measurements_of_run": ("CREATE INDEX measurements_of_run ON measurements (run, network)"),
}
"""What the file is made of, by name; the dates are in UTC, what is not a text is JSON."""

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class KeptRun(NamedTuple):
    """A run in the file: when it was kept, its manifest and its measurements."""

    date: str
    manifest: dict[str, Any]
    rows: list[Row]


class KeptRuns(NamedTuple):
    """The runs of a file, the earliest first, and how many cannot be read.

    Those are damaged, or of a version of archprof with other fields.
    """

    runs: list[KeptRun]
    passed_over: int


def default_place() -> Path:
    """Return the file in the user's data directory."""
    return user_data_path("archprof") / "history.sqlite"


def utc(moment: datetime) -> str:
    """Return a moment as the file has it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def prepare(path: Path) -> None:
    """Make the file where there is none, and see that it can be written.

    Raises ProblemError where it cannot, or is not a history.
    """
    if path == default_place():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refused(path, f"cannot be made: {error.strerror or error}", ELSEWHERE) from None
    elif not path.parent.is_dir():
        raise _refused(path, f"there is no folder {path.parent} to write into", ELSEWHERE)
    with _writing(path):
        pass


def keep(path: Path, run: dict[str, Any], date: str) -> None:
    """Add a run with all its measurements, whole or not at all. Raises ProblemError."""
    manifest = run["manifest"]
    about = (device_identity(manifest), manifest["versions"], manifest)
    with _writing(path) as connection:
        added = connection.execute(
            "INSERT INTO runs (date, device, versions, manifest) VALUES (?, ?, ?, ?)",
            (date, *map(_text, about)),
        )
        for row in run["measurements"]:
            spec = manifest["specs"].get(row["network"], {})
            connection.execute(
                "INSERT INTO measurements (run, network, spec_sha256, spec_commit, conditions,"
                " measurement) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    added.lastrowid,
                    row["network"],
                    spec.get("sha256"),
                    spec.get("commit"),
                    _text({name: row.get(name) for name in MATCHED[1:]}),
                    _text(row),
                ),
            )


def read(path: Path, network: str | None = None, since: str = "") -> KeptRuns:
    """Return the runs from `since` on, with the measurements of one network or of all.

    There are none where there is no file. Raises ProblemError for one that is not a history of
    archprof.
    """
    if not _is_there(path):
        return KeptRuns([], 0)
    with _connected(path, "ro") as connection:
        connection.execute("BEGIN")  # one state of the file, whoever writes meanwhile
        if _is_empty(connection):
            return KeptRuns([], 0)
        _check(connection, path)
        return _read(connection, path, network, since)


def _read(connection: sqlite3.Connection, path: Path, network: str | None, since: str) -> KeptRuns:
    found: list[KeptRun] = []
    passed_over = spent = 0
    for number, date, manifest in connection.execute(
        "SELECT id, date, manifest FROM runs WHERE date >= ? ORDER BY date DESC, id DESC LIMIT ?",
        (since, MOST_RUNS),
    ):
        allowance.check()
        texts = [manifest]
        for (text,) in connection.execute(
            "SELECT measurement FROM measurements WHERE run = ? AND (? IS NULL OR network = ?)"
            " ORDER BY id",
            (number, network, network),
        ):
            texts.append(text)
            spent += len(str(text))
            if spent > MOST_READ:
                message = f"has more than {MOST_READ // 2**20} MiB of measurements to read"
                raise _refused(path, message, "--since 30d reads the newest only")
        if len(texts) == 1:
            continue
        run = _whole(date, texts)
        if run is None:
            passed_over += 1
        else:
            found.append(run)
    return KeptRuns(found[::-1], passed_over)


def _whole(date: object, texts: list[Any]) -> KeptRun | None:
    """Return the run in the texts of its manifest and rows, None where they do not have one."""
    from archprof.commands.measure.contract import bench_faults

    try:
        manifest, *rows = map(json.loads, texts)
    # what stands there need not be a text, nor JSON
    except (TypeError, ValueError, RecursionError):
        return None
    if not isinstance(date, str) or not _DATE.fullmatch(date):
        return None
    run = new_run(manifest) | {"measurements": rows}
    return None if bench_faults(run) else KeptRun(date, manifest, rows)


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection in a transaction, which ends with the context, whole or not at all."""
    with _connected(path, "rwc") as connection:
        connection.execute("BEGIN IMMEDIATE")  # waits for who else writes
        if _is_empty(connection):
            for statement in SCHEMA.values():
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
        else:
            _check(connection, path)
        # a write in any case, so that `prepare` finds out what cannot be written
        connection.execute(f"PRAGMA user_version = {VERSION}")
        yield connection
        connection.execute("COMMIT")


@contextmanager
def _connected(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """Yield a connection that trusts nothing in the file, and close it.

    Raises ProblemError with what SQLite complains of.
    """
    _is_there(path)
    connection = None
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_TEXT)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        for setting in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
            connection.execute(f"PRAGMA {setting}")
        yield connection
    except (sqlite3.Error, OverflowError) as error:
        raise _refused(path, *_words(str(error))) from None
    finally:
        if connection is not None:
            connection.close()  # a transaction that was not committed is undone


def _is_there(path: Path) -> bool:
    """Return whether there is a file.

    Raises ProblemError for a pipe, which would wait for its other end, and for a huge file.
    """
    try:
        refuse_link_out(path)
        about = path.stat()
    except FileNotFoundError:
        return False
    except Unsafe as error:
        raise _refused(path, f"cannot be read: {error.strerror}", error.hint) from None
    except (OSError, ValueError) as error:
        raise _refused(path, f"cannot be read: {error}", ELSEWHERE) from None
    if not stat.S_ISREG(about.st_mode):
        raise _refused(path, "not a regular file, expected a SQLite file", OWN)
    if about.st_size > MOST_BYTES:
        message = f"has {about.st_size // 2**20} MiB, expected at most {MOST_BYTES // 2**20} MiB"
        raise _refused(path, message, ELSEWHERE)
    return True


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether the file has just been made, or its first writer was interrupted."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return tables == 0 and _pragma(connection, "application_id") == 0


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ProblemError for the file of another program, of another version, or changed."""
    if _pragma(connection, "application_id") != APPLICATION:
        raise _refused(path, "a SQLite file of another program, not a history of archprof", OWN)
    version = _pragma(connection, "user_version")
    if version != VERSION:
        message = f"a history of version {version}, expected version {VERSION}"
        raise _refused(path, message, f"another version of archprof wrote it; {ELSEWHERE}")
    listed = connection.execute("SELECT name, sql FROM sqlite_master LIMIT ?", (len(SCHEMA) + 1,))
    if dict(listed.fetchall()) != SCHEMA:
        found = f"expected the {number_of(len(SCHEMA), 'object')} {', '.join(SCHEMA)} as made here"
        raise _refused(path, f"its tables are not those of a history: {found}", OWN)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def _words(complaint: str) -> tuple[str, str]:
    """Return what SQLite complains of in words, and the way out."""
    if "not a database" in complaint or "malformed" in complaint:
        return f"not a whole SQLite file: {complaint}", OWN
    if "locked" in complaint:
        message = f"another process has been writing to it for {BUSY_SECONDS:.0f} s"
        return message, f"end that process, or {ELSEWHERE}"
    if "readonly" in complaint or "unable to open" in complaint:
        return f"cannot be written or opened: {complaint}", ELSEWHERE
    return f"SQLite says: {complaint}", ELSEWHERE


def _refused(path: Path, message: str, hint: str) -> ProblemError:
    return ProblemError.of(Mark(str(path)), "history", message, hint)
