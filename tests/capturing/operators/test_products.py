"""Convolutions, matrix products, attention and recurrent layers: what they cost."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archprof.capturing.call import Call
from archprof.ops.answers import Cost
from archprof.ops.base import Op
from tests.captured import OLD, Computes, captured, layer, totals


def cost(module: nn.Module, kind: str, *inputs: tuple[int, ...]) -> Cost:
    return layer(captured(module, *inputs), kind).facts.known_cost


def op(module: nn.Module, kind: str, *inputs: tuple[int, ...]) -> Op:
    return layer(captured(module, *inputs), kind).op


# --- convolutions ---


def test_grouped_conv1d() -> None:
    module = nn.Conv1d(8, 12, 3, padding=1, groups=4)
    # 12 outputs at 10 places, each of a group of 8/4 channels and 3 taps; 1 for each bias
    macs = 12 * 10 * (8 // 4) * 3
    assert cost(module, "conv1d", (1, 8, 10))[:2] == (macs, 2 * macs + 12 * 10)
    assert totals(module, (1, 8, 10)).params == 12 * (8 // 4) * 3 + 12


def test_conv3d() -> None:
    module = nn.Conv3d(2, 4, 3, stride=2, padding=1, bias=False)
    # (8 + 2 - 3)//2 + 1 = 4 places along each of three axes
    macs = 4 * 4**3 * 2 * 3**3
    assert cost(module, "conv3d", (1, 2, 8, 8, 8))[:2] == (macs, 2 * macs)


def test_conv_transpose1d() -> None:
    module = nn.ConvTranspose1d(4, 6, 4, stride=2)
    # each of 4*5 inputs is multiplied by 6*4 weights; (5 - 1)*2 + 4 = 12 places have a bias
    macs = 4 * 5 * 6 * 4
    assert cost(module, "conv_transpose1d", (1, 4, 5))[:2] == (macs, 2 * macs + 6 * 12)


def test_conv2d_is_archprofs_with_its_settings() -> None:
    module = nn.Conv2d(8, 16, (3, 5), stride=2, padding=(1, 2), dilation=1, groups=2, bias=False)
    found = op(module, "conv2d", (1, 8, 9, 9))
    assert not isinstance(found, Call)
    assert found.given() == {
        "out": 16,
        "kernel": (3, 5),
        "stride": (2, 2),
        "padding": (1, 2),
        "groups": 2,
        "bias": False,
    }


def test_conv2d_padded_to_the_same_size() -> None:
    found = op(nn.Conv2d(2, 3, 3, padding="same"), "conv2d", (1, 2, 9, 9))
    assert found.given()["padding"] == "same"


def test_a_convolution_whose_weight_is_computed() -> None:
    """Standardised weights: the products are a convolution's, the parameters counted once."""

    def standardised(weight: Tensor, x: Tensor) -> Tensor:
        deviation, mean = torch.std_mean(weight, (1, 2, 3), keepdim=True)
        return functional.conv2d(x, (weight - mean) / deviation, padding=1)

    module = Computes(standardised, torch.ones(6, 4, 3, 3))
    found = captured(module, (1, 4, 5, 5))
    convolution = layer(found, "conv2d")
    assert isinstance(convolution.op, Call)
    assert convolution.facts.known_cost.macs == 6 * 5 * 5 * 4 * 3 * 3
    assert len(convolution.inputs) == 2
    assert totals(module, (1, 4, 5, 5)).params == 6 * 4 * 3 * 3


def test_a_convolution_sees_a_window_though_its_weight_is_computed() -> None:
    module = Computes(
        lambda weight, x: functional.conv2d(x, weight * 2, stride=2, padding=1),
        torch.ones(6, 4, 3, 3),
    )
    assert totals(module, (1, 4, 9, 9)).receptive_field == (3, 3)


# --- matrix products ---


def test_matmul_of_two_tensors() -> None:
    module = Computes(lambda x, y: x @ y)
    # 3 heads of 5x7 outputs, each the sum of 4 products
    macs = 3 * 5 * 7 * 4
    assert cost(module, "matmul", (1, 3, 5, 4), (1, 3, 4, 7))[:2] == (macs, 2 * macs)


def test_matmul_broadcasts() -> None:
    module = Computes(lambda x, y: x @ y)
    assert cost(module, "matmul", (1, 3, 5, 4), (4, 7)).macs == 3 * 5 * 7 * 4


def test_products_with_an_addition_count_it() -> None:
    module = Computes(lambda x, y, z: torch.baddbmm(x, y, z))
    macs = 2 * 5 * 7 * 4
    shapes = (2, 5, 7), (2, 5, 4), (2, 4, 7)
    assert cost(module, "baddbmm", *shapes)[:2] == (macs, 2 * macs + 2 * 5 * 7)


def test_linear_of_many_rows() -> None:
    module = nn.Linear(6, 9)
    macs = 4 * 5 * 9 * 6  # 4*5 rows, 9 outputs, 6 inputs
    assert cost(module, "linear", (1, 4, 5, 6))[:2] == (macs, 2 * macs + 4 * 5 * 9)


