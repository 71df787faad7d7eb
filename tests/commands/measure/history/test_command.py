"""`archprof history`, and `bench --keep`, which fills it."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archprof.commands.measure.history import store as history_store
from archprof.commands.measure.history.command import since_date
from archprof.commands.measure.history.store import keep, read, utc
from archprof.problem import ProblemError
from tests.command_line import Run
from tests.commands.measure.runs import row
from tests.commands.measure.runs import run as made
from tests.contracts import contract, printed

LENET = "tests/data/lenet.yaml"
QUICK = ("--time-limit", "0.1", "--threads", "1")
NOW = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No history of the person who runs the tests; short turns on a machine that may be busy."""
    from archprof.commands.measure.judging import consistency
    from archprof.commands.measure.planning import progress
    from archprof.commands.measure.running import sampling

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(history_store, "user_data_path", lambda name: tmp_path / "data" / name)
    monkeypatch.setattr(sampling, "CHUNK", 0.01)
    monkeypatch.setattr(sampling, "WARM_SECONDS", 0.001)
    monkeypatch.setattr(consistency, "MEASUREMENT_RULES", ())
    monkeypatch.setattr(progress, "PATIENCE", 3600.0)
    return tmp_path / "data" / "archprof" / "history.sqlite"


def test_bench_keeps_and_history_shows(run: Run, own_data: Path) -> None:
    for _ in range(2):
        done = run("bench", LENET, *QUICK, "--keep")
        assert (done.code, done.err) == (0, f"archprof: 1 measurement kept in {own_data}\n")
    found = printed(run, "history", "lenet")
    assert contract(run, "history").is_valid(found)
    (group,) = found["groups"]
    assert (group["network"], len(group["runs"])) == ("lenet", 2)
    measured = group["runs"][0]
    assert abs((datetime.now(UTC) - datetime.fromisoformat(measured["date"])).total_seconds()) < 600
    assert measured["latency_low_ms"] <= measured["latency_ms"] <= measured["latency_high_ms"]
    assert printed(run, "history", LENET) == found  # by the path of the spec
    done = run("history", "lenet")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("lenet · 1x32x32 · batch 1 · float32 · contiguous · eager · CPU ")
    assert max(map(len, done.out.splitlines()[1:])) <= 80


def test_without_keep_nothing_is_written(run: Run, own_data: Path) -> None:
    assert run("bench", LENET, *QUICK).code == 0
    assert not own_data.exists()
    assert not own_data.parent.exists()


def test_another_file(run: Run, own_data: Path, tmp_path: Path) -> None:
    """It needs no --keep beside it; every row is there, and the memory is not."""
    path = tmp_path / "mine.sqlite"
    done = run(
        "bench", LENET, "--batch", "1,2", *QUICK, "--keep-in", path, "-o", tmp_path / "a.json"
    )
    assert done.err == f"archprof: 2 measurements kept in {path}\n"
    written = json.loads((tmp_path / "a.json").read_text())
    (found,) = read(path).runs
    assert found.rows == written["measurements"]
    assert found.manifest == written["manifest"]
    assert not own_data.exists()
    assert len(printed(run, "history", "--keep-in", path)["groups"]) == 2


def test_what_cannot_be_kept_is_not_measured(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A foreign file is refused before minutes are spent, and stays as it was."""
    from archprof.commands.measure.running import end_to_end

    monkeypatch.setattr(end_to_end, "measure", lambda *_: pytest.fail("it was measured"))
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE precious (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    done = run("bench", LENET, *QUICK, "--keep-in", path)
    assert (done.code, done.out) == (2, "")
    assert "a SQLite file of another program, not a history of archprof [history]" in done.err
    assert "Traceback" not in done.err
    assert path.read_bytes() == before
    done = run("bench", LENET, *QUICK, "--keep-in", tmp_path / "nowhere" / "h.sqlite")
    assert (done.code, done.out) == (2, "")
    assert "there is no folder" in done.err


def test_what_was_measured_is_shown_where_it_cannot_be_kept(
    run: Run, own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk became full meanwhile."""

    def full(path: Path, *_: object) -> None:
        raise history_store._refused(path, *history_store._words("database or disk is full"))

    monkeypatch.setattr(history_store, "keep", full)
    done = run("bench", LENET, *QUICK, "--keep")
    assert done.code == 2
    assert done.out.startswith("lenet · ")
    assert "SQLite says: database or disk is full" in done.err
    assert "hint: --keep-in FILE names another place" in done.err


def test_nothing_kept_is_no_error(run: Run, own_data: Path) -> None:
    done = run("history")
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        f"archprof: nothing is kept in {own_data}; archprof bench NET --keep does\n"
    )
    assert not own_data.parent.exists()
    done = run("history", "--format", "json")
    assert json.loads(done.out) == {"schema": 1, "passed_over": 0, "groups": []}


