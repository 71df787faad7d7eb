"""Runs of two machines side by side: matched by conditions, and what differs between them."""

from __future__ import annotations

from typing import Any

from archprof.commands.compare.loaded_tables import _below, loaded_tables
from archprof.show.table import Table, lines
from tests.commands.measure.runs import row, run


def cells(table: Table) -> dict[str, list[str]]:
    """Rows by their first cell."""
    return {r[0]: list(r[1:]) for r in table.rows}


def test_runs_are_matched_by_their_conditions() -> None:
    here = run(row(), row(batch=8), row(mode="graph"), device="old")
    there = run(row(batch=8, latency_ms=1.0), row(latency_ms=1.0), row(batch=64), device="new")
    found = cells(loaded_tables([here, there], ["old", "new"])[0])
    assert found["net batch 1 eager latency"] == ["2.00 ms", "1.00 ms", "0.50", "new"]
    assert found["net batch 8 eager latency"][2] == "0.50"
    assert found["net batch 1 graph latency"] == ["2.00 ms", "-", "-", "-"]
    assert found["net batch 64 eager latency"] == ["-", "2.00 ms", "-", "-"]


def test_runs_of_other_arithmetic_are_no_match() -> None:
    """A run of an earlier version does not say that it is without autocast."""
    here = run(row(), device="old")
    there = run(row(autocast=True), row(autocast=False, latency_ms=1.0), device="new")
    found = cells(loaded_tables([here, there], ["old", "new"])[0])
    assert found["net latency"] == ["2.00 ms", "1.00 ms", "0.50", "new"]
    assert found["net autocast latency"] == ["-", "2.00 ms", "-", "-"]


def test_conditions_that_differ_are_said() -> None:
    here, there = run(row(unmet=["10 runs"]), device="old"), run(row(), device="new")
    there["manifest"]["versions"]["torch"] = "2.14.0"
    there["manifest"]["flags"]["threads"] = 8
    there["manifest"]["specs"]["net"]["sha256"] = "1" * 64
    notes = loaded_tables([here, there], ["a", "b"])[0].notes
    assert ("a", "CPU old, 1 thread · torch 2.13.0") in notes
    assert [text for label, text in notes if label == "differ"] == [
        "torch: 2.13.0 against 2.14.0",
        "threads: 1 against 8",
        "the spec of net: the runs measured different texts",
    ]
    assert ("a", "net: the time limit of 15 s came before: 10 runs") in notes


def test_runs_of_two_machines_are_apart_where_their_intervals_are() -> None:
    """2 ms within 1 % reaches to 2.02, which 2.03 within 1 % reaches too (2.01), and 2.06 (2.04)
    does not. Older runs have no intervals.
    """

    def wins(latency: float, **given: Any) -> str:
        there = run(row(latency_ms=latency, **given))
        return cells(loaded_tables([run(row()), there], ["a", "b"])[0])["net latency"][-1]

    assert [wins(2.03), wins(2.06), wins(1.5)] == ["not decided", "a", "b"]
    group = [row(latency_ms=2.0), row(latency_ms=2.06), row(latency_ms=2.03)]
    assert [_below(group, i, j) for i, j in ((0, 1), (1, 0), (0, 2), (2, 0))] == [
        True,
        False,
        False,
        False,
    ]
    assert wins(9.0, latency_low_ms=None, latency_high_ms=None) == "not decided"


def test_what_a_file_says_is_printed_tame() -> None:
    """Escape sequences in a foreign file do not reach the terminal."""
    hostile = run(row(network="\x1b[31mred", peak_layer=None), device="\x1b]0;title\x07")
    for table in loaded_tables([hostile, hostile], ["\x1b[2J", "b"]):
        assert "\x1b" not in "".join(part for line in lines(table, 80) for part, _ in line)
