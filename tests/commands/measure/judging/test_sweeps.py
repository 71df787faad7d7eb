"""Sweeps: where throughput saturates and where memory ends, worked out by hand."""

from __future__ import annotations

from typing import Any

from archprof.commands.measure.judging.sweeps import sweeps
from tests.commands.measure.runs import lost, row


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
