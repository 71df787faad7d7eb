"""Optimizers by their formulas, and the tensors that they keep."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archprof.commands.measure.running.optimizers import LEARNING_RATE, Stepping, stepping

CPU = torch.device("cpu")


def parameter() -> nn.Parameter:
    return nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))


def moves(steps: Stepping, weight: nn.Parameter, *gradients: float) -> list[float]:
    """By how many learning rates the first weight falls in each step."""
    found = []
    for gradient in gradients:
        before = weight[0].item()
        weight.grad = torch.tensor([gradient, 0.0], dtype=torch.float64)
        steps.step()
        found.append((before - weight[0].item()) / LEARNING_RATE)
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sgd", [2.0, 4.0]),
        # v = 2, then 0.9 * 2 + 4
        ("momentum", [2.0, 5.8]),
        # the first step of Adam is 1 whatever the gradient, plus 0.01 of the weight; of the second
        # m = 0.9 * 0.2 + 0.4 over 1 - 0.9^2, v = 0.999 * 0.004 + 0.016 over 1 - 0.999^2:
        # (0.58 / 0.19) / sqrt(0.019996 / 0.001999) = 0.96518
        ("adamw", [1.01, 0.96518 + 0.01]),
    ],
)
def test_steps_are_those_of_the_formula(name: str, expected: list[float]) -> None:
    weight = parameter()
    steps = stepping(name, [weight], CPU)
    assert moves(steps, weight, 2.0, 4.0) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "copies", "counts"), [("sgd", 0, 0), ("momentum", 1, 0), ("adamw", 2, 1)]
)
def test_state_is_there_from_the_first_step_on(name: str, copies: int, counts: int) -> None:
    weight = parameter()
    steps = stepping(name, [weight], CPU)
    assert steps.state() == []
    moves(steps, weight, 1.0)
    kept = steps.state()
    assert sum(tensor.numel() == 2 for tensor in kept) == copies
    assert sum(tensor.numel() == 1 for tensor in kept) == counts


def test_state_elsewhere_is_not_the_devices() -> None:
    """AdamW that is not captured counts its steps on the host."""
    weight = parameter()
    steps = stepping("adamw", [weight], torch.device("cuda", 0))
    moves(steps, weight, 1.0)
    assert steps.state() == []


def test_gradients_are_let_go() -> None:
    weight = parameter()
    weight.grad = torch.ones(2, dtype=torch.float64)
    stepping("sgd", [weight], CPU).clear()
    assert weight.grad is None


def test_what_is_captured_counts_on_the_device() -> None:
    """torch refuses `capturable` on a CPU, in words that name it."""
    weight = parameter()
    with pytest.raises((AssertionError, RuntimeError), match="capturable"):
        moves(stepping("adamw", [weight], CPU, captured=True), weight, 1.0)


def test_a_scaler_divides_by_its_scale_and_leaves_out_what_is_infinite() -> None:
    """torch's scaler begins at 2^16; after an infinity it halves its scale."""
    weight = nn.Parameter(torch.ones(2))
    steps = stepping("sgd", [weight], CPU, scaled=True)
    weight.grad = torch.full((2,), 2.0**36)
    steps.step()
    assert weight.tolist() == pytest.approx([1 - LEARNING_RATE * 2.0**20] * 2)
    weight.grad = torch.full((2,), float("inf"))
    before = weight.tolist()
    steps.step()
    assert weight.tolist() == before
    weight.grad = torch.full((2,), 2.0**35)
    steps.step()
    assert weight.tolist() == pytest.approx([before[0] - LEARNING_RATE * 2.0**20] * 2)


def test_another_name_is_none() -> None:
    with pytest.raises(KeyError):
        stepping("lion", [parameter()], CPU)
