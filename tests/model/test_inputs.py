"""Tensors for a network's inputs, and a module that holds all but the first."""

from __future__ import annotations

import torch

from archprof.graph.graph import Graph
from archprof.language.expand import expand
from archprof.language.loader import load_text
from archprof.language.network import networks
from archprof.model.compile import build
from archprof.model.inputs import drawn, held, zeros

TEXT = """
name: two
inputs: {image: 3x8x8, tokens: {shape: 7, dtype: int64, below: 5}}
layers:
  embed: {op: embedding, from: tokens, num: 5, dim: 8}
  last: {op: select, index: -1}
  rows: {op: slice, from: image, stop: 1}
  row: {op: select, index: 0}
  first: {op: select, index: 0}
  add: {op: add, from: [first, last]}
"""


def graph() -> Graph:
    (network,) = networks(load_text(TEXT))
    found = expand(network)
    assert not found.problems
    return found


def test_zeros_have_the_shapes_and_dtypes() -> None:
    image, tokens = zeros(graph(), 2, dtype=torch.float16)
    assert (image.shape, image.dtype) == ((2, 3, 8, 8), torch.float16)
    assert (tokens.shape, tokens.dtype) == ((2, 7), torch.int64)
    assert {each.device.type for each in zeros(graph(), 1, "meta")} == {"meta"}


def test_whole_numbers_are_drawn_below_their_bound() -> None:
    torch.manual_seed(0)
    image, tokens = drawn(graph(), 100, "cpu", torch.float64)
    assert image.dtype == torch.float64
    assert sorted(set(tokens.flatten().tolist())) == [0, 1, 2, 3, 4]


def test_a_module_takes_its_inputs_in_order() -> None:
    module = build(graph())
    image, tokens = drawn(graph(), 2, "cpu", torch.float32)
    expected = image[:, 0, 0] + module.embed.weight[tokens[:, -1]]
    assert torch.equal(module(image, tokens), expected)
    assert torch.equal(module(tokens=tokens, image=image), expected)


def test_a_module_that_holds_the_others() -> None:
    module = build(graph())
    keys = set(module.state_dict())
    kept = held(module, graph(), 2, torch.device("cpu"))
    image = torch.randn(2, 3, 8, 8)
    assert torch.equal(kept(image), image[:, 0, 0] + kept.embed.weight[kept.input_0[:, -1]])
    assert set(kept.state_dict()) == keys
