"""The JSON of a run keeps its published schema, and what does not is refused with its place."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from archprof.commands.measure.contract import bench_faults, bench_schema
from archprof.commands.measure.running.measured_memory import AliveBytes, MeasuredMemory, Traced
from archprof.commands.measure.writing.bench_tables import bench_table
from archprof.commands.measure.writing.memory_tables import memory_data, memory_table
from tests.commands.measure.paper import analysis
from tests.commands.measure.runs import CONDITIONS, lost, row, run


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


def test_memory_of_earlier_versions_is_read() -> None:
    """They told neither requests nor rounding nor workspaces apart."""
    peak = AliveBytes(5000, 0, "forward")
    found = MeasuredMemory(Traced(peak, peak, 5000, {}), 6144, 2**24, 6000, 2**23)
    data = memory_data("inference", analysis(1), found, 2**20) | CONDITIONS
    assert bench_faults(run(row(), memory=[data])) == []
    for name in ("requested_bytes", "rounding_bytes", "workspace_bytes", "context_bytes"):
        del data[name]
    old = run(row(), memory=[data])
    assert bench_faults(old) == []
    assert memory_table(old["memory"]).rows[0][0] == "small inference"


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
        (run(row(dtype="float4")), "measurements.0.dtype"),
        (run(row(batch=0)), "measurements.0.batch"),
        (run(row(secret=1)), "measurements.0.secret"),
        (run(row(macs=-1)), "measurements.0.macs"),
    ],
)
def test_what_is_no_run_is_said(broken: Any, where: str) -> None:
    assert where in [place for place, _ in bench_faults(broken)]
