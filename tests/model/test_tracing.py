"""What torch.export writes down, as a tape."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from archprof.capturing.tape import MAX_SIZE, Tape, TensorRef
from archprof.model.tracing import Inputs, Scribe, operator_name, traced

pytestmark = pytest.mark.filterwarnings("ignore")


def tape_of(module: nn.Module, *shapes: tuple[int, ...]) -> Tape:
    tensors = tuple(torch.empty(shape, device="meta") for shape in shapes)
    return traced(module.to("meta"), Inputs(tensors), "net", "Net")


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU())
        self.register_buffer("scale", torch.ones(1), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        left, right = self.block(images).chunk(2, dim=1)
        return left * self.scale, right


def test_an_operation_as_torch_names_it() -> None:
    tape = tape_of(Net(), (1, 3, 8, 8))
    first = tape.operations[0]
    assert first.operator == "aten.conv2d.default"
    assert first.arguments == {
        "input": TensorRef(tape.inputs["images"]),
        "weight": TensorRef(tape.weights["block.0.weight"].value),
        "bias": TensorRef(tape.weights["block.0.bias"].value),
        "stride": [2, 2],
        "padding": [1, 1],  # dilation and groups are as the schema has them, and left out
    }
    assert Path(first.file).name == Path(__file__).name
    (output,) = first.outputs
    assert tape.tensors[output].shape == (1, 4, 4, 4)
    assert tape.tensors[output].strides == (64, 16, 4, 1)
    assert tape.tensors[output].dtype == "float32"


def test_module_calls_are_in_each_other() -> None:
    tape = tape_of(Net(), (1, 3, 8, 8))
    calls = [(call.path, call.kind, call.parent) for call in tape.modules]
    assert calls == [("block", "Sequential", -1), ("block.0", "Conv2d", 0), ("block.1", "ReLU", 0)]
    assert [o.module for o in tape.operations[:2]] == [1, 2]
    assert tape.operations[-1].module == -1


def test_views_share_memory() -> None:
    tape = tape_of(Net(), (1, 3, 8, 8))
    (chunk,) = [o for o in tape.operations if o.operator == "aten.chunk.default"]
    whole = tape.operations[1].outputs[0]
    assert {tape.tensors[n].storage for n in chunk.outputs} == {tape.tensors[whole].storage}
    others = [tape.tensors[n].storage for n in (tape.inputs["images"], tape.outputs[0])]
    assert len({*others, tape.tensors[whole].storage}) == 3


def test_two_calls_of_a_module_are_two() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.dense = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.dense(self.dense(x))

    tape = tape_of(Twice(), (1, 3))
    assert [call.path for call in tape.modules] == ["dense", "dense"]
    assert [o.module for o in tape.operations] == [0, 1]


def test_a_graph_that_only_turns_gradients_off_is_entered() -> None:
    class Inside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.dense = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                x = self.dense(x)
            return x + 1

    operators = [o.operator for o in tape_of(Inside(), (1, 3)).operations]
    assert "aten.linear.default" in operators
    assert not [name for name in operators if name.startswith("wrap") or "higher" in name]


def test_tensors_that_are_too_large_for_a_tape() -> None:
    scribe = Scribe()
    scribe.tensor(torch.empty(MAX_SIZE, device="meta"))
    with pytest.raises(ValueError, match="a dimension of 2147483648 elements"):
        scribe.tensor(torch.empty(MAX_SIZE + 1, device="meta"))


def test_tensors_that_share_nothing_have_numbers_of_their_own() -> None:
    scribe = Scribe()
    base = torch.empty(4, 4)
    numbers = [scribe.tensor(t) for t in (base, base[1:], torch.empty(2), base.to_sparse())]
    assert numbers == [0, 1, 2, 3]
    assert [t.storage for t in scribe.tensors] == [0, 0, 1, -1]


def test_names() -> None:
    assert operator_name(torch.ops.aten.conv2d.default) == "aten.conv2d.default"
    assert operator_name(torch.ops.aten.add_.Tensor) == "aten.add_.Tensor"
