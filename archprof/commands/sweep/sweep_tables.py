"""A sweep's answers as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archprof import units
from archprof.commands.sweep.answers import RowsAnswer, SweepAnswers, evenly
from archprof.show.table import Table, TableColumn
from archprof.sweeping.answering.sensitivity import ParameterStep
from archprof.sweeping.checking import in_words
from archprof.sweeping.space.bounds import SHORT, is_size
from archprof.sweeping.space.space import DROPPED, REPEATED
from archprof.sweeping.variants import OF_STEP, TOTALS
from archprof.training.asked_step import in_words as step_in_words

SHOWN = ("params", "macs", "peak_inference_bytes", "training_peak_bytes", "depth")
"""Totals that a table shows beside what is asked about, those of a step where it is simulated."""

NOT_ASKED = 1_000
"""On a narrow terminal totals that nobody asked about are left out first, then the longest lists.
"""

NUMBERS = (*TOTALS, *OF_STEP)
NO_FAULTS = {DROPPED: "left out by `where`", REPEATED: "the same variant again"}


def sweep_tables(found: SweepAnswers, most: int | None) -> list[Table]:
    """Return a table for each answer, or the ranges of totals where nothing is asked.

    `most`: so many rows of a front, evenly along it, with some totals; None: all rows, all totals.
    """
    tables = [_rows(found, answer, most) for answer in found.found]
    if found.steps:
        tables.append(_steps(found))
    if not tables:
        tables = [_ranges(found)]
    last = tables[-1]
    return [*tables[:-1], last._replace(notes=[*last.notes, *_notes(found)])]


def total(name: str, value: int | str | None) -> str:
    """Return a total as a cell: bytes in powers of 1024, counts in powers of 1000."""
    if type(value) is not int:  # such as what layers see
        return str(value or "-")
    if is_size(name):
        return units.size(value)
    return units.exact(value) if abs(value) < 10_000 else units.count(value)


def parameter(value: Any) -> str:
    """Return a value of a parameter as a cell."""
    if type(value) is int:
        return units.Figure(str(value), value)
    if type(value) is float:
        return units.Figure(f"{value:.6g}", value)
    if type(value) is bool:
        return str(value).lower()
    return "-" if value is None else str(value)


def lists(parameters: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns of parameters by what a table calls them: entries of a list together."""
    found: dict[str, list[str]] = {}
    for name in parameters:
        whole, _, index = name.rpartition(".")
        found.setdefault(whole if index.isdecimal() else name, []).append(name)
    return found


def entries(values: Sequence[Any]) -> str:
    """Return the value of a parameter as a cell, of a list its entries."""
    if len(values) == 1:
        return parameter(values[0])
    return " ".join(map(parameter, values))


def _rows(found: SweepAnswers, answer: RowsAnswer, most: int | None) -> Table:
    chosen = answer.rows if most is None else evenly(answer.rows, most)
    parameters = found.sweep.parameters
    asked = [SHORT.get(one.quantity, one.quantity) for one in answer.objectives]
    asked += [SHORT.get(name, name) for one in found.sweep.filters for name in one.names]
    totals = [
        name
        for name in dict.fromkeys([*asked, *(NUMBERS if most is None else SHOWN)])
        if name in found.sweep.stored.columns and name not in parameters
    ]
    together = {name: [name] for name in parameters} if most is None else lists(parameters)
    columns = [
        TableColumn("row"),
        *(TableColumn(name, drop=len(names) - 1) for name, names in together.items()),
        *(TableColumn(name, drop=0 if name in asked else NOT_ASKED) for name in totals),
    ]
    table = found.sweep.rows(chosen).select(["row", *parameters, *totals]).to_pylist()
    rows = [
        [
            units.Figure(str(row["row"]), row["row"]),
            *(entries([row[name] for name in names]) for names in together.values()),
            *(total(name, row[name]) for name in totals),
        ]
        for row in table
    ]
    notes = []
    if len(chosen) < len(answer.rows):
        text = f"{len(chosen):,} of {len(answer.rows):,}, evenly along it; --format csv has all"
        notes.append(("shown", text))
    of = f"{len(answer.rows):,} of {found.met:,} variants"
    return Table(columns, rows, f"{_name(found)} · {answer.heading} · {of}", notes)


def _ranges(found: SweepAnswers) -> Table:
    columns = [TableColumn("Total", right=False), TableColumn("Least"), TableColumn("Most")]
    rows = [
        [name, total(name, low), total(name, high)] for name, (low, high) in found.ranges.items()
    ]
    return Table(columns, rows, f"{_name(found)} · {found.met:,} variants")


def _steps(found: SweepAnswers) -> Table:
    shown = [name for name in SHOWN if name in found.sweep.stored.columns]
    columns = [
        TableColumn("row"),
        TableColumn("parameter", right=False),
        TableColumn("from"),
        TableColumn("to"),
        *(TableColumn(name) for name in shown),
    ]
    valid = ((row, step) for row, steps in found.steps.items() for step in steps if not step.why)
    rows = [_step(row, step, shown) for row, step in valid]
    notes = [
        (f"row {row:,}", f"{step.parameter} {parameter(step.after)} has no totals: {step.why}")
        for row, steps in found.steps.items()
        for step in steps
        if step.why
    ]
    return Table(columns, rows, f"{_name(found)} · what a step adds", notes)


def _step(row: int, step: ParameterStep, shown: Sequence[str]) -> list[str]:
    cells = [
        units.Figure(str(row), row),
        step.parameter,
        parameter(step.before),
        parameter(step.after),
    ]
    return [*cells, *(_added(name, step.added[name]) for name in shown)]


def _added(name: str, value: int) -> str:
    return units.signed(value, units.size if is_size(name) else units.count)


def _name(found: SweepAnswers) -> str:
    return found.sweep.stored.identity.name


def _notes(found: SweepAnswers) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of the sweep itself."""
    stored = found.sweep.stored
    identity = stored.identity
    whole = f"{stored.rows:,}"
    if stored.rows < identity.rows:
        missing = len(identity.shards()) - len(stored.shards)
        whole += f" of {identity.rows:,}, as {units.number_of(missing, 'part')} are not there yet"
    conditions = identity.conditions
    under = f"batch {conditions.batch}, {conditions.dtype}, counted as {conditions.count}"
    yield "rows", f"{whole}; {under}"
    if conditions.train:
        yield "step", ", ".join(step_in_words(conditions.words, conditions.batch, conditions.dtype))
    for rule, count in found.reasons.items():
        yield "invalid", f"{count:,} {NO_FAULTS.get(rule) or _fault(found, rule)}"
    asked = [one.text for one in found.sweep.asked()]
    if asked:
        yield "limits", f"{'; '.join(asked)}: {found.met:,} of {found.valid:,} are within"
    if found.ran is not None:
        yield "check", in_words(found.ran.checked)
        yield "time", _time(found)


def _fault(found: SweepAnswers, rule: str) -> str:
    """Return what is wrong with the rows of a rule, by the first of them."""
    return f"by {rule}, such as: {found.sweep.example(rule)}"


def _time(found: SweepAnswers) -> str:
    ran = found.ran
    if ran is None or not ran.rows:
        return "nothing was made: all parts lay there"
    rate = units.rate(ran.rows / ran.seconds)
    text = f"{units.duration(1e3 * ran.seconds)} for {ran.rows:,} rows, {rate} per second"
    return f"{text}; at most {units.size(ran.peak_bytes)} in a process" if ran.peak_bytes else text
