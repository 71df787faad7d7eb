"""What `summary` and `explain` print where the cost of layers is unknown: ?, ≥ and their names."""

from __future__ import annotations

import csv
import io
import json

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.summary.contract import Summary
from archprof.commands.summary.explain_tables import block_table, working_table
from archprof.commands.summary.summary_data import summary_data
from archprof.commands.summary.summary_table import summary_table
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.show.table import render
from tests.small import graph_of

pytestmark = pytest.mark.usefixtures("opaque")

CONV = "op: conv2d, out: 4, kernel: 3, padding: 1"
LAYERS = {"a": CONV, "u": "op: opaque", "b": CONV}
SIZE, ELEMENTS = (4, 6, 8), 4 * 6 * 8
COLUMNS = ("layer", "macs", "flops", "counted", "share", "percent", "saved", "intensity", "params")

BLOCKS = """
name: small
input: 4x6x8
blocks:
  unit:
    layers:
      conv: {op: conv2d, out: 4, kernel: 3, padding: 1}
      what: {op: opaque}
  bare:
    layers:
      what: {op: opaque}
layers: {mixed: {block: unit, repeat: 2}, bare: {block: bare}}
"""


@pytest.fixture
def analysis() -> Analysis:
    return analyze(graph_of(LAYERS, SIZE))


@pytest.fixture
def blocks() -> Analysis:
    return analyze(expand(next(networks(load_text(BLOCKS)))))


def test_an_unknown_layer_prints_as_a_question_mark(analysis: Analysis) -> None:
    _, unknown, _, total = summary_table(analysis, 200, columns=COLUMNS).rows
    assert list(unknown) == ["u", "?", "?", "?", "?", "?", "?", "?", "-"]
    assert list(total) == [
        "Total",
        "≥ 13.8 K",
        "≥ 28.0 K",
        "≥ 28.0 K",
        "",
        "",
        "≥ 1.50 KiB",
        "",
        "296",
    ]


def test_no_share_is_known_of_a_total_that_is_not(analysis: Analysis) -> None:
    first = summary_table(analysis, 200, columns=("layer", "counted", "share", "percent")).rows[0]
    assert list(first) == ["a", "14.0 K", "?", "?"]


def test_a_block_with_an_unknown_layer_is_a_lower_bound(blocks: Analysis) -> None:
    mixed, bare, _ = summary_table(blocks, 200, depth=1, columns=("macs", "intensity")).rows
    assert list(mixed) == ["≥ 13.8 K", "?"]
    assert list(bare) == ["?", "?"]


def test_the_peak_of_a_step_is_at_least() -> None:
    notes = dict(summary_table(analyze(graph_of(LAYERS, SIZE)), 200, step=True).notes)
    assert "; a step takes ≥ " in notes["training"]


@pytest.mark.parametrize("count", ["macs", "full", "torch", "lecture"])
def test_the_words_below_say_at_least(count: str) -> None:
    notes = summary_table(analyze(graph_of(LAYERS, SIZE), count=count), 200).notes
    told = dict(notes)
    assert told["MACs"].startswith("≥ 13,824 (13.8 K): ")
    assert told["FLOPs"].startswith("≥ 28,032 (28.0 K): ")
    if count in ("torch", "lecture"):
        assert told[count].startswith("≥ ")
    assert told["training"].startswith("≥ 3.81 KiB with sgd, of which ≥ 1.50 KiB saved")
    assert [text for label, text in notes if label == "unknown"] == [
        "the cost of u: ≥ leaves it out",
        "the saved memory of u: ≥ leaves it out",
    ]


def test_many_unknown_layers_are_counted() -> None:
    layers = {"a": CONV, **{f"u{i}": "op: opaque" for i in range(10)}}
    notes = summary_table(analyze(graph_of(layers, SIZE)), 200).notes
    assert (
        "unknown",
        "the cost of u0, u1, u2, u3, u4, u5, u6, u7 and 2 more: ≥ leaves them out",
    ) in notes


def test_sorting_takes_what_is_known(analysis: Analysis) -> None:
    table = summary_table(analysis, 200, columns=("layer",), sort="macs")
    assert [row[0] for row in table.rows] == ["a", "b", "u", "Total"]


def test_a_csv_leaves_unknown_numbers_empty(analysis: Analysis) -> None:
    text = render(summary_table(analysis, 200, columns=COLUMNS), "csv")
    found = {row["Layer"]: row for row in csv.DictReader(io.StringIO(text))}
    for column in ("MACs", "FLOPs", "FLOP/B"):
        assert found["u"][column] == ""
        assert found["Total"][column] == ""
    assert found["a"]["MACs"] == "6912"


def test_latex_prints_it_in_math(analysis: Analysis) -> None:
    assert r"$\geq$ 13.8 K" in render(summary_table(analysis, 200, columns=COLUMNS), "latex")


def test_the_json_has_null_and_lists_what_the_totals_lack(analysis: Analysis) -> None:
    data = json.loads(json.dumps(summary_data(analysis)))
    Summary.model_validate(data)
    unknown, totals = data["layers"][1], data["totals"]
    assert [unknown[key] for key in ("macs", "flops", "counted", "saved_bytes")] == [None] * 4
    assert (totals["macs"], totals["flops"]) == (13_824, 28_032)
    assert totals["unknown"] == {"cost": ["u"], "saved": ["u"]}


def test_without_unknown_layers_the_lists_are_empty() -> None:
    data = summary_data(analyze(graph_of({"a": CONV}, SIZE)))
    assert data["totals"]["unknown"] == {"cost": [], "saved": []}


def test_explain_has_no_number_for_it(analysis: Analysis) -> None:
    results = {row[0]: row[-1] for row in working_table(analysis, 1).rows}
    assert (results["MACs"], results["FLOPs"], results["saved bytes"]) == ("?", "?", "?")
    assert results["params"] == "0"
    assert "intensity" not in results


def test_explain_of_a_block_sums_what_is_known(blocks: Analysis) -> None:
    table = block_table(blocks, "mixed.0")
    assert [list(row[-2:]) for row in table.rows] == [
        ["6,912", "14,016"],
        ["?", "?"],
        ["≥ 6,912", "≥ 14,016"],
    ]
    assert dict(table.notes)["MACs"] == "6,912 + ? = ≥ 6,912"
