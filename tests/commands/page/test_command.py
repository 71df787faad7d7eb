"""`archprof page`, and `--format html` of other commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.commands.page.test_page import data_of


def test_it_writes_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "net.html"
    done = run("page", "alexnet", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert data_of(page)["networks"][0]["network"] == "alexnet"


def test_options_reach_the_numbers(run: Run) -> None:
    """AlexNet's 1,135,256,096 MACs, times 2 images."""
    done = run("page", "alexnet", "--batch", 2, "--dtype", "float16", "--format", "json")
    (network,) = json.loads(done.out)["networks"]
    assert (network["batch"], network["dtype"]) == (2, "float16")
    assert network["totals"]["macs"] == 2 * 1_135_256_096


def test_an_image_is_put_in(run: Run, tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\nrest")
    done = run("page", "alexnet", "--image", image, "--format", "json")
    assert json.loads(done.out)["image"].startswith("data:image/png;base64,")


def test_what_units_really_see_is_put_in(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    spec = tmp_path / "small.yaml"
    layers = "layers: {a: {op: conv2d, out: 4, kernel: 3, padding: 1}}"
    spec.write_text(f"name: small\ninput: 3x8x8\n{layers}\n", encoding="utf-8")
    assert "really sees" not in run("page", spec).out
    done = run("page", spec, "--effective")
    assert done.code == 0
    assert "What a really sees" in done.out


@pytest.mark.parametrize("others", [["resnet18"], ["--format", "json"]])
def test_what_units_really_see_is_of_one_network(run: Run, others: list[str]) -> None:
    done = run("page", "alexnet", *others, "--effective")
    assert done.code == 2
    assert "effective fields stand on the page of one network" in done.err


def test_a_run_of_another_network_is_refused(run: Run, tmp_path: Path) -> None:
    done = run("page", "alexnet", "--measured", tmp_path / "none.json")
    assert done.code == 2
    assert "there is no such file" in done.err


def test_a_terminal_is_no_browser(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    done = run("page", "resnet50")
    assert done.code == 2
    assert "archprof page resnet50 -o resnet50.html" in done.err


def test_a_network_that_cannot_be_built_is_a_complaint(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "a.yaml"
    spec.write_text("name: a\ninput: 3x8x8\nlayers:\n  c: {op: conv2d, out: 4, kernel: 30}\n")
    done = run("page", spec)
    assert done.code == 2
    assert "<html" not in done.out
    assert "a.yaml:4" in done.err


def test_summary_and_compare_are_pages_too(run: Run) -> None:
    page = run("summary", "alexnet", "--format", "html").out
    assert data_of(page)["networks"][0]["network"] == "alexnet"
    page = run("compare", "resnet18", "resnet34", "--format", "html").out
    assert len(data_of(page)["networks"]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["diff", "resnet18", "resnet34"],
        ["diff", "resnet18", "resnet18"],
        ["lecture", "L8-07", "--static"],
        ["lecture", "L8-07", "--static", "--show-work"],
        ["roadmap", "t"],
        ["explain", "alexnet", "conv1"],
        ["list", "resnet"],
        ["ops"],
        ["compare", "alexnet", "vgg16", "--input", "96,128"],
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_tables_are_pages(run: Run, arguments: list[str]) -> None:
    done = run(*arguments, "--format", "html")
    assert done.code == 0, done.err
    assert done.out.startswith("<!doctype html>")
    assert done.out.rstrip().endswith("</html>")
