"""Runs of `bench` as tables: which columns, what the notes say, where a sweep saturates, and the
published shape.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import jsonschema
import pytest

from archprof.commands.measure.contract import bench_faults, bench_schema
from archprof.commands.measure.tables import bench_table, bench_tables, sweeps
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


def test_conditions_that_were_not_met_are_said_together() -> None:
    cut = {"unmet": ["10 runs", "noise under 0.5 % or settled"], "stopped": "limit"}
    data = run(*(row(batch=2**i, **cut) for i in range(5)), row(batch=64, unmet=["0.5 s of work"]))
    assert said(data, "limit") == [
        (
            "net batch 1, net batch 2, net batch 4 and 2 more: "
            "the time limit of 15 s came before: 10 runs, noise under 0.5 % or settled"
        ),
        "net batch 64: the time limit of 15 s came before: 0.5 s of work",
    ]


def test_other_work_is_no_motion_of_the_device() -> None:
    data = run(
        row(warnings=["clock_mhz 2000 -> 1000", "other work took 75 % of the processor meanwhile"])
    )
    assert said(data, "moved") == ["net: clock_mhz 2000 -> 1000"]
    assert said(data, "busy") == ["net: other work took 75 % of the processor meanwhile"]


def test_what_the_two_peaks_hold_is_said_where_both_stand() -> None:
    (inference,), (training,) = said(run(row()), "peak"), said(run(row(train=True)), "peak")
    assert "kernels' scratch; predicted: tensors alone" in inference
    assert (
        training
        == inference + ", in training those alive when the forward pass ends, but for its outputs"
    )
    assert said(run(row(peak_bytes=None)), "peak") == []


def test_many_different_notes_are_not_all_shown() -> None:
    found = said(
        run(*(row(batch=2**i, warnings=[f"clock_mhz {i} -> 9"]) for i in range(7))), "moved"
    )
    assert len(found) == 5
    assert found[-1] == "3 more such notes, which the JSON holds"


def test_pauses_and_interruption_are_said() -> None:
    data = run(row(discarded_runs=30, paused_ms=237.5), complete=False)
    assert said(data, "paused") == ["net: 238 ms for the clock to recover, 30 runs thrown away"]
    assert said(data, "stopped") == ["interrupted: these are the measurements that were finished"]


def test_a_network_measured_alone_is_said() -> None:
    together = [row(network="a", interleaved_with=["b"]), row(network="b", interleaved_with=["a"])]
    assert said(run(*together), "alone") == []
    assert said(run(row(network="a"), lost("failed", "no", network="b")), "alone")[0].startswith(
        "a: not in turns"
    )


# --- sweeps ---


def series(*latencies: float | None, **given: Any) -> list[dict[str, Any]]:
    """Batches by doubling; None is out of memory."""
    return [
        (
            row(batch=2**i, latency_ms=ms, images_per_s=1e3 * 2**i / ms, **given)
            if ms
            else lost("out_of_memory", batch=2**i, **given)
        )
        for i, ms in enumerate(latencies)
    ]


def test_throughput_saturates_where_it_reaches_95_percent() -> None:
    """Images per ms: 1, 1.9, 3.2, 3.9, 4: the fourth is the first of at least 0.95*4 = 3.8."""
    (note,) = sweeps(series(1, 2 / 1.9, 4 / 3.2, 8 / 3.9, 16 / 4))
    assert note == (
        "sweep",
        "net: throughput saturates at batch 8, 3.90 K images/s: 95 % of the most MACs per second",
    )


def test_throughput_that_still_grows_is_not_saturated() -> None:
    assert sweeps(series(1, 1, 1, 1)) == [
        ("sweep", "net: throughput still grows at batch 8, the last measured")
    ]


def test_two_points_are_no_sweep() -> None:
    assert sweeps(series(1, 2)) == []


def test_memory_ends() -> None:
    found = [note for _, note in sweeps(series(1, 2, 4, None, None))]
    assert found == [
        "net: throughput saturates at batch 1, 1.00 K images/s: 95 % of the most MACs per second",
        "net: memory ends at batch 8, 4 fits",
    ]
    assert sweeps(series(None, None)) == [("sweep", "net: memory ends at batch 1")]


def test_each_network_and_condition_is_a_sweep_of_its_own() -> None:
    rows = series(1, 1, 1) + series(1, 2, 4, network="b") + series(1, 2, 4, mode="graph")
    assert [note.split(":")[0] for _, note in sweeps(rows)] == ["net eager", "b", "net graph"]


def test_inputs_are_swept_by_arithmetic() -> None:
    """MACs grow with the area, 64 for 8x8; the images per second fall while MACs per second rise
    and settle: 64, 144/1.5 = 96, 256/2.6 = 98.
    """
    rows = [
        row(input=[3, s, s], macs=s * s, latency_ms=ms, images_per_s=1e3 / ms)
        for s, ms in ((8, 1.0), (12, 1.5), (16, 2.6))
    ]
    assert sweeps(rows) == [
        (
            "sweep",
            (
                "net: throughput saturates at input 3x12x12, 667 images/s: 95 % of the most MACs"
                " per second"
            ),
        )
    ]


# --- layers and memory, and the contract ---


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


def test_a_silent_driver_is_said() -> None:
    """Without NVML nobody saw whether the clock was throttled; on the CPU there is nobody to
    ask.
    """
    data = run(row())
    assert said(data, "clocks") == []
    data["manifest"]["device"] = {"type": "cuda", "name": "Paper H200", "driver": None}
    assert said(data, "clocks") == ["not seen, nor throttling: pip install nvidia-ml-py"]
    data["measurements"][0]["before"] = {"clock_mhz": 1980}
    assert said(data, "clocks") == []


def test_schema_is_one_and_rows_keep_it() -> None:
    schema = bench_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    data = json.loads(
        json.dumps(
            run(
                row(),
                lost("out_of_memory", "no"),
                row(before={"clock_mhz": 1980, "throttling": ["power cap"]}),
            )
        )
    )
    jsonschema.validate(data, schema)
    assert bench_faults(data) == []


def test_runs_of_earlier_versions_are_read() -> None:
    """They have neither intervals nor ratios, nothing contradicted them, and nobody looked at
    their inputs; what is there is shown.
    """
    old = row()
    for name in ("latency_low_ms", "latency_high_ms", "halves_ms", "ratios", "contradictions"):
        del old[name]
    data = run(old, old | {"network": "other"})
    assert bench_faults(data) == []
    assert [cells[0] for cells in bench_table(data).rows] == ["1-2", "1-2"]


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        ({"schema": 2}, "schema"),
        ({"schema": 1}, "manifest"),
        ([], "the whole"),
        (None, "the whole"),
        ({"more": 1}, "more"),
        (run(row(latency_ms=None)), "measurements.0"),
        (run(row(latency_ms=0.0)), "measurements.0.latency_ms"),
        (run(row(latency_ms=float("nan"))), "measurements.0.latency_ms"),
        (run(row(latency_ms="2")), "measurements.0.latency_ms"),
        (run(row(dtype="float8")), "measurements.0.dtype"),
        (run(row(batch=0)), "measurements.0.batch"),
        (run(row(secret=1)), "measurements.0.secret"),
        (run(row(macs=-1)), "measurements.0.macs"),
    ],
)
def test_what_is_no_run_is_said(broken: Any, where: str) -> None:
    assert where in [place for place, _ in bench_faults(broken)]
