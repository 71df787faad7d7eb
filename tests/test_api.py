"""The library's front door: what `load` takes as an input."""

from __future__ import annotations

from typing import Any

import pytest

import archprof
from archprof.commands.measure.running.end_to_end import Request
from archprof.commands.measure.running.measurement import Measurement
from archprof.commands.measure.running.workload import Case
from archprof.problem import ProblemError


@pytest.mark.parametrize("given", ["3x96x96", [3, 96, 96], (3, 96, 96)])
def test_an_input_in_every_form(given: Any) -> None:
    net = archprof.load("resnet18", input=given)
    assert net.graph.input == (3, 96, 96)
    # conv1 at 48x48: 7*7*3*64*48*48
    assert net.analyze().layers[0].macs == 7 * 7 * 3 * 64 * 48 * 48


def test_what_does_not_fit_is_a_problem_at_once() -> None:
    # 8 pixels and padding leave 4 to the window of the first pooling of 3 with stride 2
    with pytest.raises(ProblemError, match="does not fit into"):
        archprof.load("alexnet", input="3x8x8")


def test_none_is_the_specs_own() -> None:
    assert archprof.load("resnet18").graph.input == (3, 224, 224)


def test_inputs_by_name() -> None:
    net = archprof.load("clip_vit_b_32", input={"text": 77, "image": "3x230x230"})
    assert [one.shape for one in net.graph.inputs] == [(3, 230, 230), (77,)]
    # 9*9 patches of 32x32 and a class token, for 50 positions
    with pytest.raises(ProblemError, match="cannot take 82x768 and 50x768"):
        archprof.load("clip_vit_b_32", input={"image": "3x288x288"})
    assert archprof.load("transformer_base_encoder", input={"input": 50}).graph.input == (50,)
    with pytest.raises(ProblemError, match="has no input `c`"):
        archprof.load("resnet18", input={"c": 3})


@pytest.mark.parametrize(
    "given",
    [
        "",
        "3x96xx96",
        "batch",
        [],
        [3, 0, 96],
        (3, "96", 96),
        [3, 96.0, 96],
        2.5,
        True,
        [1, 2, 3, 4, 5],
        10**7,
    ],
)
def test_what_is_no_shape_is_a_problem(given: Any) -> None:
    with pytest.raises(ProblemError) as error:
        archprof.load("resnet18", input=given)
    (problem,) = error.value.problems
    assert problem.message.startswith("`input` is ")
    assert problem.message.endswith(", expected 1 to 4 whole numbers from 1 to 1,000,000")
    assert problem.hint


def test_bench_has_the_options_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    lenet = archprof.load("lenet5")
    step = lenet.bench(time_limit=0.1, train=True, optimizer="momentum")
    assert (step.status, step.train, step.optimizer) == ("measured", True, "momentum")
    mixed = lenet.bench(time_limit=0.1, dtype="bfloat16", autocast=True)
    assert (mixed.status, mixed.dtype, mixed.autocast) == ("measured", "bfloat16", True)
    frozen = ["c*", "s*", "f6"]
    assert lenet.bench(time_limit=0.1, train=True, freeze=frozen).status == "measured"
    rules, cases = [], []

    def measure(asked: list[Case], request: Request) -> list[Measurement]:
        cases.extend(asked)
        rules.append(request.rule)
        return [step]

    monkeypatch.setattr("archprof.commands.measure.running.end_to_end.measure", measure)
    assert lenet.bench(time_limit=0.1, sustained=0.3) == step
    assert (rules[0].limit, rules[0].sustained) == (0.1, 0.3)
    lenet.bench(train=True, freeze=frozen)
    assert [node.path for node in cases[-1].graph.nodes if node.trained] == ["output"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"transfers": True}, "nothing to copy"),
        ({"optimizer": "momentum"}, "this is inference"),
        ({"optimizer": "rmsprop", "train": True}, "rmsprop"),
        ({"optimizer": "sgd,adamw", "train": True}, "found 2, expected one"),
        ({"mode": "fast"}, "fast"),
        ({"mode": "eager,graph"}, "found 2, expected one"),
        ({"memory_format": "nhwc"}, "nhwc"),
        ({"freeze": ["conv1"]}, "an inference trains nothing"),
        ({"freeze": ["layer9"], "train": True}, "`layer9` names no parameter"),
        ({"freeze": ["*"], "train": True}, "no other parameters that a step could train"),
        ({"dtype": "float8"}, "float8"),
        ({"dtype": "float32,bfloat16"}, "expected one"),
    ],
)
def test_bench_refuses_what_the_command_refuses(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        archprof.load("lenet5").bench(time_limit=0.1, **options)


def test_a_module_is_captured() -> None:
    from torch import nn

    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    for given in ("3x8x8", [3, 8, 8], (3, 8, 8), {"input": "3x8x8"}, {"input": [3, 8, 8]}):
        net = archprof.capture(module, given)
        assert net.graph.input == (3, 8, 8)
        assert net.analyze().totals.macs == 4 * 3 * 9 * 6 * 6
    assert archprof.capture(module, "3x8x8", name="mine").network.name == "mine"
    assert repr(archprof.capture(module, "3x8x8")) == "<archprof network Sequential>"
    assert archprof.compare(net, archprof.capture(module, "3x8x8")).same
    assert net.explain("0")
    with pytest.raises(ProblemError, match="has no layer `1000`"):
        net.explain("1000")
    with pytest.raises(ProblemError, match="was captured, and is not a spec"):
        net.build()


@pytest.mark.parametrize("given", ["", [], "x", {"input": "x"}, {"none": "3x8x8"}, {"": "3"}])
def test_a_module_is_not_captured_with_what_is_no_input(given: Any) -> None:
    from torch import nn

    with pytest.raises(ProblemError):
        archprof.capture(nn.ReLU(), given)
