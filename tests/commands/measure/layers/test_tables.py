"""Tables of time and memory: every row from the record it stands for, sums that add up, faults
named.
"""

from __future__ import annotations

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.measure.layers.data import layers_data
from archprof.commands.measure.layers.tables import layers_table
from archprof.commands.measure.layers.times import KernelTime, LayerTime, LayerTimes
from archprof.show.table import Table, lines, render
from tests.commands.measure.paper import PEAKS, TIMES, analysis
from tests.commands.measure.runs import timed
from tests.small import graph_of


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


def on_cuda(unheld: float = 0.040) -> LayerTimes:
    """Kernels of half of each window: 20, 5, 10 and 0.05 ms of a pass of 36 ms."""
    names = ("sm80_xmma_gemm_tensor16x8x8_kernel", "triton_poi_fused_relu_0", "unheard_of")
    layers = [layer._replace(kernel_seconds=layer.seconds / 2) for layer in TIMES.layers]
    for i, name in enumerate(names):
        kernel = KernelTime(name, 1, layers[i].seconds / 2)
        layers[i] = layers[i]._replace(kernels=(kernel,))
    return TIMES._replace(layers=tuple(layers), whole=0.036, unheld=unheld, held=True)


def test_kernels_are_the_time_where_they_are_known() -> None:
    """20 of 36 ms; 205,376 bytes in 20 ms are 10.3 MB/s; 1.84 of 20 ms."""
    found = layers_table(layers_data(on_cuda(), analysis(), PEAKS), "layer")
    conv = row(found, "c")
    assert (conv["Time"], conv["Share"], conv["Window"]) == ("20.0 ms", "55.6%", "40.0 ms")
    assert (conv["Moved/s"], conv["Attained"], conv["Tensor"]) == ("10.3 MB/s", "9.2%", "100%")
    assert [row(found, path)["Tensor"] for path in ("r", "d", "f")] == ["0%", "?", "-"]
    # 20 of 30 ms for certain, and the other 10 perhaps
    assert row(layers_table(layers_data(on_cuda(), analysis()), "op"), "conv2d")["Tensor"] == (
        "67-100%"
    )
    assert not {"Window", "Tensor", "Moved/s"} & {
        column.title for column in layers_table(layers_data(TIMES, analysis(), PEAKS)).columns
    }


def test_the_last_rows_of_kernels_lead_to_the_whole_and_to_what_the_host_costs() -> None:
    """35.05 ms of kernels, 0.95 between them, 36 of the device; the host makes it 40."""
    found = layers_table(layers_data(on_cuda(), analysis()))
    assert [(cells[0], cells[2], cells[3]) for cells in found.rows[-5:]] == [
        ("sum of layers", "35.0 ms", "97.4%"),
        ("gaps and fusion", "950 µs", "2.6%"),
        ("whole", "36.0 ms", "100.0%"),
        ("launch gaps", "4.00 ms", "11.1%"),
        ("whole as run", "40.0 ms", "111.1%"),
    ]
    assert found.totals == 5
    assert "the device's own time" in dict(found.notes)["whole"]


def test_by_op_the_most_kernel_time_comes_first() -> None:
    times = on_cuda()
    layers = list(times.layers)
    layers[1] = layers[1]._replace(kernel_seconds=0.031)  # its window is a sixth of theirs
    found = layers_table(layers_data(times._replace(layers=tuple(layers)), analysis()), "op")
    assert found.rows[0][0] == "relu"


def test_what_could_not_be_held_or_seen_is_said() -> None:
    times = TIMES._replace(held=False, unheld=0.08, unseen="CUPTI_ERROR_X")
    found = layers_table(layers_data(times, analysis()))
    notes = dict(found.notes)
    assert "outlasted every hold" in notes["not held"]
    assert notes["kernels"] == "not seen, times are windows: CUPTI_ERROR_X"
    assert row(found, "launch gaps and fusion")["Time"] == "5.30 ms"
    assert row(found, "timing overhead")["Time"] == "-400 µs"


def test_a_run_of_an_older_version_has_no_device_time() -> None:
    """Without `unheld_ms` and `kernels` the whole is what it was, and nothing is said of holds."""
    data = timed("net", {"a": 4.0, "b": 3.0}, 10.0, kernels={"a": 1.0, "b": 2.0})
    found = layers_table(data, "layer")
    assert [(cells[0], cells[2]) for cells in found.rows[-3:]] == [
        ("sum of layers", "3.00 ms"),
        ("launch gaps and fusion", "7.00 ms"),
        ("whole", "10.0 ms"),
    ]
    assert row(found, "a")["Tensor"] == "-"


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


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("by", ["block", "op", "layer"])
def test_it_fits(width: int, by: str) -> None:
    long = TIMES._replace(
        layers=tuple(layer._replace(kernel_seconds=layer.seconds) for layer in TIMES.layers)
    )
    for line in lines(layers_table(layers_data(long, analysis(), PEAKS), by), width):
        assert sum(len(text) for text, _ in line) <= width


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
