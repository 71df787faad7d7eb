"""Attention between heads: which of torch's algorithms computes it, what that makes and keeps."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from archprof.autograd.layout import Layout, contiguous
from archprof.capturing.attention import HeadAttention
from archprof.graph.storage import storages
from tests.captured import Computes, captured, layer

# 2 heads of 5 queries and keys, 4 channels: 40 elements each, 50 scores
TOKENS = (1, 2, 5, 4)


def attended(query: Tensor, key: Tensor, value: Tensor, *mask: Tensor) -> Tensor:
    return functional.scaled_dot_product_attention(query, key, value, *mask)


def attention(*shapes: tuple[int, ...]) -> HeadAttention:
    op = layer(captured(Computes(attended), *shapes), "scaled_dot_product_attention").op
    assert isinstance(op, HeadAttention)
    return op


def test_fused_makes_a_number_for_each_row_of_scores() -> None:
    op = attention(TOKENS, TOKENS, TOKENS)
    layouts = (contiguous(TOKENS),) * 3
    assert op.algorithm(layouts) == "fused"
    assert op.inside(layouts, TOKENS, 4) == 2 * 5 * 4
    assert op.inside(layouts, TOKENS, 2) == 2 * 5 * 4  # in float32 at least


def test_values_of_another_width_are_for_the_math() -> None:
    wide = (1, 2, 5, 6)
    op = attention(TOKENS, TOKENS, wide)
    layouts = (contiguous(TOKENS), contiguous(TOKENS), contiguous(wide))
    assert op.algorithm(layouts) == "math"
    # Q and K scaled, and the scores: 40 + 40 + 50; Q and twice the scores: 40 + 2*50; Q, the scores
    # and the result of 60: 150, the most, of which the result is the output
    assert op.inside(layouts, wide, 4) == (40 + 50 + 60) * 4 - 60 * 4


def test_a_mask_that_wants_a_gradient_is_for_the_math() -> None:
    mask = (1, 1, 5, 5)
    op = attention(TOKENS, TOKENS, TOKENS, mask)
    plain = (*(contiguous(TOKENS),) * 3, contiguous(mask))
    assert op.algorithm(plain) == "fused"
    learned = (*plain[:3], contiguous(mask)._replace(trains=True))
    assert op.algorithm(learned) == "math"
    # of Q, K, 50 scores and the result the most is Q and twice the scores
    assert op.inside(learned, TOKENS, 4) == (40 + 2 * 50) * 4 - 40 * 4


def test_channels_apart_in_memory_are_for_the_math() -> None:
    op = attention(TOKENS, TOKENS, TOKENS)
    apart = Layout(TOKENS, (40, 20, 1, 5))
    assert op.algorithm((apart, contiguous(TOKENS), contiguous(TOKENS))) == "math"


def test_the_result_lies_as_the_queries_so_that_joining_heads_is_a_view() -> None:
    def block(x: Tensor) -> Tensor:
        heads = x.unflatten(2, (2, 4)).transpose(1, 2)  # 1 x 5 x 8 tokens to two heads
        result = functional.scaled_dot_product_attention(heads, heads.exp(), heads.sin())
        return result.transpose(1, 2).flatten(2)

    graph = captured(Computes(block), (1, 5, 8))
    owners = storages(graph, batch=1).owner
    place = [node.kind for node in graph.nodes].index("scaled_dot_product_attention")
    assert owners[place] == place
    assert owners[len(graph.nodes) - 1] == place


def test_a_mask_of_truth_values_is_kept_as_numbers() -> None:
    mask = torch.ones(1, 1, 5, 5, dtype=torch.bool)
    op = layer(
        captured(Computes(attended), TOKENS, TOKENS, TOKENS, mask), "scaled_dot_product_attention"
    ).op
    kept = [item for item in op.saved((TOKENS[1:],) * 3 + ((1, 5, 5),), TOKENS[1:]) or ()]
    numbers = [item for item in kept if item.algorithm == "fused" and item.what == "own"]
    # the mask's 25, and a number for each of 2*5 rows
    assert sorted(item.elements for item in numbers) == [2 * 5, 5 * 5]
