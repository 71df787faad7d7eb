"""Plans of checkpoints: the cheapest under a budget, against all plans there are and torch."""

import functools
import math

import pytest

import archprof
from archprof.graph.freezing import freeze
from archprof.graph.graph import Graph
from archprof.problem import ProblemError
from archprof.training import plan_search
from archprof.training.checkpoints import Flow
from archprof.training.conditions import StepConditions
from archprof.training.intervals import Intervals
from archprof.training.optimizers import UpdateRule
from archprof.training.plan_search import Programme
from archprof.training.plans import Again, auto_plan, block_plan
from archprof.training.step import simulate
from tests.effort import NIGHTLY
from tests.small import graph_of
from tests.training.checkpointed import choices, grouped, tracked_with
from tests.training.tracked import PHASES

GROUPS, PLANS = (7, 610) if NIGHTLY else (6, 233)
"""So many groups have so many plans: f(n) = f(n-1) + the sum of all f below n."""
BUDGETS = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6)  # of the peak without checkpoints


def programme_of(graph: Graph, conditions: StepConditions, groups: int) -> Programme:
    plain = simulate(graph, conditions)
    return Programme(Intervals(Flow(graph), conditions, grouped(graph, groups), plain))


@functools.cache
def every_plan(name: str, groups: int, batch: int) -> list[tuple[int, int]]:
    """The peak and the FLOPs run again of each plan of so many groups."""
    graph = archprof.load(name).graph
    parts = [part for part, _ in grouped(graph, groups)]
    found = []
    for choice in choices(groups):
        plan = tuple((sum(parts[start:end], ()), again) for start, end, again in choice)
        step = simulate(graph, StepConditions(batch=batch, checkpoints=plan))
        found.append((step.peak.live, 2 * step.recomputed.macs + step.recomputed.flops))
    return found


@pytest.mark.parametrize("name", ["resnet20", "vgg11_bn", "mobilenet_v2"])
def test_the_programme_finds_the_cheapest_of_all_plans(name: str) -> None:
    """The budgets are of the peak without checkpoints, at batch 4."""
    graph, conditions = archprof.load(name).graph, StepConditions(batch=4)
    plans = every_plan(name, GROUPS, 4)
    assert len(plans) == PLANS
    programme = programme_of(graph, conditions, GROUPS)
    without = simulate(graph, conditions).peak.live
    for share in BUDGETS:
        budget = int(without * share)
        cheapest = min((flops for peak, flops in plans if peak <= budget), default=None)
        choice = programme.cheapest(budget)
        if cheapest is None:
            assert choice is None, share
            continue
        assert choice is not None, share
        parts = tuple((programme.intervals.joined(s, e), again) for s, e, again in choice)
        step = simulate(graph, conditions.replaced(checkpoints=parts))
        assert step.peak.live <= budget
        assert 2 * step.recomputed.macs + step.recomputed.flops == cheapest, share


