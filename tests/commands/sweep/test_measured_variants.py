"""Measured variants: the plan is the space's, and what was measured is kept with it."""

from pathlib import Path

from archprof.commands.sweep.device_options import DeviceOptions
from archprof.commands.sweep.measured_variants import (
    Data,
    measure_variants,
    milliseconds,
    variants_plan,
)
from archprof.sweeping.single import single_variants
from tests.commands.measure.runs import row
from tests.sweeping.tiny_spaces import SPACE, tiny_space

QUICK = DeviceOptions("cpu", 1, 0.05)


def test_each_variant_is_measured_alone_under_the_spaces_conditions(tmp_path: Path) -> None:
    space = tiny_space(tmp_path, SPACE + "conditions: {batch: 2, dtype: bfloat16}\n")
    plan = variants_plan(space, list(single_variants(space, [0, 13])), QUICK)
    (first,), (second,) = plan.groups
    assert (first.batch, first.dtype) == (second.batch, second.dtype) == (2, "bfloat16")
    assert first.graph.input == (3, 8, 8)
    assert second.graph.input == (3, 12, 12)
    assert plan.request.settings.threads == 1
    assert plan.request.rule.limit == 0.05
    assert plan.manifest["specs"]["tiny"]["overrides"] == {}  # those of no variant


def test_what_was_measured_is_kept_as_it_comes(tmp_path: Path) -> None:
    space = tiny_space(tmp_path)
    kept: list[Data] = []
    variants = list(single_variants(space, [0, 13]))
    found = measure_variants(space, variants, QUICK, kept.append)
    assert [len(data["variants"]) for data in kept] == [2, 2]
    assert found["variants"] == [
        {"row": 0, "parameters": {"width": 1, "blocks": 1, "input": 8}},
        {"row": 13, "parameters": {"width": 2, "blocks": 1, "input": 12}},
    ]
    assert found["space_hash"] == space.hash
    run = found["run"]
    assert run["complete"]
    assert [one["input"] for one in run["measurements"]] == [[3, 8, 8], [3, 12, 12]]
    assert all(one["noise"] is not None for one in run["measurements"])


def test_a_latency_that_cannot_be_used_is_none() -> None:
    contradiction = {"about": "latency", "message": "halves"}
    other = {"about": "attained", "message": "more than all"}
    rows = [
        row(latency_ms=3.0, contradictions=[]),
        row(contradictions=[contradiction]),
        row(latency_ms=4.0, contradictions=[other]),
        row(latency_ms=None, contradictions=[]),
    ]
    run = {"measurements": rows}
    assert [milliseconds(run, place) for place in range(5)] == [3.0, None, 4.0, None, None]
