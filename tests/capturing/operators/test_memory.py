"""Views and copies: whether a layer shares its input's memory, and how it lies there, against the
tensors that torch gave while it was captured.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archprof.capturing.assemble import assemble, network
from archprof.capturing.tape import Tape, values
from archprof.graph.graph import Graph
from archprof.graph.storage import INPUT, storages
from tests.captured import Computes, tape_of

ROWS, IMAGE = (1, 4, 6), (1, 4, 6, 8)

VIEWS: dict[str, tuple[tuple[int, ...], Callable[[Tensor], Tensor]]] = {
    "view": (IMAGE, lambda x: x.view(1, 4, 48)),
    "reshape": (IMAGE, lambda x: x.reshape(1, 2, 2, 6, 8)),
    "flatten": (IMAGE, lambda x: x.flatten(1)),
    "flatten of the last": (IMAGE, lambda x: x.flatten(2)),
    "unflatten": (IMAGE, lambda x: x.unflatten(1, (2, 2))),
    "permute": (IMAGE, lambda x: x.permute(0, 2, 3, 1)),
    "permute of the batch": (IMAGE, lambda x: x.permute(1, 0, 2, 3)),
    "transpose": (IMAGE, lambda x: x.transpose(1, 3)),
    "unsqueeze": (ROWS, lambda x: x.unsqueeze(1)),
    "squeeze": ((1, 4, 1, 6), lambda x: x.squeeze(2)),
    "expand": ((1, 4, 1, 6), lambda x: x.expand(1, 4, 5, 6)),
    "select": (IMAGE, lambda x: x[:, 2]),
    "slice": (IMAGE, lambda x: x[:, 1:3]),
    "slice with a step": (IMAGE, lambda x: x[:, :, ::2]),
    "narrow": (IMAGE, lambda x: x.narrow(1, 1, 2)),
    "chunk": (IMAGE, lambda x: x.chunk(2, 1)[1]),
    "split": (IMAGE, lambda x: x.split([1, 3], 1)[1]),
    "unbind": (IMAGE, lambda x: x.unbind(1)[1]),
    "detach": (IMAGE, lambda x: x.detach()),
    "unfold": (ROWS, lambda x: x.unfold(1, 2, 2)),
    "diagonal": (ROWS, lambda x: x.diagonal(0, 1, 2)),
    "to the same": (IMAGE, lambda x: x.to(torch.float32)),
}
COPIES: dict[str, tuple[tuple[int, ...], Callable[[Tensor], Tensor]]] = {
    "reshape of a permutation": (IMAGE, lambda x: x.permute(0, 2, 3, 1).reshape(1, 6, 32)),
    "contiguous permutation": (IMAGE, lambda x: x.permute(0, 2, 3, 1).contiguous()),
    "clone": (IMAGE, lambda x: x.clone()),
    "cat": (IMAGE, lambda x: torch.cat([x, x.flip(1)], 1)),
    "stack": (ROWS, lambda x: torch.stack([x, x.flip(1)], 1)),
    "pad": (IMAGE, lambda x: functional.pad(x, (1, 1))),
    "roll": (IMAGE, lambda x: x.roll(1, 2)),
    "flip": (IMAGE, lambda x: x.flip(1)),
    "repeat": (IMAGE, lambda x: x.repeat(1, 2, 1, 1)),
    "pixel_shuffle": (IMAGE, lambda x: functional.pixel_shuffle(x, 2)),
    "channel_shuffle": (IMAGE, lambda x: functional.channel_shuffle(x, 2)),
    "index": (ROWS, lambda x: x[:, [0, 2]]),
    "relu of a permutation": (IMAGE, lambda x: x.permute(0, 2, 3, 1).relu()),
}
CASES = VIEWS | COPIES


class All(nn.Module):
    """Every case beside the others."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(Computes(function) for _, function in CASES.values())

    def forward(self, *inputs: Tensor) -> list[Tensor]:
        return [part(x) for part, x in zip(self.parts, inputs, strict=True)]


