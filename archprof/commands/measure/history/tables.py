"""Kept runs over time as tables: one for each network, conditions and device; of a CSV one."""

from __future__ import annotations

from typing import Any

from archprof import units
from archprof.commands.measure.judging.verdict import EQUAL, UNKNOWN
from archprof.commands.measure.writing.bench_tables import STATUS, UNUSABLE
from archprof.commands.measure.writing.run_labels import threads_text, value_text
from archprof.show.table import Table, TableColumn

Group = dict[str, Any]
Kept = dict[str, Any]

COLUMNS = [
    TableColumn("Date (UTC)", right=False),
    TableColumn("Latency", unit="ms"),
    TableColumn("95 %", unit="ms", drop=3),
    TableColumn("Images/s", drop=2),
    TableColumn("Peak", unit="bytes", drop=4),
    TableColumn("torch", right=False, drop=5),
    TableColumn("Spec", right=False, drop=6),
    TableColumn("Verdict", right=False, style="cyan", wraps=True),
]
FLAT = [
    *(TableColumn(name, right=False) for name in ("Network", "Device", "Conditions")),
    *COLUMNS[:2],
    TableColumn("Latency low", unit="ms"),
    TableColumn("Latency high", unit="ms"),
    *COLUMNS[3:],
]
"""The columns of a CSV, where an interval is two numbers."""

VERDICT_NOTE = (
    "against the earliest of these runs, by the 95 % interval of the ratio of two medians; same"
    f" where all of it lies within {100 * EQUAL:g} %. What the machine did between the runs is in"
    " no interval"
)


def history_tables(data: dict[str, Any], style: str) -> list[Table]:
    """Return a table for each group, or one of all rows for a CSV."""
    groups: list[Group] = data["groups"]
    if style == "csv":
        rows = [
            [group["network"], _device(group), _conditions(group), *_flat_cells(one)]
            for group in groups
            for one in group["runs"]
        ]
        return [Table(FLAT, rows)]
    return [_table(group) for group in groups]


def _table(group: Group) -> Table:
    parts = [group["network"], _conditions(group), _device(group)]
    notes = _answer(group)
    rows = [_cells(one) for one in group["runs"]]
    return Table(COLUMNS, rows, units.printable(" · ".join(parts)), notes)


def _conditions(group: Group) -> str:
    """Return the conditions of a group, those that are usual left out."""
    parts = [
        value_text(group["input"]),
        f"batch {group['batch']}",
        *(group[name] for name in ("dtype", "memory_format", "mode")),
    ]
    if group["train"]:
        parts.append("training")
    if group["autocast"]:
        parts.append("autocast")
    if group["optimizer"]:
        parts.append(group["optimizer"])
    if group["flags"].get("freeze"):
        parts.append(f"frozen: {' '.join(group['flags']['freeze'])}")
    parts += [f"{name}={value}" for name, value in group["overrides"].items()]
    if group["flags"].get("flush_cache"):
        parts.append("cache flushed")
    if group["flags"].get("deterministic_algorithms"):
        parts.append("deterministic")
    return " · ".join(parts)


def _device(group: Group) -> str:
    name = group["device"]["name"]
    if group["device"]["type"] != "cpu":
        return str(name)
    return f"CPU {name}, {threads_text(group['flags']['threads'])}"


def _cells(one: Kept) -> list[str]:
    """Return the cells of a run."""
    peak, rate = one["peak_bytes"], one["images_per_s"]
    return [
        one["date"][:16].replace("T", " "),
        _latency(one),
        _between(one) if one["usable"] else "-",
        units.rate(rate) if rate is not None and one["usable"] else "-",
        "-" if peak is None else units.size(peak),
        one["versions"]["torch"],
        _spec(one),
        _verdict(one),
    ]


def _flat_cells(one: Kept) -> list[str]:
    """Return the cells of a run with its whole date and each limit of its interval by itself."""
    _, latency, _, *others = _cells(one)
    limits = [one["latency_low_ms"], one["latency_high_ms"]]
    texts = [units.duration(ms) if ms is not None and one["usable"] else "-" for ms in limits]
    return [one["date"], latency, *texts, *others]


def _latency(one: Kept) -> str:
    if one["status"] != "measured":
        return STATUS[one["status"]]
    return units.duration(one["latency_ms"]) if one["usable"] else UNUSABLE


def _between(one: Kept) -> str:
    low, high = one["latency_low_ms"], one["latency_high_ms"]
    if low is None or high is None:
        return "-"
    return f"{units.duration(low)} to {units.duration(high)}"


def _spec(one: Kept) -> str:
    """Return the commit that last changed the spec, `+` where it was changed since, else a hash."""
    if one["commit"] is None:
        return "-" if one["spec_sha256"] is None else f"#{one['spec_sha256'][:7]}"
    return f"{one['commit'][:7]}{'+' if one['modified'] else ''}"


def _verdict(one: Kept) -> str:
    """Return the verdict of a run with its interval."""
    found = one["verdict"]
    if found is None:
        return "-"
    if found["low"] is None:
        return str(found["verdict"])
    return f"{found['verdict']} ({found['low']:.3g} to {found['high']:.3g})"


def _answer(group: Group) -> list[tuple[str, str]]:
    """Return whether it became slower, and what differs."""
    if group["verdict"] is None:
        return [("since", f"{UNKNOWN}: there is no earlier run with a usable latency")]
    notes = [("since", _compared(group["verdict"], f"on {group['since'][:10]}"))]
    if group["verdict_on_before"] is not None:
        moment = group["before"][:16].replace("T", " ")
        notes.append(("before", _compared(group["verdict_on_before"], f"the run before, {moment}")))
    differ = [("differ", one) for one in group["differences"]]
    return [*notes, *differ, ("verdict", VERDICT_NOTE)]


def _compared(found: dict[str, Any], other: str) -> str:
    """Return a verdict in words, with its interval or its reason."""
    text = f"{found['verdict']} than {other}"
    if found["verdict"] == "same":
        text = f"the same as {other}"
    if found["verdict"] == UNKNOWN:
        text = f"{UNKNOWN} whether it is faster or slower than {other}"
    if found["ratio"] is not None:
        interval = f"{found['low']:.3g} to {found['high']:.3g}"
        return f"{text}: {found['ratio']:.3g} times as long ({interval})"
    return f"{text}: {found['reason']}" if found["reason"] else text
