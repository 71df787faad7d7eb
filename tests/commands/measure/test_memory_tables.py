"""Predicted and measured memory on one row, in bytes as data."""

from __future__ import annotations

from archprof.commands.measure.measured_memory import AliveBytes, MeasuredMemory, Traced
from archprof.commands.measure.memory_tables import memory_data, memory_table
from tests.commands.measure.paper import analysis


def measured(peak: AliveBytes, allocated: int, reserved: int | None = None) -> MeasuredMemory:
    return MeasuredMemory(Traced(peak, peak, 9000, {}), allocated, reserved)


def test_predicted_and_measured_stand_on_one_row() -> None:
    found = analysis(1)
    predicted = found.totals.peak_inference_bytes
    table = memory_table(
        [
            memory_data(
                "inference",
                found,
                measured(AliveBytes(predicted, found.peak.node, "forward"), predicted + 1024),
            ),
            memory_data(
                "training",
                found,
                measured(AliveBytes(2 * found.totals.training_bytes, 2, "backward"), 10**6),
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
        [memory_data("inference", found, measured(AliveBytes(5000, 0, "forward"), 5000, 2**21))]
    )
    assert table.rows[0][-1] == "c; predicted r"
    assert table.rows[0][-2] == "2.00 MiB"  # reserved


def test_memory_data_has_bytes() -> None:
    found = analysis(1)
    data = memory_data("inference", found, measured(AliveBytes(5000, -1, "forward"), 6000))
    assert (
        data["tensor_bytes"],
        data["allocated_bytes"],
        data["scratch_bytes"],
        data["reserved_bytes"],
        data["layer"],
    ) == (5000, 6000, 1000, None, None)
    assert data["predicted_bytes"] == found.totals.peak_inference_bytes
