"""Find peaks of a device that contradict themselves: see `consistency`."""

from __future__ import annotations

from collections.abc import Callable

from archprof import units
from archprof.commands.measure.judging.consistency import Inconsistency
from archprof.commands.measure.judging.roofline import Peaks

NEIGHBOURS = 3.0
"""The ratio by which a transfer's rate may be outside those of the sizes next to it.

Its data is in a cache of the smaller size, of the larger, or of both.
"""

SMALLEST_OP = 2.0
"""How many times as long as the smallest transfer the smallest op, which moves less, may take."""


def of_peaks(peaks: Peaks) -> list[Inconsistency]:
    """Return the contradictions within what a device was measured to reach."""
    return [Inconsistency("transfers", message) for rule in PEAK_RULES for message in rule(peaks)]


def uneven_transfers(peaks: Peaks) -> list[str]:
    """Find rates far below those of smaller and larger sizes, or far above both neighbours'.

    Over sizes a rate rises to that of the caches and falls to that of the memory: it has a summit,
    but no valley, however wide.
    """
    found = []
    for i in range(1, len(peaks.transfers) - 1):
        here, smaller, larger = peaks.transfers[i], peaks.transfers[:i], peaks.transfers[i + 1 :]
        best = max(smaller, key=_rate), max(larger, key=_rate)
        if here[1] * NEIGHBOURS < min(map(_rate, best)):
            found.append(_transfers(best[0], here, best[1]))
        elif here[1] > NEIGHBOURS * max(smaller[-1][1], larger[0][1]):
            found.append(_transfers(smaller[-1], here, larger[0]))
    return found


def _rate(transfer: tuple[int, float]) -> float:
    return transfer[1]


def _transfers(*three: tuple[int, float]) -> str:
    sizes = [units.size(size) for size, _ in three]
    rates = [f"{units.rate(rate)}B/s" for _, rate in three]
    return (
        f"transfers of {sizes[0]}, {sizes[1]} and {sizes[2]} reached {rates[0]}, {rates[1]} and"
        f" {rates[2]}"
    )


def slow_smallest_op(peaks: Peaks) -> list[str]:
    """Find a smallest op that takes longer than the smallest transfer, or in a graph than alone.

    Where transfers are measured within graphs, without the host, so is the op beside them.
    """
    size, rate = peaks.transfers[0]
    op, where = peaks.launch_s, ""
    if peaks.graph_launch_s is not None:
        op, where = peaks.graph_launch_s, " within a graph"
    found = []
    if op > SMALLEST_OP * size / rate:
        found.append(
            f"the smallest op took {units.duration(1e3 * op)}{where}, a transfer of"
            f" {units.size(size)} {units.duration(1e3 * size / rate)}"
        )
    if op > SMALLEST_OP * peaks.launch_s:
        found.append(
            f"the smallest op took {units.duration(1e3 * op)} within a graph,"
            f" {units.duration(1e3 * peaks.launch_s)} by itself"
        )
    return found


PEAK_RULES: tuple[Callable[[Peaks], list[str]], ...] = (uneven_transfers, slow_smallest_op)
