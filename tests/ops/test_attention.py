"""Attention: products and scores by hand, what it keeps, refusals."""

from __future__ import annotations

import pytest
import torch

from archprof.analysis.memory import saved_for_backward
from archprof.commands.verify.oracle import verify
from archprof.graph.storage import storages
from archprof.model.compile import assemble
from tests.small import graph_of, whatever

QKV = {
    "q": "op: linear, out: 64, from: input",
    "k": "op: linear, out: 64, from: input",
    "v": "op: linear, out: 96, from: input",
}


def test_products_by_hand() -> None:
    # Q K^T: 197*197 scores of 64 products each; the scores times V: 197*96 results of 197 products
    # each; heads only cut them up
    cost = (
        graph_of(QKV | {"x": "op: attention, heads: 4, from: [q, k, v]"}, (197, 48))
        .nodes[3]
        .facts.cost
    )
    assert cost.macs == 197 * 197 * 64 + 197 * 197 * 96
    # every score scaled, and softmax's 5
    assert cost.flops == 2 * cost.macs + 4 * 197 * 197 * (1 + 5)
    assert cost.fvcore == 0  # it does not see inside


def test_a_bias_adds_one_per_score() -> None:
    layers = {
        "b": "op: parameter, size: [4, 49, 49]",
        "x": "op: attention, heads: 4, from: [input, input, input, b]",
    }
    cost = graph_of(layers, (64, 49, 128)).nodes[1].facts.cost  # Swin: 64 windows of 7x7
    assert cost.macs == 64 * 49 * 49 * 2 * 128
    assert cost.flops == 2 * cost.macs + 64 * 4 * 49 * 49 * (1 + 1 + 5)


@pytest.mark.parametrize("heads", [1, 4])
def test_what_the_math_backend_keeps(heads: int) -> None:
    graph = graph_of(QKV | {"x": f"op: attention, heads: {heads}, from: [q, k, v]"}, (10, 48))
    scaled = 10 * 64 + 10 * 64  # Q and K, scaled
    # V itself with one head, a contiguous copy of it with several
    scores, values = heads * 10 * 10, 10 * 96
    assert saved_for_backward(graph, 2, 4)[3] == 2 * (scaled + scores + values) * 4


def test_what_the_math_backend_keeps_where_only_v_learns() -> None:
    """The scores, by which V's gradient comes; Q and K, which are the input, need none, so V
    itself is not wanted.
    """
    graph = graph_of(
        {
            "v": "op: linear, out: 96, from: input",
            "x": "op: attention, heads: 4, from: [input, input, v]",
        },
        (10, 48),
    )
    assert saved_for_backward(graph, 2, 4)[1] == 2 * 4 * 10 * 10 * 4


WINDOWS = {
    "qkv": "op: linear, out: 24, from: input",
    "q": "op: slice, dim: -1, stop: 8",
    "k": "op: slice, dim: -1, start: 8, stop: 16, from: qkv",
    "v": "op: slice, dim: -1, start: 16, from: qkv",
}
"""Swin's: queries, keys and values side by side; here of 3 windows of 6 tokens, 8 channels each."""


@pytest.mark.parametrize("size", ["[2, 6, 6]", "[3, 2, 6, 6]"])
def test_windows_with_a_learned_bias_keep_what_the_math_does(size: str) -> None:
    """For 5 samples: Q and K, scaled, a copy of V head by head and the scores of 2 heads; the bias
    is added, and nothing of it is kept, nor of what it is expanded to.
    """
    graph = graph_of(
        {"b": f"op: parameter, size: {size}"}
        | WINDOWS
        | {"x": "op: attention, heads: 2, from: [q, k, v, b]"},
        (3, 6, 8),
    )
    kept = saved_for_backward(graph, 5, 4)[5]
    assert kept == 5 * 3 * (3 * 6 * 8 + 2 * 6 * 6) * 4


def test_windows_without_a_learned_bias_keep_what_the_fused_one_does() -> None:
    """For 5 samples: Q, K and V, which lie side by side in what the projection gave, the result,
    and a float32 number for each row of 2 heads' scores.
    """
    graph = graph_of(
        WINDOWS | {"x": "op: attention, heads: 2, from: [q, k, v]"},
        (3, 6, 8),
    )
    for itemsize in (2, 4):
        kept = saved_for_backward(graph, 5, itemsize)[4]
        assert kept == 5 * 3 * ((3 * 6 * 8 + 6 * 8) * itemsize + 2 * 6 * 4)


@pytest.mark.parametrize(("batch", "masks"), [(1, 1), (5, 5)])
def test_a_mask_is_kept_as_it_is_expanded(batch: int, masks: int) -> None:
    """4 windows of 9 tokens, one head: tokens, which are Q, K and V, and result of 9*8 numbers, one
    for each row of scores, and 4 masks of 9*9: those that were made, of a single sample, or those
    they are expanded to.
    """
    graph = graph_of(
        {
            "start": "op: linear, out: 8",
            "m": "op: window_mask, height: 6, width: 6, shift: 1",
            "x": "op: attention, heads: 1, from: [start, start, start, m]",
        },
        (4, 9, 8),
    )
    kept = saved_for_backward(graph, batch, 4)[2]
    assert kept == 4 * (batch * 4 * (2 * 9 * 8 + 9) + masks * 4 * 9 * 9)


