"""Tables of latencies: what is predicted is called so, with its error beside it."""

from pathlib import Path
from typing import Any

from archprof.commands.sweep.latency_tables import measured_table, model_table, predicted_table
from archprof.show.table import Table
from archprof.sweeping.latency.errors import Twice
from archprof.sweeping.latency.predicting import PredictedVariant
from tests.commands.measure.runs import row
from tests.sweeping.latency.models import paper_model, predicted
from tests.sweeping.tiny_spaces import tiny_space

MANIFEST = {
    "device": {"type": "cpu", "name": "a processor"},
    "versions": {"torch": "2.13"},
    "flags": {"threads": 1},
}


def titles(table: Table) -> list[str]:
    return [column.title for column in table.columns]


def data(*rows: dict[str, Any]) -> dict[str, Any]:
    variants = [{"row": 10 + i, "parameters": {"width": i}} for i in range(len(rows))]
    run = {"manifest": MANIFEST, "measurements": list(rows)}
    return {"space": "tiny_space", "variants": variants, "run": run}


def test_measured_variants_are_in_order_of_latency() -> None:
    slow = row(latency_ms=4.0, contradictions=[])
    failed = row(latency_ms=None, status="out_of_memory", contradictions=[])
    table = measured_table(data(slow, failed, row(contradictions=[])))
    assert titles(table)[:3] == ["row", "width", "latency_ms"]
    assert [line[:3] for line in table.rows] == [
        ["12", "2", "2.00 ms"],
        ["10", "0", "4.00 ms"],
        ["11", "1", "out of memory"],
    ]
    assert table.title == (
        "tiny_space, measured · float32 · batch 1 · contiguous · eager · CPU a processor,"
        " 1 thread · torch 2.13"
    ) or table.title.startswith("tiny_space, measured · ")
    assert not table.notes


def test_what_an_interruption_left_out_is_counted() -> None:
    whole = data(row(contradictions=[]), row(contradictions=[]))
    del whole["run"]["measurements"][1]
    assert measured_table(whole).notes == [("incomplete", "1 variant not measured")]


def test_the_error_of_a_model_is_beside_its_floor() -> None:
    model = paper_model(twice=(Twice(10.0, 8.0), Twice(8.0, 8.0)))
    table = model_table(model)
    # 10 for 11: 1/11, 20 for 20: 0, 30 for 27: 1/9; 10 and 8: 1/4, 8 and 8: 0
    assert table.rows == [
        ["predicted, held back", "9.1%", "11.1%", "3"],
        ["measured twice", "12.5%", "25.0%", "2"],
    ]
    assert len(model_table(paper_model(twice=())).rows) == 1
    notes = dict(table.notes)
    # of three, a fourth lies between the outermost in (4 - 2) / 4
    assert notes["range"] == (
        "of variants like those held back, 50 % take from 0.90 to 1.10 times what is predicted"
    )
    assert notes["ranks"] == "Spearman's rank correlation 1.000 on what was held back"


def test_predictions_have_their_error_and_no_measured_column(tmp_path: Path) -> None:
    model, space = paper_model(), tiny_space(tmp_path)
    found = predicted(space, [100, 13, 14])
    unknown = PredictedVariant(found[0].variant, None)
    table = predicted_table(model, [*found, unknown], "tiny_space")
    names = ["predicted_latency_ms", "predicted_low_ms", "predicted_high_ms"]
    assert titles(table)[6:9] == names
    assert not {"latency_ms", "latency_low_ms", "latency_high_ms"} & set(titles(table))
    assert [line[0] for line in table.rows] == ["13", "14", "100", "100"]
    assert table.rows[-1][6] == "?"
    notes = dict(table.notes)
    assert notes["predicted"].startswith("not measured: for a processor · 1 thread · float32")
    assert notes["error"] == (
        "9.1% in the middle and 11.1% at worst, on 3 variants held back; the same variant measured"
        " twice differs by 10.0% and 10.0%"
    )
    assert "cannot tell" in notes["ranked"]
    assert notes["?"] == "1 variant with a layer whose time nothing tells"


def test_far_predictions_are_ranked_without_a_word(tmp_path: Path) -> None:
    found = predicted(tiny_space(tmp_path), [0, 191])
    assert "ranked" not in dict(predicted_table(paper_model(), found, "").notes)
