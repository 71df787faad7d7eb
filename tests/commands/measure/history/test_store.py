"""The file of kept runs: what is in it, who may write it, and what is refused."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from archprof.commands.measure.history import store as history_store
from archprof.commands.measure.history.store import keep, prepare, read, utc
from archprof.problem import ProblemError
from tests.commands.measure.runs import row, run

MAY, JUNE = "2026-05-01T10:00:00Z", "2026-06-01T10:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


def changed(path: Path, *statements: str) -> Path:
    """The file with this done to it."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def refused(path: Path) -> str:
    """How the file is refused: as well where it is read as where it would be written."""
    said = set()
    for use in (lambda: read(path), lambda: prepare(path), lambda: keep(path, run(row()), MAY)):
        with pytest.raises(ProblemError) as caught:
            use()
        said.add(str(caught.value))
    assert len(said) == 1, said
    text = said.pop()
    assert text.startswith(f"{path}: error: ")
    assert "\n  hint: " in text
    return text


def test_runs_come_back_in_order(path: Path) -> None:
    here = run(row(), row(batch=8), row(network="other"))
    keep(path, here, JUNE)
    keep(path, run(row(latency_ms=3.0)), MAY)
    found = read(path)
    assert found.passed_over == 0
    assert [(one.date, len(one.rows)) for one in found.runs] == [(MAY, 1), (JUNE, 3)]
    assert found.runs[1].manifest == here["manifest"]
    assert found.runs[1].rows == json.loads(json.dumps(here["measurements"]))
    assert [[r["network"] for r in one.rows] for one in read(path, "other").runs] == [["other"]]
    assert [one.date for one in read(path, since=JUNE).runs] == [JUNE]
    assert read(path, "none").runs == []


def test_keys_can_be_asked_for_in_sql(path: Path) -> None:
    here = run(row())
    here["manifest"]["specs"]["net"]["commit"] = "c" * 40
    keep(path, here, MAY)
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT network, spec_sha256, spec_commit, conditions, device, versions, date"
        " FROM measurements JOIN runs ON runs.id = measurements.run"
    ).fetchone()
    connection.close()
    assert found[:3] == ("net", "0" * 64, "c" * 40)
    conditions, device, versions = map(json.loads, found[3:6])
    assert (conditions["batch"], conditions["mode"], conditions["input"]) == (1, "eager", [3, 8, 8])
    assert device["name"] == "Paper CPU"
    assert versions["torch"] == "2.13.0"
    assert found[6] == MAY


def test_nothing_is_made_by_reading(path: Path) -> None:
    assert read(path).runs == []
    assert not path.exists()


def test_prepared_the_file_is_there_and_empty(path: Path) -> None:
    prepare(path)
    prepare(path)
    assert path.exists()
    assert read(path).runs == []


def test_the_default_place_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "deep"
    monkeypatch.setattr(history_store, "user_data_path", lambda name: folder / name)
    assert history_store.default_place() == folder / "archprof" / "history.sqlite"
    prepare(history_store.default_place())
    assert history_store.default_place().exists()
    (tmp_path / "file").touch()
    monkeypatch.setattr(history_store, "user_data_path", lambda name: tmp_path / "file" / name)
    with pytest.raises(ProblemError, match=r"cannot be made: .*\n  hint: --keep-in FILE names"):
        prepare(history_store.default_place())


def test_dates_are_in_utc() -> None:
    moment = datetime(2026, 5, 1, 12, 0, 59, tzinfo=timezone(timedelta(hours=2)))
    assert utc(moment) == "2026-05-01T10:00:59Z"
    assert utc(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"


def test_a_run_is_kept_whole_or_not_at_all(path: Path) -> None:
    """The second measurement is too long: the first does not stay either."""
    with pytest.raises(ProblemError, match="SQLite says: "):
        keep(path, run(row(), row(network="n" * (history_store.MOST_TEXT + 1))), MAY)
    assert read(path).runs == []
    keep(path, run(row()), MAY)
    assert len(read(path).runs) == 1


# --- several who write ---


def test_many_threads_keep_their_runs(path: Path) -> None:
    """Also the file itself is made by whoever comes first."""

    def work(number: int) -> None:
        for batch in range(1, 6):
            keep(path, run(row(network=f"net{number}", batch=batch)), MAY)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [(r["network"], r["batch"]) for one in read(path).runs for r in one.rows]
    assert sorted(found) == [(f"net{n}", batch) for n in range(6) for batch in range(1, 6)]


def test_processes_keep_their_runs(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from archprof.commands.measure.history.store import keep;"
        "from tests.commands.measure.runs import row, run;"
        f"[keep(Path(sys.argv[1]), run(row()), {MAY!r}) for _ in range(5)]"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(3)]
    assert [process.wait(timeout=120) for process in started] == [0, 0, 0]
    assert len(read(path).runs) == 15


def test_who_comes_while_another_writes_waits(path: Path) -> None:
    """Both want to write: the second must not hold what the first needs to end."""
    keep(path, run(row()), MAY)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE runs SET date = date")
    ending = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    ending.start()
    keep(path, run(row()), MAY)
    ending.join()
    other.close()
    assert len(read(path).runs) == 2


def test_who_waits_too_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_store, "BUSY_SECONDS", 0.05)
    keep(path, run(row()), MAY)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(ProblemError, match="another process has been writing to it for"):
            keep(path, run(row()), MAY)
        assert len(read(path).runs) == 1  # readers do not wait
    finally:
        other.close()


