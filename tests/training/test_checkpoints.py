"""What can be checkpointed, against torch: every birth of a step, what runs again, what torch
refuses.
"""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import archprof
from archprof.graph.graph import Graph
from archprof.problem import ProblemError
from archprof.training.checkpoints import (
    Flow,
    Plan,
    block_parts,
    completed,
    cut_points,
    modules,
    parts,
)
from tests.small import graph_of
from tests.training.checkpointed import batch_of, built, plan_of, tracked_with
from tests.training.tracked import PHASES, differences, simulated

RESIDUAL = {
    "conv": "op: conv2d, out: 8, kernel: 3, padding: 1",
    "norm": "op: batch_norm2d",
    "relu": "op: relu, inplace: true",
    "branch": "op: conv2d, out: 8, kernel: 3, padding: 1",
    "add": "op: add, from: [branch, relu]",
    "last": "op: relu",
    "pool": "op: adaptive_avg_pool2d, size: 1",
    "flatten": "op: flatten",
    "fc": "op: linear, out: 10",
}
"""A convolution, a residual branch, and a classifier."""

TWO_HEADS = {
    "stem": "op: conv2d, out: 8, kernel: 3, padding: 1",
    "aux": "block: head, aux: true",
    "body": "op: conv2d, out: 8, kernel: 3, padding: 1, from: stem",
    "act": "op: tanh",
    "head": "block: head",
}
"""An auxiliary head that reads what the body reads too."""


HEAD = (
    "{head: {layers: {pool: {op: adaptive_avg_pool2d, size: 1}, flatten: {op: flatten},"
    " fc: {op: linear, out: 10}}}}"
)


def small(layers: dict[str, str] | None = None) -> Graph:
    return graph_of(layers or RESIDUAL, (3, 16, 16), blocks=HEAD)


def paths(graph: Graph, nodes: list[int]) -> list[str]:
    return [graph.nodes[index].path for index in nodes]


def named(graph: Graph, plan: Plan) -> list[tuple[str, str]]:
    """The first and the last layer of each part that runs again."""
    return [(graph.nodes[p[0]].path, graph.nodes[p[-1]].path) for p, again in plan if again]


def test_cut_points_have_one_value_that_stays() -> None:
    """After `norm` a relu overwrites it; after `branch` its input is still added."""
    graph = small()
    assert paths(graph, cut_points(graph)) == ["conv", "relu", "add", "last", "pool", "flatten"]


def test_parts_are_all_nodes_between_cut_points() -> None:
    found = parts(small())
    assert found == [(0,), (1, 2), (3, 4), (5,), (6,), (7,), (8,)]


@pytest.mark.parametrize(
    ("name", "count"), [("resnet18", 14), ("resnet50", 22), ("mobilenet_v2", 58)]
)
def test_parts_of_known_networks(name: str, count: int) -> None:
    """ResNet-18: conv1; bn1 and relu; maxpool; 8 blocks; avgpool; flatten; fc. ResNet-50 has 16
    blocks. MobileNetV2: 3 layers before and 6 behind its blocks; a block without a shortcut parts
    at its convolutions and in-place ReLU6, its last norm, and one with is a part.
    """
    graph = archprof.load(name).graph
    assert len(parts(graph)) == count


def test_an_auxiliary_head_is_a_part_of_its_own() -> None:
    """What goes on past it is the stem's output; its scores go to the loss alone."""
    graph = small(TWO_HEADS)
    chain = Flow(graph).chain()
    assert [(paths(graph, list(part))[-1], value) for part, value in chain[:3]] == [
        ("stem", -1),
        ("aux.fc", 0),
        ("body", 0),
    ]
    assert all(not Flow(graph).fault(part) for part, _ in chain)


def test_a_part_with_two_results_is_none() -> None:
    graph = small(TWO_HEADS)
    fault = Flow(graph).fault((0, 1, 2, 3))
    assert fault is not None
    assert fault.message == (
        "`stem` cannot be one checkpoint: beside its last layer `aux.fc`, `stem` is read outside it"
    )


def test_a_part_of_several_inputs_is_none() -> None:
    fault = Flow(small()).fault((4, 5))
    assert fault is not None
    assert fault.message == "`add` cannot run again: it has 2 inputs, `relu`, `branch`"


def test_a_part_whose_input_is_overwritten_is_none_for_torch_either() -> None:
    """`relu` writes over what `norm` gave: torch finds another version of the tensor it saved."""
    graph = small()
    plan = completed(len(graph.nodes), [(2,)])
    fault = Flow(graph).fault((2,), "relu")
    assert fault is not None
    assert fault.message == (
        "`relu` cannot run again from its input `norm`: `relu` overwrites it in place"
    )
    model = built(graph, plan)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        model(batch_of(graph, 2)[0]).sum().backward()


