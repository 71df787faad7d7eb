"""`archprof latency`, on the CPU and on paper."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archprof.commands.sweep import latency_fit
from archprof.commands.sweep.latency_file import read_model, write_model
from archprof.commands.sweep.predictions_contract import predictions_schema
from archprof.sweeping.latency.model import LatencyModel
from tests.command_line import Run
from tests.sweeping.latency.models import paper_model
from tests.sweeping.tiny_spaces import SPACE, tiny_space

QUICK = ("--threads", "1", "--time-limit", "0.05")


@pytest.fixture
def space(tmp_path: Path) -> Path:
    tiny_space(tmp_path, SPACE + "front: [min macs, max params]\n")
    return tmp_path / "space.yaml"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.json"
    write_model(path, paper_model())
    return path


def test_predictions_are_in_columns_of_their_own(run: Run, space: Path, model: Path) -> None:
    done = run("latency", space, "--predict", model, "--rows", 3, "-f", "csv", "--seed", 4)
    assert done.code == 0
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == 3
    for row in rows:
        low, middle, high = (
            float(row[f"predicted_{name}_ms"]) for name in ("low", "latency", "high")
        )
        assert low < middle < high
        assert low / middle == pytest.approx(0.9)
    assert "latency_ms" not in rows[0]


def test_predictions_as_json_have_the_error(run: Run, space: Path, model: Path) -> None:
    found = json.loads(run("latency", space, "--predict", model, "-f", "json").out)
    jsonschema.validate(found, predictions_schema())
    assert found["error"]["held_back"] == 3
    assert found["error"]["worst"] == pytest.approx(1 / 9)  # 30 for 27
    assert len(found["variants"]) == 20
    assert set(found["variants"][0]["parameters"]) == {"width", "blocks", "input"}


def test_of_a_sweep_the_front_is_predicted(
    run: Run, space: Path, model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    assert run("sweep", space, "-o", folder, "--workers", 1).code == 0
    asked = ("latency", space, "--predict", model, "--of", folder, "-f", "json")
    found = json.loads(run(*asked, "--where", "width > 12", "--front", "min macs").out)
    # of 13 to 16 channels, the fewest MACs are of 13, one block, 8x8 pixels
    assert [one["parameters"] for one in found["variants"]] == [
        {"width": 13, "blocks": 1, "input": 8}
    ]
    assert found["variants"][0]["row"] == 12 * 12
    assert len(json.loads(run(*asked).out)["variants"]) > 1
    none = run(*asked, "--where", "params < 1")
    assert (none.code, "no variant meets all conditions" in none.err) == (2, True)


def test_of_a_search_rows_are_read_back(run: Run, space: Path, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "found"
    assert run("search", space, "-o", folder, "--trials", 40).code == 0
    found = json.loads(run("latency", space, "--predict", model, "--of", folder, "-f", "json").out)
    assert found["variants"]


def test_the_model_of_another_space_is_refused(run: Run, space: Path, model: Path) -> None:
    space.write_text(space.read_text().replace("name: tiny_space", "name: other_space"))
    done = run("latency", space, "--predict", model)
    assert done.code == 2
    assert "the model is of the space 'tiny_space'" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--where", "params <= 3"], "--where: error: random variants are taken"),
        (["--front", "min macs"], "--front: error: random variants are taken"),
        (["--threads", "2"], "--threads: error: nothing is measured"),
    ],
)
def test_what_would_be_passed_over_is_refused(
    run: Run, space: Path, model: Path, options: list[str], said: str
) -> None:
    done = run("latency", space, "--predict", model, *options)
    assert done.code == 2
    assert said in done.err


def test_another_sweep_is_refused(run: Run, space: Path, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert run("sweep", space, "-o", folder, "--workers", 1).code == 0
    space.write_text(space.read_text().replace("1..16", "1..15"))
    done = run("latency", space, "--predict", model, "--of", folder)
    assert done.code == 2
    assert "what lies there is a sweep of tiny_space, and not of this space" in done.err
    assert (
        "no part of a sweep lies in this folder"
        in run("latency", space, "--predict", model, "--of", tmp_path).err
    )


def test_measured_variants_are_kept(run: Run, space: Path, tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    done = run("latency", space, "--measure", 3, "-o", path, *QUICK, columns=120)
    assert done.code == 0
    kept = json.loads(path.read_text())
    assert len(kept["variants"]) == len(kept["run"]["measurements"]) == 3
    assert kept["run"]["manifest"]["flags"]["threads"] == 1
    assert "tiny_space, measured" in done.out
    assert "predicted" not in done.out


def test_a_model_is_fitted_and_written(
    run: Run, space: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fitted(*given: Any) -> LatencyModel:
        assert given[1:] == (9, latency_fit.DeviceOptions("cpu", 1, 0.05), 7)
        return paper_model()

    monkeypatch.setattr(latency_fit, "fit_latency", fitted)
    path = tmp_path / "fitted.json"
    done = run("latency", space, "--fit", 9, "--seed", 7, "-o", path, *QUICK)
    assert done.code == 0
    assert read_model(path) == paper_model()
    assert "predicted, held back" in done.out
    assert "the model is kept in" in done.err


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ((), "found none, or several, of --measure, --fit and --predict"),
        (("--measure", 3, "--fit", 9), "found none, or several"),
        (("--fit", 9), "a model is kept in a file, and none is given"),
        (("--fit", 3, "-o", "x.json"), "found 3, expected at least 8"),
        (("--measure", 3, "--device", "gpu"), "`gpu` is not a device"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    run: Run, space: Path, asked: tuple[object, ...], message: str
) -> None:
    done = run("latency", space, *asked)
    assert done.code == 2
    assert message in done.err


def test_another_device_is_refused(run: Run, space: Path, model: Path) -> None:
    done = run("latency", space, "--predict", model, "--device", "cuda:1")
    assert "of device type cpu, found cuda" in done.err
    assert run("latency", space, "--predict", model, "--device", "cpu").code == 0
