"""Kept runs in groups of identical conditions, and whether the newest is slower."""

from __future__ import annotations

from typing import Any

from archprof.commands.measure.history.data import history_data
from archprof.commands.measure.history.store import KeptRun, KeptRuns
from tests.commands.measure.runs import Row, lost, row, run

DAYS = [f"2026-05-{day:02}T10:00:00Z" for day in range(1, 10)]


def kept(*runs: dict[str, Any]) -> KeptRuns:
    """The runs, one each day."""
    return KeptRuns(
        [
            KeptRun(day, one["manifest"], one["measurements"])
            for day, one in zip(DAYS, runs, strict=False)
        ],
        0,
    )


def groups(*runs: dict[str, Any], device: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = history_data(kept(*runs), device)["groups"]
    return found


def answers(*rows: Row) -> list[str | None]:
    """The verdict of each run, and last that of the group."""
    (group,) = groups(*map(run, rows))
    found = [*(one["verdict"] for one in group["runs"]), group["verdict"]]
    return [None if verdict is None else verdict["verdict"] for verdict in found]


def test_each_run_is_compared_with_the_earliest() -> None:
    """2.06 ms and 1.9 ms for 2 ms, each within 1 %: 3 % more and 5 % less, within 1.41 %."""
    assert answers(row(), row(latency_ms=1.9), row(latency_ms=2.06)) == [
        None,
        "faster",
        "slower",
        "slower",
    ]
    # the newest is faster than the second and slower than the first: the first counts
    assert answers(row(), row(latency_ms=9.0), row(latency_ms=3.0))[-1] == "slower"
    (group,) = groups(run(row()), run(row(latency_ms=2.06)))
    assert (group["since"], group["verdict"]["ratio"]) == (DAYS[0], 1.03)


def test_one_run_alone_has_no_verdict() -> None:
    assert answers(row()) == [None, None]
    (group,) = groups(run(row()))
    assert (group["since"], group["differences"]) == (None, [])


def test_what_has_no_latency_is_not_compared_with() -> None:
    """The first ran out of memory, the second contradicts itself: the third is the earliest."""
    wrong = [{"about": "latency", "message": "drifted"}]
    found = [lost("out_of_memory"), row(contradictions=wrong), row(), row(latency_ms=4.0)]
    assert answers(*found) == [None, None, None, "slower", "slower"]
    # the newest has none: nobody can tell
    assert answers(row(), lost("failed")) == [None, "cannot tell", "cannot tell"]
    assert answers(lost("failed"), row()) == [None, None, None]
    assert answers(lost("failed"), lost("failed")) == [None, None, None]
    (group,) = groups(run(row(contradictions=wrong)))
    assert [one["usable"] for one in group["runs"]] == [False]


def changed(part: str, **given: Any) -> dict[str, Any]:
    made = run(row())
    made["manifest"][part] |= given
    return made


def test_what_ran_otherwise_is_another_group() -> None:
    other_set = run(row())
    other_set["manifest"]["specs"]["net"]["overrides"] = {"depth": 3}
    others = [
        run(row(batch=8)),
        run(row(input=[3, 9, 9])),
        run(row(dtype="bfloat16")),
        run(row(mode="graph")),
        run(row(memory_format="channels_last")),
        run(row(train=True)),
        run(row(autocast=True)),
        changed("flags", threads=8),
        changed("flags", flush_cache=True),
        changed("device", name="Other CPU"),
        other_set,
    ]
    for other in others:
        assert len(groups(run(row()), other)) == 2


def test_what_became_of_it_is_the_question() -> None:
    """Versions and specs may change within a group; the limit of time is not a condition."""
    new = changed("versions", torch="2.14.0")
    new["manifest"]["flags"]["time_limit_s"] = 99.0
    new["manifest"]["specs"]["net"]["sha256"] = "1" * 64
    old = run(row())
    # another network of the same run does not concern this one
    old["manifest"]["specs"]["other"] = old["manifest"]["specs"]["net"]
    new["manifest"]["specs"]["other"] = new["manifest"]["specs"]["net"]
    (group,) = groups(old, new)
    assert group["differences"] == [
        "torch: 2.13.0 against 2.14.0",
        "the spec of net: the runs measured different texts",
    ]
    assert "time_limit_s" not in group["flags"]


def test_rows_of_one_run_are_in_their_groups() -> None:
    found = groups(run(row(), row(network="other"), row(batch=8)), run(row(batch=8), row()))
    assert [(group["network"], group["batch"], len(group["runs"])) for group in found] == [
        ("net", 1, 2),
        ("other", 1, 1),
        ("net", 8, 2),
    ]


def test_a_device_is_asked_for() -> None:
    runs = run(row(), device="Intel Xeon"), run(row(), device="AMD EPYC")
    names = {
        asked: [group["device"]["name"] for group in groups(*runs, device=asked)]
        for asked in ("xeon", "EPYC", "cpu", "cuda", "p")
    }
    assert names == {
        "xeon": ["Intel Xeon"],
        "EPYC": ["AMD EPYC"],
        "cpu": ["Intel Xeon", "AMD EPYC"],
        "cuda": [],
        "p": ["AMD EPYC"],
    }


def test_what_cannot_be_read_is_counted() -> None:
    assert history_data(KeptRuns([], 3)) == {"schema": 1, "passed_over": 3, "groups": []}