def test_an_image_that_is_overwritten_is_no_input() -> None:
    graph = small({"relu": "op: relu, inplace: true", "fc": "op: conv2d, out: 4, kernel: 16"})
    fault = Flow(graph).fault((0, 1))
    assert fault is not None
    assert "from its input the image: `relu` overwrites it" in fault.message


def test_blocks_by_name() -> None:
    graph = archprof.load("resnet20").graph
    plan = block_parts(graph, "basic")
    found = named(graph, plan)
    assert len(found) == 9
    assert found[0] == ("layer1.0.conv1", "layer1.0.relu2")
    assert [index for part, _ in plan for index in part] == list(range(len(graph.nodes)))


def test_blocks_by_path_are_the_outermost() -> None:
    """`layer3.*` matches layer3.0 and every layer in it."""
    graph = archprof.load("resnet20").graph
    assert named(graph, block_parts(graph, "layer3.*")) == [
        ("layer3.0.conv1", "layer3.0.relu2"),
        ("layer3.1.conv1", "layer3.1.relu2"),
        ("layer3.2.conv1", "layer3.2.relu2"),
    ]
    assert named(graph, block_parts(graph, "layer2")) == [("layer2.0.conv1", "layer2.2.relu2")]
    assert named(graph, block_parts(graph, "conv1")) == [("conv1", "conv1")]


def test_a_block_inside_its_own_kind_counts_once() -> None:
    """An Inception block is made of `conv` blocks; `inception*` has 9 of them outermost."""
    graph = archprof.load("googlenet").graph
    assert len(named(graph, block_parts(graph, "inception"))) == 9


def test_blocks_of_a_captured_module_are_its_classes() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = x + self.second(torch.tanh(self.first(x)))
            return y

    graph = archprof.capture(nn.Sequential(Twice(), nn.Tanh(), Twice()), [4]).graph
    assert named(graph, block_parts(graph, "Twice")) == [("0.first", "0.add"), ("2.first", "2.add")]


def test_an_unknown_block_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ProblemError) as error:
        block_parts(archprof.load("resnet20").graph, "basik")
    assert str(error.value) == (
        "--checkpoint: error: resnet20 has no block and no path `basik` [checkpoint]\n"
        "  hint: did you mean `basic`?"
    )


def test_every_block_that_is_no_part_is_named() -> None:
    with pytest.raises(ProblemError) as error:
        block_parts(archprof.load("resnet20").graph, "*.relu1")
    problems = error.value.problems
    assert len(problems) == 9
    assert all("overwrites it in place" in problem.message for problem in problems)


def test_modules_in_a_row() -> None:
    graph = archprof.load("resnet18").graph
    flow = Flow(graph)
    by_path = {node.path: index for index, node in enumerate(graph.nodes)}
    stem = tuple(range(by_path["layer1.1.relu2"] + 1))
    assert modules(flow, stem) == ("conv1", "bn1", "relu", "maxpool", "layer1")
    first = tuple(range(by_path["layer1.0.relu2"] + 1))
    assert modules(flow, first) == ("conv1", "bn1", "relu", "maxpool", "layer1.0")
    inside = tuple(range(by_path["layer1.0.conv1"], by_path["layer1.0.bn2"] + 1))
    assert modules(flow, inside) == tuple(
        f"layer1.0.{name}" for name in ("conv1", "bn1", "relu1", "conv2", "bn2")
    )
    head = tuple(range(by_path["flatten"], len(graph.nodes)))
    assert not modules(flow, head)  # torchvision calls a function


def test_a_block_that_grows_beside_its_input_is_no_module() -> None:
    """torchvision's DenseNet layers are given a list of all tensors before."""
    graph = archprof.load("densenet121").graph
    flow = Flow(graph)
    layer = [i for i, n in enumerate(graph.nodes) if ".denseblock1.denselayer1." in n.path]
    assert not modules(flow, layer)
    block = [i for i, n in enumerate(graph.nodes) if ".denseblock1." in n.path]
    assert modules(flow, block) == ("features.denseblock1",)


