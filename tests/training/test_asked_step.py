"""A step in users' words: its peak, its FLOPs, its checkpoints, and what is refused."""

import pytest

import archprof
from archprof.problem import ProblemError
from archprof.training.asked_step import AskedStep
from archprof.training.conditions import StepConditions
from archprof.training.optimizers import UpdateRule
from archprof.training.plans import block_plan
from archprof.training.training_conditions import TrainingWords

RESNET18 = archprof.load("resnet18").analyze().graph
MOMENTUM = TrainingWords("momentum", device="cuda")


def test_the_peak_of_a_step() -> None:
    """What a real step of torch took on a CPU at its peak, in-place accumulation included."""
    found = AskedStep(RESNET18, MOMENTUM, 4)
    assert found.peak_bytes == 219_475_368
    peak = found.timeline.peak
    assert (peak.phase, peak.path) == ("backward", "layer3.0.conv1")


def test_passes_add_their_arithmetic_and_one_update() -> None:
    """Each pass is as the first: 5 x (forward + backward), and the update once."""
    one = AskedStep(RESNET18, MOMENTUM).arithmetic
    five = AskedStep(RESNET18, MOMENTUM.replaced(accumulate=5)).arithmetic
    assert five == (5 * one.forward, 5 * one.backward, 0, one.update)


def test_blocks_run_again_in_the_backward_pass() -> None:
    found = AskedStep(RESNET18, MOMENTUM.replaced(checkpoint="basic"), 4)
    plan = block_plan(RESNET18, "basic", StepConditions(4, optimizer=UpdateRule("momentum")))
    assert (found.peak_bytes, found.arithmetic.recomputed) == (plan.peak, plan.flops_again)
    assert 0 < found.arithmetic.recomputed < found.arithmetic.forward


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("auto", "looks for a plan that fits"), ("nothing", "has no block and no path `nothing`")],
)
def test_checkpoints_that_mean_nothing(pattern: str, message: str) -> None:
    with pytest.raises(ProblemError, match=message) as raised:
        _ = AskedStep(RESNET18, MOMENTUM.replaced(checkpoint=pattern)).peak_bytes
    assert str(raised.value.problems[0].mark) == "--checkpoint"
