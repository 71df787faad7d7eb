"""Public drop paths in evaluation: seen without a capture of training, and left as they were."""

from __future__ import annotations

import pytest
from torch import Tensor, nn

from archprof.api import capture
from archprof.model.drop_paths import probability

pytestmark = pytest.mark.filterwarnings("ignore")


class DropPath(nn.Module):
    """Has the name and the attribute of timm's, which may not be installed."""

    __module__ = "timm.layers.drop"

    def __init__(self, drop_prob: float):
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.drop_prob:
            return x
        return x * x.new_empty(x.shape[0], 1).bernoulli_(1 - self.drop_prob)


class Residual(nn.Module):
    def __init__(self, drop: nn.Module):
        super().__init__()
        self.linear, self.drop = nn.Linear(8, 8), drop

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.drop(self.linear(x))
        return result


def test_a_drop_path_is_seen_in_evaluation() -> None:
    module = Residual(DropPath(0.25))
    captured = capture(module, 8)
    found = [(node.path, node.kind) for node in captured.graph.nodes]
    assert found == [("linear", "linear"), ("drop", "drop_path"), ("add", "add")]
    assert captured.graph.nodes[1].op.given() == {"p": 0.25}
    assert captured.network.tape.training is None
    assert "forward" not in module.drop.__dict__
    # autograd keeps the linear layer's input, 8 numbers of 4 bytes, and one number for the sample
    assert captured.analyze().totals.saved_bytes == 4 * 8 + 4


def test_one_that_never_drops_has_no_layer() -> None:
    captured = capture(Residual(DropPath(0.0)), 8)
    assert [node.kind for node in captured.graph.nodes] == ["linear", "add"]
    assert captured.network.tape.training is None


def test_others_are_no_drop_paths() -> None:
    assert probability(nn.Dropout(0.5)) is None
    assert probability(DropPath(0.1)) == 0.1


class Own(DropPath):
    """A user's own, of the same class name, which only a capture of training can see."""

    __module__ = "models.own"


Own.__name__ = Own.__qualname__ = "DropPath"


class Pooled(Residual):
    """A norm over the samples, which training cannot run with one."""

    def __init__(self, drop: nn.Module):
        super().__init__(drop)
        self.norm = nn.BatchNorm1d(8)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(self.norm(x))


def test_a_users_own_is_seen_in_training() -> None:
    captured = capture(Residual(Own(0.25)), 8)
    assert captured.network.tape.training is not None
    found = {node.kind: node.op.given() for node in captured.graph.nodes}
    assert found["drop_path"] == {"p": 0.25}
    assert captured.analyze().totals.saved_bytes == 4 * 8 + 4


def test_training_with_two_samples_is_that_of_one() -> None:
    captured = capture(Pooled(Own(0.25)), 8)
    training = captured.network.tape.training
    assert training is not None
    shapes = {training.tensors[number].shape for number in training.inputs.values()}
    assert shapes == {(1, 8)}
