"""The JSON of `sweep`: plain integers, bytes where a name says so."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from archprof.commands.sweep.answers import RowsAnswer, SweepAnswers
from archprof.record import Record
from archprof.sweeping.answering.sensitivity import ParameterStep
from archprof.sweeping.checking import Checked
from archprof.sweeping.planning import Ran
from archprof.sweeping.variants import OF_STEP, TOTALS

SCHEMA = 1


def sweep_data(found: SweepAnswers) -> dict[str, Any]:
    """Return the answers of a sweep; `archprof schema sweep` prints their JSON Schema."""
    stored = found.sweep.stored
    identity = stored.identity
    return {
        "schema": SCHEMA,
        "space": identity.name,
        "version": identity.version,
        "digest": identity.digest,
        "conditions": _plain(identity.conditions),
        "sample": _plain(identity.sample),
        "rows": identity.rows,
        "stored": stored.rows,
        "valid": found.valid,
        "invalid": dict(found.reasons),
        "limits": [one.text for one in found.sweep.asked()],
        "within": found.met,
        "ranges": {name: {"least": a, "most": b} for name, (a, b) in found.ranges.items()},
        "answers": [_answer(found, one) for one in found.found],
        "steps": [
            {"row": row, "steps": [_step(step) for step in steps]}
            for row, steps in found.steps.items()
        ],
        "run": _run(found.ran) if found.ran else None,
    }


def _answer(found: SweepAnswers, answer: RowsAnswer) -> dict[str, Any]:
    table = found.sweep.rows(answer.rows)
    return {
        "kind": answer.kind,
        "objectives": [str(one) for one in answer.objectives],
        "rows": _rows(table, found.sweep.parameters),
    }


def _rows(table: pa.Table, parameters: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "row": row["row"],
            "parameters": {name: row[name] for name in parameters},
            "totals": {name: row[name] for name in (*TOTALS, *OF_STEP) if name in row},
        }
        for row in table.to_pylist()
    ]


def _step(step: ParameterStep) -> dict[str, Any]:
    return {
        "parameter": step.parameter,
        "before": step.before,
        "after": step.after,
        "added": dict(step.added),
        "why": step.why,
    }


def _run(ran: Ran) -> dict[str, Any]:
    return {
        "rows": ran.rows,
        "seconds": round(ran.seconds, 3),
        "peak_bytes": ran.peak_bytes or None,
        "checked": _checked(ran.checked),
    }


def _checked(found: Checked) -> dict[str, Any]:
    return {"rows": found.rows, "differing": [_plain(one) for one in found.differing]}


def _plain(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record._names}