def test_what_is_asked_for(run: Run, own_data: Path) -> None:
    history_store.prepare(own_data)
    now = datetime.now(UTC)
    keep(own_data, made(row(), row(network="other")), "2020-01-01T00:00:00Z")
    keep(own_data, made(row(latency_ms=4.0)), utc(now))

    def runs(*arguments: str) -> list[tuple[str, int]]:
        found = json.loads(run("history", *arguments, "--format", "json").out)["groups"]
        return [(group["network"], len(group["runs"])) for group in found]

    assert runs() == [("net", 2), ("other", 1)]
    assert runs("net") == [("net", 2)]
    assert runs("net", "--since", "30d") == [("net", 1)]
    assert runs("--since", "2019-12-31") == [("net", 2), ("other", 1)]
    assert runs("--device", "paper") == [("net", 2), ("other", 1)]
    assert runs("--device", "cuda") == []
    done = run("history", "net")
    assert "slower than on 2020-01-01: 2 times as long (1.97 to 2.03)" in " ".join(done.out.split())
    done = run("history", "third", "--device", "cuda")
    assert done.err == (
        f"archprof: nothing of third on cuda is kept in {own_data}; archprof bench NET --keep"
        " does\n"
    )
    done = run("history", "third", "--keep-in", own_data)
    assert f"archprof bench NET --keep-in {own_data} does" in done.err
    assert done.code == 0


def test_a_file_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "no.sqlite"
    done = run("history", "--keep-in", path)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"--keep-in: error: there is no file {path} [option]\n"
        f"  hint: archprof bench NET --keep-in {path}\n"
    )
    assert not path.exists()


def test_the_newest_is_compared_with_the_one_before_too(run: Run, own_data: Path) -> None:
    """4, 2 and 3 ms: faster than at first, and slower than before."""
    history_store.prepare(own_data)
    for day, latency in (("01", 4.0), ("02", 2.0), ("03", 3.0)):
        keep(own_data, made(row(latency_ms=latency)), f"2020-01-{day}T10:20:30Z")
    (group,) = json.loads(run("history", "--format", "json").out)["groups"]
    assert (group["since"], group["verdict"]["verdict"]) == ("2020-01-01T10:20:30Z", "faster")
    assert group["before"] == "2020-01-02T10:20:30Z"
    assert group["verdict_on_before"]["verdict"] == "slower"
    out = " ".join(run("history").out.split())
    assert "before slower than the run before, 2020-01-02 10:20: 1.5 times as long" in out


def test_damaged_runs_are_said(run: Run, own_data: Path) -> None:
    history_store.prepare(own_data)
    for _ in range(2):
        keep(own_data, made(row()), "2020-01-01T00:00:00Z")
    connection = sqlite3.connect(own_data)
    connection.execute("UPDATE measurements SET measurement = '{}' WHERE id = 1")
    connection.commit()
    connection.close()
    done = run("history", "--format", "json")
    assert (done.code, json.loads(done.out)["passed_over"]) == (0, 1)
    assert done.err == (
        f"archprof: 1 run of {own_data} passed over: damaged, or of another version\n"
    )


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (None, ""),
        ("30d", "2026-05-16T12:00:00Z"),
        ("4w", "2026-05-18T12:00:00Z"),
        ("12h", "2026-06-15T00:00:00Z"),
        ("2026-05-01", "2026-05-01T00:00:00Z"),
    ],
)
def test_since(text: str | None, date: str) -> None:
    assert since_date(text, NOW) == date


@pytest.mark.parametrize(
    "text", ["", "30", "d", "last month", "2026-13-01", "99999w", "-3d", "3d "]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ProblemError, match="is neither a span nor a date"):
        since_date(text, NOW)


def test_the_contract_holds(run: Run, own_data: Path) -> None:
    history_store.prepare(own_data)
    for latency in (2.0, 2.5):
        keep(own_data, made(row(latency_ms=latency)), "2020-01-01T00:00:00Z")
    published = contract(run, "history")
    found = printed(run, "history")
    assert published.is_valid(found)
    assert found["groups"][0]["verdict"]["verdict"] == "slower"
    assert not published.is_valid(found | {"more": 1})
    (group,) = found["groups"]
    for changed in (
        {"more": 1},
        {"runs": []},
        {"verdict": {"verdict": "slower"}},
        {"device": group["device"] | {"more": 1}},
        {"runs": [group["runs"][0] | {"more": 1}]},
    ):
        assert not published.is_valid(found | {"groups": [group | changed]})
