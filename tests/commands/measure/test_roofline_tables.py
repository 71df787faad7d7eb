"""Tables of time and memory: every row from the record it stands for, sums that add up, faults
named.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archprof.analysis.analysis import Analysis, analyze
from archprof.commands.measure.consistency import Contradiction
from archprof.commands.measure.kept_peaks import Kept
from archprof.commands.measure.layers import LayerTime, LayerTimes
from archprof.commands.measure.measured_memory import Held, MeasuredMemory, Traced
from archprof.commands.measure.roofline import Peaks
from archprof.commands.measure.roofline_tables import (
    device_data,
    device_tables,
    layers_data,
    layers_table,
    memory_data,
    memory_table,
)
from archprof.show.table import Table, lines, render
from tests.commands.measure.runs import timed
from tests.small import graph_of

PEAKS = Peaks("paper", "float32", 1e9, 1e8, ((1024, 4e8), (10**6, 1e8)), 1e-6)
TIMES = LayerTimes(
    (
        LayerTime(0, "c", 0.040),
        LayerTime(1, "r", 0.010),
        LayerTime(2, "d", 0.020),
        LayerTime(3, "f", 0.0001),
    ),
    0.075,
    0.0004,
    20,
)


def analysis(batch: int = 100) -> Analysis:
    """FLOPs: 9,216,000 = 100*(2*16*9 + 0)*... of each convolution; the rest by the table."""
    layers = {
        "c": "op: conv2d, out: 4, kernel: 3, padding: 1, bias: false",
        "r": "op: relu",
        "d": "op: conv2d, out: 4, kernel: 3, padding: 1, bias: false",
        "f": "op: flatten",
    }
    return analyze(graph_of(layers, (4, 8, 8)), batch)


def row(table: Table, label: str) -> dict[str, str]:
    cells = next(cells for cells in table.rows if cells[0] == label)
    return dict(zip((c.title for c in table.columns), cells, strict=True))


def test_layers_under_their_rooflines() -> None:
    """c: 2*9*16*64*100 = 1,843,200 FLOPs at 1 GFLOP/s are 1.84 ms of 40; r: 2*25,600*4 = 204,800
    bytes at 400 MB/s are 0.512 ms of 10.
    """
    found = layers_table(layers_data(TIMES, analysis(), PEAKS), "layer")
    assert row(found, "c") == {
        "Layer": "c",
        "Op": "conv2d 3x3",
        "Time": "40.0 ms",
        "Share": "53.3%",
        "FLOPs": "1.84 M",
        "Moved": "201 KiB",
        "FLOP/B": "9.0",
        "Bound": "compute",
        "Attained": "4.6%",
    }
    assert {name: row(found, "r")[name] for name in ("Bound", "Attained")} == {
        "Bound": "memory",
        "Attained": "5.1%",
    }
    assert [row(found, "f")[name] for name in ("FLOPs", "Moved", "Bound", "Attained")] == ["-"] * 4
    assert [cells[0] for cells in found.rows] == [
        "c",
        "r",
        "d",
        "f",
        "sum of layers",
        "timing overhead",
        "launch gaps and fusion",
        "whole",
    ]


def test_the_last_rows_lead_from_the_layers_to_the_whole() -> None:
    """70.1 ms of layers, 0.4 of them the stamps', and 5.3 that no layer has: 75."""
    found = layers_table(layers_data(TIMES, analysis(), PEAKS))
    sums = [
        row(found, label)["Time"]
        for label in ("sum of layers", "timing overhead", "launch gaps and fusion", "whole")
    ]
    assert sums == ["70.1 ms", "-400 µs", "5.30 ms", "75.0 ms"]
    assert [row(found, label)["Share"] for label in ("sum of layers", "whole")] == [
        "93.5%",
        "100.0%",
    ]
    fused = layers_table(layers_data(TIMES._replace(whole=0.05), analysis()))
    assert row(fused, "launch gaps and fusion")["Time"] == "-19.7 ms"
    assert found.totals == 4


def test_by_op_the_slowest_first() -> None:
    found = layers_table(layers_data(TIMES, analysis(), PEAKS), "op")
    assert [cells[0] for cells in found.rows[:3]] == ["conv2d", "relu", "flatten"]
    conv = row(found, "conv2d")
    # 2*1.8432 of 60
    assert (conv["Layers"], conv["Time"], conv["FLOPs"], conv["Attained"]) == (
        "2",
        "60.0 ms",
        "3.69 M",
        "6.1%",
    )


def test_by_block_as_summary_folds() -> None:
    layers = {"c": "op: conv2d, out: 4, kernel: 1"} | {f"r{i}": "op: relu" for i in range(3)}
    graph = graph_of(layers, (4, 8, 8))
    times = LayerTimes(
        tuple(LayerTime(i, node.path, 0.001) for i, node in enumerate(graph.nodes)), 0.004, 0.0, 5
    )
    assert [
        cells[0] for cells in layers_table(layers_data(times, analyze(graph)), "block").rows[:4]
    ] == ["c", "r0", "r1", "r2"]


def test_kernels_have_a_column_where_there_are_any() -> None:
    times = TIMES._replace(
        layers=tuple(layer._replace(kernel_seconds=layer.seconds / 2) for layer in TIMES.layers)
    )
    found = layers_table(layers_data(times, analysis(), PEAKS), "layer")
    # of the kernels' own time
    assert (row(found, "c")["Kernels"], row(found, "c")["Attained"]) == ("20.0 ms", "9.2%")
    assert "Kernels" not in {
        column.title for column in layers_table(layers_data(TIMES, analysis(), PEAKS)).columns
    }


