"""Whole steps with an optimizer: every tensor's birth, on real tensors, as torch takes them when
nobody looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import archprof
from archprof.autograd.run import GRADIENTS, STATE
from archprof.graph.freezing import freeze
from archprof.graph.graph import Graph
from archprof.model.compile import assemble
from archprof.model.step_tracker import StepTracker, track_step
from archprof.training.conditions import StepConditions
from archprof.training.optimizers import IMPLEMENTATIONS, UpdateRule
from archprof.training.step import Timeline, simulate
from tests.small import graph_of
from tests.training.updates import Loop, of_optimizer

BATCH = 2
ALL_AROUND = {"clip": True, "scaler": True, "ema": True}
RULES = [
    UpdateRule(name, implementation)
    for name, known in IMPLEMENTATIONS.items()
    for implementation in known
    if name != "adam8bit"
]
SOME = [
    UpdateRule("sgd", weight_decay=True),
    UpdateRule("momentum", "foreach", True, **ALL_AROUND),
    UpdateRule("adamw", **ALL_AROUND),
    UpdateRule("adafactor", "foreach"),
]


def tracked(
    graph: Graph,
    rule: UpdateRule,
    first: bool,
    dtype: torch.dtype = torch.float32,
    forward: Callable[[nn.Module], Any] | None = None,
    **conditions: Any,
) -> StepTracker:
    """Follow a first or a second step of a network that torch runs. `forward`: what is run of the
    module.
    """
    model = assemble(graph, aux_heads=True).to(dtype).train()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.01)
    loop = Loop(rule, model)
    return track_step(
        model if forward is None else forward(model),
        model,
        torch.randn(BATCH, *graph.input, dtype=dtype),
        torch.zeros(BATCH, dtype=torch.int64),
        optimizer=loop.optimizer,
        unobserved=True,
        steps_before=0 if first else 1,
        auxiliary=len(graph.aux_outputs) if forward is None else 0,
        scale=loop.scale,
        update=loop.update,
        kept=loop.kept,
        **conditions,
    )


def assert_equal(tracker: StepTracker, timeline: Timeline) -> None:
    """Hold bytes after every kernel, and the names of those of the optimizer."""
    expected = [(birth.phase, birth.live) for birth in tracker.births]
    assert [(birth.phase, birth.live) for birth in timeline.births] == expected
    assert of_optimizer(timeline.births) == of_optimizer(tracker.births)


def assert_step(graph: Graph, rule: UpdateRule, first: bool, **conditions: Any) -> Timeline:
    timeline = simulate(
        graph, StepConditions(batch=BATCH, optimizer=rule, first=first, **conditions)
    )
    assert_equal(tracked(graph, rule, first, **conditions), timeline)
    return timeline


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.implementation}")
def test_lenet5(rule: UpdateRule, first: bool) -> None:
    graph = archprof.load("lenet5").analyze().graph
    assert_step(graph, rule, first)
    assert_step(graph, rule, first, set_to_none=False)
    assert_step(graph, rule.replaced(**ALL_AROUND), first, accumulate=2)


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize("rule", SOME, ids=lambda rule: f"{rule.name}-{rule.implementation}")
def test_resnet18(rule: UpdateRule, first: bool) -> None:
    graph = archprof.load("resnet18").analyze().graph
    assert_step(graph, rule, first)


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_googlenet_with_its_heads(first: bool) -> None:
    graph = archprof.load("googlenet").analyze().graph
    assert_step(graph, UpdateRule("adam", weight_decay=True), first, set_to_none=False)


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_heads_that_are_not_in_the_loss_have_no_state(first: bool) -> None:
    """Their outputs live until the forward function returns, which is torch's alone: compared is
    what follows.
    """
    graph = archprof.load("googlenet").analyze().graph
    rule = UpdateRule("adamw")

    def main_output(model: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda image: model(image)[0]  # type: ignore[no-any-return]

    tracker = tracked(graph, rule, first, forward=main_output)
    without = graph.replaced(aux_outputs=())
    timeline = simulate(without, StepConditions(batch=BATCH, optimizer=rule, first=first))
    phases = ("start", "backward", "optimizer", "end")
    expected = [(b.phase, b.live) for b in tracker.births if b.phase in phases]
    assert [(b.phase, b.live) for b in timeline.births if b.phase in phases] == expected


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.implementation}")
def test_three_parameters(rule: UpdateRule, first: bool) -> None:
    """A convolution without a bias, and scores: where the optimizer makes the peak."""
    layers = {
        "conv": "op: conv2d, out: 8, kernel: 3, bias: false",
        "pool": "op: adaptive_avg_pool2d, size: 1",
        "flat": "op: flatten",
        "fc": "op: linear, out: 300",
    }
    graph = graph_of(layers, (3, 4, 4))
    timeline = assert_step(graph, rule, first)
    if rule.name == "adam" and rule.implementation != "fused":
        assert timeline.peak.phase == "optimizer"


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_frozen_parameters_have_no_state(first: bool) -> None:
    graph = freeze(archprof.load("lenet5").graph, ["c1", "c3", "c5", "f6"])
    for rule in (UpdateRule("momentum"), UpdateRule("adamw", "foreach", ema=True)):
        timeline = assert_step(graph, rule, first)
        assert timeline.births[-1].kinds[STATE] > 0


def test_master_weights_of_a_network_in_half_precision() -> None:
    graph = archprof.load("lenet5").analyze().graph
    for rule in (UpdateRule("momentum"), UpdateRule("adamw", "foreach", ema=True)):
        wide = rule.replaced(master_weights=True)
        for first in (True, False):
            tracker = tracked(graph, wide, first, dtype=torch.bfloat16)
            conditions = StepConditions(batch=BATCH, itemsize=2, optimizer=wide, first=first)
            timeline = simulate(graph, conditions)
            assert of_optimizer(timeline.births) == of_optimizer(tracker.births)
            assert timeline.births[-1].live == tracker.births[-1].live


def test_what_is_alive_is_what_the_birth_says() -> None:
    """At births of every phase, the bytes of each kind; state is there before its parameters are
    known.
    """
    graph = archprof.load("lenet5").analyze().graph
    conditions = StepConditions(
        batch=BATCH, optimizer=UpdateRule("adamw", ema=True), set_to_none=False
    )
    births = simulate(graph, conditions).births
    assert births[0].kinds[STATE] == births[-1].kinds[STATE] > 0
    assert births[0].kinds[GRADIENTS] == births[-1].kinds[GRADIENTS] > 0
    for place in (0, 3, len(births) // 2, len(births) - 2):
        timeline = simulate(graph, conditions, watch=place)
        by_kind = [0] * len(births[place].kinds)
        for held in timeline.alive:
            by_kind[held.kind] += held.bytes
        assert tuple(by_kind) == timeline.births[place].kinds == births[place].kinds


def test_arithmetic_of_an_update_is_apart() -> None:
    """For each of LeNet-5's parameters: momentum with decay 4 + 2, clipped 3, unscaled 2, averaged
    3; a fused kernel is looked after by 2 and unscales by 1.
    """
    graph = archprof.load("lenet5").analyze().graph
    parameters = archprof.load("lenet5").analyze().totals.params
    rule = UpdateRule("momentum", weight_decay=True, **ALL_AROUND)
    plain = simulate(graph, StepConditions(optimizer=UpdateRule()))
    around = simulate(graph, StepConditions(optimizer=rule))
    assert plain.update.flops == 2 * parameters
    assert around.update.flops == (4 + 2 + 3 + 2 + 3) * parameters
    assert around.update.macs == 0
    fused = rule.replaced(implementation="fused", clip=False)
    checked = simulate(graph, StepConditions(optimizer=fused))
    assert checked.update.flops == (4 + 2 + 2 + 1 + 3) * parameters
    averaged = StepConditions(optimizer=UpdateRule(ema=True))
    assert simulate(freeze(graph, ["*"]), averaged).update.flops == 3 * parameters


def test_births_of_the_optimizer_name_the_layer() -> None:
    """Where all parameters are updated together, they name none."""
    graph = graph_of({"fc": "op: linear, out: 3"}, (5,))
    paths = {}
    for implementation in ("single", "foreach", "fused"):
        rule = UpdateRule("adamw", implementation, master_weights=True)
        conditions = StepConditions(itemsize=2, optimizer=rule, first=True)
        births = simulate(graph, conditions).births
        paths[implementation] = [(b.kernel, b.path) for b in births if b.phase == "optimizer"]
    widened = [("_to_copy", "fc")] * 2
    moments = [("zeros_like", "fc")] * 2
    made = widened + 2 * [("lift_fresh", "fc"), *moments]
    assert paths["single"] == made + 2 * [("sqrt", "fc"), ("div", "fc")]
    assert paths["foreach"] == [*made, ("lift_fresh", ""), ("_foreach_sqrt", "")]
    assert paths["fused"] == widened + 2 * [("zeros", "fc"), *moments]
