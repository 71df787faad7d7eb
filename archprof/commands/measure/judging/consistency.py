"""Find measurements that contradict themselves.

Other work on a machine does not only make times longer; it makes them longer at one moment and not
at the next. Figures from several moments (shares, gaps, rooflines) then have no meaning. Each rule
here compares two measurements of the same thing in the records of the JSON, with a threshold and
the reason for it; where both cannot be true, they are unusable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from archprof import units
from archprof.commands.measure.judging.medians import halves
from archprof.commands.measure.judging.roofline import TOLERANCE

About = Literal["latency", "attained", "layers", "transfers"]
Record = Mapping[str, Any]

APART = 1.5
"""The ratio by which two measurements of the same work may differ.

A clock just above the share at which runs are thrown away (75 %) makes 1.33.
"""

GAP = 0.25
"""The share of a pass that its layers may lack or exceed.

On a quiet machine they add up to it within a tenth (benchmarks/timing.py).
"""

STAMPED_MS, DISPATCHED_MS = 0.005, 0.02
"""What a layer's stamps may add to its window, and what calling it may take outside.

They matter only where layers take microseconds.
"""

WINOGRAD = 4.0
"""How many times less than is counted a float32 convolution may multiply on CUDA.

Winograd's F(4x4, 3x3); Lavin, Gray 2015. Products, of which the peak is, have no such algorithm.
"""

QUIET = (
    "end what else runs on this machine, or give it more time (--time-limit), and measure again;"
    " --format json has the numbers"
)
PEAKS_AGAIN = "`archprof device --again` on a quiet machine measures them anew"


class Inconsistency(NamedTuple):
    """What cannot be true, and which figures are unusable because of it."""

    about: About
    message: str


class Circumstances(NamedTuple):
    """Where and how a measurement was made, as far as the rules need it."""

    device: str  # cpu or cuda
    flushed: bool = False  # the cache emptied before every run
    sustained: bool = False  # back to back for so long that a device may slow down


def of_runs(milliseconds: Sequence[float]) -> str:
    """Return how the earlier and the later half of the runs, in ms, contradict each other.

    The result is "" where they agree.
    """
    if len(milliseconds) < 2:
        return ""
    return _drift(*halves(milliseconds))


def of_measurement(row: Record, how: Circumstances) -> list[Inconsistency]:
    """Return the contradictions within one row of `measurements`."""
    if row["status"] != "measured":
        return []
    found = [rule(row, how) for rule in MEASUREMENT_RULES]
    return [one for one in found if one]


def of_layers(data: Record, row: Record, how: Circumstances) -> list[Inconsistency]:
    """Return the contradictions within one entry of `layers`, and between it and its measurement.

    `row` is the measurement of the same network under the same conditions.
    """
    found = [rule(data, row, how) for rule in LAYER_RULES]
    return [Inconsistency("layers", message) for message in found if message]


def usable(record: Record, about: About = "latency") -> bool:
    """Return whether nothing contradicts these figures of a record.

    Records of older versions have no contradictions: nothing was looked for.
    """
    return not any(found["about"] == about for found in record.get("contradictions", ()))


# --- a measurement ---


def drifting(row: Record, how: Circumstances) -> Inconsistency | None:
    """Find a drift: a run's time must not depend on whether it was early or late."""
    if not row.get("halves_ms"):
        return None
    message = _drift(*row["halves_ms"])
    return Inconsistency("latency", message) if message else None


def _drift(early: float, late: float) -> str:
    if _alike(early, late):
        return ""
    return (
        f"the earlier half of the runs took {units.duration(early)}, the later half"
        f" {units.duration(late)}"
    )


def unlike_batched(row: Record, how: Circumstances) -> Inconsistency | None:
    """Find a difference between runs one by one and back to back, which on the CPU are the same.

    On CUDA runs back to back hide launches, and an emptied cache slows single runs. Of a sustained
    load only the beginning must be like single runs: what becomes of it is the question.
    """
    one, many = row["latency_ms"], row["burst_ms" if how.sustained else "batched_ms"]
    if how.device != "cpu" or how.flushed or many is None or _alike(one, many):
        return None
    return Inconsistency(
        "latency",
        f"a run took {units.duration(one)} by itself and {units.duration(many)} among others back"
        " to back",
    )


