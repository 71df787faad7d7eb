"""Pages of what other commands print."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from archprof.commands.measure.writing.bench_tables import bench_tables
from archprof.commands.page.report import run_page
from tests.command_line import Run
from tests.commands.measure import runs
from tests.commands.page.pages import analysed
from tests.commands.page.test_page import data_of

TIMES = {"c1": 2.0, "c3": 6.0}  # milliseconds, of two layers of LeNet-5


def measured(**changes: Any) -> dict[str, Any]:
    """A run of LeNet-5, in which two of its layers were timed."""
    timed = runs.timed("lenet5", TIMES, 9.0) | {"input": [1, 32, 32]} | changes
    return runs.run(runs.row(network="lenet5", latency_ms=9.0), layers=[timed])


def page_of_run(run: dict[str, Any]) -> str:
    return run_page(bench_tables(run, "layer"), run, [analysed("lenet5")])


def headings(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def test_a_run_has_a_graph_coloured_by_latency_and_the_layers_times() -> None:
    page = page_of_run(measured())
    (network,) = data_of(page)["networks"]
    columns = network["layers"]
    times = dict(zip(columns["path"], columns["latency"], strict=True))
    assert times == dict.fromkeys(times) | TIMES
    assert headings(page)[0].startswith("What its layers take: ")
    assert "the layers take 8.00 ms; c3 takes most, 75%" in page


@pytest.mark.parametrize(
    "changes",
    [
        {"contradictions": [{"about": "layers", "message": "no"}]},
        {"batch": 8},
        {"input": [1, 64, 64]},
    ],
    ids=["contradictory", "another batch", "another input"],
)
def test_times_that_say_nothing_are_not_drawn(changes: dict[str, Any]) -> None:
    """Their tables still stand."""
    page = page_of_run(measured(**changes))
    assert 'data-name="networks"' not in page
    assert not [heading for heading in headings(page) if "take" in heading]
    assert "9.00 ms" in page


def test_a_page_of_a_network_takes_a_run(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(measured()), encoding="utf-8")
    done = run("page", "lenet5", "--measured", path, "--format", "json")
    assert done.code == 0, done.err
    columns = json.loads(done.out)["networks"][0]["layers"]
    assert [time for time in columns["latency"] if time is not None] == list(TIMES.values())
    done = run("page", "alexnet", "--measured", path)
    assert done.code == 2
    assert "no times of the layers of `alexnet`: it has those of lenet5" in done.err


def test_a_run_that_contradicts_itself_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    odd = measured(contradictions=[{"about": "layers", "message": "the parts exceed the whole"}])
    path.write_text(json.dumps(odd), encoding="utf-8")
    done = run("page", "lenet5", "--measured", path)
    assert done.code == 2
    assert "lenet5 are unusable: the parts exceed the whole" in done.err


def test_a_diff_has_both_networks_and_marks_what_changed(run: Run) -> None:
    """ResNeXt-50's blocks differ in the width of conv1 and in the groups of conv2: 2 of 16 each."""
    page = run("diff", "resnet50", "resnext50_32x4d", "--format", "html").out
    data = data_of(page)
    assert [network["network"] for network in data["networks"]] == ["resnet50", "resnext50_32x4d"]
    assert [len(marks["changed"]) for marks in data["marks"]] == [32, 32]
    assert headings(page)[0] == "The change"


def test_the_roadmap_has_charts_and_tables(run: Run) -> None:
    page = run("roadmap", "--format", "html").out
    assert [heading[:8] for heading in headings(page)] == ["Table 10", "Table 11"] * 2
    assert set(data_of(page, "pictures")) >= {"roadmap-t-0-narrow", "roadmap-b-0-narrow"}
    assert "From 76.13 to 81.97 % top-1" in page