@pytest.mark.parametrize(("batch", "expanded"), [(1, 0), (5, 5 * 3 * 2 * 6 * 6)])
def test_what_windows_hold_in_inference(batch: int, expanded: int) -> None:
    """Fused: a number for each row of scores; a bias for each of 3 windows, expanded to those of
    every sample.
    """
    graph = graph_of(
        {"b": "op: parameter, size: [3, 2, 6, 6]"}
        | WINDOWS
        | {"x": "op: attention, heads: 2, from: [q, k, v, b]"},
        (3, 6, 8),
    )
    held, node = storages(graph, batch), graph.nodes[5]
    inputs = tuple(held.layout[i] for i in node.inputs)
    for itemsize in (2, 4):
        inside = node.op.inside(inputs, (batch, 3, 6, 8), itemsize)
        assert inside == batch * 3 * 2 * 6 * 4 + expanded * itemsize


def test_what_the_math_backend_holds_for_itself() -> None:
    """Most is alive when the scores meet V: Q scaled, the scores of 4 heads, a copy of V head by
    head, and the result, which counts as the output.
    """
    graph = graph_of(
        QKV
        | {
            "v": "op: linear, out: 128, from: input",
            "x": "op: attention, heads: 4, from: [q, k, v]",
        },
        (10, 48),
    )
    held, node = storages(graph, 2), graph.nodes[3]
    assert (
        node.op.inside(tuple(held.layout[i] for i in node.inputs), (2, 10, 128), 4)
        == 2 * (10 * 64 + 4 * 10 * 10 + 10 * 128) * 4
    )


@pytest.mark.parametrize(
    ("tokens", "key", "value", "heads", "itemsize", "inside"),
    [
        # for two images; Q and K of 2*tokens*key, V and the output of 2*tokens*value,
        # heads*2*tokens^2
        # scores
        # Q and K scaled, again head by head; the scores
        (4, 512, 4, 4, 4, (4 * 4096 + 128) * 4 - 32 * 4),
        # Q scaled; the scores before and after softmax
        (64, 4, 8, 4, 4, (512 + 2 * 32_768) * 4 - 1024 * 4),
        (4, 4, 512, 1, 4, 2 * 4096 * 4 - 4096 * 4),  # the result of one head, joined by tokens
        # as above, and all three copied to float32
        (64, 4, 8, 4, 2, (512 + 512 + 1024) * 4 + (512 + 2 * 32_768) * 4 - 1024 * 2),
        # and the scores in float16
        (
            10,
            64,
            128,
            4,
            2,
            (1280 + 1280 + 2560) * 4 + (1280 + 800 + 2560 + 2560) * 4 + 800 * 2 - 2560 * 2,
        ),
        # and the result in float16
        (
            4,
            4,
            512,
            1,
            2,
            (32 + 32 + 4096) * 4 + (32 + 32 + 4096) * 4 + 32 * 2 + 4096 * 2 - 4096 * 2,
        ),
    ],
)
def test_where_the_math_backend_holds_most(
    tokens: int, key: int, value: int, heads: int, itemsize: int, inside: int
) -> None:
    layers = {
        "q": f"op: linear, out: {key}, from: input",
        "k": f"op: linear, out: {key}, from: input",
        "v": f"op: linear, out: {value}, from: input",
        "x": f"op: attention, heads: {heads}, from: [q, k, v]",
    }
    graph = graph_of(layers, (tokens, 8))
    held, node = storages(graph, 2), graph.nodes[3]
    assert (
        node.op.inside(tuple(held.layout[i] for i in node.inputs), (2, tokens, value), itemsize)
        == inside
    )


@pytest.mark.parametrize(
    ("heads", "itemsize", "inside"),
    [
        # for two images, 64 queries of 4, 1 key of 4 and 1 value of 512: the result of 65,536
        # one head: the result once more, joined by tokens
        (1, 4, 65_536 * 4),
        # four: Q of 512, K of 8 and V of 1,024 in float32, then beside these Q scaled, 512 scores
        # and the result, and both once more in float16; V head by head is gone by then
        (4, 2, 1544 * 4 + (512 + 512 + 65_536) * 4 + 512 * 2 + 65_536 * 2 - 65_536 * 2),
    ],
)
def test_where_it_holds_most_with_few_keys(heads: int, itemsize: int, inside: int) -> None:
    layers = {
        "q": "op: linear, out: 4, from: input",
        "first": "op: slice, start: 0, stop: 1, dim: 0, from: input",
        "k": "op: linear, out: 4, from: first",
        "v": "op: linear, out: 512, from: first",
        "x": f"op: attention, heads: {heads}, from: [q, k, v]",
    }
    graph = graph_of(layers, (64, 8))
    held, node = storages(graph, 2), graph.nodes[4]
    arriving = tuple(held.layout[i] for i in node.inputs)
    assert node.op.inside(arriving, (2, 64, 512), itemsize) == inside


