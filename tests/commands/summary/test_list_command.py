"""`archprof list` and `archprof conventions`: the catalogues."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from archprof.analysis.counting import CONVENTIONS, OPTIMIZERS
from archprof.cli.options import Dtype, complete_count
from archprof.commands.summary.catalogue import catalogue
from archprof.commands.summary.command import Optimizer
from archprof.language.find import shipped
from archprof.language.network import names
from archprof.language.shipped_index import ShippedNetwork
from archprof.ops.elements import DTYPES
from archprof.ops.rates import FORMULAS, RATES
from tests.command_line import Run


@pytest.fixture(scope="module")
def catalogued() -> list[ShippedNetwork]:
    return catalogue("", None)


@pytest.fixture
def entries(
    run: Run, monkeypatch: pytest.MonkeyPatch, catalogued: list[ShippedNetwork]
) -> list[dict[str, Any]]:
    """All of `list`, whose networks are analysed once for all tests here."""
    monkeypatch.setattr(
        "archprof.commands.summary.catalogue.catalogue", lambda *_: list(catalogued)
    )
    found: list[dict[str, Any]] = json.loads(run("list", "--format", "json").out)
    return found


def test_every_shipped_network_once(run: Run, entries: list[dict[str, Any]]) -> None:
    assert sorted(e["name"] for e in entries) == sorted(network.name for network in shipped())
    for entry in entries:
        assert entry.keys() == {
            "name",
            "aliases",
            "family",
            "year",
            "input",
            "params",
            "macs",
            "depth",
            "title",
            "source",
        }
        assert entry["source"], entry["name"]
        assert 1900 < entry["year"] < 2100, entry["name"]
        assert 1 <= len(entry["input"]) <= 4, entry["name"]
    lines = run("list").out.splitlines()
    assert len(lines) == len(entries) + 3
    assert lines[-1].startswith(f"{len(entries)} networks; ")


def test_names_are_nobody_elses() -> None:
    every = [name for network in shipped() for name in names(network)]
    assert len(set(every)) == len(every)


def test_families_stand_together(entries: list[dict[str, Any]]) -> None:
    families = [e["family"] for e in entries]
    assert len([f for i, f in enumerate(families) if i == 0 or f != families[i - 1]]) == len(
        set(families)
    )
    assert list(dict.fromkeys(families)) == sorted(set(families), key=str.casefold)


@pytest.mark.parametrize("sort", ["name", "year", "params", "macs", "depth"])
def test_sort(run: Run, sort: str) -> None:
    values = [
        e[sort] for e in json.loads(run("list", "vgg", "--sort", sort, "--format", "json").out)
    ]
    assert values == sorted(values)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["alexnet_two"], ["alexnet_two_gpu"]),
        (
            ["VGG1", "--sort", "name"],
            ["vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"],
        ),
        (["convnext_ti"], ["convnext_tiny"]),
        (["vgg16", "--family", "VGG"], ["vgg16", "vgg16_bn"]),
        (["19", "--family", "vgg"], ["vgg19", "vgg19_bn"]),
        (["simplified to one tower"], ["alexnet"]),
    ],
)
def test_pattern_and_family(run: Run, arguments: list[str], found: list[str]) -> None:
    data = json.loads(run("list", *arguments, "--format", "json").out)
    assert [e["name"] for e in data] == found


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("columns", [60, 80, 120, 160])
def test_width(run: Run, columns: int) -> None:
    """Names and numbers are whole at any width; family, year and input go first."""
    lines = run("list", columns=columns).out.splitlines()
    assert max(map(len, lines)) <= columns
    assert "…" not in "".join(line[-20:] for line in lines)
    assert {"Network", "Params", "MACs", "Depth"} <= set(lines[0].split())


def test_csv_is_numbers(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("list", "vgg16", "--full", "--format", "csv").out)))
    # the published count
    assert (rows[0]["Network"], rows[0]["Params"], rows[0]["Depth"]) == ("vgg16", "138357544", "16")


def test_conventions(run: Run) -> None:
    data = json.loads(run("conventions", "--format", "json").out)
    assert data["presets"].keys() == CONVENTIONS.keys()
    assert data["presets"]["thop"]["equals"] == "thop 0.1.1.post2209072238"
    assert data["presets"]["thop"]["rules"]["softmax"] == "3 per element, less 1 per row"
    assert data["flops_per_output_element"] == RATES
    text = run("conventions", columns=160).out
    listed = {op.strip() for line in text.splitlines() for op in line.partition("  ")[0].split(",")}
    assert {*RATES, *(op for ops in FORMULAS for op in ops.split(", "))} <= listed


@pytest.mark.parametrize("columns", [60, 80, 120, 160])
def test_conventions_width(run: Run, columns: int) -> None:
    assert max(map(len, run("conventions", columns=columns).out.splitlines())) <= columns


def test_options_take_exactly_what_the_analysis_knows() -> None:
    assert ({*complete_count("")}, {d.value for d in Dtype}, {o.value for o in Optimizer}) == (
        set(CONVENTIONS),
        set(DTYPES),
        set(OPTIMIZERS),
    )


def test_what_is_called_or_begins_so_comes_first(run: Run) -> None:
    """`resnet` is in names of the ConvNeXt roadmap, of Inception and of NFNet too, among others,
    whose families would stand before ResNet's in the alphabet.
    """
    families = list(
        dict.fromkeys(
            e["family"] for e in json.loads(run("list", "resnet", "--format", "json").out)
        )
    )
    assert families[0] == "ResNet"
    assert families[1:] == sorted(families[1:], key=str.casefold)
    assert {"ConvNeXt roadmap", "CSPNet", "Inception", "NFNet", "SENet"} <= set(families)
    # no family is called `wide`; ResNet has names that begin so
    assert json.loads(run("list", "wide", "--format", "json").out)[0]["name"].startswith("wide")
    assert json.loads(run("list", "inception", "--format", "json").out)[0]["family"] == "Inception"
