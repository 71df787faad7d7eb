"""What captured layers are called, the blocks that they are in, and the lines they come from."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from archprof.graph.graph import Graph, Node
from tests.captured import captured


class Gate(nn.Module):
    """A leaf of several operators and no weights."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x.exp())


class Block(nn.Module):
    """A residual block with a repeated activation."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.act = nn.ReLU()
        self.gate = Gate()
        self.scale = nn.Parameter(torch.ones(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(self.conv(self.act(x)))
        y = self.gate(y) + self.scale.exp()
        return x + y


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
        self.stages = nn.ModuleList([nn.Sequential(Block(4), Block(4)), Block(4)])
        self.named = nn.ModuleDict({"head": nn.Linear(4, 2)})

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        result: Tensor = self.named["head"](x.mean((2, 3)))
        return result


@pytest.fixture(scope="module")
def graph() -> Graph:
    return captured(Net(), (1, 3, 8, 8))


def node(graph: Graph, path: str) -> Node:
    (found,) = [each for each in graph.nodes if each.path == path]
    return found


def test_paths_are_those_of_modules_and_of_operators_in_them(graph: Graph) -> None:
    block = [
        "{}.act",
        "{}.conv",
        "{}.act_1",  # the same module once more
        "{}.gate.exp",
        "{}.gate.sigmoid",
        "{}.gate.multiply",
        "{}.scale",
        "{}.exp",
        "{}.add",
        "{}.add_1",
    ]
    blocks = ("stages.0.0", "stages.0.1", "stages.1")
    assert [each.path for each in graph.nodes] == [
        "stem.0",
        "stem.1",
        *(line.format(path) for path in blocks for line in block),
        "mean",
        "named.head",
    ]


def test_no_two_layers_have_one_path(graph: Graph) -> None:
    assert len({each.path for each in graph.nodes}) == len(graph.nodes)


def chain(node: Node) -> list[tuple[str, str, int | None]]:
    """Return the instances that a layer is in, innermost first."""
    found, instance = [], node.instance
    while instance is not None:
        found.append((instance.path, instance.block, instance.index))
        instance = instance.parent
    return found


def test_blocks_are_the_modules_around(graph: Graph) -> None:
    inside = [("stages.0.1", "Block", 1), ("stages.0", "", 0)]
    assert chain(node(graph, "stages.0.1.conv")) == inside
    assert chain(node(graph, "stages.0.1.add")) == inside
    # a leaf of several operators is a block of them
    assert chain(node(graph, "stages.0.1.gate.exp")) == [("stages.0.1.gate", "Gate", None), *inside]


def test_containers_are_groups(graph: Graph) -> None:
    assert chain(node(graph, "stem.0")) == [("stem", "", None)]
    assert chain(node(graph, "named.head")) == []
    assert chain(node(graph, "mean")) == []


def test_layers_come_from_the_lines_of_the_users_code(graph: Graph) -> None:
    source, first = inspect.getsourcelines(Block.forward)
    lines = {
        name: first + next(i for i, line in enumerate(source) if text in line)
        for name, text in (("conv", "self.conv"), ("add", "self.gate(y)"), ("add_1", "return"))
    }
    for name, line in lines.items():
        mark = node(graph, f"stages.1.{name}").mark
        assert (Path(mark.file).name, mark.line) == ("test_naming.py", line)
    gate, first = inspect.getsourcelines(Gate.forward)
    assert node(graph, "stages.1.gate.exp").mark.line == first + len(gate) - 1


def test_a_weight_keeps_its_name_where_an_operator_would_take_it() -> None:
    class Adds(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.add = nn.Parameter(torch.ones(5))

        def forward(self, x: Tensor) -> Tensor:
            return (x + x.exp()) + self.add.exp()

    paths = [each.path for each in captured(Adds(), (1, 5)).nodes]
    assert paths == ["exp", "add_1", "add", "exp_1", "add_2"]


def test_the_network_itself_has_no_path() -> None:
    graph = captured(nn.Linear(5, 2), (1, 5))
    (only,) = graph.nodes
    assert (only.kind, only.instance, only.params) == ("linear", None, 5 * 2 + 2)
