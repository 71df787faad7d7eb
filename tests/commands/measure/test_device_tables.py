"""Tables of a device: its peaks, its transfers, and no number that contradicts itself."""

from __future__ import annotations

import json
from pathlib import Path

from archprof.commands.measure.consistency import Inconsistency
from archprof.commands.measure.device_tables import device_data, device_tables
from archprof.commands.measure.kept_peaks import Kept
from archprof.show.table import render
from tests.commands.measure.paper import PEAKS

KEY = {
    "device": "A processor",
    "type": "cpu",
    "torch": "2.13.0",
    "cuda": None,
    "cudnn": None,
    "driver": None,
    "capability": "AVX2",
    "threads": 2,
}


def test_a_device() -> None:
    kept = [
        Kept(PEAKS, Path("/cache/peaks.json"), True),
        Kept(PEAKS._replace(dtype="bfloat16", flops_per_s=4e9), None, False, ("not kept: full",)),
    ]
    table, transfers = device_tables(KEY, kept)
    assert table.title == "A processor · AVX2 · 2 threads · torch 2.13.0"
    assert [*table.rows[0]] == ["float32", "1.00 GFLOP/s", "100 MB/s", "10.0", "1.00 µs", "kept"]
    assert ("note", "bfloat16: not kept: full") in table.notes
    assert ("kept in", "/cache/peaks.json") in table.notes
    assert [*transfers.rows[0]] == ["1.00 KiB", "400 MB/s", "400 MB/s"]
    assert render(table, "csv").splitlines()[:2] == [
        "Dtype,Arithmetic (FLOP/s),Copies (B/s),Ridge (FLOP/B),Smallest op (ms),",
        "float32,1000000000.0,100000000.0,10.0,0.001,kept",
    ]


def test_device_data_is_plain() -> None:
    data = json.loads(json.dumps(device_data(KEY, [Kept(PEAKS, Path("/cache/peaks.json"), True)])))
    assert data["device"] == KEY
    assert data["peaks"][0]["ridge_flops_per_byte"] == 10
    assert (data["peaks"][0]["kept"], data["peaks"][0]["measured_now"]) == (
        "/cache/peaks.json",
        False,
    )


def test_a_device_that_contradicts_itself_has_no_numbers() -> None:
    """Of the dtype whose numbers do; the other keeps its own, and what was cut short is partial.

    The JSON has everything.
    """
    wrong = Inconsistency(
        "transfers", "transfers of 1 MiB, 2 MiB and 4 MiB reached 100 GB/s, 32 MB/s and 100 GB/s"
    )
    kept = [
        Kept(PEAKS, None, False, (), (wrong,)),
        Kept(
            PEAKS._replace(dtype="bfloat16"), None, False, ("partial and not kept",), partial=True
        ),
    ]
    table, transfers = device_tables(KEY, kept, ["float16"])
    assert [list(cells) for cells in table.rows] == [
        ["float32", "unusable", "-", "-", "-", ""],
        ["bfloat16", "1.00 GFLOP/s", "100 MB/s", "10.0", "1.00 µs", "partial"],
    ]
    said = [text for label, text in table.notes if label == "unusable"]
    assert said[0] == f"float32: {wrong.message}"
    assert said[1].startswith("end what else runs on this machine")
    assert (
        dict(table.notes)["left out"]
        == "float16: this processor has no instructions for it; --dtype float16 measures it all the"
        " same"
    )
    assert [column.title for column in transfers.columns] == ["Moved", "bfloat16"]
    assert len(device_tables(KEY, kept[:1])) == 1
    data = json.loads(json.dumps(device_data(KEY, kept, ["float16"])))
    assert data["peaks"][0]["contradictions"] == [{"about": "transfers", "message": wrong.message}]
    assert data["peaks"][0]["flops_per_s"] == PEAKS.flops_per_s
    assert ([entry["partial"] for entry in data["peaks"]], data["left_out"]) == (
        [False, True],
        ["float16"],
    )
