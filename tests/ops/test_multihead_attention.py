"""Attention with its own projections."""

from __future__ import annotations

from tests.small import graph_of


def test_multihead_attention_is_four_projections_and_two_products() -> None:
    node = graph_of({"x": "op: multihead_attention, heads: 12"}, (197, 768)).nodes[0]  # ViT-B/16
    assert node.params == 4 * 768 * 768 + 4 * 768 == 2_362_368
    assert node.facts.cost.macs == 4 * 197 * 768 * 768 + 2 * 197 * 197 * 768
    assert node.facts.cost.fvcore == 4 * 197 * 768 * 768  # the projections alone
