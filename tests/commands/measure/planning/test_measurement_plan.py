"""The plan of a measurement: which cases take turns."""

from __future__ import annotations

import re

import pytest

from archprof.commands.measure.measurement_options import MeasurementOptions
from archprof.commands.measure.planning import combinations, run_plan
from archprof.commands.measure.planning.measurement_plan import plan
from archprof.commands.measure.running.workload import Case
from archprof.problem import ProblemError

NETS = ["tests/data/lenet.yaml", "alexnet"]


def test_networks_take_turns_unless_their_batch_is_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At its largest batch a network leaves no room for another. The CPU stands in for a device."""
    monkeypatch.setattr(combinations, "check", lambda asked: None)
    options = MeasurementOptions("cpu", dtype="float32,bfloat16")
    together, apart = (
        plan("bench", NETS, options._replace(largest_batch=asked)) for asked in (False, True)
    )

    def named(groups: list[list[Case]]) -> list[list[tuple[str, str]]]:
        return [[(case.graph.network.name, case.dtype) for case in group] for group in groups]

    assert (together.largest, apart.largest) == (False, True)
    assert named(together.groups) == [
        [("lenet", "float32"), ("alexnet", "float32")],
        [("lenet", "bfloat16"), ("alexnet", "bfloat16")],
    ]
    assert named(apart.groups) == [
        [("lenet", "float32")],
        [("alexnet", "float32")],
        [("lenet", "bfloat16")],
        [("alexnet", "bfloat16")],
    ]
    assert apart.request.rule.sustained == 0
    loaded = plan("bench", NETS, options._replace(sustained=60.0))
    assert loaded.request.rule.sustained == 60
    assert loaded.manifest["flags"]["sustained_s"] == 60
    # of which the rules of consistency are told
    assert [run_plan._circumstances(one).sustained for one in (together, loaded)] == [False, True]


def test_what_is_frozen_is_frozen_in_each_network_that_has_it() -> None:
    options = MeasurementOptions("cpu", train=True, freeze=("conv2", "fc8"))
    planned = plan("compare", NETS, options)
    ((lenet, alexnet),) = planned.groups
    frozen = [[node.path for node in one.graph.nodes if node.frozen] for one in (lenet, alexnet)]
    assert frozen == [["conv2"], ["conv2", "fc8"]]
    assert planned.manifest["flags"]["freeze"] == ["conv2", "fc8"]
    assert "freeze" not in plan("compare", NETS, MeasurementOptions("cpu")).manifest["flags"]


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("nowhere", "`nowhere` names no parameter of lenet"),
        ("*", "lenet has no other parameters that a step could train"),
    ],
)
def test_what_cannot_be_frozen(pattern: str, says: str) -> None:
    options = MeasurementOptions("cpu", train=True, freeze=(pattern,))
    with pytest.raises(ProblemError, match=re.escape(says)):
        plan("bench", NETS, options)
