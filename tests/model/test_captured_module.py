"""Captured networks as modules that run, each of their operators beside its layer."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from archprof.api import capture
from archprof.capturing.assemble import network
from archprof.capturing.tape_reader import tape_of
from archprof.graph.freezing import freeze
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.model.captured_module import first_input, module_of, of_one_input, runnable, running
from archprof.model.compile import NODE
from archprof.problem import ProblemError
from archprof.targets import graph_of, source
from tests.tapes import recorded_text

pytestmark = pytest.mark.filterwarnings("ignore")
CPU = torch.device("cpu")


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.norm(self.conv(x)).relu().mean((2, 3)))


class Scales(nn.Module):
    """Takes words, and by how much they are scaled, under that name alone."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(10, 4)

    def forward(self, words: Tensor, *, by: Tensor) -> Tensor:
        return self.table(words) * (by + 1)


def test_further_inputs_are_held_by_the_module() -> None:
    module = Scales()
    graph = capture(module, {"words": "7:int64", "by": "7x4"}).graph
    made = runnable(graph, 3, CPU)
    words = torch.randint(10, (3, 7))
    assert torch.equal(made(words), module.table(words))
    numbers = [n.meta[NODE] for n in made.graph.nodes if NODE in n.meta]
    assert [graph.nodes[i].kind for i in numbers] == ["embedding", "shift_by", "multiply"]


def test_what_the_graph_freezes_is_not_trained() -> None:
    graph = freeze(capture(Net(), "3x8x8").graph, ["conv", "*.bias"])
    made = runnable(graph, 2, CPU, train=True)
    trained = {name for name, parameter in made.named_parameters() if parameter.requires_grad}
    assert trained == {"norm.weight", "fc.weight"}


def test_first_inputs() -> None:
    """Random images in the dtype of the run; words are numbers whatever that is."""
    words = capture(Scales(), {"words": "7:int64", "by": "7x4"}).graph
    found = first_input(words, 3, CPU, torch.float16)
    assert (found.shape, found.dtype) == ((3, 7), torch.int64)
    for graph in (capture(Net(), "3x8x8").graph, expand(find("lenet5"))):
        image = first_input(graph, 2, CPU, torch.float16)
        assert image.dtype == torch.float16
        assert image.shape == (2, *graph.input)


def test_it_computes_what_the_module_does() -> None:
    module = Net().eval()
    graph = capture(module, "3x8x8").graph
    made = runnable(graph, 2, CPU)
    images = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        assert torch.allclose(made(images), module(images), atol=1e-6)
    assert made is not module


def test_each_operator_has_its_layer() -> None:
    graph = capture(Net(), "3x8x8").graph
    made = runnable(graph, 1, CPU)
    layers = [graph.nodes[node.meta[NODE]].path for node in made.graph.nodes if NODE in node.meta]
    assert layers == [node.path for node in graph.nodes]


def test_it_is_a_copy_and_trains_by_itself() -> None:
    module = Net()
    graph = capture(module, "3x8x8").graph
    made = runnable(graph, 2, CPU, train=True)
    made(torch.randn(2, 3, 8, 8)).sum().backward()
    assert all(p.grad is None for p in module.parameters())
    assert torch.equal(module.norm.running_mean, torch.zeros(4))
    assert any(p.grad is not None for p in made.parameters())


@pytest.mark.usefixtures("code")
def test_a_module_without_weights_is_built_again_with_them() -> None:
    graph = graph_of(source("model.py:Small", ["3x8x8"], ["depth=1"]))
    whole = running(graph)
    assert all(p.is_meta for p in whole.module.parameters())
    module = module_of(whole)
    assert not any(p.is_meta for p in module.parameters())
    assert runnable(graph, 1, CPU)(torch.zeros(1, 3, 8, 8)).shape == (1, 10)


def test_what_cannot_run() -> None:
    tape = network(tape_of(recorded_text().encode(), "f"))
    with pytest.raises(ProblemError, match="is a tape, which runs nothing"):
        running(graph_of(tape))
    with pytest.raises(TypeError, match="lenet5 is a spec"):
        running(expand(find("lenet5")))

    class Adds(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return a + b

    with pytest.raises(ProblemError, match="takes 2 inputs, expected one"):
        of_one_input(capture(Adds(), {"a": "3", "b": "3"}).graph)
