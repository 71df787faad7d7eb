"""How long a run will take: nothing is known before the first measurement, then work is foreseen
at its speed.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch

import archprof
from archprof.commands.measure.on_device.clock import Turn
from archprof.commands.measure.on_device.sensors import Sensors
from archprof.commands.measure.planning import progress
from archprof.commands.measure.planning.measurement_plan import Plan
from archprof.commands.measure.planning.progress import AROUND, PREPARED, Course, describe, duration
from archprof.commands.measure.running.end_to_end import Request
from archprof.commands.measure.running.sampling import Sampler, StopRule
from archprof.commands.measure.running.workload import Case


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    now = {"now": 100.0}
    monkeypatch.setattr(progress.time, "monotonic", lambda: now["now"])
    return now


@pytest.fixture
def plan() -> Plan:
    graph = archprof.load("tests/data/lenet.yaml").graph
    return Plan(
        [[Case(graph, batch)] for batch in (1, 1, 1000)],
        Request(torch.device("cpu"), Sensors(), rule=StopRule(limit=50.0)),
        {},
    )


def row(plan: Plan, milliseconds: float | None) -> dict[str, Any]:
    return {
        "latency_ms": milliseconds,
        "flops": archprof.load("tests/data/lenet.yaml").analyze().totals.flops,
    }


def test_before_the_first_the_least_is_foreseen(plan: Plan, clock: dict[str, float]) -> None:
    """Three networks to build, and half a second of work each."""
    course = Course(plan)
    assert course.left() == pytest.approx(3 * (PREPARED + 0.5))
    clock["now"] += 2
    assert course.left() == pytest.approx(3 * (PREPARED + 0.5) - 2)
    clock["now"] += 100
    assert course.left() == 0


def test_then_the_rest_is_foreseen_at_the_speed_of_the_first(
    plan: Plan, clock: dict[str, float]
) -> None:
    """1 ms an image: a run of 1000 takes 1 s, ten of them 10 s, and as many as AROUND are not
    counted. The first took twice what was foreseen.
    """
    course = Course(plan)
    one = PREPARED + AROUND * 1e-3 + 0.5
    clock["now"] += 2 * one
    course.finished([row(plan, 1.0)])
    assert course.left() == pytest.approx(2 * (one + PREPARED + AROUND * 1.0 + 10.0))


def test_a_sustained_load_is_foreseen(plan: Plan, clock: dict[str, float]) -> None:
    rule = plan.request.rule._replace(sustained=60.0)
    loaded = plan._replace(request=plan.request._replace(rule=rule))
    assert Course(loaded).left() == pytest.approx(3 * (PREPARED + 0.5 + 60))


def test_searches_take_as_long_as_those_before(plan: Plan, clock: dict[str, float]) -> None:
    """Nobody knows at which batch they end: 90 s for the first, so 180 for two, 5 of them over."""
    course = Course(plan._replace(largest=True))
    assert course.left() == pytest.approx(3 * (PREPARED + 0.5))
    clock["now"] += 90
    course.finished([row(plan, 1.0)])
    clock["now"] += 5
    assert course.left() == pytest.approx(175)
    clock["now"] += 500
    assert course.left() == 0


def test_a_measurement_that_failed_teaches_nothing(plan: Plan, clock: dict[str, float]) -> None:
    course = Course(plan)
    clock["now"] += PREPARED + 0.5
    course.finished([row(plan, None)])
    assert course.left() == pytest.approx(2 * (PREPARED + 0.5))


def test_what_is_measured_is_named(plan: Plan) -> None:
    case = plan.groups[0][0]._replace(train=True)
    assert (
        describe([case, case], []) == "lenet, lenet · batch 1 · float32 eager training · warming up"
    )
    sampler = Sampler(StopRule())
    sampler.add(Turn([1.0, 1.0, 1.3], [], []))
    # stdev 0.1732 of a mean of 1.1
    assert (
        describe([case], [sampler])
        == "lenet · batch 1 · float32 eager training · 3 runs, noise 15.7 %"
    )


def test_time_to_go_is_rough() -> None:
    assert (duration(8.4), duration(99), duration(240)) == (
        "about 8 s left",
        "about 99 s left",
        "about 4 min left",
    )


def test_on_a_pipe_a_line_now_and_then(
    plan: Plan, clock: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    """Hearing four times a second for a hundred seconds: the first line after 10 s, then one in
    30: at 10, 40, 70 and 100.
    """
    with Course(plan) as course:
        for quarter in range(401):
            clock["now"] = 100 + quarter / 4
            course.show(plan.groups[0], [])
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.rpartition(" · ")[0] for line in said.err.splitlines()] == [
        "archprof: measuring 1 of 3: lenet · batch 1 · float32 eager · warming up"
    ] * 4


def test_on_a_pipe_short_runs_are_silent(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    with Course(plan) as course:
        course.show(plan.groups[0], [])
        course.finished([row(plan, 1.0)])
    with progress.working("something"):
        pass
    assert capsys.readouterr() == ("", "")
