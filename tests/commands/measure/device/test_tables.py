"""Tables of a device: its peaks, its transfers, and no number that contradicts itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.commands.measure.device.kept_peaks import Kept
from archprof.commands.measure.device.tables import device_data, device_tables
from archprof.commands.measure.judging.consistency import Inconsistency
from archprof.commands.measure.judging.roofline import Peaks
from archprof.show.table import lines, render
from tests.commands.measure.paper import PEAKS

KEY = {
    "device": "A processor",
    "type": "cpu",
    "torch": "2.13.0",
    "cuda": None,
    "cudnn": None,
    "driver": None,
    "capability": "AVX2",
    "multiprocessors": None,
    "memory_bytes": None,
    "power_limit_w": None,
    "threads": 2,
}


def test_a_device() -> None:
    kept = [
        Kept(PEAKS, Path("/cache/peaks.json"), True),
        Kept(PEAKS._replace(dtype="bfloat16", flops_per_s=4e9), None, False, ("not kept: full",)),
    ]
    table, transfers = device_tables(KEY, kept)
    assert table.title == "A processor · AVX2 · 2 threads · torch 2.13.0"
    assert [*table.rows[0]] == [
        *("float32", "1.00 GFLOP/s", "-", "100 MB/s", "10.0", "1.00 µs", "kept")
    ]
    assert ("note", "bfloat16: not kept: full") in table.notes
    assert ("kept in", "/cache/peaks.json") in table.notes
    assert [*transfers.rows[0]] == ["1.00 KiB", "400 MB/s", "400 MB/s"]
    assert render(table, "csv").splitlines()[:2] == [
        "Dtype,Products (FLOP/s),Conv 3x3 (FLOP/s),Copies (B/s),Ridge (FLOP/B),Op (ms),",
        "float32,1000000000.0,,100000000.0,10.0,0.001,kept",
    ]


H100 = Peaks(
    "NVIDIA H100 80GB HBM3",
    "bfloat16",
    791.52e12,
    3.015e12,
    ((2**20, 9e11), (2**30, 3e12)),
    4.5e-6,
    1.25e-6,
    (("contiguous", 6.1e14), ("channels_last", 7.02e14)),
)
GPU = KEY | {"device": H100.device, "type": "cuda", "capability": "9.0", "threads": None}


def test_a_cuda_device() -> None:
    """Of a data sheet's 989.4 TFLOP/s 791.52 are four fifths, of its 3.35 TB/s 3.015 are nine
    tenths; float16 on this device was measured without graphs.
    """
    other = H100._replace(dtype="float16", graph_launch_s=None, convolutions=())
    kept = [Kept(H100, None, True, ("disturbed",)), Kept(other, None, True)]
    table, _ = device_tables(GPU, kept)
    assert [column.title for column in table.columns] == [
        *("Dtype", "Products", "Sheet", "Conv 3x3", "Copies", "Sheet", "Ridge", "Op"),
        *("In graph", ""),
    ]
    assert [[*cells] for cells in table.rows] == [
        [
            *("bfloat16", "792 TFLOP/s", "80.0%", "702 TFLOP/s", "3.02 TB/s", "90.0%", "263"),
            *("4.50 µs", "1.25 µs", "kept"),
        ],
        [
            *("float16", "792 TFLOP/s", "80.0%", "-", "3.02 TB/s", "90.0%", "263"),
            *("4.50 µs", "-", "kept"),
        ],
    ]
    notes = dict(table.notes)
    assert notes["conv 3x3"] == ("bfloat16: 610 TFLOP/s contiguous, 702 TFLOP/s channels_last")
    assert notes["sheet"].startswith("share of the data sheet, dense: NVIDIA H100")
    assert notes["note"] == "bfloat16: disturbed"
    assert "op, in graph" in notes


def test_of_many_that_were_not_stable_a_table_has_four() -> None:
    names = [f"copies of {n} KiB" for n in range(6)]
    note = f"not stable within 3 %: {'; '.join(names)}"
    table, _ = device_tables(GPU, [Kept(H100, None, True, (note,))])
    shown = ", ".join(names[:4])
    assert dict(table.notes)["note"] == (f"bfloat16: not stable within 3 %: {shown} and 2 more")
    assert device_data(GPU, [Kept(H100, None, True, (note,))])["peaks"][0]["notes"] == [note]


def test_a_cuda_device_fits() -> None:
    """In 80 columns both ceilings, both launches and both shares of the data sheet are there."""
    table, _ = device_tables(GPU, [Kept(H100, None, False)])
    shown = ["".join(part for part, _ in line) for line in lines(table, 80)]
    assert max(map(len, shown)) <= 80
    text = "\n".join(shown)
    for figure in ("792 TFLOP/s", "80.0%", "702 TFLOP/s", "90.0%", "4.50 µs", "1.25 µs"):
        assert figure in text


def test_an_unknown_device_has_no_share() -> None:
    table, _ = device_tables(GPU, [Kept(H100._replace(device="A slice"), None, True)])
    assert "Sheet" not in [column.title for column in table.columns]
    assert "sheet" not in dict(table.notes)


def test_convolutions_that_are_faster_than_products() -> None:
    """More than the noise of two measurements, 5 %: it is said why."""
    fast = H100._replace(convolutions=(("contiguous", 8.5e14),))
    (said,) = [
        text
        for label, text in device_tables(GPU, [Kept(fast, None, True)])[0].notes
        if label == "conv 3x3"
    ]
    assert said == (
        "bfloat16: 850 TFLOP/s contiguous; more than products, for they multiply less than is"
        " counted (Winograd) or are tuned better"
    )


def test_data_of_a_cuda_device() -> None:
    (entry,) = json.loads(json.dumps(device_data(GPU, [Kept(H100, None, True)])))["peaks"]
    assert (entry["launch_us"], entry["graph_launch_us"]) == (4.5, 1.25)
    assert entry["conv_flops_per_s"] == 7.02e14
    assert entry["convolutions"] == [
        {"memory_format": "contiguous", "flops_per_s": 6.1e14},
        {"memory_format": "channels_last", "flops_per_s": 7.02e14},
    ]
    assert entry["flops_of_data_sheet"] == pytest.approx(0.8)
    assert entry["bandwidth_of_data_sheet"] == pytest.approx(0.9)
    other = H100._replace(device="A slice", graph_launch_s=None)
    (entry,) = device_data(GPU, [Kept(other, None, True)])["peaks"]
    assert (entry["graph_launch_us"], entry["flops_of_data_sheet"]) == (None, None)


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
        ["float32", "unusable", "-", "-", "-", "-", ""],
        ["bfloat16", "1.00 GFLOP/s", "-", "100 MB/s", "10.0", "1.00 µs", "partial"],
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
