"""The table by kernel: one row for each name, from all layers that launch it."""

from __future__ import annotations

from archprof.commands.measure.layers.kernel_tables import kernels_table
from archprof.commands.measure.layers.tables import layers_table
from archprof.commands.measure.writing.bench_tables import bench_tables
from tests.commands.measure.runs import Row, row, run, timed


def kernel(name: str, launches: int, time_us: float, tensor_cores: bool | None) -> Row:
    return {
        "name": name,
        "launches": launches,
        "time_us": time_us,
        "tensor_cores": tensor_cores,
    }


def data() -> Row:
    """4 of 10 ms in b, of which 1 by the kernel that a has too: 1 + 1 ms, and 3 ms."""
    found = timed("net", {"a": 2.0, "b": 5.0}, 10.0, kernels={"a": 1.0, "b": 4.0})
    found["layers"][0]["kernels"] = [kernel("void add<float>(int)", 2, 1000.0, False)]
    found["layers"][1]["kernels"] = [
        kernel("void add<float>(int)", 1, 1000.0, False),
        kernel("s16816gemm" + "_x" * 50, 1, 3000.0, True),
        kernel("unheard_of", 1, 0.0, None),
    ]
    return found | {"unheld_ms": 12.0, "device_held": True}


def test_kernels_of_all_layers_the_longest_first() -> None:
    found = kernels_table(data())
    assert found.title == "net · batch 1 · where the time goes, by kernel"
    assert [list(cells) for cells in found.rows[:3]] == [
        ["s16816gemm" + "_x" * 30 + "_…", "1", "3.00 ms", "30.0%", "yes", "1"],
        ["add<float>(int)", "3", "2.00 ms", "20.0%", "no", "2"],
        ["unheard_of", "1", "0 ns", "0.0%", "?", "1"],
    ]
    assert [cells[0] for cells in found.rows[3:]] == [
        "sum of layers",
        "gaps and fusion",
        "whole",
        "launch gaps",
        "whole as run",
    ]


def test_bench_shows_it() -> None:
    tables = bench_tables(run(row(), layers=[data()]), "kernel")
    assert tables[1].title.startswith("net · batch 1 · where the time goes, by kernel")


def test_without_kernels_the_layers_are_shown_and_why() -> None:
    unseen = timed("net", {"a": 2.0}, 10.0) | {"kernels_unseen": "CUPTI_ERROR_X"}
    found = kernels_table(unseen)
    assert found == layers_table(unseen, "layer")
    assert dict(found.notes)["kernels"] == "not seen, times are windows: CUPTI_ERROR_X"


def test_what_contradicts_itself_has_no_shares() -> None:
    wrong = data() | {"contradictions": [{"about": "layers", "message": "cannot be"}]}
    assert [list(cells) for cells in kernels_table(wrong).rows] == [["cannot be"]]
