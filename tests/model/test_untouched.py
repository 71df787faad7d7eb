"""A module that was run is as it was: everything that torch and its own code keep on it."""

from __future__ import annotations

import copy
import gc
from collections import OrderedDict
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archprof.api import capture
from archprof.model.untouched import in_mode, untouched, without_data
from archprof.problem import ProblemError


class Busy(nn.Module):
    """It changes itself whenever it runs, and when its mode changes."""

    def __init__(self, stops: bool = False, raises: bool = False):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.frozen = nn.Linear(4, 4).requires_grad_(requires_grad=False)
        self.drop = nn.Dropout(0.5)
        self.register_buffer("count", torch.zeros(()))
        self.seen: list[Tensor] = []
        self.named: dict[str, Any] = {}
        self.calls = 0
        self.stops, self.raises = stops, raises

    def train(self, mode: bool = True) -> Busy:
        super().train(mode)
        self.conv.weight.requires_grad_(mode)
        return self

    def forward(self, images: Tensor) -> Tensor:
        self.calls += 1
        self.count += 1
        x = self.norm(self.conv(images))
        self.seen.append(x)
        self.named["last"] = x
        self.late = x
        x = x + torch.rand(x.shape)
        if self.raises:
            raise ValueError("it raises")
        if self.stops and x.sum() > 0:
            x = x * 2
        return self.drop(self.frozen(x.mean((2, 3))))


def state(module: nn.Module) -> dict[str, Any]:
    """All that is to stay: identities of what is registered, values, modes, flags, hooks."""
    found: dict[str, Any] = {}
    for path, part in module.named_modules():
        for name, value in part.__dict__.items():
            found[f"{path}:{name}"] = id(value)
            if type(value) in (dict, OrderedDict):
                found[f"{path}:{name} entries"] = {key: id(entry) for key, entry in value.items()}
            if type(value) is list:
                found[f"{path}:{name} entries"] = [id(entry) for entry in value]
        found[f"{path} mode"] = part.training
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        found[name] = (id(tensor), tensor.requires_grad, tensor.data_ptr(), tensor.tolist())
    return found


def mixed(module: nn.Module) -> nn.Module:
    """Leave its parts in different modes, with hooks of its own."""
    module.train()
    module.norm.eval()
    module.conv.register_forward_hook(lambda part, given, made: None)
    return module


@pytest.mark.parametrize("stops", [False, True], ids=["exported", "stopped"])
def test_capture_leaves_a_module_as_it_was(stops: bool) -> None:
    module = mixed(Busy(stops))
    before, random = state(module), torch.get_rng_state()
    loaded = capture(module, "3x8x8")
    assert bool(loaded.network.tape.stopped) is stops
    assert state(module) == before
    assert torch.equal(torch.get_rng_state(), random)


def test_so_does_a_capture_that_fails() -> None:
    module = nn.Sequential(nn.Conv2d(5, 4, 3), nn.BatchNorm2d(4)).train()  # of other images
    before, random = state(module), torch.get_rng_state()
    with pytest.raises(ProblemError):
        capture(module, "3x8x8")
    assert state(module) == before
    assert torch.equal(torch.get_rng_state(), random)


def test_so_does_a_forward_that_raises() -> None:
    module = mixed(Busy(raises=True))
    before = state(module)
    with pytest.raises(ProblemError, match="cannot be captured"):
        capture(module, "3x8x8")
    assert state(module) == before


def tensors_with_history() -> list[Tensor]:
    gc.collect()
    return [t for t in gc.get_objects() if type(t) is Tensor and t.grad_fn is not None]


def test_no_graph_of_autograd_is_kept() -> None:
    module = Busy()
    before = {id(t) for t in tensors_with_history()}  # of other tests
    capture(module, "3x8x8")
    gc.collect()
    assert not [t for t in module.parameters() if t.grad is not None]
    assert {id(t) for t in tensors_with_history()} <= before


@pytest.mark.parametrize("stops", [False, True], ids=["exported", "stopped"])
def test_nothing_is_computed(stops: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a real image would give, nothing has seen."""
    module = Busy(stops)
    real: list[Tensor] = []
    module.conv.register_forward_hook(
        lambda part, given, made: real.append(made) if type(made) is Tensor else None
    )
    capture(module, "3x8x8")
    assert [tensor for tensor in real if tensor.device.type == "cpu"] == []


def test_a_captured_module_still_trains() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5), nn.Linear(4, 2))
    twin = copy.deepcopy(module)
    capture(module, [4])
    x = torch.randn(3, 4)
    for one in (module, twin):
        torch.manual_seed(0)
        one(x).sum().backward()
    for ours, theirs in zip(module.parameters(), twin.parameters(), strict=True):
        assert ours.grad is not None
        assert theirs.grad is not None
        assert torch.equal(ours.grad, theirs.grad)


def test_verify_and_bench_leave_it_as_it_was() -> None:
    module = mixed(Busy())
    loaded = capture(module, "3x8x8")
    before = state(module)
    loaded.verify()
    assert state(module) == before
    loaded.bench(time_limit=0.05)
    assert state(module) == before


# --- the pieces ---


def test_untouched_takes_back_what_an_error_leaves() -> None:
    module = mixed(Busy())
    before = state(module)

    def change() -> None:
        module.train()
        module.conv.weight.requires_grad_(requires_grad=False)
        module.register_buffer("more", torch.zeros(2))
        del module.frozen
        module.conv._forward_hooks.clear()
        torch.rand(3)
        raise KeyError

    with pytest.raises(KeyError), untouched(module):
        change()
    assert state(module) == before


def test_a_mode_is_for_all_parts() -> None:
    module = mixed(Busy())
    for wanted in (True, False):
        with in_mode(module, training=wanted):
            assert {part.training for part in module.modules()} == {wanted}
        assert module.training
        assert not module.norm.training


def test_without_data_ties_stay() -> None:
    module = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    module[1].weight = module[0].weight
    with without_data(module):
        assert module[1].weight is module[0].weight
        assert isinstance(module[0].weight, nn.Parameter)
        assert type(module[0].weight.data) is not Tensor


def test_a_module_on_meta_is_run_as_it_is() -> None:
    module = nn.Linear(3, 3, device="meta")
    weight = module.weight
    with without_data(module) as without:
        assert module.weight is weight
        assert without(weight) is weight