# --- what cannot be written ---


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"there is no folder .*nowhere to write into"):
        prepare(tmp_path / "nowhere" / "history.sqlite")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_is_read_only(path: Path) -> None:
    keep(path, run(row()), MAY)
    path.chmod(stat.S_IRUSR)
    with pytest.raises(ProblemError, match=r"cannot be written or opened: .*readonly"):
        prepare(path)
    assert len(read(path).runs) == 1


def test_a_disk_that_is_read_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite has it where the folder takes no journal."""
    keep(path, run(row()), MAY)
    connect = sqlite3.connect

    def read_only(place: str, **how: object) -> sqlite3.Connection:
        return connect(place.replace("mode=rwc", "mode=ro"), **how)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(history_store.sqlite3, "connect", read_only)
    for use in (lambda: prepare(path), lambda: keep(path, run(row()), MAY)):
        with pytest.raises(ProblemError) as caught:
            use()
        assert "cannot be written or opened: attempt to write a readonly database" in str(
            caught.value
        )
        assert "hint: --keep-in FILE names another place" in str(caught.value)
    assert len(read(path).runs) == 1


# --- files of others ---


def test_what_is_no_database(path: Path) -> None:
    path.write_bytes(b"SQLite format 4\0" * 100)
    assert "not a whole SQLite file: file is not a database" in refused(path)


def test_a_database_of_another_program(path: Path) -> None:
    changed(path, "CREATE TABLE runs (id INTEGER)")
    assert "a SQLite file of another program, not a history of archprof" in refused(path)


def test_another_version(path: Path) -> None:
    keep(path, run(row()), MAY)
    assert "a history of version 2, expected version 1" in refused(
        changed(path, "PRAGMA user_version = 2")
    )


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM measurements; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE more (id INTEGER)",
        "ALTER TABLE runs ADD COLUMN more TEXT",
        "DROP INDEX measurements_of_run",
        "ALTER TABLE measurements RENAME TO more",
    ],
    ids=lambda statement: " ".join(statement.split()[:2]),
)
def test_other_tables(path: Path, statement: str) -> None:
    """A trigger would run as somebody keeps a run."""
    keep(path, run(row()), MAY)
    assert "its tables are not those of a history" in refused(changed(path, statement))


def test_a_view_in_the_place_of_a_table(path: Path) -> None:
    """It would compute without an end when it is read."""
    endless = (
        "CREATE VIEW runs AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)"
        " SELECT id, '' AS date, '' AS manifest FROM n"
    )
    changed(
        path,
        endless,
        f"PRAGMA application_id = {history_store.APPLICATION}",
        "PRAGMA user_version = 1",
    )
    assert "its tables are not those of a history" in refused(path)


def test_a_file_that_was_cut(path: Path) -> None:
    for _ in range(20):
        keep(path, run(row()), MAY)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ProblemError, match=r"not a whole SQLite file: .*malformed"):
        read(path)


def test_a_pipe_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    assert "not a regular file, expected a SQLite file" in refused(path)


def test_a_folder(path: Path) -> None:
    path.mkdir()
    assert "not a regular file" in refused(path)


def test_a_huge_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(513 * 2**20)
    assert "has 513 MiB, expected at most 512 MiB" in refused(path)


def test_a_link_out_of_its_project(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "history.sqlite").symlink_to(tmp_path / "elsewhere.sqlite")
    assert "leads out of the project" in refused(project / "history.sqlite")
    assert not (tmp_path / "elsewhere.sqlite").exists()


def put(column: str, value: str, table: str = "measurements") -> Callable[[Path], Path]:
    return lambda path: changed(path, f"UPDATE {table} SET {column} = {value} WHERE id = 1")


@pytest.mark.parametrize(
    "damage",
    [
        put("measurement", "'{'"),
        put("measurement", "'null'"),
        put("measurement", "x'ff00'"),
        put("measurement", "5"),
        put("measurement", '\'{"network": "net"}\''),
        put("measurement", "replace(measurement, '2.0', '-2.0')"),
        put("measurement", "'" + "[" * 100_000 + "'"),
        put("manifest", "'{}'", "runs"),
        put("manifest", "'5'", "runs"),
        put("date", "'2026-05-01 \x1b[31m'", "runs"),
        put("date", "'9'", "runs"),
    ],
)
def test_a_damaged_run_is_passed_over(path: Path, damage: Callable[[Path], Path]) -> None:
    """The others are there all the same."""
    keep(path, run(row()), MAY)
    keep(path, run(row(batch=8)), JUNE)
    found = read(damage(path))
    assert [one.date for one in found.runs] == [JUNE]
    assert found.passed_over == 1


def test_what_is_read_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_store, "MOST_READ", 5000)
    for _ in range(10):
        keep(path, run(row()), MAY)
    with pytest.raises(ProblemError, match=r"of measurements to read(.|\n)*--since 30d reads"):
        read(path)
    monkeypatch.setattr(history_store, "MOST_READ", 10**6)
    monkeypatch.setattr(history_store, "MOST_RUNS", 3)
    keep(path, run(row(batch=8)), JUNE)
    assert [one.date for one in read(path).runs] == [MAY, MAY, JUNE]  # the newest
