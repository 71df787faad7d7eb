"""Shares of data sheets, by hand."""

from __future__ import annotations

import pytest

from archprof.commands.measure.device.data_sheets import SHEETS, shares
from archprof.commands.measure.judging.roofline import Peaks

PEAKS = Peaks("NVIDIA L4", "bfloat16", 60.5e12, 240e9, ((2**20, 240e9),), 5e-6)


def test_shares() -> None:
    """60.5 of 121 TFLOP/s, 240 of 300 GB/s."""
    assert shares(PEAKS) == (pytest.approx(0.5), pytest.approx(0.8))


def test_a_dtype_that_no_data_sheet_has() -> None:
    """A T4 has no bfloat16, but a memory."""
    assert shares(PEAKS._replace(device="Tesla T4")) == (None, pytest.approx(240 / 320))


@pytest.mark.parametrize("name", ["NVIDIA L4 MIG 1g.5gb", "NVIDIA GeForce RTX 4090 Laptop GPU", ""])
def test_another_device(name: str) -> None:
    """A slice or a laptop's chip is not what the data sheet is of."""
    assert shares(PEAKS._replace(device=name)) == (None, None)


@pytest.mark.parametrize("name", SHEETS)
def test_dense_rates(name: str) -> None:
    """Tensor cores have half of the rate in TF32, to a rounding of the data sheet, and a data
    sheet's rate with sparsity, which is twice as much, is none of these.
    """
    sheet = SHEETS[name]
    assert sheet.source
    assert 1e11 < sheet.bytes_per_s < 1e13
    half = sheet.flops_per_s["float16"]
    assert sheet.flops_per_s["float32"] < half < 1e15
    if "tf32" in sheet.flops_per_s:
        assert half / sheet.flops_per_s["tf32"] == pytest.approx(2, rel=0.01)
        assert sheet.flops_per_s["bfloat16"] == half
