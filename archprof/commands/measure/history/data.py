"""The kept runs by network, conditions and device, with the verdicts on their times, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from archprof.commands.measure.history.store import KeptRun, KeptRuns
from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.judging.run_differences import (
    EARLIER,
    MATCHED,
    UNIMPORTANT,
    conditions,
    device_identity,
    differences,
)
from archprof.commands.measure.judging.verdict import of_rows
from archprof.commands.measure.writing.run_labels import Row

SCHEMA = 1
FIGURES = ("latency_ms", "latency_low_ms", "latency_high_ms", "images_per_s", "peak_bytes")


class _Measured(NamedTuple):
    """A measurement of a kept run."""

    row: Row
    run: KeptRun

    @property
    def decides(self) -> bool:
        """Return whether its latency can be compared with."""
        return self.row["status"] == "measured" and usable(self.row)


def history_data(kept: KeptRuns, device: str | None = None) -> dict[str, Any]:
    """Return the groups of identical conditions, each with its runs, the earliest first.

    Versions, specs and commits may differ within a group, for what they did to the time is the
    question. `device` is a part of the device's name, or its type.
    """
    groups: dict[str, list[_Measured]] = {}
    for run in kept.runs:
        if not _is_asked_for(run, device):
            continue
        for row in run.rows:
            groups.setdefault(_key(run, row), []).append(_Measured(row, run))
    return {
        "schema": SCHEMA,
        "passed_over": kept.passed_over,
        "groups": [_group(members) for members in groups.values()],
    }


def _is_asked_for(run: KeptRun, device: str | None) -> bool:
    about = run.manifest["device"]
    if device is None or device == about["type"]:
        return True
    return device.casefold() in about["name"].casefold()


def _key(run: KeptRun, row: Row) -> str:
    """Return what runs share that are compared."""
    about = [conditions(row), _overrides(run, row), device_identity(run.manifest), _flags(run)]
    return json.dumps(about, sort_keys=True)


def _overrides(run: KeptRun, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = _spec(run, row).get("overrides", {})
    return found


def _spec(run: KeptRun, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = run.manifest["specs"].get(row["network"], {})
    return found


def _flags(run: KeptRun) -> dict[str, Any]:
    flags = run.manifest["flags"].items()
    return {name: value for name, value in flags if name not in UNIMPORTANT}


def _group(members: list[_Measured]) -> dict[str, Any]:
    """Return a group; its verdict is on the newest run against the earliest that has a latency, and
    where there are others between against the one before.
    """
    newest = members[-1]
    about = {name: newest.row.get(name) for name in MATCHED}
    about["autocast"] = bool(about["autocast"] or EARLIER["autocast"])
    decided = [i for i, one in enumerate(members) if one.decides]
    first = decided[0] if decided else len(members)
    earliest = members[first] if first < len(members) - 1 else None
    data = about | {
        "overrides": _overrides(newest.run, newest.row),
        "device": device_identity(newest.run.manifest),
        "flags": _flags(newest.run),
        "runs": [_run(one, earliest if i > first else None) for i, one in enumerate(members)],
        "since": None,
        "verdict": None,
        "differences": [],
        "before": None,
        "verdict_on_before": None,
    }
    if len(decided) > 2 and decided[-1] == len(members) - 1:
        before = members[decided[-2]]
        data |= {"before": before.run.date, "verdict_on_before": _verdict(newest, before)}
    if earliest:
        data |= {
            "since": earliest.run.date,
            "verdict": _verdict(newest, earliest),
            "differences": list(_differences(earliest, newest)),
        }
    return data


def _run(one: _Measured, earliest: _Measured | None) -> dict[str, Any]:
    """Return a run of a group, with its verdict against the earliest where that came before."""
    spec = _spec(one.run, one.row)
    return {
        "date": one.run.date,
        "status": one.row["status"],
        "usable": usable(one.row),
        **{name: one.row.get(name) for name in FIGURES},
        "versions": one.run.manifest["versions"],
        "driver": one.run.manifest["device"].get("driver"),
        "spec_sha256": spec.get("sha256"),
        "commit": spec.get("commit"),
        "modified": spec.get("modified"),
        "verdict": _verdict(one, earliest) if earliest else None,
    }


def _verdict(one: _Measured, other: _Measured) -> dict[str, Any]:
    return of_rows(one.row, other.row, one.run.manifest, other.run.manifest).data()


def _differences(earliest: _Measured, newest: _Measured) -> Iterator[str]:
    """Yield what differs between two runs, of their specs only this network's."""
    network = newest.row["network"]
    manifests = []
    for one in (earliest, newest):
        specs = one.run.manifest["specs"]
        own = {name: spec for name, spec in specs.items() if name == network}
        flags = _flags(one.run)
        manifests.append(one.run.manifest | {"specs": own, "flags": flags})
    yield from differences(manifests)
