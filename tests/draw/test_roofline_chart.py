"""A device's peaks."""

from __future__ import annotations

from archprof.draw.roofline_chart import DevicePeaks


def test_the_ridge() -> None:
    """1 TFLOP/s over 50 GB/s."""
    assert DevicePeaks("d", "float32", 1e12, 5e10).ridge == 20
