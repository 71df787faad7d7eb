"""Predicted and measured memory on one row, in bytes as data."""

from __future__ import annotations

import pytest

from archprof.commands.measure.running.measured_memory import AliveBytes, MeasuredMemory, Traced
from archprof.commands.measure.writing.memory_tables import memory_data, memory_table
from archprof.show.table import put
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


def test_on_cuda_what_is_no_tensor_is_told_apart() -> None:
    """5000 of tensors, 6000 requested, 6144 in blocks of 512; 8 MiB of workspaces are there."""
    found = analysis(1)
    memory = MeasuredMemory(
        Traced(AliveBytes(5000, 0, "forward"), AliveBytes(5000, 0, "forward"), 5000, {}),
        6144,
        2**24,
        6000,
        2**23,
    )
    data = memory_data("inference", found, memory, 500 * 2**20)
    assert (
        data["requested_bytes"],
        data["scratch_bytes"],
        data["rounding_bytes"],
        data["workspace_bytes"],
        data["context_bytes"],
    ) == (6000, 1000, 144, 2**23, 500 * 2**20)
    (_, (label, text)) = memory_table([data]).notes
    assert (label, text) == (
        "beyond",
        "small inference: 1000 B of kernels' scratch, 144 B of the allocator's rounding, 8.00 MiB"
        " of libraries' workspaces, kept for the process, 500 MiB of CUDA's context",
    )
    unknown = memory_data("inference", found, memory)
    assert "context" not in memory_table([unknown]).notes[-1][1]


def test_on_the_cpu_nothing_more_is_known() -> None:
    found = analysis(1)
    data = memory_data("inference", found, measured(AliveBytes(5000, 0, "forward"), 6000))
    assert (data["requested_bytes"], data["rounding_bytes"], data["context_bytes"]) == (
        None,
        None,
        None,
    )
    assert [label for label, _ in memory_table([data]).notes] == ["measured"]


def test_a_table_of_cuda_fits_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = analysis(1)
    memory = MeasuredMemory(
        Traced(AliveBytes(10**9, 0, "backward"), AliveBytes(10**9, 0, "forward"), 5000, {}),
        2 * 10**9,
        3 * 10**9,
        19 * 10**8,
        2**23,
    )
    put([memory_table([memory_data("training", found, memory, 500 * 2**20)])], "table", None)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "1.86 GiB" in "\n".join(lines)
