"""Variants of a space measured on a device, each with its conditions and its noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from archprof.commands.measure.measurement_options import MeasurementOptions
from archprof.commands.measure.planning.measurement_plan import Plan, plan_of
from archprof.commands.measure.planning.run_plan import carry_out
from archprof.commands.sweep.device_options import DeviceOptions
from archprof.sweeping.single import SingleVariant

if TYPE_CHECKING:
    from archprof.sweeping.space.space import Space

SCHEMA = 1

Data = dict[str, Any]
Keep = Callable[[Data], None]
"""Called with what was measured so far, after each variant."""


def _nowhere(data: Data) -> None:
    """Keep nothing."""


def variants_plan(space: Space, variants: Sequence[SingleVariant], options: DeviceOptions) -> Plan:
    """Return the plan to measure variants one after the other, under the space's conditions.

    Raises ProblemError where the device is not there or lacks the dtype.
    """
    conditions = space.conditions
    chosen = MeasurementOptions(
        options.device,
        batch=str(conditions.batch),
        dtype=conditions.dtype,
        threads=options.threads,
        time_limit=options.time_limit,
    )
    graphs = [(variant.analysis.graph,) for variant in variants]
    return plan_of("sweep", graphs, [space.network], chosen)


def measure_variants(
    space: Space,
    variants: Sequence[SingleVariant],
    options: DeviceOptions,
    keep: Keep = _nowhere,
) -> Data:
    """Return what was measured of variants, as the JSON has it.

    `run` is what `archprof bench` writes, with a measurement for each of `variants`; after Ctrl-C
    it is not complete, and has those that were measured. Raises ProblemError as `variants_plan`.
    """
    plan = variants_plan(space, variants, options)

    def data(run: Data) -> Data:
        return {
            "schema": SCHEMA,
            "space": space.name,
            "space_hash": space.hash,
            "variants": [
                {"row": variant.row, "parameters": dict(variant.values)} for variant in variants
            ],
            "run": run,
        }

    return data(carry_out(plan, lambda run: keep(data(run))))


def milliseconds(run: Data, place: int) -> float | None:
    """Return the latency of a run's measurement, None where there is none that can be used."""
    if place >= len(run["measurements"]):
        return None
    row = run["measurements"][place]
    contradicted = any(one["about"] == "latency" for one in row["contradictions"])
    found: float | None = None if contradicted else row["latency_ms"]
    return found
