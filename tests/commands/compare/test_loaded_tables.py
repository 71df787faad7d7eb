"""Runs of two machines side by side: matched by conditions, and what differs between them."""

from __future__ import annotations

from typing import Any

from archprof.commands.compare.loaded_tables import loaded_tables
from archprof.show.table import Table, lines
from tests.commands.measure.runs import row, run


def cells(table: Table) -> dict[str, list[str]]:
    """Rows by their first cell."""
    return {r[0]: list(r[1:]) for r in table.rows}


def test_runs_are_matched_by_their_conditions() -> None:
    """1 ms against 2 ms, each within 1 %: half as long within 1.4 %."""
    here = run(row(), row(batch=8), row(mode="graph"))
    there = run(row(batch=8, latency_ms=1.0), row(latency_ms=1.0), row(batch=64))
    found = cells(loaded_tables([here, there], ["old", "new"])[0])
    assert found["net batch 1 eager latency"] == [
        "2.00 ms",
        "1.00 ms",
        "0.50",
        "faster (0.493 to 0.507)",
    ]
    assert found["net batch 8 eager latency"][2] == "0.50"
    assert found["net batch 1 graph latency"] == ["2.00 ms", "-", "-", "-"]
    assert found["net batch 64 eager latency"] == ["-", "2.00 ms", "-", "-"]
    assert found["net batch 1 eager peak measured"][-1] == "same"


def test_runs_of_other_arithmetic_are_no_match() -> None:
    """A run of an earlier version does not say that it is without autocast."""
    here = run(row())
    there = run(row(autocast=True), row(autocast=False, latency_ms=1.0))
    found = cells(loaded_tables([here, there], ["old", "new"])[0])
    assert found["net latency"][:3] == ["2.00 ms", "1.00 ms", "0.50"]
    assert found["net latency"][3].startswith("faster")
    assert found["net autocast latency"] == ["-", "2.00 ms", "-", "-"]


def test_conditions_that_differ_are_said() -> None:
    here, there = run(row(unmet=["10 runs"])), run(row())
    there["manifest"]["versions"]["torch"] = "2.14.0"
    there["manifest"]["flags"]["threads"] = 8
    there["manifest"]["specs"]["net"]["sha256"] = "1" * 64
    table = loaded_tables([here, there], ["a", "b"])[0]
    assert ("a", "CPU Paper CPU, 1 thread · torch 2.13.0") in table.notes
    assert [text for label, text in table.notes if label == "differ"] == [
        "torch: 2.13.0 against 2.14.0",
        "threads: 1 against 8",
        "the spec of net: the runs measured different texts",
    ]
    assert ("a", "net: the time limit of 15 s came before: 10 runs") in table.notes
    # they are what a user may want to compare: there is a verdict
    assert cells(table)["net latency"][-1] == "cannot tell (0.986 to 1.01)"


def test_on_another_device_there_is_no_verdict() -> None:
    """The figures stand beside each other all the same."""
    runs = [run(row(), device="old"), run(row(latency_ms=1.0), device="new")]
    table = loaded_tables(runs, ["a", "b"])[0]
    assert cells(table)["net latency"] == ["2.00 ms", "1.00 ms", "0.50", "cannot tell"]
    assert ("cannot tell", "the device differs: name old against new") in table.notes


def test_verdicts_of_two_runs() -> None:
    """Each within 1 %, the ratio within 1.41 %: 2.02/2 = 1.01 reaches below 1, 2.04/2 = 1.02 does
    not. Older runs have no intervals.
    """

    def verdict(latency: float, **given: Any) -> str:
        there = run(row(latency_ms=latency, **given))
        return cells(loaded_tables([run(row()), there], ["a", "b"])[0])["net latency"][-1]

    assert [verdict(ms).partition(" (")[0] for ms in (2.02, 2.04, 1.96, 1.5)] == [
        "cannot tell",
        "slower",
        "faster",
        "faster",
    ]
    assert verdict(2.0, latency_low_ms=1.999, latency_high_ms=2.001).startswith("cannot tell (")
    assert verdict(9.0, latency_low_ms=None, latency_high_ms=None) == "cannot tell"


def test_of_three_runs_the_fastest_is_named() -> None:
    runs = [run(row()), run(row(latency_ms=1.5)), run(row(latency_ms=1.0))]
    table = loaded_tables(runs, ["a", "b", "c"])[0]
    assert cells(table)["net latency"] == ["2.00 ms", "1.50 ms (0.75)", "1.00 ms (0.50)", "c"]
    assert [column.title for column in table.columns][-1] == "wins"


def test_less_memory_is_said() -> None:
    here, less = run(row()), run(row(peak_bytes=2047))
    assert cells(loaded_tables([here, less], ["a", "b"])[0])["net peak measured"][-1] == "less"
    assert cells(loaded_tables([less, here], ["a", "b"])[0])["net peak measured"][-1] == "more"


def test_what_a_file_says_is_printed_tame() -> None:
    """Escape sequences in a foreign file do not reach the terminal."""
    hostile = run(row(network="\x1b[31mred", peak_layer=None), device="\x1b]0;title\x07")
    other = run(row(network="\x1b[31mred", peak_layer=None), device="\x1b]0;other\x07")
    for table in loaded_tables([hostile, other], ["\x1b[2J", "b"]):
        assert "\x1b" not in "".join(part for line in lines(table, 80) for part, _ in line)
