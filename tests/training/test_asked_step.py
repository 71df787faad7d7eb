"""A step in users' words: its peak, its FLOPs, its checkpoints, and what is refused."""

import pytest

import archprof
from archprof.problem import ProblemError
from archprof.training.asked_step import asked_step, step_arithmetic
from archprof.training.training_conditions import TrainingWords

RESNET18 = archprof.load("resnet18").analyze().graph
MOMENTUM = TrainingWords("momentum", device="cuda")


def test_the_peak_of_a_step() -> None:
    """What a real step of torch took on a CPU at its peak, in-place accumulation included."""
    found = asked_step(RESNET18, MOMENTUM, 4)
    assert found.peak.live == 219_475_368
    assert (found.peak.phase, found.peak.path) == ("backward", "layer3.0.conv1")


def test_passes_add_their_arithmetic_and_one_update() -> None:
    """Each pass is as the first: 5 x (forward + backward), and the update once."""
    one = step_arithmetic(asked_step(RESNET18, MOMENTUM, 1), MOMENTUM)
    words = MOMENTUM.replaced(accumulate=5)
    five = step_arithmetic(asked_step(RESNET18, words, 1), words)
    assert five == (5 * one.forward, 5 * one.backward, 0, one.update)


def test_blocks_run_again_in_the_backward_pass() -> None:
    words = MOMENTUM.replaced(checkpoint="basic")
    found = asked_step(RESNET18, words, 4)
    assert found.recomputed.macs > 0
    assert found.saved < asked_step(RESNET18, MOMENTUM, 4).saved


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("auto", "looks for a plan that fits"), ("nothing", "has no block and no path `nothing`")],
)
def test_checkpoints_that_mean_nothing(pattern: str, message: str) -> None:
    with pytest.raises(ProblemError, match=message) as raised:
        asked_step(RESNET18, MOMENTUM.replaced(checkpoint=pattern), 1)
    assert str(raised.value.problems[0].mark) == "--checkpoint"
