"""A step as it is asked for: its batch, its plan of checkpoints, and how it is said."""

from __future__ import annotations

import pytest

import archprof
from archprof.problem import ProblemError
from archprof.training.asked_step import asked_step, in_words
from archprof.training.step import simulate
from archprof.training.training_conditions import TrainingWords

GRAPH = archprof.load("resnet18").analyze().graph


def test_a_step_has_the_batch_and_the_words() -> None:
    conditions = asked_step(GRAPH, TrainingWords("momentum", device="cuda"), 3).conditions
    assert (conditions.batch, conditions.device, conditions.checkpoints) == (3, "cuda", ())
    assert conditions.optimizer.name == "momentum"


def test_blocks_run_again() -> None:
    """ResNet-18 has eight basic blocks."""
    step = asked_step(GRAPH, TrainingWords(checkpoint="basic"), 3)
    assert sum(again for _, again in step.conditions.checkpoints) == 8


def test_auto_fits_into_the_room() -> None:
    without = simulate(GRAPH, asked_step(GRAPH, TrainingWords(), 16).conditions).peak.live
    room = without * 9 // 10
    step = asked_step(GRAPH, TrainingWords(checkpoint="auto"), 16, room)
    assert simulate(step.graph, step.conditions).peak.live <= room


def test_auto_needs_a_room() -> None:
    with pytest.raises(ProblemError) as error:
        asked_step(GRAPH, TrainingWords(checkpoint="auto"), 16)
    assert "--checkpoint: error: there is no memory to plan for" in str(error.value)
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