def above_the_peak(row: Record, how: Circumstances) -> Inconsistency | None:
    """Find a network that does more arithmetic per second than the device was measured to do.

    Load makes times longer, so it is the peak that is wrong.
    """
    share = row["attained_share"]
    most = WINOGRAD if how.device == "cuda" and row["dtype"] == "float32" else TOLERANCE
    if share is None or share <= most:
        return None
    message = (
        f"it would attain {100 * share:.0f} % of the arithmetic that `archprof device` measured:"
        " that was measured while the device was busy"
    )
    return Inconsistency("attained", message)


# --- layers ---


def layers_exceed_the_pass(data: Record, row: Record, how: Circumstances) -> str:
    """Find layers that take longer than the pass, within which they run one after the other.

    Only a compiled or captured pass takes less than their sum. Windows of a CUDA device that was
    not held contain what the host takes to launch, and say nothing.
    """
    known = data.get("device_held") or data.get("kernels_ms") is not None
    if how.device != "cpu" and not known:
        return ""
    gap, whole, allowed = _gap(data, STAMPED_MS)
    if data["mode"] != "eager" or gap >= -allowed:
        return ""
    return (
        f"the layers took {units.duration(whole - gap)} together, the whole pass"
        f" {units.duration(whole)}, each of them a median of {data['passes']} passes"
    )


def pass_exceeds_the_layers(data: Record, row: Record, how: Circumstances) -> str:
    """Find a pass that takes longer than its layers, between which on the CPU are only calls.

    On CUDA the device may wait for its next kernel.
    """
    gap, whole, allowed = _gap(data, DISPATCHED_MS)
    if how.device != "cpu" or data["mode"] != "eager" or gap <= allowed:
        return ""
    return (
        f"the whole pass took {units.duration(whole)}, all its layers"
        f" {units.duration(whole - gap)}, and nothing runs between them"
    )


def pass_unlike_latency(data: Record, row: Record, how: Circumstances) -> str:
    """Find a pass, timed beside its layers, that differs from the latency measured before."""
    latency = row["latency_ms"]
    comparable = (
        how.device == "cpu" and not how.flushed and not row["train"] and latency is not None
    )
    if not comparable or _alike(data["whole_ms"], latency):
        return ""
    return (
        f"the whole pass took {units.duration(data['whole_ms'])} while its layers were timed, and"
        f" {units.duration(latency)} before"
    )


def faster_than_rooflines(data: Record, row: Record, how: Circumstances) -> str:
    """Find layers that together are faster than the device's arithmetic and its memory allow.

    Of a single layer our count may be wrong.
    """
    under = [layer for layer in data["layers"] if layer["roofline_ms"]]
    taken = sum(
        layer["time_ms"] if layer["kernel_ms"] is None else layer["kernel_ms"] for layer in under
    )
    least = sum(layer["roofline_ms"] for layer in under)
    if least <= TOLERANCE * taken:
        return ""
    return (
        f"the layers took {units.duration(taken)}, their rooflines allow {units.duration(least)} at"
        " best: what `archprof device` measured was measured while the device was busy;"
        f" {PEAKS_AGAIN}"
    )


def _gap(data: Record, per_layer: float) -> tuple[float, float, float]:
    """Return what the pass takes beyond its layers, the pass, and the largest gap allowed, ms.

    The layers are their kernels where they are known.
    """
    whole, gap = data["whole_ms"], data["launch_gaps_and_fusion_ms"]
    if data.get("kernels_ms") is not None:
        gap = whole - data["kernels_ms"]
    return gap, whole, GAP * whole + per_layer * len(data["layers"])


def _alike(first: float, second: float) -> bool:
    """Return whether two times can be of the same work."""
    return max(first, second) <= APART * min(first, second)


MEASUREMENT_RULES: tuple[Callable[[Record, Circumstances], Inconsistency | None], ...] = (
    drifting,
    unlike_batched,
    above_the_peak,
)
LAYER_RULES: tuple[Callable[[Record, Record, Circumstances], str], ...] = (
    layers_exceed_the_pass,
    pass_exceeds_the_layers,
    pass_unlike_latency,
    faster_than_rooflines,
)
