"""Run a plan of measurements: group by group, kept as they come, and kept when interrupted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from archprof.commands.measure.writing.run_file import new_run
from archprof.units import printable

if TYPE_CHECKING:
    from archprof.commands.measure.judging.consistency import Circumstances, Inconsistency
    from archprof.commands.measure.planning.measurement_plan import Plan
    from archprof.commands.measure.running.measuring import Measuring
    from archprof.commands.measure.running.workload import Case

Keep = Callable[[dict[str, Any]], None]
"""Called with the run so far, after each group."""

Pick = Callable[[list[list["Case"]]], Iterable["Case"]]
"""Chooses from the groups that could be measured the cases whose layers are timed."""


def carry_out(plan: Plan, keep: Keep, pick: Pick | None = None) -> dict[str, Any]:
    """Measure group by group and return the run; on a terminal report the progress.

    With `pick` the layers of the cases it chooses are timed afterwards. Ctrl-C ends the run, which
    is then not complete; what cannot run ends only its own row.
    """
    from archprof.commands.measure.running.measuring import measuring

    run = new_run(plan.manifest)
    try:
        with measuring(plan.request) as where:
            _measure(plan, run, keep, where)
            if pick:
                _time_layers(pick(_measured_groups(plan, run)), plan, run, keep, where)
        run["complete"] = True
    except KeyboardInterrupt:
        pass
    return run


def _measure(plan: Plan, run: dict[str, Any], keep: Keep, where: Measuring) -> None:
    from archprof.commands.measure.judging.consistency import of_measurement
    from archprof.commands.measure.planning.progress import Course
    from archprof.commands.measure.running.largest_batch import measure_largest
    from archprof.commands.measure.running.measurement import analyzed
    from archprof.commands.measure.writing.memory_tables import memory_data
    from archprof.show.resized import resized_data

    how = _circumstances(plan)
    with Course(plan) as course:
        for i, group in enumerate(plan.groups):
            if plan.largest:
                case, found_row = measure_largest(group[0], where, course.show)
                plan.groups[i], rows = [case], [found_row]
            else:
                rows = where.measure(group, course.show)
            for case, row in zip(plan.groups[i], rows, strict=True):
                record = row.data()
                record |= {
                    "contradictions": _listed(of_measurement(record, how)),
                    "resized": resized_data(case.graph),
                }
                run["measurements"].append(record)
                if row.memory:
                    part = "training" if case.train else "inference"
                    found = memory_data(part, analyzed(case), row.memory, row.context_bytes)
                    run["memory"].append(found | _conditions(case))
            course.finished(run["measurements"])
            keep(run)


def _measured_groups(plan: Plan, run: dict[str, Any]) -> list[list[Case]]:
    """Return the groups of which every case could be measured."""
    rows = iter(run["measurements"])
    groups = []
    for group in plan.groups:
        statuses = [next(rows)["status"] for _ in group]
        if all(status == "measured" for status in statuses):
            groups.append(group)
    return groups


def _time_layers(
    cases: Iterable[Case], plan: Plan, run: dict[str, Any], keep: Keep, where: Measuring
) -> None:
    from archprof.commands.measure.judging.consistency import of_layers
    from archprof.commands.measure.layers.data import layers_data
    from archprof.commands.measure.planning.progress import working
    from archprof.commands.measure.running.measurement import analyzed

    for case in cases:
        what = f"the layers of {case.graph.network.name} at batch {case.batch}"
        try:
            with working(f"timing {what}"):
                found = where.layer_times(case)
        # torch's, as for a device too full for the profiler: what was measured stays
        except RuntimeError as error:
            reason = str(error).strip().partition("\n")[0]
            print(printable(f"archprof: {what} cannot be timed: {reason}"), file=sys.stderr)
            continue
        data = layers_data(found.times, analyzed(case), found.peaks, found.warnings)
        data |= _conditions(case)
        data["contradictions"] = _listed(of_layers(data, _row(case, run), _circumstances(plan)))
        run["layers"].append(data)
        keep(run)


def _circumstances(plan: Plan) -> Circumstances:
    from archprof.commands.measure.judging.consistency import Circumstances

    request = plan.request
    return Circumstances(request.device.type, request.flush, request.rule.sustained > 0)


def _listed(found: Iterable[Inconsistency]) -> list[dict[str, str]]:
    return [contradiction._asdict() for contradiction in found]


def _row(case: Case, run: dict[str, Any]) -> dict[str, Any]:
    """Return the measurement of the case."""
    key = {"network": case.graph.network.name, "batch": case.batch, **_conditions(case)}
    for row in run["measurements"]:
        if all(row[name] == value for name, value in key.items()):
            found: dict[str, Any] = row
            return found
    raise ValueError(f"{case.graph.network.name} was not measured")


def _conditions(case: Case) -> dict[str, Any]:
    """Return what distinguishes a case from others of its network and batch."""
    return {
        "input": list(case.graph.input),
        "dtype": case.dtype,
        "memory_format": case.memory_format,
        "mode": case.mode,
    }
