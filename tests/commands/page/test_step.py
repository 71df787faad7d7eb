"""The step of training of a page: its conditions, and its moments as columns."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from archprof.analysis.analysis import analyze
from archprof.autograd.run import KINDS
from archprof.commands.page.data import network_data
from archprof.commands.page.page import Extras, networks_data, page_data
from archprof.commands.page.step import step_data, step_of
from archprof.draw.training_step import MOST_STRETCHES
from tests.commands.page.pages import analysed
from tests.small import graph_of

LINEAR = {"fc": "op: linear, out: 4, bias: false"}


def linear(**conditions: Any) -> Any:
    return analyze(graph_of(LINEAR, (8,)), **conditions)


def bytes_of(step: Any) -> dict[str, list[int]]:
    """Add up the changes, by kind."""
    return {kind: list(accumulate(changes)) for kind, changes in step["changes"].items()}


def test_a_linear_layer_by_hand() -> None:
    """In float32: weights 8 * 4 * 4 = 128 bytes, two images of 8 and their labels, 2 * 8 * 4 +
    2 * 8 = 80; scores of 2 * 4 * 4 = 32, which become the gradient of the weights, 128 bytes.
    """
    data = network_data(linear(batch=2), (), (), step_of(linear(batch=2)))
    step, texts = data["step"], data["texts"]
    alive = bytes_of(step)
    # the start, in no layer, and the loss
    assert {texts[place] for place in step["beside"] if place is not None} == {"", "loss"}
    rows = list(
        zip(
            step["phase"],
            step["layer"],
            [texts[place] for place in step["kernel"]],
            *(alive[kind] for kind in ("input", "weights", "gradients")),
            strict=True,
        )
    )
    assert rows[:2] == [("start", None, "start", 80, 128, 0), ("forward", 0, "mm", 80, 128, 0)]
    assert alive["transient"][1] == 32
    assert rows[-2] == ("backward", 0, "mm", 80, 128, 0)
    # the gradient before the weight has it, that of the scores, the loss and the gradient of it
    assert alive["transient"][-2] == 128 + 32 + 4 + 4
    assert rows[-1] == ("end", None, "zero_grad", 80, 128, 0)
    assert list(alive) == list(KINDS)
    assert step["lower_bound"] is False
    assert set(step["kernels"]) == {1}


def test_conditions_are_those_of_the_analysis() -> None:
    """Adam keeps two numbers for each of 32 parameters, and the average is another one."""
    step = step_of(linear(batch=3, dtype="float64", optimizer="adamw", ema=True))
    assert step.conditions[:3] == ["batch 3", "float64", "adamw,ema"]
    first = bytes_of(step_data(step, lambda text: 0))
    # the steps' counts are 4 bytes a parameter, and what else adamw holds is the average's
    assert first["optimizer"][0] >= 3 * 32 * 8
    assert first["weights"][0] == 32 * 8


def test_a_large_step_is_thinned_to_its_fullest_moments() -> None:
    analysis = analysed("nasnetamobile")
    step = step_of(analysis)
    data = step_data(step, lambda text: 0)
    assert len(step.timeline.births) > MOST_STRETCHES >= len(data["phase"])
    alive = [sum(row) for row in zip(*bytes_of(data).values(), strict=True)]
    assert max(alive) == step.timeline.peak.live
    assert sum(data["kernels"]) == len(step.timeline.births)
    assert max(data["kernels"]) > 1


def test_what_is_unknown_makes_a_lower_bound(opaque: None) -> None:
    analysis = analyze(
        graph_of({"conv": "op: conv2d, out: 4, kernel: 3", "x": "op: opaque"}, (3, 8, 8))
    )
    assert step_data(step_of(analysis), lambda text: 0)["lower_bound"] is True


def test_pages_of_one_network_have_it() -> None:
    one = analysed("lenet5")
    assert page_data([one], Extras())["networks"][0]["step"] is not None
    several = page_data([one, analysed("alexnet")], Extras())
    assert [network["step"] for network in several["networks"]] == [None, None]
    assert networks_data([one], Extras())["networks"][0]["step"] is None
