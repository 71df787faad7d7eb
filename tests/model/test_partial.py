"""Modules that nobody can follow to their end: what was seen until there, and where that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archprof.api import capture
from archprof.capturing.tape import Tape
from archprof.model.partial import stop, until_it_stops
from archprof.model.tracing import Inputs
from archprof.problem import ProblemError

pytestmark = pytest.mark.filterwarnings("ignore")
HERE = Path(__file__)
POINT = 3 * 3 * 8 * 8
"""MACs of a 1x1 convolution from 3 to 3 channels on 8x8 places."""


def line(mark: str) -> int:
    """The number of this file's line that ends with a mark."""
    lines = HERE.read_text(encoding="utf-8").splitlines()
    (found,) = [n for n, text in enumerate(lines, 1) if text.endswith(f"# {mark}")]
    return found


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)


class Branch(Two):
    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        if x.sum() > 0:  # BRANCH
            x = self.second(x)
        return x


class Item(Two):
    def forward(self, x: Tensor) -> Tensor:
        count = int(self.first(x).sum().item())  # ITEM
        return self.second(x[:, :, :count])


class Sized(Two):
    def forward(self, x: Tensor) -> Tensor:
        found = (self.first(x) > 0).nonzero()  # SIZED
        return found.sum() + self.second(x).sum()


class Loops(Two):
    def forward(self, x: Tensor) -> Tensor:
        while True:
            x = self.first(x)
            if bool(x.max() < 1):  # LOOPS
                return x


class Raises(Two):
    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        raise ValueError("only here\nwith more. And a hint")  # RAISES


@pytest.mark.parametrize("on_meta", [False, True], ids=["with weights", "without"])
@pytest.mark.parametrize(
    ("kind", "mark"),
    [(Branch, "BRANCH"), (Item, "ITEM"), (Sized, "SIZED"), (Loops, "LOOPS")],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_where_it_stops_and_what_was_seen(kind: type[nn.Module], mark: str, on_meta: bool) -> None:
    module = kind().to("meta") if on_meta else kind()
    loaded = capture(module, "3x8x8")
    stopped = loaded.network.tape.stopped
    assert stopped is not None
    assert Path(stopped.file).name == HERE.name
    assert stopped.line == line(mark)
    assert stopped.reason
    assert "\n" not in stopped.reason
    analysis = loaded.analyze()
    assert analysis.totals.macs == POINT
    assert analysis.totals.params == 2 * (3 * 3 + 3)  # of what was not reached too
    assert "stopped" in analysis.totals.unknown.cost
    (row,) = [layer for layer in analysis.layers if layer.node.path == "stopped"]
    assert (row.macs, row.flops, row.node.entry.mark.line) == (None, None, line(mark))


@pytest.mark.parametrize("on_meta", [False, True], ids=["with weights", "without"])
def test_a_mistake_is_no_limit(on_meta: bool) -> None:
    """What the module raises itself is an error, although operators ran before."""
    module = Raises().to("meta") if on_meta else Raises()
    with pytest.raises(ProblemError, match="cannot be captured: ValueError: only here") as raised:
        capture(module, "3x8x8")
    (problem,) = raised.value.problems
    assert (Path(problem.mark.file).name, problem.mark.line) == (HERE.name, line("RAISES"))


def test_python_warns_of_a_lower_bound() -> None:
    with pytest.warns(UserWarning, match=r"Branch stops at .*test_partial\.py:\d+: .*lower bound"):
        capture(Branch(), "3x8x8")


def test_the_zeros_of_an_example_decide_nothing() -> None:
    """With real zeros the branch would be left out, and the total be right for no image."""
    module = Branch()
    with torch.no_grad():
        module.first.bias.fill_(-1)
    assert capture(module, "3x8x8").network.tape.stopped is not None


def test_reasons() -> None:
    assert stop(ValueError("a\n  b. Hints for torch")).reason == "a b"
    assert stop(ValueError()).reason == "ValueError"
    assert len(stop(ValueError("x" * 999)).reason) == 300


def partly(module: nn.Module, *shapes: tuple[int, ...], **named: tuple[int, ...]) -> Tape:
    positional = tuple(torch.zeros(shape) for shape in shapes)
    inputs = Inputs(positional, {name: torch.zeros(shape) for name, shape in named.items()})
    tape, error = until_it_stops(module, inputs, "net", "Net")
    assert error is None
    return tape


def test_operators_are_those_below_autograd() -> None:
    tape = partly(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()), (1, 3, 8, 8))
    assert [o.operator for o in tape.operations] == [
        "aten.convolution.default",
        "aten.relu.default",
    ]
    assert [tape.modules[o.module] for o in tape.operations] == [
        ("0", "Conv2d", -1),
        ("1", "ReLU", -1),
    ]
    assert list(tape.weights) == ["0.weight", "0.bias"]
    assert all(weight.trainable for weight in tape.weights.values())


def test_inputs_by_position_and_by_name() -> None:
    class Adds(nn.Module):
        def forward(self, a: Tensor, b: Tensor, *, c: Tensor) -> dict[str, Any]:
            return {"sum": [a + b, c]}

    tape = partly(Adds(), (1, 2), (1, 2), c=(1, 3))
    assert list(tape.inputs) == ["input", "input_1", "c"]
    assert [tape.tensors[n].shape for n in tape.outputs] == [(1, 2), (1, 3)]
    assert tape.outputs[1] == tape.inputs["c"]


def test_hooks_of_ours_are_taken_off() -> None:
    module = nn.Sequential(nn.Linear(3, 3))
    partly(module, (1, 3))
    assert not module[0]._forward_hooks
    assert not module[0]._forward_pre_hooks