def test_linear_with_a_computed_weight() -> None:
    module = Computes(lambda w, x: functional.linear(x, w.exp()), torch.ones(9, 6))
    assert cost(module, "linear", (1, 5, 6)).macs == 5 * 9 * 6
    assert totals(module, (1, 5, 6)).params == 9 * 6


def test_einsum_with_a_sum() -> None:
    module = Computes(lambda x, y: torch.einsum("bhid,bhjd->bhij", x, y))
    assert cost(module, "einsum", (1, 2, 5, 4), (1, 2, 7, 4)).macs == 2 * 5 * 7 * 4


def test_einsum_without_a_sum_is_elementwise() -> None:
    module = Computes(lambda x, y: torch.einsum("bchw,bc->bchw", x, y))
    assert cost(module, "einsum", (1, 2, 5, 4), (1, 2))[:2] == (0, 2 * 5 * 4)


def test_einsum_of_one_tensor() -> None:
    turned = Computes(lambda x: torch.einsum("bij->bji", x))
    assert cost(turned, "einsum", (1, 5, 4))[:2] == (0, 0)
    summed = Computes(lambda x: torch.einsum("bij->bi", x))
    assert cost(summed, "einsum", (1, 5, 4))[:2] == (0, 5 * 4)  # 1 for each element


def test_einsum_with_an_ellipsis() -> None:
    module = Computes(lambda x, y: torch.einsum("...ij,...jk->...ik", x, y))
    assert cost(module, "einsum", (1, 3, 5, 4), (1, 3, 4, 7)).macs == 3 * 5 * 7 * 4


def test_outer_product() -> None:
    module = Computes(lambda w, x: torch.outer(w, x[0]), torch.ones(4))
    assert cost(module, "outer", (1, 6))[:2] == (0, 4 * 6)


# --- attention ---


def attended(*arguments: Tensor) -> Tensor:
    query, key, value, *mask = arguments
    return functional.scaled_dot_product_attention(query, key, value, *mask)


def test_attention_of_two_heads() -> None:
    shapes = (1, 2, 5, 4), (1, 2, 7, 4), (1, 2, 7, 4)
    scores = 2 * 5 * 7
    macs = scores * (4 + 4)  # Q K^T, and its product with V
    # 1 to scale each score, 5 for the softmax: exp, sum, difference, quotient, maximum
    assert cost(Computes(attended), "scaled_dot_product_attention", *shapes)[:2] == (
        macs,
        2 * macs + scores * (1 + 5),
    )


def test_attention_with_a_mask() -> None:
    shapes = (1, 2, 5, 4), (1, 2, 7, 4), (1, 2, 7, 4), (1, 1, 5, 7)
    scores = 2 * 5 * 7
    macs = scores * (4 + 4)
    assert cost(Computes(attended), "scaled_dot_product_attention", *shapes)[:2] == (
        macs,
        2 * macs + scores * (1 + 1 + 5),
    )


def test_attention_with_wider_values() -> None:
    shapes = (1, 2, 5, 4), (1, 2, 7, 4), (1, 2, 7, 9)
    assert cost(Computes(attended), "scaled_dot_product_attention", *shapes).macs == 70 * (4 + 9)


# --- recurrent layers ---

no_recurrent = pytest.mark.skipif(OLD, reason="torch exports no recurrent layers")


class Outputs(nn.Module):
    """What a recurrent layer gives at each step, its last state left out."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.inner(x)[0]
        return result


@no_recurrent
def test_lstm_in_both_directions() -> None:
    module = nn.LSTM(10, 6, bidirectional=True, batch_first=True)
    # 4 gates of 6 units, from 10 inputs and from 6 units, at 7 steps, in 2 directions
    macs = 7 * 2 * (4 * 6 * 10 + 4 * 6 * 6)
    biases = 7 * 2 * (4 * 6 + 4 * 6)
    # a unit: 4 sums of two products, 3 sigmoids of 4, 2 tanhs of 5, 3 products and a sum: 30
    assert cost(Outputs(module), "lstm", (1, 7, 10))[:2] == (
        macs,
        2 * macs + biases + 7 * 2 * 6 * 30,
    )
    assert totals(module, (1, 7, 10)).params == 2 * (4 * 6 * 10 + 4 * 6 * 6 + 2 * 4 * 6)


@no_recurrent
def test_gru() -> None:
    module = nn.GRU(10, 6, batch_first=True, bias=False)
    macs = 7 * (3 * 6 * 10 + 3 * 6 * 6)
    # a unit: 3 sums of two products, 2 sigmoids of 4, a tanh of 5, 5 more: 21
    assert cost(Outputs(module), "gru", (1, 7, 10))[:2] == (macs, 2 * macs + 7 * 6 * 21)


@no_recurrent
def test_rnn_of_two_layers() -> None:
    module = nn.RNN(10, 6, num_layers=2, batch_first=True)
    # the second layer's inputs are the 6 units of the first
    macs = 7 * (6 * 10 + 6 * 6 + 6 * 6 + 6 * 6)
    assert cost(Outputs(module), "rnn_tanh", (1, 7, 10)).macs == macs
