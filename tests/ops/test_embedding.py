"""Embedding: a row of a table for each whole number."""

from __future__ import annotations

import torch

from archprof.analysis.analysis import analyze
from archprof.model.compile import build
from archprof.ops import OPS
from tests.small import Tokens, graph_of, whatever

LAYERS = {"embed": "op: embedding, num: 100, dim: 16"}


def test_the_table_counts_and_nothing_is_computed() -> None:
    row = analyze(graph_of(LAYERS, Tokens(7, below=100))).layers[0]
    assert row.params == 100 * 16
    assert (row.macs, row.flops) == (0, 0)
    assert row.node.output == (7, 16)
    assert row.saved_bytes == 7 * 8  # the indices, int64


def test_a_frozen_table_keeps_nothing() -> None:
    frozen = {"embed": "op: embedding, num: 100, dim: 16, frozen: true"}
    assert analyze(graph_of(frozen, Tokens(7, below=100))).totals.saved_bytes == 0


def test_it_counts_no_layer_of_depth() -> None:
    assert analyze(graph_of(LAYERS, Tokens(7, below=100))).totals.depth == 0


def test_the_row_of_padding_is_zeros() -> None:
    layers = {"embed": "op: embedding, num: 4, dim: 3, padding_idx: -1"}
    module = build(graph_of(layers, Tokens(2, below=4)))
    assert module(torch.tensor([[3, 0]]))[0, 0].tolist() == [0, 0, 0]


def test_a_row_of_padding_that_is_not_there() -> None:
    layers = {"embed": "op: embedding, num: 4, dim: 3, padding_idx: 4"}
    (problem,) = whatever(layers, Tokens(2, below=4)).problems
    assert "padding_idx 4 of a table of 4 rows" in problem.message


def test_it_says_how_many_rows_there_are() -> None:
    assert OPS["embedding"](num=7, dim=2).rows == 7
    assert OPS["linear"](out=7).rows is None
