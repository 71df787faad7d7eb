"""`archprof sweep`: what it prints, its formats, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from archprof.commands.sweep.contract import sweep_schema
from archprof.sweeping import checking, planning
from archprof.sweeping.checking import Checked, Discrepancy
from tests.command_line import Run, interruptible
from tests.sweeping.tiny import DROPPED, INVALID, POINTS, SPACE, tiny

Ask = Callable[..., dict[str, Any]]
VALID = POINTS - DROPPED - INVALID


@pytest.fixture
def space(tmp_path: Path) -> Path:
    tiny(tmp_path)
    return tmp_path / "space.yaml"


@pytest.fixture
def ask(run: Run) -> Ask:
    """The JSON of a sweep that goes well."""

    def call(*arguments: object) -> dict[str, Any]:
        done = run("sweep", *arguments, "--workers", 1, "--format", "json")
        assert done.code == 0, done.err
        found = json.loads(done.out)
        jsonschema.validate(found, sweep_schema())
        return dict(found)

    return call


def test_the_table_and_what_is_printed_before(run: Run, space: Path) -> None:
    done = run("sweep", space, "--workers", 1)
    assert done.code == 0
    first, second = done.err.splitlines()
    assert first == "tiny_space: 96 points; 96 rows"
    assert second.startswith("1 part: about ")
    assert second.endswith(" on the disk (by 32 rows)")
    lines = done.out.splitlines()
    assert lines[0] == "tiny_space · front: min macs, max params · 21 of 49 variants"
    assert lines[3].split() == ["0", "1", "1", "4", "false", "20.2", "K", "498", "5.23", "KiB", "3"]
    assert "shown   20 of 21, evenly along it; --format csv has all" in lines
    assert "rows    96; batch 1, float32, counted as macs" in lines
    assert any(line.startswith(f"invalid {INVALID} by shape, such as: `") for line in lines)
    assert f"invalid {DROPPED} left out by `where`" in lines
    assert f"limits  params <= 10000: 49 of {VALID} are within" in lines
    assert "check   64 rows analysed in full: equal" in lines
    assert max(map(len, lines)) <= 80


def test_entries_of_a_list_stand_together(run: Run, space: Path) -> None:
    done = run("sweep", space, "--workers", 1, "--rows", 2, columns=80)
    head, first = (done.out.splitlines()[i].split() for i in (1, 3))
    assert head[:4] == ["row", "depths", "width", "gated"]
    assert first[:5] == ["0", "1", "1", "4", "false"]
    csv = run("sweep", space, "--workers", 1, "-f", "csv").out
    assert csv.startswith("row,depths.0,depths.1,width,gated,macs,params,")


def test_what_a_narrow_terminal_leaves_out(run: Run, tmp_path: Path) -> None:
    """What nobody asked about first, then the longest list: 20 numbers take 39 columns."""
    long = f"depths: [1..3, 1..4{', 1' * 18}]"
    tiny(tmp_path, SPACE.replace("depths: [1..3, 1..4]", long).replace("<= 6", "<= 24"))
    shown = {}
    for columns in (100, 72, 60):
        done = run("sweep", tmp_path / "space.yaml", "--workers", 1, columns=columns)
        (head,) = (line for line in done.out.splitlines() if line.startswith("row "))
        shown[columns] = head.split()
    asked = ["width", "gated", "macs", "params"]
    assert shown[100] == ["row", "depths", *asked, "peak_inference_bytes", "depth"]
    assert shown[72] == ["row", "depths", *asked]
    assert shown[60] == ["row", *asked]


def test_json(ask: Ask, space: Path, tmp_path: Path) -> None:
    found = ask(space, "-o", tmp_path / "out", "--best", "max depth, min macs", "--steps", 11)
    assert (found["rows"], found["stored"], found["valid"]) == (POINTS, POINTS, VALID)
    assert found["invalid"] == {"shape": INVALID, "where": DROPPED}
    assert found["run"]["checked"] == {"rows": 64, "differing": []}
    assert [one["kind"] for one in found["answers"]] == ["best"]
    best = found["answers"][0]["rows"][0]
    assert best["parameters"] == {"depths.0": 3, "depths.1": 3, "width": 4, "gated": True}
    assert best["totals"]["depth"] == 8
    (steps,) = found["steps"]
    assert steps["row"] == 11
    assert {"parameter": "width", "before": 8, "after": 12}.items() <= steps["steps"][4].items()


def test_a_folder_is_asked_again_and_nothing_is_made(
    run: Run, ask: Ask, space: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run("sweep", space, "-o", out, "--workers", 1).code == 0
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    done = run("sweep", out, "--front", "min macs", "--where", "depths.0 == 2", "-f", "json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["run"] is None
    assert [row["row"] for row in found["answers"][0]["rows"]] == [32]
    again = run("sweep", space, "-o", out)
    assert again.code == 0
    assert again.err == "tiny_space: 96 points; 96 rows\nall 1 part lie there\n"
    assert "nothing was made: all parts lay there" in again.out
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_csv_has_all_rows_and_all_totals(run: Run, space: Path) -> None:
    done = run("sweep", space, "--rows", 3, "-f", "csv", "--workers", 1)
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == 21
    assert rows[0]["macs"] == "20160"
    assert rows[0]["field_width"] == "5"
    assert rows[0]["gated"] == "false"


def test_markdown_and_a_page(run: Run, space: Path) -> None:
    assert "| 20.2 K |" in run("sweep", space, "-f", "md", "--workers", 1).out
    page = run("sweep", space, "-f", "html", "--workers", 1).out
    assert page.startswith("<!doctype html>")
    assert "49 variants, and 21 variants on the front." in page


def test_ranges_where_nothing_is_asked(run: Run, tmp_path: Path) -> None:
    tiny(tmp_path, SPACE.replace("front: [min macs, max params]\n", ""))
    done = run("sweep", tmp_path / "space.yaml", "--workers", 1)
    lines = done.out.splitlines()
    assert lines[0] == "tiny_space · 49 variants"
    assert ["params", "498", "9,718"] in [line.split() for line in lines]


def test_other_values_than_the_spaces(ask: Ask, space: Path) -> None:
    found = ask(space, "--set", "width=4", "--set", "depths=[1..2, 2]")
    assert found["rows"] == 4  # gated or not
    values = [row["parameters"] for row in found["answers"][0]["rows"]]
    assert {(row["width"], row["depths.1"]) for row in values} == {(4, 2)}


def test_a_step_without_totals_is_a_note(run: Run, space: Path) -> None:
    """Row 19: depths [1, 3]; a fourth convolution without padding finds no pixels."""
    done = run("sweep", space, "--workers", 1, "--steps", 19, columns=200)
    parameters = [line.split()[1:4] for line in done.out.splitlines() if line.startswith(" 19 ")]
    assert ["depths.1", "3", "2"] in parameters
    assert ["depths.1", "3", "4"] not in parameters
    assert "row 19  depths.1 4 has no totals: `second.3` (conv2d) cannot take" in done.out


def test_steps_of_the_front(ask: Ask, space: Path) -> None:
    found = ask(space, "--front", "min macs", "--steps", "front")
    assert [one["row"] for one in found["steps"]] == [0]


def test_steps_of_the_best(ask: Ask, space: Path) -> None:
    found = ask(space, "--best", "max depth, min macs", "--rows", 2, "--steps", "best")
    assert [one["kind"] for one in found["answers"]] == ["best"]
    best = [row["row"] for row in found["answers"][0]["rows"]]
    assert [one["row"] for one in found["steps"]] == best
    assert len(best) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--front", "least macs"], "--front: error: 'least macs' is not an objective"),
        (["--front", "min mac"], "did you mean `macs`?"),
        (["--best", "max dept"], "--best: error: there is no number 'dept'"),
        (["--where", "params <= 40Q"], "--where: error: 'params <= 40Q': there is no unit 'Q'"),
        (["--where", "prams < 4"], "did you mean `params`?"),
        (["--steps", "96"], "--steps: error: `96` is not a row"),
        (["--steps", "best"], "--steps: error: no best is asked for"),
        (["--steps", "24"], "row 24 has no totals"),
        (["--sample", "1M"], "the grid has 96 points, found a sample of 1,000,000"),
        (["--seed", "3"], "a grid has no seed"),
        (["--dask", "tcp://127.0.0.1:1"], "none is given"),
    ],
)
def test_what_is_refused(run: Run, space: Path, arguments: list[str], said: str) -> None:
    done = run("sweep", space, "--workers", 1, *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--where", "parms <= 3"),
        ("--front", "min latency"),
        ("--best", "depth"),
        ("--steps", "96"),  # of 96 rows the last is 95
    ],
)
def test_nothing_is_made_for_a_question_without_answer(
    run: Run, space: Path, tmp_path: Path, option: str, text: str
) -> None:
    done = run("sweep", space, "-o", tmp_path / "out", option, text)
    assert done.code == 2
    assert done.err.startswith(f"{option}: error: ")
    assert not (tmp_path / "out").exists()


def test_what_a_folder_is_not_asked(run: Run, space: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("sweep", space, "-o", out, "--workers", 1).code == 0
    done = run("sweep", out, "--sample", "1M")
    assert (done.code, done.out) == (2, "")
    assert "--sample: error: nothing is made: a folder is asked" in done.err
    done = run("sweep", out, "--steps", "3")
    assert "its steps need the space" in done.err
    (tmp_path / "empty").mkdir()
    assert "no part of a sweep lies in this folder" in run("sweep", tmp_path / "empty").err
    assert "there is no space called `tinny`" in run("sweep", "tinny").err


def test_a_folder_with_another_sweep_is_refused(run: Run, space: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("sweep", space, "-o", out, "--workers", 1).code == 0
    done = run("sweep", space, "-o", out, "--sample", 40, "--workers", 1)
    assert done.code == 2
    assert "it is a part of another sweep: its sample" in done.err


def test_a_difference_is_loud(run: Run, space: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Checked(64, (Discrepancy(3, "macs", 5, 6),))
    monkeypatch.setattr(planning, "checked", lambda *given: found)
    done = run("sweep", space, "--workers", 1)
    assert done.code == 2
    assert "check: error: 64 rows analysed in full: row 3 has macs 5, in full 6" in done.err
    assert "this is a bug in archprof" in done.err
    assert "row 3 has macs 5, in full 6" in done.out.replace("\n", " ").replace("        ", "")


def test_each_run_draws_other_rows(run: Run, space: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []
    own = np.random.default_rng
    monkeypatch.setattr(checking.np.random, "default_rng", lambda *s: seeds.append(s) or own(*s))
    assert run("sweep", space, "--workers", 1).code == 0
    assert seeds == [()]  # from the system's own entropy


def test_a_hostile_folder_stays_text(run: Run, space: Path, tmp_path: Path) -> None:
    """A part whose space is called as an escape sequence and a link prints neither."""
    out = tmp_path / "out"
    tiny(tmp_path, SPACE.replace("budget: {max_params: 10K}\n", ""))
    assert run("sweep", space, "-o", out, "--workers", 1).code == 0
    part = out / "part-00000.parquet"
    from archprof.sweeping.storing.identity import Totalled
    from archprof.sweeping.storing.parts import read_columns, read_part, write_part

    found = read_part(part)
    table = read_columns(part, found.identity)
    bad = found.identity.replaced(
        name="\x1b[31m<script>alert(1)</script>", space="use: /etc/passwd", budget=()
    )
    write_part(out, bad, found.shard, table, Totalled(True))
    done = run("sweep", out)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "<script>alert" not in run("sweep", out, "-f", "html").out
    worse = bad.replaced(budget=("__import__('os')",), front=("min nothing",))
    write_part(out, worse, found.shard, table, Totalled(True))
    done = run("sweep", out)
    assert done.code == 2
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_an_interruption_leaves_no_half_file(space: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle: exit code 130, whole parts alone, and the next run makes the rest."""
    text = SPACE.replace("4..16, step: 4", "1..200, step: 1").replace("1..3, 1..4", "1..60, 1..60")
    tiny(tmp_path, text.replace("<= 6", "<= 200"))
    out, temporary = tmp_path / "out", tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-m", "archprof", "sweep", str(space), "--sample", "400K"]
    process = subprocess.Popen(
        [*command, "-o", str(out), "--workers", "1"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(temporary)},
        preexec_fn=interruptible,
    )
    end = time.monotonic() + 120
    while not list(out.glob("part-*")) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert b"interrupted" in err
    names = sorted(path.name for path in out.iterdir())
    assert names
    kept = f"{len(names)} of 4 parts lie in {out}; the same command makes the others"
    assert kept in err.decode()
    assert all(name.startswith("part-") for name in names)
