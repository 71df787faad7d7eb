"""How gradients lie in memory, and in which order they are made: cases that networks at random
found.
"""

from __future__ import annotations

import pytest

from tests.generated.test_networks import graph_of
from tests.training.tracked import differences, simulated, tracked_on_random

SHARED_NORM = """
name: shared_norm
input: 7x2x6
layers:
  linear: {op: linear, out: 6}
  one: {layers: {norm: {op: global_response_norm}}}
  two: {layers: {norm: {op: global_response_norm}}, share: one}
"""
SHUFFLE = """
name: shuffle
input: '20'
layers:
  linear: {op: linear, out: 120}
  image: {op: reshape, size: [4, 6, 5]}
  shuffle: {op: channel_shuffle, groups: 2}
  norm: {op: layer_norm2d}
"""
NOTHING_PADDED = """
name: nothing_padded
input: '19'
layers:
  linear: {op: linear, out: 120}
  image: {op: reshape, size: [4, 6, 5]}
  pad: {op: pad}
  sums: {op: einsum, equation: 'ijk,ijk->kj', from: [pad, pad]}
"""
FROM_THE_END = """
name: from_the_end
input: 3x5x4
layers:
  conv: {op: conv2d, out: 4, kernel: 3}
  square: {op: divide, from: [conv, conv]}
  all: {op: slice, dim: 0, start: -4}
"""


@pytest.mark.parametrize("text", [SHARED_NORM, SHUFFLE, NOTHING_PADDED, FROM_THE_END])
def test_every_birth_is_torchs(text: str) -> None:
    graph = graph_of(text)
    timeline = simulated(graph, batch=2, observed=True)
    assert not differences(tracked_on_random(graph), timeline)