PLANS: dict[str, Callable[[Graph], Plan]] = {
    "none": lambda graph: plan_of(graph, 99, lambda _: False),
    "every part": lambda graph: plan_of(graph, 99, lambda _: True),
    "4 groups": lambda graph: plan_of(graph, 4, lambda _: True),
    "every second of 8": lambda graph: plan_of(graph, 8, lambda i: i % 2 == 0),
    "8, the last kept": lambda graph: plan_of(graph, 8, lambda i: i < 7),
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", ["resnet20", "lenet5", "small", "heads"])
def test_every_birth_is_torchs(name: str, plan: str) -> None:
    graph = {"small": small(), "heads": small(TWO_HEADS)}.get(name) or archprof.load(name).graph
    chosen = PLANS[plan](graph)
    tracked = tracked_with(graph, chosen)
    timeline = simulated(graph, batch=2, checkpoints=chosen)
    assert not differences(tracked, timeline)
    assert timeline.peak.live == tracked.peak(*PHASES).live


def test_a_checkpoints_input_dies_before_its_gradient_is_handed_on() -> None:
    """Where somebody looks, the sum of the two gradients of a residual block's input is a tensor of
    its own: born when the block's first function has run and the block holds nothing any more.
    """
    graph = archprof.load("resnet20").graph
    chosen = PLANS["every part"](graph)
    tracked = tracked_with(graph, chosen, observed=True)
    assert not differences(tracked, simulated(graph, 2, checkpoints=chosen, observed=True))


@pytest.mark.parametrize("plan", ["every part", "4 groups"])
@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("googlenet", "3x96x96"),
        ("convnextv2_atto", "3x64x64"),
        ("nf_resnet50", "3x64x64"),
        ("mobilenet_v2", "3x64x64"),
        ("deit_tiny_patch16_224", None),
        ("swin_t", "3x224x224"),
    ],
)
def test_every_birth_of_composed_layers_is_torchs(name: str, size: str | None, plan: str) -> None:
    """What a function's frame keeps alive is seen where nothing is saved: attention, response
    norms, standardised filters, scales, window masks.
    """
    graph = archprof.load(name, size).graph
    chosen = PLANS[plan](graph)
    tracked = tracked_with(graph, chosen)
    assert not differences(tracked, simulated(graph, batch=2, checkpoints=chosen))


@pytest.mark.parametrize("plan", ["every part", "4 groups"])
@pytest.mark.parametrize("name", ["resnet20", "small"])
def test_every_birth_under_autocast_is_torchs(name: str, plan: str) -> None:
    """When a part runs again, autocast is on again, and its copies of weights are new ones."""
    graph = small() if name == "small" else archprof.load(name).graph
    chosen = PLANS[plan](graph)
    tracked = tracked_with(graph, chosen, autocast=torch.bfloat16)
    assert not differences(tracked, simulated(graph, batch=2, checkpoints=chosen, autocast=True))


def counted_backward(model: nn.Module, image: torch.Tensor) -> int:
    loss = model(image).sum()
    with FlopCounterMode(display=False) as counter:
        loss.backward()
    return counter.get_total_flops()


@pytest.mark.parametrize("plan", ["every part", "4 groups", "every second of 8"])
@pytest.mark.parametrize(("name", "size"), [("resnet20", None), ("resnet18", "3x32x32")])
def test_what_runs_again_is_torchs_surplus(name: str, size: str | None, plan: str) -> None:
    """FlopCounterMode counts 2 FLOPs for each multiply-accumulate, and those alone."""
    graph = archprof.load(name, size).graph
    chosen = PLANS[plan](graph)
    image, _ = batch_of(graph, 2)
    kept = tuple((part, False) for part, _ in chosen)
    surplus = counted_backward(built(graph, chosen), image)
    surplus -= counted_backward(built(graph, kept), image)
    assert 2 * simulated(graph, batch=2, checkpoints=chosen).recomputed.macs == surplus > 0


def test_flops_beside_products_run_again_as_often_as_their_layers() -> None:
    """conv and relu: the relu of 8*16*16 elements runs again, and the bias of the convolution, one
    FLOP each for 2 samples; the pooling behind needs nothing of the part, which ends with the relu.
    """
    layers = {
        "conv": "op: conv2d, out: 8, kernel: 3, padding: 1",
        "relu": "op: relu",
        "pool": "op: adaptive_avg_pool2d, size: 1",
    }
    graph = graph_of(layers, (3, 16, 16))
    timeline = simulated(graph, batch=2, checkpoints=(((0, 1), True), ((2,), False)))
    assert timeline.recomputed.macs == 2 * 8 * 16 * 16 * 3 * 3 * 3
    assert timeline.recomputed.flops == 2 * (8 * 16 * 16 + 8 * 16 * 16)
    alone = simulated(graph, batch=2, checkpoints=(((0,), True), ((1, 2), False)))
    assert alone.recomputed.macs == alone.recomputed.flops == 0  # its input is all it keeps
