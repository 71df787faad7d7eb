"""What is to fit: bytes by kind, and which tensors are named."""

import archprof
from archprof.commands.fit.subjects import SHOWN_ALIVE, InferenceSubject, TrainingSubject
from archprof.training.conditions import StepConditions
from archprof.training.optimizers import UpdateRule

GRAPH = archprof.load("alexnet").analyze().graph
PARAMS = 62_378_344  # Krizhevsky's, without groups: tests/networks


def test_an_inference_is_weights_image_and_what_lives() -> None:
    """AlexNet at batch 2: 3x227x227 images; at conv1 its output of 96x55x55 beside them."""
    subject = InferenceSubject(GRAPH, 4)
    moment = subject.moment(2)
    image, output = 2 * 3 * 227 * 227 * 4, 2 * 96 * 55 * 55 * 4
    assert moment.kinds["weights"] == 4 * PARAMS
    assert moment.kinds["input"] == image
    assert moment.bytes == max(subject.lives(2))
    assert subject.lives(2)[0] == 4 * PARAMS + image
    assert subject.lives(2)[1] == 4 * PARAMS + image + output
    assert {one.layer: one.kind for one in moment.alive}["input"] == "input"


def test_a_step_has_every_kind_and_names_no_weights() -> None:
    """One parameter more is the state of each with momentum; the largest tensors come first."""
    rule = UpdateRule("momentum")
    subject = TrainingSubject(GRAPH, StepConditions(optimizer=rule))
    moment = subject.moment(64)
    assert moment.bytes == max(subject.lives(64))
    assert moment.kinds["weights"] == moment.kinds["optimizer"] == 4 * PARAMS
    sizes = [one.bytes for one in moment.alive]
    assert len(sizes) == SHOWN_ALIVE
    assert sizes == sorted(sizes, reverse=True)
    assert all(one.layer for one in moment.alive)
    assert {one.kind for one in moment.alive} <= {"saved", "gradients", "transient"}


def test_a_step_is_simulated_once_for_a_batch() -> None:
    subject = TrainingSubject(GRAPH, StepConditions())
    assert subject.timeline(2) is subject.timeline(2)
    assert subject.timeline(3) is not subject.timeline(2)
