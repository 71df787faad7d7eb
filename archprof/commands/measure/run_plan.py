"""Carrying out a plan of measurements: group by group, written as they come, kept when
interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archprof.cli.options import Format
from archprof.units import printable

if TYPE_CHECKING:
    from archprof.commands.measure.consistency import Circumstances, Contradiction
    from archprof.commands.measure.plan import Plan
    from archprof.commands.measure.workload import Case
    from archprof.show.table import Table

Pick = Callable[[list[list["Case"]]], Iterable["Case"]]
"""Whose layers are timed, of groups of cases."""


def carry_out(
    plan: Plan, keep: Callable[[dict[str, Any]], None], pick: Pick | None = None
) -> dict[str, Any]:
    """Measures group by group, telling on a terminal what and how long; `keep` is given the run so
    far after each. Ctrl-C ends it: not complete.

    Afterwards the layers of the cases that `pick` takes from the groups that could be measured
    whole, if any.
    """
    from archprof.commands.measure.tables import run_data

    run = run_data(plan.manifest)
    try:
        _measure(plan, run, keep)
        if pick:
            _time_layers(pick(_whole(plan, run)), plan, run, keep)
        run["complete"] = True
    except KeyboardInterrupt:
        pass
    return run


def _measure(plan: Plan, run: dict[str, Any], keep: Callable[[dict[str, Any]], None]) -> None:
    from archprof.commands.measure.consistency import of_measurement
    from archprof.commands.measure.latency import measure
    from archprof.commands.measure.measurement import analyzed
    from archprof.commands.measure.progress import Course
    from archprof.commands.measure.roofline_tables import memory_data
    from archprof.show.resized import resized_data

    how = _circumstances(plan)
    with Course(plan) as course:
        for group in plan.groups:
            for case, row in zip(group, measure(group, plan.request, course.tell), strict=True):
                record = row.data()
                record |= {
                    "contradictions": _listed(of_measurement(record, how)),
                    "resized": resized_data(case.graph),
                }
                run["measurements"].append(record)
                if row.memory:
                    found = memory_data(
                        "training" if case.train else "inference", analyzed(case), row.memory
                    )
                    run["memory"].append(found | _conditions(case))
            course.finished(run["measurements"])
            keep(run)


def _whole(plan: Plan, run: dict[str, Any]) -> list[list[Case]]:
    """The groups of which every case could be measured."""
    rows = iter(run["measurements"])
    return [
        group for group in plan.groups if all([next(rows)["status"] == "measured" for _ in group])
    ]


def _time_layers(
    cases: Iterable[Case], plan: Plan, run: dict[str, Any], keep: Callable[[dict[str, Any]], None]
) -> None:
    from archprof.commands.measure.consistency import of_layers
    from archprof.commands.measure.latency import layer_times
    from archprof.commands.measure.measurement import analyzed
    from archprof.commands.measure.progress import working
    from archprof.commands.measure.roofline_tables import layers_data

    for case in cases:
        what = f"the layers of {case.graph.network.name} at batch {case.batch}"
        try:
            with working(f"timing {what}"):
                found = layer_times(case, plan.request)
        # torch's, as for a device too full for the profiler: what was measured stays
        except RuntimeError as error:
            print(
                printable(
                    f"archprof: {what} cannot be timed: {str(error).strip().partition(chr(10))[0]}"
                ),
                file=sys.stderr,
            )
            continue
        data = layers_data(found.times, analyzed(case), found.peaks, found.warnings) | _conditions(
            case
        )
        data["contradictions"] = _listed(of_layers(data, _row(case, run), _circumstances(plan)))
        run["layers"].append(data)
        keep(run)


def _circumstances(plan: Plan) -> Circumstances:
    from archprof.commands.measure.consistency import Circumstances

    return Circumstances(plan.request.device.type, plan.request.flush)


def _listed(found: Iterable[Contradiction]) -> list[dict[str, str]]:
    return [contradiction._asdict() for contradiction in found]


def _row(case: Case, run: dict[str, Any]) -> dict[str, Any]:
    """The measurement of the case."""
    key: dict[str, Any] = {"network": case.graph.network.name, "batch": case.batch} | _conditions(
        case
    )
    return next(
        row for row in run["measurements"] if all(row[name] == value for name, value in key.items())
    )


def _conditions(case: Case) -> dict[str, Any]:
    """What tells a case from others of its network and batch."""
    return {
        "input": list(case.graph.input),
        "dtype": case.dtype,
        "memory_format": case.memory_format,
        "mode": case.mode,
    }


class Report(NamedTuple):
    """Where a run goes and as what: JSON or tables, to a file after every group, and at its end
    to standard output.
    """

    format: Format
    output: Path | None
    tables: Callable[[dict[str, Any]], list[Table]]
    data: Callable[[dict[str, Any]], dict[str, Any]]

    @property
    def as_json(self) -> bool:
        """`-o run.json` says enough; the tables are then shown all the same."""
        return self.format is Format.json or (
            self.format is Format.table
            and self.output is not None
            and self.output.suffix == ".json"
        )

    def keep(self, run: dict[str, Any]) -> None:
        """Writes what there is so far to the file, if there is one."""
        if self.output is not None:
            self._write(run, self.output)

    def finish(self, run: dict[str, Any], plan: Plan) -> int:
        """Writes and shows the run as it ended.

        The exit code: 130 where it was interrupted, 1 where something could not be measured or
        contradicts itself, else 0.
        """
        rows = run["measurements"]
        if rows:
            self.keep(run)
            self._show(run)
        if not run["complete"]:
            sys.stdout.flush()
            wanted = sum(map(len, plan.groups))
            layers = ", the layers not all timed" if len(rows) == wanted else ""
            print(
                f"archprof: {len(rows)} of {wanted} measurements were finished and are"
                f" kept{layers}",
                file=sys.stderr,
            )
            return 130
        lost = any(row["status"] in ("failed", "throttled") for row in rows)
        unusable = any(record["contradictions"] for record in (*rows, *run["layers"]))
        return 1 if lost or unusable else 0

    def _show(self, run: dict[str, Any]) -> None:
        if self.output is None:
            self._write(run, None)
        elif self.as_json and self.format is Format.table:
            from archprof.show.table import put

            put(self.tables(run), "table", None)

    def _write(self, run: dict[str, Any], output: Path | None) -> None:
        from archprof.show import terminal
        from archprof.show.table import put

        if self.as_json:
            import json

            terminal.emit(json.dumps(self.data(run), indent=1), output)
        else:
            put(self.tables(run), self.format.value, output)
