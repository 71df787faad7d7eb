"""`archprof list NET`: a spec's parameters, variants and blocks."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from archprof.commands.summary.spec_page import (
    BlockRow,
    ParameterRow,
    VariantRow,
    as_written,
    spec_page,
)
from tests.command_line import Run
from tests.contracts import contract, keeps, printed

FAMILY = """\
# yaml-language-server: $schema=schema.json
name: fam
title: A family
source: a paper
input: 3x8x8
params: {depths: , width: 16, pool: true}
use: shared.yaml
blocks:
  cell:
    inputs: [now, before]
    params: {out: , stride: 1}
    layers: [{op: add, from: [now, before]}]
layers:
- {op: conv2d, out: $width, kernel: 1, repeat: 'sum($depths)'}
variants:
  fam_small: {depths: [1, 1], title: The small one, aliases: [fam_s, fam_tiny]}
  fam_large: {depths: [2, 3], width: 32, input: 3x16x16, source: another}
"""
TABLES = """\
Network  fam_large
────────────────────
title    A family
family   fam
input    3x16x16
source   another
spec     fam.yaml:17

Parameters
Parameter  Default        fam_large
───────────────────────────────────
depths     must be given  [2, 3]
width      16             32
pool       true           true
set archprof summary fam.yaml:fam_large --set 'depths=[2, 3]' takes another
    value

Variants; what they do not give has its default
Variant                        Title         Input   Values
──────────────────────────────────────────────────────────────────────────────
fam_small or fam_s or fam_tiny The small one         depths: [1, 1]
fam_large                      A family      3x16x16 depths: [2, 3], width: 32

Blocks
Block  Inputs       Parameters
──────────────────────────────────
cell   now, before  out, stride: 1
"""
SHARED = "name: shared\nblocks: {unit: {layers: [{op: relu}]}}\n"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "fam.yaml").write_text(FAMILY, encoding="utf-8")
    (tmp_path / "shared.yaml").write_text(SHARED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "fam.yaml"


def test_a_family_without_a_network(spec: str) -> None:
    page = spec_page(spec)
    assert page
    assert page[:10] == (
        "fam",
        (),
        "fam",
        "A family",
        0,
        "a paper",
        "3x8x8",
        "fam.yaml",
        2,
        False,
    )
    assert page.parameters == (
        ParameterRow("depths", None, None),
        ParameterRow("width", "16", None),
        ParameterRow("pool", "true", None),
    )
    assert page.variants == (
        VariantRow("fam_small", ("fam_s", "fam_tiny"), "The small one", "", {"depths": "[1, 1]"}),
        VariantRow("fam_large", (), "A family", "3x16x16", {"depths": "[2, 3]", "width": "32"}),
    )
    # `unit` stands in another file
    assert page.blocks == (
        BlockRow(
            "cell",
            ("now", "before"),
            (ParameterRow("out", None, None), ParameterRow("stride", "1", None)),
        ),
    )


def test_a_variant_has_values_of_its_own(spec: str) -> None:
    page = spec_page(f"{spec}:fam_large")
    assert page
    assert (page.name, page.source, page.input, page.line, page.network) == (
        "fam_large",
        "another",
        "3x16x16",
        17,
        True,
    )
    assert [row.value for row in page.parameters] == ["[2, 3]", "32", "true"]
    small = spec_page(f"{spec}:fam_s")
    assert small
    assert (small.name, small.aliases) == ("fam_small", ("fam_s", "fam_tiny"))


def test_a_shipped_network_by_name_or_alias() -> None:
    page = spec_page("resnet34")
    assert page
    assert (page.name, page.family, page.file) == ("resnet34", "ResNet", "specs/resnet.yaml")
    assert page.parameters[:2] == (
        ParameterRow("block", "bottleneck", "basic"),
        ParameterRow("depths", None, "[3, 4, 6, 3]"),
    )


@pytest.mark.parametrize("text", ["resne", "resnet", "", "net"])
def test_what_is_no_network_and_no_path_is_a_pattern(text: str) -> None:
    assert spec_page(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([3, [4, True]], "[3, [4, true]]"),
        ({"out": 64, "act": None}, "{out: 64, act: null}"),
        (False, "false"),
        ("$width * 2", "$width * 2"),
        (0.5, "0.5"),
    ],
)
def test_values_are_written_as_in_a_spec(value: object, text: str) -> None:
    assert as_written(value) == text


# --- as the command prints it ---


def test_tables(run: Run, spec: str) -> None:
    assert run("list", f"{spec}:fam_large", columns=80).out == TABLES


def test_without_a_network_no_value_is_shown(run: Run, spec: str) -> None:
    rows = list(csv.reader(io.StringIO(run("list", spec, "--format", "csv").out)))
    assert rows[0] == ["Spec", "fam"]
    assert ["Parameter", "Default"] in rows
    assert ["depths", "must be given"] in rows
    assert ["fam_small or fam_s or fam_tiny", "The small one", "", "depths: [1, 1]"] in rows
    assert ["cell", "now, before", "out, stride: 1"] in rows


def test_json_is_as_published(run: Run, spec: str) -> None:
    schema = contract(run, "list")
    for target in (spec, f"{spec}:fam_small", "shared.yaml", "resnet18"):
        keeps(schema, printed(run, "list", target))
    data = json.loads(run("list", f"{spec}:fam_small", "--format", "json").out)
    assert data["parameters"][1] == {"name": "width", "default": "16", "value": "16"}
    assert data["blocks"][0]["parameters"] == {"out": None, "stride": "1"}


def test_a_network_with_full_or_family_is_a_row_of_the_catalogue(run: Run) -> None:
    data = json.loads(run("list", "lenet5", "--full", "--format", "json").out)
    assert [entry["name"] for entry in data] == ["lenet5", "lenet5_full"]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("fam.yaml:fam_smal", "there is no variant `fam_smal` here"),
        ("nope.yaml", "nope.yaml: error: there is no such file"),
    ],
)
def test_what_is_not_there(run: Run, spec: str, target: str, says: str) -> None:
    done = run("list", target)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_a_shipped_file_as_use_has_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`use: blocks/squeeze_excitation.yaml` works anywhere, and so does the page of that path."""
    monkeypatch.chdir(tmp_path)
    page = spec_page("blocks/squeeze_excitation.yaml")
    assert page is not None
    assert (page.name, page.file) == ("squeeze_excitation", "specs/blocks/squeeze_excitation.yaml")
    assert "squeeze, act: relu" in run("list", "blocks/squeeze_excitation.yaml").out
    # the user's own file of that path comes first, and a way out of the folder leads nowhere
    outside = run("list", "blocks/../../README.yaml")
    assert outside.code == 2
    assert "there is no such file" in outside.err
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "squeeze_excitation.yaml").write_text(
        "name: own\ninput: 3x8x8\nlayers: [{op: relu}]\n", encoding="utf-8"
    )
    page = spec_page("blocks/squeeze_excitation.yaml")
    assert page is not None
    assert page.name == "own"
