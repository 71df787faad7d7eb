"""The verdicts of `compare` as data: on a device turn by turn, with --load from two files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archprof.commands.measure.judging import ranking
from archprof.commands.measure.judging.run_differences import MATCHED, conditions, differences
from archprof.commands.measure.judging.verdict import of_rows
from archprof.commands.measure.writing.run_labels import Row

Run = dict[str, Any]


def matched(runs: Sequence[Run]) -> list[list[Row | None]]:
    """Return for each choice of conditions the row of every run, None where a run has none."""
    found = [{conditions(row): row for row in run["measurements"]} for run in runs]
    keys = dict.fromkeys(key for rows in found for key in rows)
    return [[rows.get(key) for rows in found] for key in keys]


def loaded_verdicts(runs: Sequence[Run], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the verdict of each row against the first run's under the same conditions."""
    found = []
    for first, *others in matched(runs):
        for i, row in enumerate(others, 1):
            if first is None or row is None:
                continue
            manifests = runs[i]["manifest"], runs[0]["manifest"]
            verdict = of_rows(row, first, *manifests)
            found.append(_about(names[i], names[0], row) | verdict.data())
    return found


def _about(of: str, against: str, row: Row) -> dict[str, Any]:
    """Return what a verdict is about; runs of earlier versions had no autocast."""
    data = {"of": of, "against": against} | {name: row.get(name) for name in MATCHED}
    return data | {"autocast": bool(data["autocast"])}


def loaded_differences(runs: Sequence[Run], names: Sequence[str]) -> dict[str, list[str]]:
    """Return by each later run's name what of its conditions differs from the first run's."""
    return {
        name: differences([runs[0]["manifest"], run["manifest"]])
        for name, run in zip(names[1:], runs[1:], strict=True)
    }


def measured_verdicts(run: Run) -> list[dict[str, Any]]:
    """Return the verdict of each network against the first one that took turns with it."""
    found = []
    for group in ranking.groups(run["measurements"]):
        for i, row in enumerate(group[1:], 1):
            about = _about(row["network"], group[0]["network"], row)
            found.append(about | ranking.verdict(group, i, 0).data())
    return found
