"""Initialisation by the spec's word, and the fill of the reference figures."""

from __future__ import annotations

import math
from zlib import crc32

import pytest
import torch

from archprof.model.compile import build
from archprof.model.weights import SCHEMES, fill, uniform
from tests.small import graph_of


def by_hand(key: str, i: int) -> float:
    """Element i under a key, straight from the recipe: all modulo 2^32."""
    h = (i * 2654435761 + crc32(key.encode())) % 2**32
    h ^= h >> 16
    h = h * 0x85EBCA6B % 2**32
    h ^= h >> 13
    h = h * 0xC2B2AE35 % 2**32
    h ^= h >> 16
    return h / 2**31 - 1


@pytest.mark.parametrize("key", ["conv1.weight", "layer4.2.bn3.running_var", "input"])
def test_uniform_is_the_recipe(key: str) -> None:
    assert uniform(key, 1000).tolist() == [by_hand(key, i) for i in range(1000)]


def test_uniform_is_the_recipe_however_many() -> None:
    """It is made in parts: the numbers around their ends, and the last of a part begun."""
    found = uniform("fc.weight", 200_003)
    places = [*range(0, 200_003, 4093), *range(2**15 - 2, 2**15 + 2), *range(2**16 - 2, 2**16 + 2)]
    places.append(200_002)
    assert [found[i].item() for i in places] == [by_hand("fc.weight", i) for i in places]
    assert len(found) == 200_003


def test_fill_by_the_last_name() -> None:
    state = {
        "a.weight": torch.zeros(4, 3, 2, 2),
        "a.bias": torch.zeros(4),
        "b.weight": torch.zeros(4),
        "b.running_mean": torch.zeros(4),
        "b.running_var": torch.zeros(4),
        "b.num_batches_tracked": torch.tensor(7),
        "in_proj_bias": torch.zeros(6),
        "layer_scale": torch.zeros(4, 1, 1),
        "gain": torch.zeros(()),
    }
    filled = fill({key: t.double() if t.is_floating_point() else t for key, t in state.items()})

    def u(key: str) -> torch.Tensor:
        return uniform(key, state[key].numel()).reshape(state[key].shape)

    expected = {
        "a.weight": u("a.weight") * math.sqrt(3 / (3 * 2 * 2)),
        "a.bias": 0.1 * u("a.bias"),
        "b.weight": 0.75 + 0.25 * u("b.weight"),
        "b.running_mean": 0.1 * u("b.running_mean"),
        "b.running_var": 1 + 0.5 * u("b.running_var"),
        "in_proj_bias": 0.1 * u("in_proj_bias"),
        "layer_scale": u("layer_scale") * math.sqrt(3),
        "gain": 0.75 + 0.25 * u("gain"),
    }
    assert filled["b.num_batches_tracked"] == 7
    for key, tensor in expected.items():
        assert torch.equal(filled[key], tensor), key


# standard deviation by the scheme's formula, for a 64x32x3x3 convolution: fan in 32*9, fan out 64*9
FAN_IN, FAN_OUT = 32 * 9, 64 * 9
STD = {
    "{normal: 0.05}": 0.05,
    "{trunc_normal: 0.02}": 0.02,
    "{uniform: 0.3}": 0.3 / math.sqrt(3),
    "{kaiming_normal: fan_in}": math.sqrt(2 / FAN_IN),
    "{kaiming_normal: fan_out}": math.sqrt(2 / FAN_OUT),
    "{kaiming_uniform: fan_out}": math.sqrt(2 / FAN_OUT),
    "{xavier_normal: 1}": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "{xavier_uniform: 2}": 2 * math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "{trunc_normal_fan_in: 1}": 1 / math.sqrt(FAN_IN),
    "{normal_fan_in: 1}": 1 / math.sqrt(FAN_IN),
}


@pytest.mark.parametrize("how", STD)
def test_initialised_as_the_spec_says(how: str) -> None:
    torch.manual_seed(0)
    module = build(
        graph_of(
            {"x": "op: conv2d, out: 64, kernel: 3"},
            (32, 8, 8),
            init=f"{{conv2d: {{weight: {how}, bias: 0.5}}}}",
        )
    )
    weight = module.get_parameter("x.weight")
    # 18,432 numbers: the deviation's own relative error is near 1/sqrt(2*18432) = 0.5 %
    assert weight.std().item() == pytest.approx(STD[how], rel=0.03)
    assert abs(weight.mean().item()) < 5 * STD[how] / math.sqrt(weight.numel())
    assert torch.equal(module.get_parameter("x.bias"), torch.full((64,), 0.5))


def test_every_scheme_is_tested() -> None:
    assert {how.split(":")[0].strip("{") for how in STD} | {"constant"} == set(SCHEMES)


def test_a_layers_own_word_counts_more() -> None:
    layers = {
        "a": "op: linear, out: 4",
        "b": "op: linear, out: 4, init: {weight: 0}",
        "s": "op: scale, size: [4], init: {weight: 3}",
    }
    module = build(graph_of(layers, (8,), init="{linear: {weight: 1}}"))
    assert torch.equal(module.get_parameter("a.weight"), torch.ones(4, 8))
    assert torch.equal(module.get_parameter("b.weight"), torch.zeros(4, 4))
    assert torch.equal(module.get_parameter("s"), torch.full((4,), 3.0))
    assert module.get_parameter("a.bias").abs().max() > 0  # torch's own where the spec is silent


def test_meta_is_left_alone() -> None:
    assert (
        build(
            graph_of(
                {"x": "op: linear, out: 4"}, (8,), init="{linear: {weight: {trunc_normal: 1}}}"
            ),
            device="meta",
        )
        .get_parameter("x.weight")
        .is_meta
    )