@pytest.fixture(scope="module")
def tape() -> Tape:
    return tape_of(All(), *(shape for shape, _ in CASES.values()))


@pytest.fixture(scope="module")
def graph(tape: Tape) -> Graph:
    return assemble(network(tape))


def last_tensor(tape: Tape, case: str) -> int:
    """Return the number of what a case gives."""
    return tape.outputs[list(CASES).index(case)]


def last_node(graph: Graph, case: str) -> int:
    path = f"parts.{list(CASES).index(case)}"
    return max(
        i
        for i, node in enumerate(graph.nodes)
        if node.path == path or node.path.startswith(f"{path}.")
    )


@pytest.mark.parametrize("case", CASES)
def test_torch_shares_the_memory_or_not(tape: Tape, case: str) -> None:
    given = list(tape.inputs.values())[list(CASES).index(case)]
    shared = tape.tensors[given].storage == tape.tensors[last_tensor(tape, case)].storage
    assert shared == (case in VIEWS)


@pytest.mark.parametrize("case", CASES)
def test_so_does_the_layer(tape: Tape, graph: Graph, case: str) -> None:
    owners = storages(graph, batch=1).owner
    node = last_node(graph, case)
    inputs = [INPUT, *(i for i, each in enumerate(graph.nodes) if each.kind == "input")]
    assert (owners[node] in inputs) == (case in VIEWS)


@pytest.mark.parametrize("case", CASES)
def test_the_layer_lies_in_memory_as_torchs_tensor(tape: Tape, graph: Graph, case: str) -> None:
    tensor = tape.tensors[last_tensor(tape, case)]
    laid = storages(graph, batch=1).layout[last_node(graph, case)]
    batch = len(tensor.shape) - len(laid.shape[1:])  # 1 where the tensor has one, otherwise 0
    assert laid.shape[1:] == tensor.shape[batch:]
    for n, stride, expected in zip(
        laid.shape[1:], laid.strides[1:], tensor.strides[batch:], strict=True
    ):
        assert n == 1 or stride == expected  # of a dimension of 1 the stride says nothing


def test_dropout_passes_its_input_on_in_evaluation() -> None:
    # as torch does without data; torch.export writes a tensor of its own down
    module = Computes(lambda x: functional.dropout(x, 0.5, training=False))
    graph = assemble(network(tape_of(module, IMAGE)))
    assert storages(graph, batch=1).owner == [INPUT]


def test_in_place_operators_write_over_their_input() -> None:
    tape = tape_of(Computes(lambda x: (x * 2).relu_().add_(1).mul_(3).clamp_(0, 1)), IMAGE)
    graph = assemble(network(tape))
    # one tensor beside the input: the product, over which the four others write
    assert storages(graph, batch=1).owner == [0] * 5
    used = {number for o in tape.operations for number in values(o.arguments)}
    assert len({tape.tensors[number].storage for number in used}) == 2


def test_whole_numbers_and_truth_values_take_their_own_bytes() -> None:
    def sevenths(x: Tensor) -> Tensor:
        places = torch.arange(7, device=x.device)  # 7 of int64: 56 bytes
        return torch.where(x > 0, x, x * places)  # x > 0: 7 of bool, x * places: 7 of float32

    graph = assemble(network(tape_of(Computes(sevenths), (1, 7))))
    kinds = {node.kind: i for i, node in enumerate(graph.nodes)}
    stored = storages(graph, batch=1)
    sizes = {kind: stored.size(graph, i, 1, itemsize=2) for kind, i in kinds.items()}
    assert sizes["arange"] == 7 * 8
    assert sizes["gt"] == 7 * 1
    assert sizes["where"] == 7 * 2  # follows the network's dtype
    # of 8 images: the numbers are there once
    assert storages(graph, batch=8).size(graph, kinds["arange"], 8, itemsize=2) == 7 * 8
    assert storages(graph, batch=8).size(graph, kinds["gt"], 8, itemsize=2) == 8 * 7
