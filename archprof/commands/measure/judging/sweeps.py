"""What a sweep over batches or inputs shows: where throughput saturates, and where memory ends."""

from __future__ import annotations

from collections.abc import Sequence

from archprof import units
from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.writing.run_labels import KEY, Row, row_name, value_text

PLATEAU = 0.95  # of the best throughput: from here on a sweep counts as saturated
LEAST_POINTS = 3  # measurements that make a sweep


def sweeps(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return notes on the sweeps over batches and over inputs, one for each network and condition.

    Each says where throughput saturates or where memory ends.
    """
    found = []
    for axis in ("batch", "input"):
        series: dict[tuple[str, ...], list[Row]] = {}
        for row in rows:
            others = tuple(str(row[name]) for name in KEY if name != axis)
            series.setdefault(others, []).append(row)
        without_axis = [row | {axis: ""} for row in rows]
        for members in series.values():
            name = row_name(members[0] | {axis: ""}, without_axis)
            members = sorted(members, key=lambda row: row[axis])
            found += [("sweep", f"{name}: {text}") for text in _sweep(members, axis)]
    return found


def _sweep(members: Sequence[Row], axis: str) -> list[str]:
    """Return what the measurements of one sweep, in the order of their axis, show."""
    measured = [row for row in members if row["status"] == "measured" and usable(row)]
    found = []
    if len(measured) >= LEAST_POINTS:
        found.append(_saturation(measured, axis))
    full = next((row for row in members if row["status"] == "out_of_memory"), None)
    if full is not None and len(members) > 1:
        fits = [row for row in measured if row[axis] < full[axis]]
        largest = f", {value_text(fits[-1][axis])} fits" if fits else ""
        found.append(f"memory ends at {axis} {value_text(full[axis])}{largest}")
    return found


def _saturation(measured: Sequence[Row], axis: str) -> str:
    """Return where throughput reaches its plateau.

    Compared are MACs per second: over batches they are in proportion to images per second, and over
    inputs they take the size of the input into account.
    """
    speeds = [row["macs"] / row["latency_ms"] for row in measured]
    first = next(i for i, speed in enumerate(speeds) if speed >= PLATEAU * max(speeds))
    where = f"{axis} {value_text(measured[first][axis])}"
    if first == len(measured) - 1:
        return f"throughput still grows at {where}, the last measured"
    rate = units.rate(measured[first]["images_per_s"])
    return (
        f"throughput saturates at {where}, {rate} images/s:"
        f" {100 * PLATEAU:.0f} % of the most MACs per second"
    )