@pytest.mark.parametrize(
    ("layers", "size", "message"),
    [
        (
            {"x": "op: attention, heads: 3, from: [input, input, input]"},
            (6, 8),
            "8 key channels do not divide into 3 heads: 8/3 = 2.667",
        ),
        (
            {"l": "op: linear, out: 4", "x": "op: attention, heads: 2, from: [l, input, input]"},
            (6, 8),
            "found 6*4, 6*8 and 6*8",
        ),
        (
            {
                "b": "op: parameter, size: [2, 5, 6]",
                "x": "op: attention, heads: 2, from: [input, input, input, b]",
            },
            (6, 8),
            "2*6*6",
        ),
        (
            {"x": "op: multihead_attention, heads: 3"},
            (6, 8),
            "8 channels do not divide into 3 heads",
        ),
        (
            {"x": "op: multihead_attention, heads: 2"},
            (4, 6, 8),
            "needs tokens x channels, found 4*6*8",
        ),
        (
            {
                "t": "op: parameter, size: [9, 2]",
                "x": "op: relative_position_bias, window: [2, 3]",
                "y": "op: add, from: [input, x]",
            },
            (2, 6, 6),
            "(2*2 - 1)*(2*3 - 1) = 15",
        ),
        (
            {
                "b": "op: parameter, size: [2, 6, 6]",
                "x": "op: attention, heads: 2, causal: true, from: [input, input, input, b]",
            },
            (6, 8),
            "causal attention takes no bias",
        ),
        (
            {
                "t": "op: parameter, size: [8, 2]",
                "x": "op: relative_position_bias, window: 2",
                "y": "op: add, from: [input, x]",
            },
            (2, 4, 4),
            "(2*2 - 1)^2 = 9",
        ),
        (
            {
                "x": "op: window_mask, height: 4, width: 6, shift: 2",
                "y": "op: add, from: [input, x]",
            },
            (6, 4, 4),
            "a shift of 2",
        ),
        (
            {
                "x": "op: window_mask, height: 5, width: 6, shift: 1",
                "y": "op: add, from: [input, x]",
            },
            (6, 4, 4),
            "are not windows x tokens x channels of 5x6",
        ),
    ],
)
def test_refusals(layers: dict[str, str], size: tuple[int, ...], message: str) -> None:
    assert any(message in problem.message for problem in whatever(layers, size).problems)


@pytest.mark.parametrize(("heads", "width", "copied"), [(3, 3, True), (1, 3, False), (3, 6, False)])
def test_heads_of_one_channel_leave_the_tokens_out_of_order(
    heads: int, width: int, copied: bool
) -> None:
    """Joined again they are a view whose channels lie a whole head apart; what flattens it makes
    a copy.
    """
    layers = {
        "q": "op: linear, out: 6",
        "v": f"op: linear, out: {width}, from: input",
        "x": f"op: attention, heads: {heads}, from: [q, q, v]",
        "f": "op: flatten",
    }
    graph = graph_of(layers, (8, 2))
    assert (storages(graph, 2).owner[3] == 3) == copied
    assert verify(graph).holds


@pytest.mark.parametrize(
    ("settings", "flops"),
    [
        # 2*6*6*(8 + 8) of the products; of 2 heads' 6*6 scores 1 to scale and the softmax's 5
        ("", 2 * 6 * 6 * 16 + 6 * 2 * 36),
        (", scale: 1", 2 * 6 * 6 * 16 + 6 * 2 * 36),
        (", causal: true", 2 * 6 * 6 * 16 + 7 * 2 * 36),  # and 1 for the mask
    ],
)
def test_scale_and_mask_by_hand(settings: str, flops: int) -> None:
    layers = {"x": f"op: attention, heads: 2{settings}, from: [input, input, input]"}
    graph = graph_of(layers, (6, 8))
    assert graph.nodes[0].facts.known_cost.flops == flops


def test_a_causal_token_sees_none_behind_it() -> None:
    layers = {"x": "op: attention, heads: 1, causal: true, from: [input, input, input]"}
    module = assemble(graph_of(layers, (4, 2))).double()
    tokens = torch.rand(1, 4, 2, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(module(tokens)[0, 1].sum(), tokens)
    assert gradient[0].abs().sum(1).gt(0).tolist() == [True, True, False, False]


def test_cosine_attention_is_normalised_queries_and_keys_at_a_scale_of_one() -> None:
    layers = {
        "unit": "op: normalize, dim: -1",
        "x": "op: attention, heads: 1, scale: 1, from: [unit, unit, input]",
    }
    tokens = torch.rand(1, 4, 2, dtype=torch.float64)
    unit = tokens / tokens.norm(dim=-1, keepdim=True)
    expected = (unit @ unit.mT).softmax(-1) @ tokens
    assert torch.allclose(assemble(graph_of(layers, (4, 2)))(tokens), expected)
