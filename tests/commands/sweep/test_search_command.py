"""`archprof search`: what it prints, what it leaves, and what it refuses."""

import csv
import io
import json
from pathlib import Path

import pytest

from archprof.sweeping.storing.folder import open_folder
from tests.command_line import Run
from tests.sweeping.tiny_spaces import SPACE, tiny_space


@pytest.fixture
def space(tmp_path: Path) -> Path:
    tiny_space(tmp_path, SPACE + "front: [min macs, max params]\nbudget: {max_params: 600}\n")
    return tmp_path / "space.yaml"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_front_within_the_limits_is_printed(run: Run, space: Path) -> None:
    done = run("search", space, "--trials", 200, "--where", "width > 3", "-f", "csv")
    assert done.code == 0
    found = rows(done.out)
    assert found
    assert all(int(row["params"]) <= 600 and int(row["width"]) > 3 for row in found)
    again = run("search", space, "--trials", 200, "--where", "width > 3", "-f", "csv")
    assert again.out == done.out
    assert run("search", space, "--trials", 200, "--seed", 1, "-f", "csv").out != done.out


def test_what_was_found_is_asked_again_as_a_sweep(run: Run, space: Path, tmp_path: Path) -> None:
    folder = tmp_path / "found"
    done = run("search", space, "--sampler", "tpe", "--trials", 60, "-o", folder, columns=120)
    assert done.code == 0
    assert "tiny_space · front: min macs, max params" in done.out
    stored = open_folder(folder)
    assert stored is not None
    assert (stored.rows, stored.identity.sample.method) == (60, "tpe")
    best = rows(run("sweep", folder, "--best", "max macs", "--rows", 1, "-f", "csv").out)
    assert int(best[0]["params"]) <= 600


def test_nothing_is_written_over(run: Run, space: Path, tmp_path: Path) -> None:
    assert run("search", space, "--trials", 20, "-o", tmp_path / "found").code == 0
    done = run("search", space, "--trials", 20, "-o", tmp_path / "found")
    assert done.code == 2
    assert "there is a sweep or a search in it already" in done.err
    done = run("search", space, "--trials", 20, "-o", space)
    assert "cannot be made" in done.err


def test_a_slip_is_refused_in_words(run: Run, space: Path) -> None:
    done = run("search", space, "--front", "min mac")
    assert done.code == 2
    assert "did you mean `macs`?" in done.err


def test_steps_from_what_was_found(run: Run, space: Path, tmp_path: Path) -> None:
    """They are those of the row's own parameters, and not of the point that a sweep has there."""
    folder = tmp_path / "found"
    done = run("search", space, "--trials", 40, "-o", folder, "--steps", "front", "-f", "json")
    assert done.code == 0
    found = json.loads(done.out)
    table = {row["row"]: row["parameters"] for row in found["answers"][0]["rows"]}
    assert [one["row"] for one in found["steps"]] == [*table]
    for one in found["steps"]:
        assert one["steps"]
        for step in one["steps"]:
            assert step["before"] == table[one["row"]][step["parameter"]]
    assert "`40` is not a row" in run("search", space, "--trials", 40, "--steps", "40").err
