"""What the data sheets of some devices promise, to hold what was measured against."""

from __future__ import annotations

from typing import NamedTuple

from archprof.commands.measure.judging.roofline import Peaks


class DataSheet(NamedTuple):
    """A device's peaks by its data sheet: dense FLOPs per second by dtype, bytes per second."""

    flops_per_s: dict[str, float]
    bytes_per_s: float
    source: str


class Shares(NamedTuple):
    """Measured peaks as shares of the data sheet's; None where it has no such figure."""

    flops: float | None
    bandwidth: float | None


def _sheet(
    source: str, bytes_per_s: float, float32: float, tf32: float | None, half: float | None
) -> DataSheet:
    """Return a data sheet in TFLOP/s; bfloat16 and float16 are alike, accumulated in float32."""
    rates = {"float32": float32, "tf32": tf32, "bfloat16": half, "float16": half}
    known = {dtype: 1e12 * rate for dtype, rate in rates.items() if rate is not None}
    return DataSheet(known, bytes_per_s, source)


_HOPPER = "NVIDIA H100 Tensor Core GPU Architecture, 2022; H100 and H200 data sheets"
_AMPERE = "NVIDIA A100 Tensor Core GPU data sheet, 2021"
_ADA = "NVIDIA L4 Tensor Core GPU data sheet, 2023"

# The data sheets of Hopper and of the L4 state tensor cores with sparsity: dense is half of that.
# By the name that the driver gives, which distinguishes slots and memories; a slice of a device
# has another name, and so no data sheet.
SHEETS = {
    "NVIDIA H100 80GB HBM3": _sheet(_HOPPER, 3.35e12, 66.9, 494.7, 989.4),  # SXM
    "NVIDIA H100 PCIe": _sheet(_HOPPER, 2.04e12, 51.2, 378.0, 756.0),  # 1,513 sparse
    "NVIDIA H200": _sheet(_HOPPER, 4.8e12, 66.9, 494.7, 989.4),  # SXM, the same chip
    "NVIDIA A100-SXM4-40GB": _sheet(_AMPERE, 1.555e12, 19.5, 156.0, 312.0),
    "NVIDIA A100-SXM4-80GB": _sheet(_AMPERE, 2.039e12, 19.5, 156.0, 312.0),
    "NVIDIA A100-PCIE-40GB": _sheet(_AMPERE, 1.555e12, 19.5, 156.0, 312.0),
    "NVIDIA A100 80GB PCIe": _sheet(_AMPERE, 1.935e12, 19.5, 156.0, 312.0),
    "NVIDIA L4": _sheet(_ADA, 300e9, 30.3, 60.0, 121.0),  # 120 and 242 sparse
    "Tesla T4": DataSheet(
        {"float32": 8.1e12, "float16": 65e12}, 320e9, "NVIDIA Turing GPU Architecture, 2018"
    ),
    "NVIDIA GeForce RTX 4090": _sheet(
        "NVIDIA Ada GPU Architecture, 2022, appendix A", 1008e9, 82.6, 82.6, 165.2
    ),
}


def shares(peaks: Peaks) -> Shares:
    """Return measured peaks as shares of the data sheet's; each None for an unknown device."""
    sheet = SHEETS.get(peaks.device)
    if sheet is None:
        return Shares(None, None)
    promised = sheet.flops_per_s.get(peaks.dtype)
    flops = None if promised is None else peaks.flops_per_s / promised
    return Shares(flops, peaks.copy_bytes_per_s / sheet.bytes_per_s)
