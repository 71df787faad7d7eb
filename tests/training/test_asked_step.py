"""A step in users' words: its peak, its FLOPs, its checkpoints, how it is said, what is refused."""

from __future__ import annotations

import pytest

import archprof
from archprof.problem import ProblemError
from archprof.training.asked_step import AskedStep, asked_step, in_words
from archprof.training.conditions import StepConditions
from archprof.training.optimizers import UpdateRule
from archprof.training.plans import block_plan
from archprof.training.step import simulate
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


def test_a_step_has_the_batch_and_the_words() -> None:
    conditions = asked_step(RESNET18, TrainingWords("momentum", device="cuda"), 3).conditions
    assert (conditions.batch, conditions.device, conditions.checkpoints) == (3, "cuda", ())
    assert conditions.optimizer.name == "momentum"


def test_blocks_run_again() -> None:
    """ResNet-18 has eight basic blocks."""
    step = asked_step(RESNET18, TrainingWords(checkpoint="basic"), 3)
    assert sum(again for _, again in step.conditions.checkpoints) == 8


def test_auto_fits_into_the_room() -> None:
    without = simulate(RESNET18, asked_step(RESNET18, TrainingWords(), 16).conditions).peak.live
    room = without * 9 // 10
    step = asked_step(RESNET18, TrainingWords(checkpoint="auto", room=room), 16)
    assert simulate(step.graph, step.conditions).peak.live <= room


def test_auto_needs_a_room() -> None:
    with pytest.raises(ProblemError) as error:
        asked_step(RESNET18, TrainingWords(checkpoint="auto"), 16)
    assert "--checkpoint: error: `auto` looks for a plan" in str(error.value)
    assert "--memory 24GiB" in str(error.value)


def test_in_words() -> None:
    plain = in_words(TrainingWords(), 1, "float32")
    assert plain == ["batch 1", "float32", "sgd", "cpu"]
    words = TrainingWords(
        "adamw", "bfloat16", 4, ("a", "b.*"), "block", accumulate=8, device="cuda"
    )
    assert in_words(words, 2_000, "float32") == [
        "batch 2,000",
        "float32",
        "adamw",
        "AMP bfloat16",
        "frozen: a b.*",
        "checkpointed: block",
        "8 batches for an update, 2 are followed",
        "cuda",
    ]
    assert "2 batches for an update" in in_words(TrainingWords(accumulate=2), 1, "float32")
