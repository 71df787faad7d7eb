"""Runs of `bench` as tables: which columns, what the notes say, where a sweep saturates, and the
published shape.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from archprof.commands.measure.contract import bench_faults
from archprof.commands.measure.writing.bench_tables import bench_table, bench_tables
from archprof.show.table import Table, lines, render
from tests.commands.measure.runs import CONDITIONS, lost, row, run, timed


def text(table: Table, width: int = 120) -> str:
    return "\n".join("".join(part for part, _ in line).rstrip() for line in lines(table, width))


def said(data: dict[str, Any], label: str) -> list[str]:
    return [note for name, note in bench_table(data).notes if name == label]


def test_what_all_rows_share_stands_in_the_title() -> None:
    table = bench_table(run(row(batch=1), row(batch=8)))
    assert (
        table.title
        == "net · 3x8x8 · float32 · contiguous · eager · CPU Paper CPU, 1 thread · torch 2.13.0"
    )
    assert [c.title for c in table.columns] == [
        "Batch",
        "Latency",
        "p10",
        "p90",
        "Runs",
        "Noise",
        "Batched",
        "Images/s",
        "Peak",
        "Predicted",
    ]
    assert list(table.rows[1]) == [
        "8",
        "2.00 ms",
        "1.90 ms",
        "2.20 ms",
        "50",
        "0.4%",
        "1.95 ms",
        "4.00 K",
        "2.00 KiB",
        "1.00 KiB",
    ]


def test_what_differs_has_a_column() -> None:
    table = bench_table(
        run(
            row(),
            row(
                network="other",
                dtype="tf32",
                mode="graph",
                memory_format="channels_last",
                input=[3, 9, 9],
            ),
        )
    )
    assert [c.title for c in table.columns][:6] == [
        "Network",
        "Input",
        "Dtype",
        "Format",
        "Mode",
        "Batch",
    ]
    assert list(table.rows[1])[:6] == ["other", "3x9x9", "tf32", "channels_last", "graph", "1"]


def test_training_shows_its_parts() -> None:
    table = bench_table(run(row(train=True, forward_ms=0.5, backward_ms=1.25, step_ms=0.25)))
    shown = dict(zip([c.title for c in table.columns], table.rows[0], strict=True))
    assert (shown["Forward"], shown["Backward"], shown["Step"]) == ("500 µs", "1.25 ms", "250 µs")
    assert " · training · " in table.title


def test_what_was_not_measured_says_why() -> None:
    data = run(
        row(batch=8),
        lost("out_of_memory", "CUDA out of memory.", batch=16),
        lost("throttled", "the clock stayed low", batch=32),
        lost("failed", "no kernel", batch=64),
    )
    table = bench_table(data)
    assert [r[1] for r in table.rows] == ["2.00 ms", "out of memory", "throttled", "failed"]
    assert [r[4] for r in table.rows] == ["50", "-", "-", "-"]
    assert said(data, "refused") == [
        "net batch 16: CUDA out of memory.",
        "net batch 32: the clock stayed low",
        "net batch 64: no kernel",
    ]


def test_what_one_caller_waits_and_what_a_pipeline_gives() -> None:
    """The 99th percentile is shown where the runs suffice to know it: with an interval."""
    known = {"share": 0.99, "ms": 2.5, "low_ms": 2.4, "high_ms": 2.6}
    data = run(
        row(
            quantiles=[{"share": 0.5, "ms": 2.0, "low_ms": 1.9, "high_ms": 2.1}, known],
            host_ms=1.9,
            bound="host",
            joules_per_image=0.1234,
            upload_ms=0.25,
            compile_s=12.34,
        ),
        row(batch=8, quantiles=[known | {"high_ms": None}]),
    )
    table = bench_table(data)
    titles = [c.title for c in table.columns]
    first, second = (dict(zip(titles, cells, strict=True)) for cells in table.rows)
    names = ("p99", "Host", "Bound", "Energy", "Upload", "Compile")
    assert [first[name] for name in names] == [
        "2.50 ms",
        "1.90 ms",
        "host",
        "0.123 J",
        "250 µs",
        "12.3 s",
    ]
    assert [second[name] for name in names] == ["-"] * 6
    assert "Download" not in titles
    assert said(data, "host") != []
    assert said(data, "energy") == ["of the whole device while it runs back to back, per image"]
    assert said(run(row()), "host") == []


def test_a_csv_has_bare_numbers_with_units() -> None:
    first, second = csv.reader(io.StringIO(render(bench_table(run(row(batch=8))), "csv")))
    assert dict(zip(first, second, strict=True)) == {
        "Batch": "8",
        "Latency (ms)": "2.0",
        "p10 (ms)": "1.9",
        "p90 (ms)": "2.2",
        "Runs": "50",
        "Noise": "0.004",
        "Batched (ms)": "1.95",
        "Images/s": "4000.0",
        "Peak (bytes)": "2048",
        "Predicted (bytes)": "1024",
    }


@pytest.mark.parametrize("width", [40, 80, 120])
def test_it_fits(width: int) -> None:
    """On 40 columns what cannot go keeps its place: the batch, the latency and the throughput."""
    shown = text(bench_table(run(row(network="convnext_tiny"), row(network="resnet50"))), width)
    assert max(len(line) for line in shown.splitlines()) <= width
    assert "2.00 ms" in shown


def test_layers_and_memory_are_shown_where_asked_for() -> None:
    held = {
        "network": "net",
        "batch": 1,
        "part": "inference",
        "predicted_bytes": 1024,
        "predicted_layer": "a",
        "tensor_bytes": 1024,
        "layer": "a",
        "during": "forward",
        "between_layers_bytes": 1024,
        "forward_end_bytes": 512,
        "allocated_bytes": 2048,
        "scratch_bytes": 1024,
        "reserved_bytes": None,
    } | CONDITIONS
    data = run(row(), memory=[held], layers=[timed("net", {"a": 1.0, "b": 0.5}, 2.0)])
    assert len(bench_tables(data)) == 1
    assert [
        len(bench_tables(data, by, memory))
        for by, memory in (("op", False), (None, True), ("layer", True))
    ] == [2, 2, 3]
    assert "launch gaps and fusion" in text(bench_tables(data, "layer")[1])
    assert bench_faults(data) == []


def test_tables_of_layers_name_what_differs() -> None:
    layers = [timed("net", {"a": 1.0}, 2.0), timed("net", {"a": 1.0}, 1.5) | {"mode": "graph"}]
    assert [
        table.title
        for table in bench_tables(run(row(), row(mode="graph"), layers=layers), "op")[1:]
    ] == [
        "net · batch 1 · where the time goes, by op · eager",
        "net · batch 1 · where the time goes, by op · graph",
    ]


def test_what_contradicts_itself_is_unusable() -> None:
    """No figure that follows from the time is shown; memory is, and the number of runs.

    An attained share above all is the peak's fault alone.
    """
    drift = [
        {
            "about": "latency",
            "message": "the earlier half of the runs took 1.00 ms, the later half 3.00 ms",
        }
    ]
    peak = [{"about": "attained", "message": "it would attain 130 % of the arithmetic"}]
    data = run(
        row(contradictions=drift, attained_share=0.5),
        row(batch=2, contradictions=peak, attained_share=1.3),
    )
    table = bench_table(data)
    first, second = (
        dict(zip([column.title for column in table.columns], cells, strict=True))
        for cells in table.rows
    )
    assert [
        first[name]
        for name in ("Latency", "p10", "p90", "Batched", "Images/s", "Attained", "Peak", "Runs")
    ] == ["unusable", "-", "-", "-", "-", "-", "2.00 KiB", "50"]
    assert (second["Latency"], second["Attained"]) == ("2.00 ms", "-")
    notes = said(data, "unusable")
    assert notes[:2] == [
        "net batch 1: the earlier half of the runs took 1.00 ms, the later half 3.00 ms",
        "net batch 2: it would attain 130 % of the arithmetic",
    ]
    assert notes[2].startswith("end what else runs on this machine")
    assert notes[3] == "`archprof device --again` on a quiet machine measures them anew"
    assert bench_faults(data) == []
