"""Users' words for a training step, and what is said where they mean nothing."""

import pytest

import archprof
from archprof.problem import ProblemError
from archprof.training.optimizers import UpdateRule
from archprof.training.training_conditions import (
    TrainingWords,
    known_device,
    training_step,
    update_rule,
)

GRAPH = archprof.load("alexnet").analyze().graph


def test_words_become_conditions() -> None:
    words = TrainingWords("adamw", "float16", accumulate=2, device="cuda")
    conditions = training_step(GRAPH, words).conditions
    assert conditions.autocast
    assert (conditions.itemsize, conditions.accumulate, conditions.device) == (4, 2, "cuda")
    assert conditions.optimizer == UpdateRule("adamw", scaler=True)


def test_by_default_it_is_sgd_in_float32_on_a_cpu() -> None:
    conditions = training_step(GRAPH, TrainingWords()).conditions
    assert not conditions.autocast
    assert (conditions.itemsize, conditions.accumulate, conditions.device) == (4, 1, "cpu")
    assert conditions.optimizer == UpdateRule("sgd")


def test_bfloat16_needs_no_scaler() -> None:
    conditions = training_step(GRAPH, TrainingWords(amp="bfloat16")).conditions
    assert conditions.optimizer == UpdateRule("sgd", scaler=False)


def test_many_passes_are_as_two() -> None:
    """The second finds the gradients of the first, and so does each one after it."""
    assert training_step(GRAPH, TrainingWords(accumulate=64)).conditions.accumulate == 2


def test_frozen_parameters_are_the_graphs() -> None:
    graph = training_step(GRAPH, TrainingWords(freeze=("conv*",))).graph
    frozen = {node.path for node in graph.nodes if node.frozen}
    assert frozen == {"conv1", "conv2", "conv3", "conv4", "conv5"}


@pytest.mark.parametrize(
    ("words", "option", "message", "hint"),
    [
        (TrainingWords("adamm"), "--optimizer", "there is no `adamm`", "did you mean `adam`?"),
        (TrainingWords(amp="int8"), "--amp", "there is no `int8`", "known: bfloat16, float16"),
        (TrainingWords(device="tpu"), "--device", "there is no `tpu`", "known: cpu, cuda"),
        (TrainingWords(freeze=("x*",)), "--freeze", "`x*` names no parameter of alexnet", "conv1"),
        (TrainingWords(amp="float16", itemsize=2), "--amp", "narrows float32", "without --dtype"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("--") else "",
)
def test_what_means_nothing_is_refused(
    words: TrainingWords, option: str, message: str, hint: str
) -> None:
    with pytest.raises(ProblemError) as raised:
        training_step(GRAPH, words)
    (problem,) = raised.value.problems
    assert str(problem.mark) == option
    assert message in problem.message
    assert hint in problem.hint


ADAM = UpdateRule("adam", "single", amsgrad=True, master_weights=True)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("adamw", UpdateRule("adamw")),
        ("adamw,fused, ema", UpdateRule("adamw", "fused", ema=True)),
        ("sgd,decay,clip", UpdateRule("sgd", weight_decay=True, clip=True)),
        (
            "adam,single,amsgrad,master",
            UpdateRule("adam", "single", None, True, False, False, False, True),
        ),
    ],
)
def test_words_behind_an_optimizer(text: str, rule: UpdateRule) -> None:
    assert update_rule(text) == rule


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("adamw,fuse", "there is no `fuse`"),
        ("lion,fused", "lion has no implementation"),
        ("", "there is no ``"),
    ],
)
def test_words_that_do_not_go_together(text: str, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        update_rule(text)


def test_devices_are_two() -> None:
    known_device("cpu")
    known_device("cuda")
    with pytest.raises(ProblemError, match="there is no `mps`"):
        known_device("mps")


def test_two_ways_of_the_same() -> None:
    with pytest.raises(ProblemError, match="`foreach` and `fused` are two ways of the same"):
        update_rule("sgd,fused,foreach")


def test_float32_weights_need_no_copies_in_float32() -> None:
    with pytest.raises(ProblemError, match="master weights are float32 copies of narrower ones"):
        training_step(GRAPH, TrainingWords("adamw,master"))
    assert training_step(GRAPH, TrainingWords("adamw,master", itemsize=2)).conditions


def test_which_step_it_is() -> None:
    """Behind an optimizer's name: gradients kept from the step before, and the first step."""
    conditions = training_step(GRAPH, TrainingWords("adamw,zeroed,first")).conditions
    assert (conditions.set_to_none, conditions.first) == (False, True)
    assert conditions.optimizer == UpdateRule("adamw")
    later = training_step(GRAPH, TrainingWords("adamw")).conditions
    assert (later.set_to_none, later.first) == (True, False)
