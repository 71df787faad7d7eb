"""What titles, rows and notes call a run, its measurements, its device and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof import units

POWER_CAP = "power cap"
"""The word with which a device's remark begins that its power is at its limit."""

Row = dict[str, Any]  # a measurement by the names of the JSON

CONDITIONS = ("network", "input", "dtype", "memory_format", "mode")
"""The conditions that a table names in its title where all rows share them."""

KEY = ("network", "input", "batch", "dtype", "memory_format", "mode", "train")
"""The fields that identify a measurement of a run, beside autocast and the optimizer."""


def value_text(value: Any) -> str:
    """Return a condition as text: a shape as 3x224x224, anything else as it is."""
    return units.shape(value) if isinstance(value, list | tuple) else str(value)


def percent(value: float) -> units.Figure:
    """Return a share in percent with one decimal."""
    return units.Figure(f"{100 * value:.1f}%", round(value, 6))


def joules(value: float) -> units.Figure:
    """Return an energy in joules with three digits."""
    return units.Figure(f"{value:.3g} J", value)


def seconds(value: float) -> units.Figure:
    """Return seconds with one decimal."""
    return units.Figure(f"{value:.1f} s", value)


def signed_duration(milliseconds: float) -> units.Figure:
    """Return a duration that may be negative."""
    size = units.duration(abs(milliseconds))
    return units.Figure(f"-{size}", milliseconds) if milliseconds < 0 else size


def threads_text(count: int) -> str:
    """Return `1 thread`, `4 threads`."""
    return f"{count} thread{'s' if count > 1 else ''}"


def run_title(run: dict[str, Any]) -> str:
    """Return the conditions that all rows share, and the device."""
    rows = run["measurements"]
    parts = []
    if rows:
        parts = [
            value_text(rows[0][name])
            for name in CONDITIONS
            if len({str(row[name]) for row in rows}) == 1
        ]
        if all(row.get("autocast") for row in rows):
            parts.append("autocast")
        if all(row["train"] for row in rows):
            parts.append(_training(rows))
        frozen = run["manifest"].get("flags", {}).get("freeze")
        if frozen:
            parts.append(f"frozen: {' '.join(frozen)}")
    return " · ".join([*parts, device_name(run["manifest"])])


def _training(rows: Sequence[Row]) -> str:
    """Return `training`, with the optimizer where it is not plain SGD, as it was at first."""
    optimizers = {row.get("optimizer") or "sgd" for row in rows}
    if optimizers == {"sgd"}:
        return "training"
    return f"training with {', '.join(sorted(optimizers))}"


def device_name(manifest: dict[str, Any]) -> str:
    """Return the device, the versions of its software and, of a CPU, the threads."""
    device, versions = manifest["device"], manifest["versions"]
    if device["type"] == "cuda":
        software = f"CUDA {versions['cuda']}"
        if versions.get("hip"):  # AMD's; torch calls its devices cuda all the same
            software = f"ROCm {versions['hip']}"
        software += f", driver {device['driver'] or 'unknown'}"
        return f"{device['name']} · torch {versions['torch']}, {software}"
    threads = threads_text(manifest["flags"]["threads"])
    return f"CPU {device['name']}, {threads} · torch {versions['torch']}"


def row_name(row: Row, rows: Sequence[Row]) -> str:
    """Return a row's network, with the conditions that differ among the rows of that network."""
    same_network = [other for other in rows if other["network"] == row["network"]]
    parts = [row["network"]]
    for name in KEY[1:-1]:
        if len({str(other[name]) for other in same_network}) > 1:
            text = value_text(row[name])
            parts.append(f"batch {text}" if name == "batch" else text)
    if len({_arithmetic(other) for other in same_network}) > 1:
        parts += _arithmetic(row)
    return " ".join(parts)


def _arithmetic(row: Row) -> tuple[str, ...]:
    """Return what a row has of autocast, training and its optimizer, nothing for inference."""
    found = ["autocast"] if row.get("autocast") else []
    if row["train"]:
        found.append(_training([row]))
    return tuple(found)


def disturbance(warning: str) -> str:
    """Return the label of a warning.

    It is `busy` where other work disturbed the measurement, `capped` where the device is at the
    limit of its power, `moved` where its state changed.
    """
    if warning.startswith("other work"):
        return "busy"
    return "capped" if warning.startswith(POWER_CAP) else "moved"