def test_without_peaks_there_is_no_roof() -> None:
    found = layers_table(layers_data(TIMES, analysis()))
    assert not {"Bound", "Attained"} & {column.title for column in found.columns}


def test_a_layer_faster_than_its_roofline_is_a_fault() -> None:
    times = TIMES._replace(layers=(TIMES.layers[0]._replace(seconds=0.0009), *TIMES.layers[1:]))
    data = layers_data(times, analysis(), PEAKS)
    assert [layer["faster_than_roofline"] for layer in data["layers"]] == [
        True,
        False,
        False,
        False,
    ]
    found = layers_table(data, "layer")
    assert row(found, "c")["Attained"] == "205%!"
    faults = [text for label, text in found.notes if label == "fault!"]
    assert faults == [
        "c is 2.05 times as fast as its roofline allows: an error in the measurement, or in our"
        " count of its bytes or arithmetic"
    ]
    none = layers_table(
        layers_data(
            times._replace(layers=(times.layers[0]._replace(seconds=0.0),)), analysis(), PEAKS
        ),
        "layer",
    )
    assert any("took no time at all" in text for _, text in none.notes)


def test_many_faults_are_counted() -> None:
    graph = graph_of({f"r{i}": "op: relu" for i in range(9)}, (4, 8, 8))
    times = LayerTimes(
        tuple(LayerTime(i, node.path, 1e-9) for i, node in enumerate(graph.nodes)), 1e-8, 0.0, 5
    )
    found = layers_table(layers_data(times, analyze(graph, 1000), PEAKS), "layer")
    assert [label for label, _ in found.notes].count("fault!") == 5
    assert any(text.startswith("5 more such layers") for _, text in found.notes)


def test_warnings_stand_below() -> None:
    found = layers_table(layers_data(TIMES, analysis(), warnings=["clock_mhz 2000 -> 1000"]))
    assert ("moved", "clock_mhz 2000 -> 1000") in found.notes


def test_data_is_plain_and_has_its_units() -> None:
    data = json.loads(json.dumps(layers_data(TIMES, analysis(), PEAKS)))
    assert data["whole_ms"] == pytest.approx(
        data["layers_ms"] - data["timing_overhead_ms"] + data["launch_gaps_and_fusion_ms"]
    )
    assert data["layers"][0] | {"time_ms": 0, "roofline_ms": 0, "attained": 0} == {
        "path": "c",
        "op": "conv2d",
        "what": "conv2d 3x3",
        "block": "c",
        "time_ms": 0,
        "kernel_ms": None,
        "flops": 1_843_200,
        "bytes_moved": 205_376,
        "roofline_ms": 0,
        "bound": "compute",
        "attained": 0,
        "faster_than_roofline": False,
    }
    # a table needs the data alone
    assert layers_table(data, "op") == layers_table(layers_data(TIMES, analysis(), PEAKS), "op")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("by", ["block", "op", "layer"])
def test_it_fits(width: int, by: str) -> None:
    long = TIMES._replace(
        layers=tuple(layer._replace(kernel_seconds=layer.seconds) for layer in TIMES.layers)
    )
    for line in lines(layers_table(layers_data(long, analysis(), PEAKS), by), width):
        assert sum(len(text) for text, _ in line) <= width


# --- memory ---


def measured(peak: Held, allocated: int, reserved: int | None = None) -> MeasuredMemory:
    return MeasuredMemory(Traced(peak, peak, 9000, {}), allocated, reserved)


def test_predicted_and_measured_stand_on_one_row() -> None:
    found = analysis(1)
    predicted = found.totals.peak_inference_bytes
    table = memory_table(
        [
            memory_data(
                "inference",
                found,
                measured(Held(predicted, found.peak.node, "forward"), predicted + 1024),
            ),
            memory_data(
                "training",
                found,
                measured(Held(2 * found.totals.training_bytes, 2, "backward"), 10**6),
            ),
        ]
    )
    first, second = ([*cells] for cells in table.rows)
    # 3 maps of 1 KiB and 2*144*4 bytes of weights
    assert first == ["small inference", "4.12 KiB", "4.12 KiB", "1.000", "5.12 KiB", "r"]
    assert second[0] == "small training"
    assert second[3:] == ["2.000", "977 KiB", "d, backward"]


def test_another_layer_than_predicted_is_said() -> None:
    found = analysis(1)
    table = memory_table(
        [memory_data("inference", found, measured(Held(5000, 0, "forward"), 5000, 2**21))]
    )
    assert table.rows[0][-1] == "c; predicted r"
    assert table.rows[0][-2] == "2.00 MiB"  # reserved


def test_memory_data_has_bytes() -> None:
    found = analysis(1)
    data = memory_data("inference", found, measured(Held(5000, -1, "forward"), 6000))
    assert (
        data["tensor_bytes"],
        data["allocated_bytes"],
        data["scratch_bytes"],
        data["reserved_bytes"],
        data["layer"],
    ) == (5000, 6000, 1000, None, None)
    assert data["predicted_bytes"] == found.totals.peak_inference_bytes


# --- devices ---

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
    wrong = Contradiction(
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


def test_layers_that_contradict_the_pass_have_no_shares() -> None:
    """The numbers stay in the JSON; the table says which contradiction was found."""
    data = timed("net", {"a": 16.8}, 0.919) | {
        "contradictions": [
            {"about": "layers", "message": "the layers took 16.8 ms, the pass 919 µs"}
        ]
    }
    table = layers_table(data)
    assert [list(cells) for cells in table.rows] == [["the layers took 16.8 ms, the pass 919 µs"]]
    assert "%" not in render(table, "csv")
