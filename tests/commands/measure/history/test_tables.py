"""Kept runs as tables: a line for each run, and the answer below."""

from __future__ import annotations

from typing import Any

from archprof.commands.measure.history.data import history_data
from archprof.commands.measure.history.store import KeptRun, KeptRuns
from archprof.commands.measure.history.tables import history_tables
from archprof.show.table import Table, lines, render
from tests.commands.measure.runs import lost, row, run


def tables(*runs: dict[str, Any], style: str = "table") -> list[Table]:
    found = [
        KeptRun(f"2026-05-0{i}T10:00:59Z", one["manifest"], one["measurements"])
        for i, one in enumerate(runs, 1)
    ]
    return history_tables(history_data(KeptRuns(found, 0)), style)


def test_a_line_for_each_run() -> None:
    """Each within 1 %: 1.98 to 2.02 ms, 2.04 to 2.08 ms, and the ratio 1.03 within 1.41 %."""
    new = run(row(latency_ms=2.06, peak_bytes=None))
    new["manifest"]["versions"]["torch"] = "2.14.0"
    new["manifest"]["specs"]["net"] |= {"commit": "abcdef0123", "modified": True}
    (table,) = tables(run(row()), new)
    assert table.title == (
        "net · 3x8x8 · batch 1 · float32 · contiguous · eager · CPU Paper CPU, 1 thread"
    )
    assert [list(cells) for cells in table.rows] == [
        [
            "2026-05-01 10:00",
            "2.00 ms",
            "1.98 ms to 2.02 ms",
            "500",
            "2.00 KiB",
            "2.13.0",
            "#0000000",
            "-",
        ],
        [
            "2026-05-02 10:00",
            "2.06 ms",
            "2.04 ms to 2.08 ms",
            "500",
            "-",
            "2.14.0",
            "abcdef0+",
            "slower (1.02 to 1.04)",
        ],
    ]
    assert list(table.notes)[:2] == [
        ("since", "slower than on 2026-05-01: 1.03 times as long (1.02 to 1.04)"),
        ("differ", "torch: 2.13.0 against 2.14.0"),
    ]
    assert max(sum(len(part) for part, _ in line) for line in lines(table, 80)) <= 80


def test_the_answer_in_words() -> None:
    near = {"latency_low_ms": 1.999, "latency_high_ms": 2.001}

    def answer(*runs: dict[str, Any]) -> str:
        return dict(tables(*runs)[0].notes)["since"]

    assert answer(run(row())) == ("cannot tell: there is no earlier run with a usable latency")
    assert answer(run(row(latency_ms=4.0)), run(row())).startswith("faster than on 2026-05-01: 0.5")
    assert answer(run(row(**near)), run(row(**near))) == (
        "the same as on 2026-05-01: 1 times as long (0.999 to 1)"
    )
    assert answer(run(row()), run(row())).startswith(
        "cannot tell whether it is faster or slower than on 2026-05-01: 1 times as long (0.986"
    )
    assert answer(run(row()), run(lost("failed"))) == (
        "cannot tell whether it is faster or slower than on 2026-05-01: net was not measured in"
        " both"
    )


def test_what_was_not_measured_says_so() -> None:
    wrong = [{"about": "latency", "message": "drifted"}]
    (table,) = tables(run(lost("out_of_memory")), run(row(contradictions=wrong)))
    assert [list(cells)[1:4] for cells in table.rows] == [
        ["out of memory", "-", "-"],
        ["unusable", "-", "-"],
    ]


def test_conditions_that_are_not_usual_stand_in_the_title() -> None:
    made = run(row(train=True, autocast=True, optimizer="adamw"))
    made["manifest"]["flags"] |= {
        "flush_cache": True,
        "deterministic_algorithms": True,
        "freeze": ["conv*", "fc"],
    }
    made["manifest"]["specs"]["net"]["overrides"] = {"depth": 3}
    (table,) = tables(made)
    assert (
        "eager · training · autocast · adamw · frozen: conv* fc · depth=3 · cache flushed ·"
        " deterministic" in table.title
    )


def test_a_csv_is_one_table_of_numbers() -> None:
    (table,) = tables(run(row(), row(batch=8)), run(row()), style="csv")
    written = render(table, "csv").splitlines()
    assert written[0] == (
        "Network,Device,Conditions,Date (UTC),Latency (ms),Latency low (ms),Latency high (ms),"
        "Images/s,Peak (bytes),torch,Spec,Verdict"
    )
    assert len(written) == 4
    assert written[1].startswith('net,"CPU Paper CPU, 1 thread",3x8x8 · batch 1 · float32')
    assert ",2026-05-01T10:00:59Z,2.0,1.98,2.02,500.0,2048,2.13.0," in written[1]


def test_words_of_the_file_are_printed_tame() -> None:
    hostile = run(row(network="\x1b[31mred"), device="\x1b]0;title\x07")
    hostile["manifest"]["versions"]["torch"] = "\x1b[2J"
    for table in tables(hostile, hostile):
        assert "\x1b" not in "".join(part for line in lines(table, 80) for part, _ in line)
    for style in ("csv", "md", "latex"):
        assert "\x1b" not in render(tables(hostile, style=style)[0], style)