@pytest.mark.parametrize("name", ["resnet20", "mobilenet_v2", "vit_b_16"])
def test_a_choice_fits_where_the_cheapest_is_found(name: str) -> None:
    graph, conditions = archprof.load(name).graph, StepConditions(batch=4)
    programme, without = programme_of(graph, conditions, 99), simulate(graph, conditions).peak.live
    budgets = [without * percent // 100 for percent in range(20, 101, 4)]
    found = [programme.cheapest(budget) is not None for budget in budgets]
    assert [programme.fits(budget) for budget in budgets] == found == sorted(found)


CONDITIONS = {
    "autocast": StepConditions(batch=4, autocast=True),
    "accumulate": StepConditions(batch=4, accumulate=2),
    "gradients stay": StepConditions(batch=4, set_to_none=False),
    "frozen": StepConditions(batch=4),
    "observed": StepConditions(batch=4, observed=True),
    "momentum": StepConditions(batch=4, optimizer=UpdateRule("momentum")),
    "larger": StepConditions(batch=64),
}


@pytest.mark.parametrize("which", CONDITIONS)
def test_parts_by_themselves_add_up_under_every_condition(which: str) -> None:
    """The first choice of the programme keeps to its budget when the whole step is simulated."""
    graph, conditions = archprof.load("resnet20").graph, CONDITIONS[which]
    if which == "frozen":
        graph = freeze(graph, ["conv1", "layer1"])
    programme = programme_of(graph, conditions, 99)
    without = simulate(graph, conditions).peak.live
    kept = 0
    for share in (0.95, 0.9, 0.85, 0.8):
        choice = programme.cheapest(int(without * share))
        if choice is not None:
            parts = tuple((programme.intervals.joined(s, e), again) for s, e, again in choice)
            step = simulate(graph, conditions.replaced(checkpoints=parts))
            assert step.peak.live <= without * share
            kept += 1
    assert kept >= 2


def test_what_the_forward_pass_takes_counts_too() -> None:
    """Where the classifier alone trains, nothing is kept, and the peak is in the forward pass."""
    graph = freeze(archprof.load("resnet20").graph, ["conv1", "bn1", "layer*"])
    conditions = StepConditions(batch=4)
    peak = simulate(graph, conditions).peak
    assert peak.phase == "forward"
    assert programme_of(graph, conditions, 99).cheapest(peak.live) is not None
    assert programme_of(graph, conditions, 99).cheapest(int(0.9 * peak.live)) is None


def test_a_plan_takes_in_torch_what_it_says() -> None:
    graph, conditions = archprof.load("resnet20").graph, StepConditions(batch=4)
    without = simulate(graph, conditions).peak.live
    plan = auto_plan(graph, conditions, int(0.75 * without))
    assert plan.peak <= 0.75 * without
    assert plan.peak_without == without
    assert tracked_with(graph, plan.parts, size=4).peak(*PHASES).live == plan.peak


def test_a_step_that_fits_has_no_checkpoints() -> None:
    graph, conditions = archprof.load("resnet20").graph, StepConditions(batch=4)
    without = simulate(graph, conditions).peak.live
    plan = auto_plan(graph, conditions, without)
    assert plan.parts == plan.again == ()
    assert (plan.peak, plan.flops_again) == (without, 0)
    assert plan.sentence == "nothing runs again; the step's peak is 7.17 MiB"


def chain_of(*layers: str) -> Graph:
    return graph_of({f"l{i}": f"op: {layer}" for i, layer in enumerate(layers)}, (4, 16, 16))


def test_where_no_plan_fits_the_least_peak_is_found() -> None:
    """Of 6 parts there are 233 plans; halving the room 10 times leaves a thousandth of it."""
    convolution = "conv2d, out: 4, kernel: 3, padding: 1"
    graph = chain_of(convolution, "tanh", convolution, "sigmoid", convolution, "tanh")
    conditions = StepConditions(batch=4)
    least = math.inf
    for choice in choices(6):
        parts = tuple((tuple(range(start, end)), again) for start, end, again in choice)
        step = simulate(graph, conditions.replaced(checkpoints=parts))
        least = min(least, step.peak.live)
    plan = auto_plan(graph, conditions, 1000)
    assert least <= plan.peak <= least + plan.peak_without / 1000
    assert plan.again


def test_of_plans_that_run_the_same_again_the_shortest_is_taken() -> None:
    """A linear layer keeps its input alone: as a checkpoint it would run nothing again."""
    graph = chain_of("conv2d, out: 4, kernel: 3", "tanh", "tanh", "flatten", "linear, out: 10")
    without = simulate(graph, StepConditions(batch=4)).peak.live
    plan = auto_plan(graph, StepConditions(batch=4), without - 1)
    assert plan.peak < without
    assert all("l4" not in part for part in plan.again)


def test_a_block_is_one_plan() -> None:
    """ResNet-20 has 9 blocks, from 16x32x32 to 64x8x8; behind the last convolution of each come a
    norm, which keeps its input and so ends the second run, the sum and the relu. What runs again of
    products: the two convolutions of each block, 2 * 2,359,296 multiply-accumulates with 16, 32 and
    64 channels, half the first where the block halves the image; 4 samples.
    """
    graph = archprof.load("resnet20").graph
    plan = block_plan(graph, "basic", StepConditions(batch=4))
    whole = 16 * 32 * 32 * 16 * 9
    assert whole == 2_359_296
    assert plan.macs_again == 4 * (9 * 2 * whole - 2 * whole // 2)
    assert plan.again[0] == Again("layer1.0.conv1", "layer1.0.relu2", 7)
    assert plan.flops_again > 2 * plan.macs_again
    assert plan.sentence.startswith(
        "9 parts run again in the backward pass: layer1.0.conv1 to layer1.0.relu2 (7 layers), "
    )
    assert plan.sentence.endswith("of the forward pass's FLOPs once more")


def test_one_layer_is_called_by_its_name_alone() -> None:
    graph = chain_of("conv2d, out: 4, kernel: 3", "tanh", "tanh")
    plan = block_plan(graph, "l1")
    assert plan.sentence.startswith("1 part runs again in the backward pass: l1; the step's peak")


def test_a_block_that_is_no_part_makes_no_plan() -> None:
    graph = archprof.load("resnet20").graph
    with pytest.raises(ProblemError, match="overwrites it in place"):
        block_plan(graph, "layer1.0.relu1")


def test_alike_parts_are_simulated_once() -> None:
    """The 9 blocks are of 5 kinds: 3 alike in the first stage; in the others one that halves the
    image and 2 alike.
    """
    graph = archprof.load("resnet20").graph
    flow, conditions = Flow(graph), StepConditions(batch=2)
    intervals = Intervals(flow, conditions, flow.chain(), simulate(graph, conditions))
    blocks = [i for i, part in enumerate(intervals.parts) if len(part) >= 7]
    assert len(blocks) == 9
    before = intervals.simulated
    for index in blocks:
        intervals.of(index, index + 1, again=True)
    sizes = [len(intervals.parts[index]) for index in blocks]
    assert intervals.simulated - before == sizes[0] + sum(sizes[3:5]) + sum(sizes[6:8])


def test_a_frozen_part_is_not_like_one_that_trains() -> None:
    """The second block of a stage with the shapes of the third, and no gradient of its own: two
    convolutions of 3x3 from 32 to 32 channels and two norms of 64 numbers, of 4 bytes each.
    """
    graph = freeze(archprof.load("resnet20").graph, ["layer2.1"])
    flow, conditions = Flow(graph), StepConditions(batch=2)
    intervals = Intervals(flow, conditions, flow.chain(), simulate(graph, conditions))
    blocks = [i for i, part in enumerate(intervals.parts) if len(part) >= 7]
    still, trains = (intervals.of(index, index + 1, again=False) for index in blocks[4:6])
    assert still.gradients == 0
    assert trains.gradients == 4 * (2 * 9 * 32 * 32 + 2 * 64)


def test_the_programmes_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """ResNet-1202 has 605 parts; of its longer checkpoints none is tried beyond the bound."""
    monkeypatch.setattr(plan_search, "SIMULATED", 60)
    graph = archprof.load("resnet1202").graph
    conditions = StepConditions()
    programme = programme_of(graph, conditions, 999)
    assert programme.count == 605
    longest = max(end - start for start, ends in enumerate(programme.ends) for end in ends)
    assert longest < 64
    assert programme.intervals.simulated < 60 + 64 * 9
    choices_of_all = sum(map(len, programme.ends)) + programme.count
    assert programme.grains * choices_of_all <= plan_search.STATES
