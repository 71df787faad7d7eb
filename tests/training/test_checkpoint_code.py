"""The code of a plan, executed: it takes what the plan says, with the plain model's gradients."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archprof
from archprof.graph.graph import Graph
from archprof.model.step_tracker import track_step
from archprof.problem import ProblemError
from archprof.training.checkpoint_code import checkpointed_code
from archprof.training.conditions import StepConditions
from archprof.training.plans import CheckpointPlan, Planner, auto_plan, block_plan
from archprof.training.step import simulate
from tests.small import graph_of
from tests.training.checkpointed import batch_of, gradients
from tests.training.tracked import PHASES

BATCH = 4


def planned(graph: Graph, share: float) -> CheckpointPlan:
    conditions = StepConditions(batch=BATCH)
    plan = auto_plan(graph, conditions, int(share * simulate(graph, conditions).peak.live))
    assert plan.again
    assert plan.peak <= share * plan.peak_without
    return plan


def function_of(code: str) -> Callable[[Any], nn.Module]:
    """The function that the code defines."""
    names: dict[str, Any] = {}
    exec(compile(code, "pasted", "exec"), names)
    function: Callable[[Any], nn.Module] = names["with_checkpoints"]
    return function


def assert_follows(graph: Graph, plan: CheckpointPlan, code: str, model: nn.Module) -> None:
    """The model with the code takes the plan's peak, has the plain model's gradients, bit by bit,
    and its state dict's keys.
    """
    model.train()
    image, target = batch_of(graph, BATCH)
    plain = gradients(deepcopy(model), image, target)
    keys = list(model.state_dict())
    checkpointed = function_of(code)(model)
    assert list(checkpointed.state_dict()) == keys
    found = gradients(checkpointed, image, target)
    assert found.keys() == plain.keys()
    assert all(torch.equal(found[name], plain[name]) for name in plain)
    tracked = track_step(checkpointed, checkpointed, image, target, unobserved=True)
    assert tracked.peak(*PHASES).live == plan.peak


class Basic(nn.Module):
    """torchvision's BasicBlock without downsampling, by the names of specs/resnet_cifar.yaml."""

    def __init__(self, before: int, planes: int):
        super().__init__()
        stride = planes // before
        self.conv1 = nn.Conv2d(before, planes, 3, stride, 1, bias=False)
        self.bn1, self.relu1 = nn.BatchNorm2d(planes), nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2, self.relu2 = nn.BatchNorm2d(planes), nn.ReLU(inplace=True)
        self.more = planes - before

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu1(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.more:
            x = nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.more))
        out = out + x
        result: Tensor = self.relu2(out)
        return result


