"""Networks side by side where the cost of a layer is unknown: ≥, ? and null, and no ratio."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.compare.comparison import stages, structure_difference
from archprof.commands.compare.comparison_data import comparison_data
from archprof.commands.compare.comparison_tables import comparison_tables
from archprof.show.table import render
from archprof.training.training_conditions import TrainingWords
from tests.small import graph_of

pytestmark = pytest.mark.usefixtures("opaque")

CONV = "op: conv2d, out: 4, kernel: 3, padding: 1"
SIZE = (4, 6, 8)
MACS = 6_912  # of CONV


@pytest.fixture
def known() -> Analysis:
    return analyze(graph_of({"a": CONV, "r": "op: relu"}, SIZE))


@pytest.fixture
def unknown() -> Analysis:
    return analyze(graph_of({"a": CONV, "u": "op: opaque"}, SIZE))


def totals_of(analyses: Sequence[Analysis]) -> dict[str, list[str]]:
    return {row[0]: list(row[1:]) for row in comparison_tables(analyses)[0].rows}


def test_two(known: Analysis, unknown: Analysis) -> None:
    found = totals_of([known, unknown])
    assert found["MACs"] == ["6.91 K", "≥ 6.91 K", "?"]
    assert found["saved"][1:] == ["≥ 768 B", "?"]
    assert found["params"] == ["148", "148", "1.00"]
    assert totals_of([unknown, known])["MACs"] == ["≥ 6.91 K", "6.91 K", "?"]
    assert totals_of([known, known])["MACs"] == ["6.91 K", "6.91 K", "1.00"]


def test_a_step(known: Analysis, unknown: Analysis) -> None:
    both = [one.replaced(step=TrainingWords()) for one in (known, unknown)]
    found = totals_of(both)
    for name in ("training peak", "step FLOPs"):
        first, second, ratio = found[name]
        assert not first.startswith("≥")
        assert second.startswith("≥ ")
        assert ratio == "?"
    lacking = comparison_data(both)["networks"][1]["step"]["unknown"]
    assert lacking == {"cost": ["u"], "saved": ["u"]}


def test_the_notes_name_the_layer(known: Analysis, unknown: Analysis) -> None:
    notes = comparison_tables([known, unknown])[0].notes
    assert ("unknown", "small #2: the cost of u: ≥ leaves it out") in notes
    assert ("unknown", "small #2: the saved memory of u: ≥ leaves it out") in notes


def test_three(known: Analysis, unknown: Analysis) -> None:
    table = comparison_tables([known, unknown, known.replaced()])[0]
    place = [column.title for column in table.columns].index("MACs")
    assert [row[place] for row in table.rows] == ["6.91 K", "≥ 6.91 K", "6.91 K (1.00)"]
    table = comparison_tables([unknown, known, known])[0]
    assert [row[place] for row in table.rows] == ["≥ 6.91 K", "6.91 K (?)", "6.91 K (?)"]
    rows = list(csv.reader(io.StringIO(render(table, "csv"))))
    assert rows[1][place] == ""


def test_stages_are_lower_bounds(known: Analysis, unknown: Analysis) -> None:
    ((one,), (other,)) = stages(known), stages(unknown)
    assert (one.macs, one.complete) == (MACS, True)
    assert (other.macs, other.complete) == (MACS, False)
    (row,) = comparison_tables([known, unknown])[1].rows
    assert [row[2], row[5]] == ["6.91 K", "≥ 6.91 K"]


def test_what_only_one_has_is_unknown(known: Analysis, unknown: Analysis) -> None:
    found = structure_difference(known, unknown)
    assert found.only_first == (("relu", 1, 0, 0),)
    assert found.only_second == (("opaque", 1, 0, None),)
    assert [list(row) for row in comparison_tables([known, unknown])[3].rows] == [
        ["relu", "gone", "1 layer", "-", "-"],
        ["opaque", "new", "1 layer", "-", "?"],
    ]


def test_the_json_has_null_and_lists_what_is_lacking(known: Analysis, unknown: Analysis) -> None:
    data = json.loads(json.dumps(comparison_data([known, unknown])))
    one, other = data["networks"]
    assert one["totals"]["unknown"] == {"cost": [], "saved": []}
    assert other["totals"]["unknown"] == {"cost": ["u"], "saved": ["u"]}
    assert other["totals"]["macs"] == MACS
    assert [one["stages"][0]["macs"], other["stages"][0]["macs"]] == [MACS, None]
    assert data["differences"][0]["new"][0]["macs"] is None
