"""Products in float8: exact where float8 is, within its rounding elsewhere, and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archprof
from archprof.commands.measure.running.float8 import (
    FLOAT8,
    LARGEST,
    Float8Attention,
    Float8Linear,
    convert,
)
from archprof.commands.measure.running.workload import Case, prepare
from archprof.model.modules import MultiheadSelfAttention
from tests.commands.measure.float8_here import needs_float8

pytestmark = needs_float8

ROUNDING = 2**-4
"""The most by which e4m3 rounds, as a share: half of the last of its three bits of mantissa."""

TWO_LAYERS = """\
name: two_layers
input: 32x4x4
layers:
- {name: mixed, op: conv2d, out: 32, kernel: 1}
- {op: adaptive_avg_pool2d, size: 1}
- {op: flatten}
- {name: first, op: linear, out: 64}
- {name: head, op: linear, out: 10}
"""


def whole(*shape: int, most: int) -> Tensor:
    """Return whole numbers up to `most` in magnitude, with that one among them."""
    values = torch.randint(-most, most + 1, shape, generator=torch.Generator().manual_seed(1))
    values.view(-1)[0] = most
    return values.float()


def test_whole_numbers_are_multiplied_exactly() -> None:
    """With 448 as the largest magnitude the scale is 1, and whole numbers up to 16 are e4m3's."""
    x, weight = whole(24, 32, most=16), whole(48, 32, most=16)
    x[0, 0] = weight[0, 0] = 448
    layer = Float8Linear(weight, None)
    assert layer.weight_scale.item() == 1
    assert layer.weight.dtype == FLOAT8
    # float32's sums of such products are exact: below 448**2 + 31 * 16**2, and so below 2**24
    assert torch.equal(layer(x), x @ weight.t())


def test_a_scale_leads_the_largest_to_the_end_of_float8() -> None:
    weight = whole(16, 16, most=7)
    layer = Float8Linear(weight, None)
    assert layer.weight_scale.item() == pytest.approx(7 / 448)
    assert layer.weight.float().abs().max() == LARGEST == 448


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_the_product_is_the_layers_within_rounding(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    linear = nn.Linear(256, 128).to(dtype)
    x = torch.randn(2, 7, 256, dtype=dtype)
    found = Float8Linear(linear.weight.data, linear.bias.data)(x)
    expected = linear(x)
    assert found.shape == (2, 7, 128)
    assert found.dtype == dtype
    error = (found.float() - expected.float()).norm() / expected.float().norm()
    # each factor is rounded by at most 1/16; independent roundings add up to less
    assert 0.001 < error < 2 * ROUNDING


def test_nothing_but_zeros_and_values_beyond_float8_stay_numbers() -> None:
    layer = Float8Linear(torch.zeros(16, 16), torch.ones(16))
    assert torch.equal(layer(torch.zeros(3, 16)), torch.ones(3, 16))
    large = Float8Linear(torch.full((16, 16), 1e30), None)
    assert torch.isfinite(large(torch.full((2, 16), 3e4, dtype=torch.bfloat16))).all()


def test_attention_runs_both_of_its_products_in_float8() -> None:
    torch.manual_seed(0)
    attention = MultiheadSelfAttention(64, 4).eval().requires_grad_(False)
    image = torch.randn(2, 9, 64)
    expected = attention(image)
    network = nn.Sequential(attention)
    # in_proj 64 -> 192 and out_proj 64 -> 64, for 2 x 9 tokens
    assert convert(network, image) == 2 * 9 * 64 * (192 + 64)
    assert isinstance(network[0], Float8Attention)
    error = (network(image) - expected).norm() / expected.norm()
    assert 0.001 < error < 3 * ROUNDING


def test_widths_that_are_no_multiples_of_16_stay() -> None:
    network = nn.Sequential(nn.Linear(32, 64), nn.Linear(64, 10), nn.Linear(10, 16)).eval()
    assert convert(network, torch.ones(3, 32)) == 3 * 32 * 64
    assert [type(layer) for layer in network] == [Float8Linear, nn.Linear, nn.Linear]


def test_a_layer_called_twice_multiplies_twice() -> None:
    layer = nn.Linear(16, 16)
    assert convert(nn.Sequential(layer, layer), torch.ones(5, 16)) == 2 * 5 * 16 * 16


def test_a_network_without_such_layers_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 16, and this network has none"):
        convert(nn.Sequential(nn.Linear(16, 10)), torch.ones(1, 16))


def test_a_network_is_converted_where_it_is_prepared(tmp_path: Path) -> None:
    path = tmp_path / "two_layers.yaml"
    path.write_text(TWO_LAYERS, encoding="utf-8")
    graph = archprof.load(path).graph
    workload = prepare(Case(graph, 2, "float8"), "cpu")
    # 2 images, 32 -> 64; the head has 10 outputs and stays, as does the convolution
    assert workload.float8_macs == 2 * 32 * 64
    kinds = {name: type(layer) for name, layer in workload.module.named_modules()}
    assert (kinds["first"], kinds["mixed"], kinds["head"]) == (Float8Linear, nn.Conv2d, nn.Linear)
    assert workload.input.dtype == torch.bfloat16
    seen: list[Any] = []
    workload.module.register_forward_hook(lambda module, given, output: seen.append(output))
    workload.runs[0]()
    assert seen[0].shape == (2, 10)
    assert prepare(Case(graph, 2, "bfloat16"), "cpu").float8_macs is None
