"""Networks in order: known by construction, whatever the order they were measured in, and ties
said to be ties.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archprof.commands.measure.judging.ranking import groups, order, ordered, places
from archprof.commands.measure.running.measurement import ratios
from archprof.commands.measure.running.sampling import Sampled
from archprof.commands.measure.writing.bench_tables import bench_table
from tests.commands.measure.runs import Row, lost, row, run, turns


def measured(medians: dict[str, float], spread: float, count: int = 20, seed: int = 0) -> list[Row]:
    """Rows whose ratios come from synthetic turns: each network's times within `spread` of its
    own, under a drift that all share.
    """
    draw = random.Random(seed)
    drift = [1 + 2 * i / count for i in range(count)]
    turns_of = [
        tuple(ms * slow * (1 + draw.uniform(-spread, spread)) for slow in drift)
        for ms in medians.values()
    ]
    sampled = [Sampled((), None, None, 0, 0, 0.0, "", (), taken) for taken in turns_of]
    names = list(medians)
    found = ratios(names, sampled)
    return [
        row(
            network=name,
            latency_ms=ms,
            interleaved_with=names[:i] + names[i + 1 :],
            ratios=[ratio._asdict() for ratio in found[i]],
        )
        for i, (name, ms) in enumerate(medians.items())
    ]


def named(group: list[Row]) -> dict[str, str]:
    return {one["network"]: str(place) for one, place in zip(group, places(group), strict=True)}


def test_the_order_is_the_one_that_was_put_in() -> None:
    """10 % apart, each known within 1 %, while the machine becomes three times slower."""
    group = measured({"c": 1.21, "a": 1.0, "b": 1.1}, 0.01)
    assert named(group) == {"c": "3", "a": "1", "b": "2"}
    assert [group[i]["network"] for i in ordered(group)] == ["a", "b", "c"]
    line = order(group, ["c", "a", "b"])
    assert line.startswith("a < b (1.1 times as long, 1.0")
    assert " < c (1.1 times as long, 1.0" in line


def test_what_the_noise_hides_is_a_tie() -> None:
    """Half a percent apart, each turn within 20 %: no order; the third is twice as slow and is
    last all the same.
    """
    group = measured({"a": 1.0, "b": 1.005, "slow": 2.0}, 0.2)
    assert named(group) == {"a": "1-2", "b": "1-2", "slow": "3"}
    assert order(group, ["a", "b", "slow"]).startswith("a ≈ b (0.")
    assert "times as long: cannot tell) < slow (" in order(group, ["a", "b", "slow"])


def test_ties_are_not_handed_on() -> None:
    """a and b are too near to be told apart, b and c too, a and c are not: a is never third, and
    c never first.
    """
    group = turns(
        row(network="a", latency_ms=1.0),
        row(network="b", latency_ms=1.03),
        row(network="c", latency_ms=1.06),
        spread=0.04,
    )
    assert named(group) == {"a": "1-2", "b": "1-3", "c": "2-3"}


@given(st.lists(st.floats(0.5, 2.0), min_size=2, max_size=6), st.floats(0.0, 0.3), st.randoms())
def test_no_permutation_changes_a_place(
    latencies: list[float], spread: float, draw: random.Random
) -> None:
    rows = [row(network=f"n{i}", latency_ms=ms) for i, ms in enumerate(latencies)]
    found = named(turns(*rows, spread=spread))
    shuffled = draw.sample(rows, len(rows))
    assert named(turns(*shuffled, spread=spread)) == found


@given(st.lists(st.floats(0.5, 2.0), min_size=2, max_size=6), st.floats(0.0, 0.3))
def test_places_hold_the_order(latencies: list[float], spread: float) -> None:
    """The place by the median is among those that a network can have, and the best of all is 1."""
    group = turns(
        *(row(network=f"n{i}", latency_ms=ms) for i, ms in enumerate(latencies)), spread=spread
    )
    found = places(group)
    for rank, i in enumerate(ordered(group), 1):
        place = found[i]
        assert place is not None
        assert place.best <= rank <= place.worst
    assert min(place.best for place in found if place) == 1


def test_what_has_no_latency_has_no_place() -> None:
    group = turns(row(network="a", latency_ms=1.0), lost("failed", "no", network="c"))
    assert named(group) == {"a": "1", "c": "None"}
    assert order(group, ["a", "c"]) == ""


def test_a_latency_that_drifted_keeps_its_place() -> None:
    """How long it takes is unusable; that it takes half as long as the other in every turn is
    not.
    """
    wrong = [
        {
            "about": "latency",
            "message": "the earlier half of the runs took 0.3 ms, the later half 0.7 ms",
        }
    ]
    rows = turns(
        row(network="a", latency_ms=1.0), row(network="b", latency_ms=0.5, contradictions=wrong)
    )
    table = bench_table(run(*rows))
    assert [list(cells[:4]) for cells in table.rows] == [
        ["1", "b", "1", "unusable"],
        ["2", "a", "1", "1.00 ms"],
    ]


def test_places_come_before_latencies() -> None:
    """A median may lie on the wrong side of another where the machine drifted: what counts are
    the turns side by side.
    """
    group = turns(row(network="a", latency_ms=1.0), row(network="b", latency_ms=1.2))
    group[1]["latency_ms"] = 0.9
    assert [group[i]["network"] for i in ordered(group)] == ["a", "b"]
    assert order(group, ["a", "b"]).startswith("a < b (1.2 times as long")


def test_measured_alone_nothing_is_decided() -> None:
    """At different moments the machine may have been different."""
    group = [row(network="a", latency_ms=1.0), row(network="b", latency_ms=5.0)]
    assert groups(group) == [group]
    assert named(group) == {"a": "1-2", "b": "1-2"}
    assert "not measured in enough turns beside it: cannot tell" in order(group, ["a", "b"])


def test_two_in_few_turns_are_compared_by_their_medians() -> None:
    """Too few turns for an interval of their ratio, but runs enough for one of each median:
    2.00 ms from 1.98 to 2.02 is twice 1.00 ms from 0.99 to 1.01, within 1.4 %.
    """

    def few(name: str, ms: float, **given: Any) -> Row:
        limits = {"latency_low_ms": 0.99 * ms, "latency_high_ms": 1.01 * ms}
        ratios = [{"network": "other", "median": None, "low": None, "high": None}]
        turns = {"interleaved_with": ["other"], "ratios": ratios}
        return row(network=name, latency_ms=ms, **limits) | turns | given

    group = [few("a", 1.0), few("b", 2.0)]
    assert named(group) == {"a": "1", "b": "2"}
    assert order(group, ["a", "b"]) == "a < b (2 times as long, 1.97 to 2.03)"
    unsure = [few("a", 1.0), few("b", 1.01)]
    assert named(unsure) == {"a": "1-2", "b": "1-2"}
    wrong = [{"about": "latency", "message": "the later half took twice as long"}]
    drifted = [few("a", 1.0), few("b", 2.0, contradictions=wrong)]
    assert named(drifted) == {"a": "1-2", "b": "1-2"}
    # of three all intervals are to be right together, which those of medians are not
    assert named([few("a", 1.0), few("b", 2.0), few("c", 4.0)])["a"] == "1-3"


def test_groups_are_those_that_took_turns() -> None:
    """The same network twice is a pair, and a second pair at the next batch."""
    twice = [*turns(row(), row()), *turns(row(batch=2), row(batch=2))]
    assert [len(group) for group in groups(twice)] == [2, 2]
    assert [
        len(group)
        for group in groups(
            [row(network="a"), row(network="b"), row(network="a"), row(network="b")]
        )
    ] == [2, 2]
    assert [len(group) for group in groups([row(), row(mode="graph")])] == [1, 1]
    sizes = [
        *turns(row(network="a"), row(network="b")),
        *turns(row(network="a", input=[3, 9, 9]), row(network="b", input=[3, 9, 9])),
    ]
    assert [len(group) for group in groups(sizes)] == [2, 2]


def said(data: dict[str, Any], label: str) -> list[str]:
    return [note for name, note in bench_table(data).notes if name == label]


def test_bench_shows_the_fastest_first() -> None:
    rows = turns(
        row(network="slow", latency_ms=3.0),
        row(network="quick", latency_ms=2.0),
        row(network="same", latency_ms=2.01),
    )
    table = bench_table(run(*rows))
    assert [column.title for column in table.columns[:3]] == ["Place", "Network", "Batch"]
    assert [list(cells[:2]) for cells in table.rows] == [
        ["1-2", "quick"],
        ["1-2", "same"],
        ["3", "slow"],
    ]
    assert said(run(*rows), "order") == [
        "quick ≈ same (0.985 to 1.03 times as long: cannot tell) < slow (1.49 times as long, 1.46"
        " to 1.52)"
    ]


def test_each_condition_has_its_order() -> None:
    rows = [
        one
        for batch in (1, 8)
        for one in turns(
            row(network="a", batch=batch, latency_ms=1.0),
            row(network="b", batch=batch, latency_ms=2.0 / batch),
        )
    ]
    assert [line.split(" (")[0] for line in said(run(*rows), "order")] == [
        "batch 1: a < b",
        "batch 8: b < a",
    ]
    many = [
        one
        for batch in range(1, 8)
        for one in turns(row(network="a", batch=batch), row(network="b", batch=batch))
    ]
    assert said(run(*many), "order")[-1] == "3 more such lines; the JSON has every ratio"


@pytest.mark.parametrize("rows", [[row()], [row(batch=1), row(batch=2)]])
def test_one_network_has_no_order(rows: list[Row]) -> None:
    assert said(run(*rows), "order") == []
    assert bench_table(run(*rows)).columns[0].title == "Batch"