class Cifar(nn.Module):
    """ResNet-20 as people write it: three stages of three blocks, called one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(16), nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(Basic(16, 16), Basic(16, 16), Basic(16, 16))
        self.layer2 = nn.Sequential(Basic(16, 32), Basic(32, 32), Basic(32, 32))
        self.layer3 = nn.Sequential(Basic(32, 64), Basic(64, 64), Basic(64, 64))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        result: Tensor = self.fc(torch.flatten(self.avgpool(x), 1))
        return result


@pytest.mark.parametrize("share", [0.85, 0.7])
def test_code_over_a_models_modules(share: float) -> None:
    graph = archprof.load("resnet20").graph
    plan = planned(graph, share)
    code = checkpointed_code(graph, plan)
    assert "model.get_submodule(path)" in code
    assert_follows(graph, plan, code, Cifar())


def test_code_of_a_block_is_over_its_uses() -> None:
    graph = archprof.load("resnet20").graph
    plan = block_plan(graph, "basic", StepConditions(batch=BATCH))
    code = checkpointed_code(graph, plan)
    assert '("layer2.1",),' in code
    assert "running statistics twice" in code
    assert "preserve_rng_state=False" in code
    assert_follows(graph, plan, code, Cifar())


@pytest.mark.parametrize("name", ["resnet20", "plain20"])
def test_code_over_layers_of_archprofs_model(name: str) -> None:
    loaded = archprof.load(name)
    plan = planned(loaded.graph, 0.8)
    code = checkpointed_code(loaded.graph, plan, own_model=True)
    assert "archprof.model.checkpointed" in code
    assert_follows(loaded.graph, plan, code, loaded.build())


def test_parts_that_are_no_modules_are_over_layers() -> None:
    """A part from within a block: its paths are not modules in a row, for a view is a function."""
    layers = {
        "conv": "op: conv2d, out: 8, kernel: 3",
        "act": "op: tanh",
        "flatten": "op: flatten",
        "more": "op: tanh",
        "fc": "op: linear, out: 10",
    }
    graph = graph_of(layers, (3, 16, 16))
    parts = (((0,), False), ((1, 2, 3), True), ((4,), False))
    step = simulate(graph, StepConditions(batch=BATCH, checkpoints=parts))
    plan = block_plan(graph, "act", StepConditions(batch=BATCH)).replaced(
        parts=parts, peak=step.peak.live
    )
    code = checkpointed_code(graph, plan)
    assert '("act", "more"),' in code
    from archprof.model.compile import build

    assert_follows(graph, plan, code, build(graph))


def test_dropout_draws_the_same_again() -> None:
    """Without the generator's state kept, the second run would drop other elements."""
    layers = {
        "conv": "op: conv2d, out: 8, kernel: 3",
        "act": "op: tanh",
        "drop": "op: dropout, p: 0.5",
        "pool": "op: adaptive_avg_pool2d, size: 1",
        "flatten": "op: flatten",
        "fc": "op: linear, out: 10",
    }
    graph = graph_of(layers, (3, 16, 16))
    parts = (((0, 1, 2), True), ((3, 4, 5), False))
    step = simulate(graph, StepConditions(batch=BATCH, checkpoints=parts))
    plan = block_plan(graph, "act").replaced(parts=parts, peak=step.peak.live)
    code = checkpointed_code(graph, plan)
    assert "preserve_rng_state" not in code
    model = nn.Sequential()
    model.add_module("conv", nn.Conv2d(3, 8, 3))
    model.add_module("act", nn.Tanh())
    model.add_module("drop", nn.Dropout(0.5))
    model.add_module("pool", nn.AdaptiveAvgPool2d(1))
    model.add_module("flatten", nn.Flatten())
    model.add_module("fc", nn.Linear(8, 10))
    assert_follows(graph, plan, code, model)


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(16, 16, 3, 1, 1), nn.BatchNorm2d(16)
        self.act, self.second = nn.ReLU(), nn.Conv2d(16, 16, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(self.act(self.norm(self.first(x))))


class Users(nn.Module):
    """A user's module: a list of blocks, and functions between modules."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 1, 1)
        self.blocks = nn.ModuleList(Residual() for _ in range(4))
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        result: Tensor = self.fc(x.mean((2, 3)))
        return result


@pytest.mark.parametrize("share", [0.9, 0.7])
def test_code_for_a_captured_module(share: float) -> None:
    """Of a captured network modules alone run again, so that there is code for the user's own;
    whether one of its operators draws random numbers is not known of all.
    """
    model = Users()
    graph = archprof.capture(model, [3, 32, 32]).graph
    plan = planned(graph, share)
    code = checkpointed_code(graph, plan)
    assert "preserve_rng_state" not in code
    assert_follows(graph, plan, code, model)


def test_a_captured_part_that_is_no_module_has_no_code() -> None:
    graph = archprof.capture(Users(), [3, 32, 32]).graph
    plan = block_plan(graph, "relu")
    with pytest.raises(ProblemError) as error:
        checkpointed_code(graph, plan)
    assert str(error.value) == (
        "--checkpoint: error: `relu` to `relu` is not a module, nor several in a row [checkpoint]\n"
        "  hint: name a block that is a module, or take `--checkpoint auto`"
    )


def test_code_for_torchvisions_own_model() -> None:
    """torchvision's ResNet-18 and the shipped one take the same bytes, with a plan and without."""
    models = pytest.importorskip("torchvision.models")
    graph = archprof.load("resnet18").graph
    plan = planned(graph, 0.9)
    assert_follows(graph, plan, checkpointed_code(graph, plan), models.resnet18(weights=None))


def test_a_name_is_no_code() -> None:
    """A module's name and those of its parts are what a file or a stranger's code says."""
    model = nn.Sequential()
    for name in ("plain", "it's", 'a"""b', "\N{SNOWMAN}\N{GRINNING FACE}\\"):
        model.add_module(name, nn.Sequential(nn.Conv2d(3, 3, 3, 1, 1), nn.Tanh()))
    graph = archprof.capture(model, [3, 32, 32], name='net"""\nimport os').graph
    nodes = (graph.training or graph).nodes
    parts = tuple((tuple(range(at, at + 2)), True) for at in range(0, len(nodes), 2))
    plan = Planner(graph, StepConditions(batch=BATCH)).plan(parts)
    code = checkpointed_code(graph, plan)
    assert code.isascii()
    assert '        ("plain",),\n' in code
    assert "Checkpoint netx0aimport os: the step's peak" in code
    paths = [name for name in dict(model.named_children())]
    run = function_of(code)(model)
    assert all("forward" in vars(run.get_submodule(path)) for path in paths)
